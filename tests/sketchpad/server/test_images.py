"""Pictures of clients: which formats are opened."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from model import InputError
from sketchpad.server import images


@pytest.mark.parametrize("kind", ["EPS", "PSD", "ICNS", "MSP", "XBM", "SGI", "IM", "JPEG2000", "PDF"])
def test_other_formats_are_not_opened(kind: str) -> None:
    """Pillow would open EPS with another program of the machine."""
    Image.init()
    file = io.BytesIO()
    if kind in Image.SAVE:
        Image.new("1" if kind in ("MSP", "XBM") else "L", (32, 32)).save(file, kind)
    else:
        file.write(b"8BPS\0\1" + bytes(20))
    file.seek(0)
    with pytest.raises(InputError, match="not in a supported image format"):
        images.open_picture(file)


@pytest.mark.parametrize("kind", images.supported_formats())
def test_formats_of_cameras_and_programs_are_opened(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "white").save(file, kind)
    file.seek(0)
    assert images.open_picture(file).size == (32, 32)
