"""The page is compressed, what is read live is not."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from sketchpad.server.compression import Compression

BODY = "A residual block adds its input to its output. " * 100


async def respond(_: Request) -> Response:
    return Response(BODY, media_type="text/html")


@pytest.mark.parametrize(("path", "compressed"), [("/", True), ("/lesson", True), ("/live", False)])
def test_the_page_is_compressed_for_browsers_that_accept_it(path: str, compressed: bool) -> None:
    app = Starlette(routes=[Route("/{path:path}", respond)], middleware=[Middleware(Compression)])
    client = TestClient(app)
    response = client.get(path, headers={"accept-encoding": "gzip"})
    assert response.text == BODY
    assert (response.headers.get("content-encoding") == "gzip") == compressed
    assert "content-encoding" not in client.get(path, headers={"accept-encoding": "identity"}).headers
