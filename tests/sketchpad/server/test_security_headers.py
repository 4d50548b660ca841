"""Every response has the security headers, whichever middleware it comes from."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from sketchpad.server.request_limits import RequestLimits
from sketchpad.server.security_headers import SecurityHeaders


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/monitoring", 404), ("/missing", 404)])
def test_every_response_has_the_headers(path: str, status: int) -> None:
    async def answer(_: Request) -> Response:
        return PlainTextResponse("0")

    middleware = [Middleware(SecurityHeaders), Middleware(RequestLimits)]
    response = TestClient(Starlette(routes=[Route("/", answer)], middleware=middleware)).get(path)
    assert response.status_code == status
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'self' https://huggingface.co" in response.headers["content-security-policy"]
    assert "camera=(self), microphone=()" in response.headers["permissions-policy"]
    assert "x-frame-options" not in response.headers  # a Space is shown in a frame of another host
