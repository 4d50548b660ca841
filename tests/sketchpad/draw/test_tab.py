"""Server functions of the Draw tab: the reading of a made page, and the steps of its digits."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from model import DigitReader, InputError
from model.datasets.photographs import photograph
from sketchpad.draw import tab
from sketchpad.server.page_cache import PageCache, PictureReading


@pytest.fixture(scope="module")
def page() -> str:
    """A photograph of 12 digits as a data URL."""
    file = BytesIO()
    image = photograph(np.random.default_rng(3), 12, "dark", side=1000).image
    Image.fromarray(image).save(file, "JPEG")
    return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode()}"


def test_the_steps_of_each_digit_end_at_its_model_image(trained: DigitReader, page: str) -> None:
    reads = 0

    def read(image: Image.Image) -> PictureReading:
        nonlocal reads
        reads += 1
        return trained.read_picture(image)

    pages = PageCache(read)
    answer = asyncio.run(tab.read_picture(pages, page, asyncio.Semaphore(1)))
    assert len(answer["digits"]) >= 11
    for digit in answer["digits"]:
        steps = tab.steps(trained, pages, {"picture": page, "box": [v + 1.5 for v in digit["box"]]})
        fitted, image = (
            np.frombuffer(b64decode(data), np.uint8).reshape(28, 28)
            for data in (steps["fitted"], digit["image"])
        )
        right, down = steps["shift"]
        assert (np.roll(fitted, (down, right), (0, 1)) == image).all()
        assert len(b64decode(steps["ink"])) == 112 * 112
    assert reads == 1


@pytest.mark.parametrize("box", [[5, 5, 20, 30], [float("nan")] * 4, [1, 2, 3], None], ids=str)
def test_a_box_without_a_digit_is_refused(trained: DigitReader, page: str, box: object) -> None:
    with pytest.raises(InputError, match="box"):
        tab.steps(trained, PageCache(trained.read_picture), {"picture": page, "box": box})
