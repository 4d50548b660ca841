"""Limits on requests: closed routes, body sizes, uploads; and the security headers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from sketchpad.page import DELETE_CACHE
from sketchpad.server import request_limits
from sketchpad.server.request_limits import MAX_BODY, MAX_UPLOAD, UPLOAD_LIFETIME, RequestLimits


@pytest.fixture
def client() -> TestClient:
    """The limits in front of an application that responds with the size of the body it received."""

    async def size(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    routes = [Route("/{path:path}", size, methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(RequestLimits)]))


@pytest.mark.parametrize(
    "path",
    [
        "/monitoring",
        "/monitoring/summary",
        "/gradio_api/process_recording",
        "/gradio_api/proxy=https://a.hf.space/",
        "/gradio_api/stream/x/close",
        "/gradio_api/deep_link",
        "/gradio_api/vibe-edit/",
        "/gradio_api/profiling/summary",
        "/gradio_api/dev/reload",
        "/dev/reload",
    ],
)
def test_unused_routes_are_closed(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == client.post(path).status_code == 404


def test_used_routes_are_open(client: TestClient) -> None:
    for path in ("/", "/config", "/gradio_api/queue/join", "/gradio_api/mcp/", "/health", "/static/a.png"):
        response = client.get(path)
        assert (response.status_code, response.text) == (200, "0")


def test_a_body_has_a_limit_and_an_upload_a_larger_one(client: TestClient) -> None:
    assert client.post("/gradio_api/queue/join", content=b"x" * MAX_BODY).text == str(MAX_BODY)
    refused = client.post("/gradio_api/queue/join", content=b"x" * (MAX_BODY + 1))
    assert (refused.status_code, refused.text) == (413, "The request is too large. The limit is 12 MB.")
    assert client.post("/gradio_api/upload", content=b"x" * (MAX_BODY + 1)).status_code == 200
    assert client.post("/gradio_api/upload", content=b"x" * (MAX_UPLOAD + 1)).status_code == 413


def test_a_body_of_unknown_length_has_the_same_limit(client: TestClient) -> None:
    def chunks(count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield b"x" * 1_000_000

    assert client.post("/run", content=chunks(12)).text == str(MAX_BODY)
    assert client.post("/run", content=chunks(13)).status_code == 413


def test_uploads_together_have_a_limit(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(request_limits.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(request_limits, "MAX_UPLOADS", 250)
    responses = [client.post("/gradio_api/upload", content=b"x" * 100) for _ in range(3)]
    assert [response.status_code for response in responses] == [200, 200, 503]
    assert client.post("/gradio_api/run/read_strokes", content=b"x" * 100).status_code == 200
    now[0] = UPLOAD_LIFETIME + 1
    assert client.post("/gradio_api/upload", content=b"x" * 100).status_code == 200


def test_uploads_are_deleted_before_they_are_no_longer_counted() -> None:
    assert sum(DELETE_CACHE) < UPLOAD_LIFETIME
