"""Downloads: limits on size, time and redirects; public addresses only."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import gradio as gr
import pytest
import safehttpx
from gradio import processing_utils

from model import InputError
from sketchpad.server import remote_pictures


class Host(BaseHTTPRequestHandler):
    """A server with pictures and with endless, slow or redirecting responses."""

    def do_GET(self) -> None:
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/redirect")
            self.end_headers()
            return
        if self.path == "/slow":
            time.sleep(2)
        self.send_response(404 if self.path == "/missing" else 200)
        if self.path == "/packed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            for _ in range(100 if self.path == "/endless" else 1):
                self.wfile.write(b"picture" if self.path != "/endless" else bytes(1000))
        except OSError:
            pass

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    async def public(_: str) -> str:
        return "127.0.0.1"

    monkeypatch.setattr(safehttpx, "async_validate_url", public)
    monkeypatch.setattr(remote_pictures, "MAX_UPLOAD", 10_000)
    monkeypatch.setattr(remote_pictures, "TIMEOUT", 0.7)
    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://somewhere.example:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/picture", "/packed"])
def test_a_picture_is_downloaded_without_decompression(host: str, path: str) -> None:
    assert asyncio.run(remote_pictures.download(host + path)).content == b"picture"


@pytest.mark.parametrize(
    ("path", "message", "code"),
    [
        ("/endless", "too large", "picture.bytes"),
        ("/redirect", "more than 3 redirects", "picture.address"),
        ("/slow", "took longer", "picture.address"),
        ("/missing", "answers with the status 404", "picture.address"),
    ],
)
def test_a_download_beyond_a_limit_fails(host: str, path: str, message: str, code: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        asyncio.run(remote_pictures.download(host + path))
    assert raised.value.code == code


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:80/", "http://169.254.169.254/latest", "http://[::1]/", "http://", "http://a:x/",
     "http://\0/"],
)  # fmt: skip
def test_private_and_broken_addresses_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="is not a public one"):
        asyncio.run(remote_pictures.download(url))


def test_an_address_that_refuses_the_connection_is_refused(host: str) -> None:
    with pytest.raises(InputError, match="cannot be reached"):
        asyncio.run(remote_pictures.download("http://somewhere.example:1/"))


def test_gradio_downloads_with_these_limits(
    host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(processing_utils, "async_ssrf_protected_get", None)
    remote_pictures.limit_downloads()
    with pytest.raises(gr.Error) as raised:
        asyncio.run(processing_utils.async_ssrf_protected_download(f"{host}/endless", str(tmp_path)))
    assert (raised.value.title, raised.value.print_exception) == ("picture.bytes", False)
