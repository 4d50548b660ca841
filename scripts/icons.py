#!/usr/bin/env python
"""Write the page's icons from sketchpad/icons/icon.svg; needs Chromium.

    python scripts/icons.py

A maskable icon and the one of Apple fill the square: the system cuts the corners.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

FOLDER = ROOT / "sketchpad" / "icons"
PNGS = {
    "icon-192": (192, False),
    "icon-512": (512, False),
    "maskable-192": (192, True),
    "maskable-512": (512, True),
    "apple-touch-icon": (180, True),
}  # side in px, and whether it fills the square
FAVICONS = (16, 32, 48)  # sides in favicon.ico
COLOURS = 64  # of a PNG, which makes it a third as large


def main() -> int:
    from tests.browser.serve import find_chromium, opened

    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    source = (FOLDER / "icon.svg").read_text(encoding="utf-8")
    with opened(path) as browser:
        page = browser.new_page()

        def drawn(side: int, full: bool) -> Image.Image:
            page.set_viewport_size({"width": side, "height": side})
            svg = source.replace('rx="112"', "") if full else source
            page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block }}</style>{svg}")
            return Image.open(BytesIO(page.screenshot(omit_background=True)))

        for name, (side, full) in PNGS.items():
            drawn(side, full).quantize(COLOURS).save(FOLDER / f"{name}.png", optimize=True)
        small = [drawn(side, False) for side in FAVICONS]
        sizes = [(side, side) for side in FAVICONS]
        small[-1].save(FOLDER / "favicon.ico", sizes=sizes, append_images=small[:-1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
