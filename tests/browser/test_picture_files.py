"""Picture files: which the browser cannot open, and how large they are sent."""

from __future__ import annotations

import io
import random
from base64 import b64decode, b64encode

import pytest
from PIL import Image

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS
from tests.browser.test_start import photograph, show


def damaged() -> bytes:
    noise = Image.frombytes("L", (200, 200), random.Random(1).randbytes(40_000))
    file = io.BytesIO()
    noise.save(file, "JPEG")
    return file.getvalue()[:9_000]


SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 280 280">
<path d="M75 65h130l-85 170" fill="none" stroke="#123" stroke-width="14"/></svg>"""
DROP = """(data) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], 'picture.png', { type: 'image/png' }));
    const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer });
    document.body.dispatchEvent(event);
    return event.defaultPrevented; // else the browser would show the file
}"""
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)


@pytest.mark.parametrize(
    ("content", "locale", "said"),
    [(damaged(), "en-US", "damaged"), (HEIC, "en-US", "Most Compatible"), (HEIC, "zh-CN", "兼容性最佳"),
     (HEIC, "zh-TW", "最相容"), (b"", "zh-CN", "无法")],
    ids=["damaged", "heic", "heic-hans", "heic-hant", "empty"],
)  # fmt: skip
def test_a_file_that_cannot_be_opened_keeps_the_drawing(
    open_pad: Open, content: bytes, locale: str, said: str
) -> None:
    pad = open_pad(locale=locale)
    pad.draw(DIGITS[3]["round"])
    assert pad.final() == "3"
    show(pad, content, "image/jpeg")
    pad.page.locator(".notice").filter(has_text=said).wait_for()
    assert (pad.state, pad.reading) == ("final", "3")
    pad.draw(DIGITS[7]["plain"])
    assert not pad.page.locator(".notice").is_visible()


@pytest.mark.parametrize("size", [(5000, 3000), (1, 20_000)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_pictures_are_sent_at_up_to_2048_pixels(open_pad: Open, size: tuple[int, int]) -> None:
    pad = open_pad()
    with pad.page.expect_request("**/component_server/**") as request:
        show(pad, photograph(DIGITS[8]["two circles"], size, 9))
    data = request.value.post_data_json["data"]
    sent = Image.open(io.BytesIO(b64decode(data.partition(",")[2])))
    assert max(sent.size) == 2048
    pad.final()


def test_a_drawing_in_svg_is_read(open_pad: Open) -> None:
    pad = open_pad()
    show(pad, SVG, "image/svg+xml")
    assert pad.final() == "7"


def test_a_file_dropped_beside_the_pad_is_opened(open_pad: Open) -> None:
    pad = open_pad()
    picture = b64encode(photograph(DIGITS[8]["two circles"], (320, 320), 1)).decode()
    pad.tab("Training")
    assert pad.page.evaluate(DROP, picture)
    pad.page.wait_for_timeout(300)
    assert pad.state == "blank"
    pad.tab("Draw")
    assert pad.page.evaluate(DROP, picture)
    assert pad.final() == "8"
