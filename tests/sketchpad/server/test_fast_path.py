"""The fast path: its own requests are handled like Gradio's, all others reach Gradio unchanged."""

from __future__ import annotations

import asyncio

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from sketchpad.server.fast_path import COMPONENT_PATH, MAX_BODY, RUN_PATH, FastPath

LIVE = b'{"data": 1, "component_id": 7, "fn_name": "live"}'


@pytest.fixture
def client() -> TestClient:
    """A fast path for `live` of component 7 and `run/read`; the application behind it echoes its requests."""

    async def handler(data: object) -> Response:
        return JSONResponse({"handled": data})

    async def echo(request: Request) -> Response:
        return Response(await request.body(), headers={"gradio": "yes"})

    fast_path = Middleware(FastPath, components={"live": ((7, 9), handler)}, endpoints={"read": handler})
    routes = [Route("/{path:path}", echo, methods=["GET", "POST"])]
    return TestClient(Starlette(routes=routes, middleware=[fast_path]))


def test_a_request_of_the_pad_is_handled(client: TestClient) -> None:
    body = {"data": [[[1, 2]]], "component_id": 7, "fn_name": "live", "session_hash": "x"}
    assert client.post(COMPONENT_PATH, json=body).json() == {"handled": [[[1, 2]]]}
    assert client.post(COMPONENT_PATH, json={**body, "data": None}).json() == {"handled": None}
    assert client.post(COMPONENT_PATH, json={**body, "component_id": 9}).json() == {"handled": [[[1, 2]]]}


def test_an_api_call_with_one_argument_is_handled(client: TestClient) -> None:
    assert client.post(f"{RUN_PATH}read", json={"data": [[[1, 2]]]}).json() == {"handled": [[1, 2]]}
    for arguments in ([], [1, 2]):
        assert client.post(f"{RUN_PATH}read", json={"data": arguments}).json() == {"handled": None}
    for body in ({"data": "x"}, {}, [1]):
        assert client.post(f"{RUN_PATH}read", json=body).headers["gradio"] == "yes"
    assert client.get(f"{RUN_PATH}read").headers["gradio"] == "yes"
    assert client.post(f"{RUN_PATH}write", json={"data": [1]}).headers["gradio"] == "yes"


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": 1, "component_id": 7, "fn_name": "look"}',
        b'{"data": 1, "component_id": 8, "fn_name": "live"}',
        b'{"component_id": 7, "fn_name": "live"}',
        b'{"data": 1, "component_id": 7, "fn_name": ["live"]}',
        b"[1]",
        b"{",
        b"\xff\xfe",
        b"[" * 5000,
        b"",
        b'{"data": "' + b"x" * MAX_BODY + b'", "component_id": 7, "fn_name": "live"}',
    ],
)
def test_any_other_body_reaches_gradio_unchanged(client: TestClient, body: bytes) -> None:
    response = client.post(COMPONENT_PATH, content=body)
    assert response.headers["gradio"] == "yes"
    assert response.content == body


def test_other_paths_and_pages_with_a_login_are_left_to_gradio(client: TestClient) -> None:
    assert client.get("/config").headers["gradio"] == "yes"
    assert client.post("/elsewhere", content=LIVE).headers["gradio"] == "yes"
    assert client.post(COMPONENT_PATH, content=LIVE).json() == {"handled": 1}
    client.app.auth = {"somebody": "secret"}
    assert client.post(COMPONENT_PATH, content=LIVE).headers["gradio"] == "yes"


def test_a_request_that_is_cut_short_reaches_gradio() -> None:
    """A visitor who disconnects while sending."""
    messages: list[Message] = [
        {"type": "http.request", "body": b'{"da', "more_body": True},
        {"type": "http.disconnect"},
    ]
    received: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        received.extend([await receive(), await receive()])

    async def receive() -> Message:
        return waiting.pop(0)

    waiting = list(messages)
    asyncio.run(FastPath(app, {}, {})({"type": "http", "path": COMPONENT_PATH}, receive, None))
    assert received == messages
