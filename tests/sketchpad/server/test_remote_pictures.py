"""Pictures by their address: bounded in size, time and steps, and from public addresses only."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import safehttpx
from gradio import processing_utils

from sketchpad.server import remote_pictures as fetch


class Host(BaseHTTPRequestHandler):
    """Somebody's server, of good will or ill."""

    def do_GET(self) -> None:
        if self.path == "/on":
            self.send_response(302)
            self.send_header("Location", "/on")
            self.end_headers()
            return
        if self.path == "/slow":
            time.sleep(2)
        self.send_response(200)
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
    monkeypatch.setattr(fetch, "UPLOAD", 10_000)
    monkeypatch.setattr(fetch, "SECONDS", 0.7)
    with ThreadingHTTPServer(("127.0.0.1", 0), Host) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://somewhere.example:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/picture", "/packed"])
def test_what_is_there_comes_as_it_was_sent(host: str, path: str) -> None:
    assert asyncio.run(fetch.fetch(host + path)).content == b"picture"


@pytest.mark.parametrize(
    ("path", "said"), [("/endless", "too large"), ("/on", "leads on"), ("/slow", "did not come")]
)
def test_what_does_not_end_is_ended(host: str, path: str, said: str) -> None:
    with pytest.raises(fetch.FetchError, match=said):
        asyncio.run(fetch.fetch(host + path))


@pytest.mark.parametrize("url", ["http://127.0.0.1:80/", "http://169.254.169.254/latest", "http://[::1]/"])
def test_no_address_of_our_own_is_asked(url: str) -> None:
    with pytest.raises(ValueError, match="failed validation"):
        asyncio.run(fetch.fetch(url))


def test_gradio_fetches_by_it(host: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(processing_utils, "async_ssrf_protected_get", None)
    fetch.bound_fetching()
    with pytest.raises(fetch.FetchError):
        asyncio.run(processing_utils.async_ssrf_protected_download(f"{host}/endless", str(tmp_path)))
