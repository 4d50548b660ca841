"""The page without a server: exported, and served as files, for the browser tests and for scripts."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
import time
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

import pytest

from model import DigitReader
from model.errors import ExportError
from sketchpad.web.export import Files, page_files


class Line:
    """A network line that all connections share. Chromium's own emulation does not reach its workers."""

    def __init__(self, speed: float, delay: float) -> None:
        self.speed, self.delay = speed, delay  # bytes per second, seconds before each response
        self.sent = 0
        self._free = 0.0  # the time at which the line has sent everything so far
        self._lock = threading.Lock()

    def send(self, count: int) -> None:
        """Wait until ``count`` bytes have passed."""
        with self._lock:
            self.sent += count
            self._free = max(self._free, time.monotonic()) + count / self.speed
            rest = self._free - time.monotonic()
        time.sleep(max(0.0, rest))


class Handler(SimpleHTTPRequestHandler):
    line: Line | None = None

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing on standard error."""

    def copyfile(self, source: IO[bytes], outputfile: IO[bytes]) -> None:
        """Send a file over the line."""
        if self.line is None:
            super().copyfile(source, outputfile)
            return
        time.sleep(self.line.delay)
        while chunk := source.read(32_768):
            self.line.send(len(chunk))
            outputfile.write(chunk)


@contextlib.contextmanager
def files_served(folder: Path, line: Line | None = None) -> Iterator[str]:
    """The address of a folder's files, for as long as this is open, over a ``line`` if there is one."""
    handler = functools.partial(type("Handler", (Handler,), {"line": line}), directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def exported(reader: DigitReader) -> Files:
    """The files of the page. Without the runtime from npm, the test fails in CI and is skipped elsewhere."""
    try:
        return page_files(reader)
    except ExportError as error:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(str(error))
        raise
