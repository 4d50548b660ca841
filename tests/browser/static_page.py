"""The page without a server: exported, and served as files, for the browser tests and for scripts."""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from model import DigitReader
from model.errors import ExportError
from sketchpad.web.export import Files, page_files


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing on standard error."""


@contextlib.contextmanager
def files_served(folder: Path, port: int = 0) -> Iterator[str]:
    """The address of a folder's files, for as long as this is open."""
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
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
