"""The pages read last, so that none is read twice.

The steps of a digit need the page that it was read from. A request repeated after a bad connection gets
the reading that is still being computed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from hashlib import sha256

from PIL import Image

from model import Reading
from model.inference.page import Page

from .images import decode_data_url

MOST = 4  # pages; the ink of one takes up to 21 MB

PictureReading = tuple[Reading, Page | None]


class PageCache:
    """Reads pictures as data URLs, and keeps the last few pages in memory."""

    def __init__(self, read: Callable[[Image.Image], PictureReading]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._pages: OrderedDict[bytes, Future[PictureReading]] = OrderedDict()

    def read(self, picture: object) -> PictureReading:
        """The reading of a data URL and its page, or the InputError for an unreadable one."""
        image = decode_data_url(picture)
        key = sha256(str(picture).encode()).digest()
        with self._lock:
            known = self._pages.get(key)
            result = self._pages[key] = known or Future()
            self._pages.move_to_end(key)
            if len(self._pages) > MOST:
                self._pages.popitem(last=False)
        if known is None:
            try:
                result.set_result(self._read(image))
            except BaseException as error:
                with self._lock:
                    self._pages.pop(key, None)
                result.set_exception(error)
        return result.result()
