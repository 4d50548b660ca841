"""Pictures of clients: which formats are opened."""

from __future__ import annotations

import io
from base64 import b64encode

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


def test_a_data_url_is_opened_up_to_the_limit() -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "white").save(file, "PNG")
    url = f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
    assert images.decode_data_url(url).size == (32, 32)
    with pytest.raises(InputError, match="The limit is 6 MB"):
        images.decode_data_url(url.ljust(images.MAX_DATA_URL + 1, "A"))
    for other in (None, "https://example.org/a.png", "data:text/plain,7"):
        with pytest.raises(InputError, match="must be a data URL of an image"):
            images.decode_data_url(other)
