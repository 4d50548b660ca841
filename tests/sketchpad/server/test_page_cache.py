"""The cache of read pages: nothing is read twice, and few pages are kept."""

from __future__ import annotations

import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from PIL import Image

from model import InputError, Reading
from sketchpad.server.page_cache import MOST, PageCache, PictureReading


def picture(grey: int) -> str:
    """A picture of one colour as a data URL."""
    file = BytesIO()
    Image.new("L", (4, 4), grey).save(file, "PNG")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


class Reads:
    """Reads pictures of one colour, and keeps a list of them."""

    def __init__(self) -> None:
        self.greys: list[int] = []
        self.go = threading.Event()
        self.go.set()

    def __call__(self, image: Image.Image) -> PictureReading:
        self.greys.append(int(image.getpixel((0, 0))))
        assert self.go.wait(10)
        if self.greys[-1] == 13:
            raise InputError("Thirteen.")
        return Reading(str(self.greys[-1]), (), {}), None


def test_the_last_pages_are_kept_and_no_more() -> None:
    reads = Reads()
    cache = PageCache(reads)
    for grey in range(MOST):
        cache.read(picture(grey))
    assert cache.read(picture(0))[0].text == "0"  # is now the newest
    cache.read(picture(100))
    assert reads.greys == [*range(MOST), 100]
    for grey in (0, 100, 1):
        assert cache.read(picture(grey))[0].text == str(grey)
    assert reads.greys == [*range(MOST), 100, 1]


def test_a_page_that_is_being_read_is_waited_for() -> None:
    reads = Reads()
    reads.go.clear()
    cache = PageCache(reads)
    with ThreadPoolExecutor(3) as threads:
        results = [threads.submit(cache.read, picture(5)) for _ in range(3)]
        threading.Timer(0.05, reads.go.set).start()
        assert {result.result(10)[0].text for result in results} == {"5"}
    assert reads.greys == [5]


def test_a_failure_is_not_kept() -> None:
    reads = Reads()
    cache = PageCache(reads)
    for _ in range(2):
        with pytest.raises(InputError, match="Thirteen"):
            cache.read(picture(13))
    assert reads.greys == [13, 13]
    with pytest.raises(InputError, match="data URL"):
        cache.read(None)
