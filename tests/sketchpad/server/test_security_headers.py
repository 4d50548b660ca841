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
from sketchpad.server.security_headers import SecurityHeaders, check_origins


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


def policy(*embed_from: str) -> str:
    middleware = [Middleware(SecurityHeaders, check_origins(embed_from))]
    return TestClient(Starlette(middleware=middleware)).get("/").headers["content-security-policy"]


def test_listed_sites_may_show_the_page_in_a_frame() -> None:
    listed = policy("https://school.example", "http://localhost:8000").split(";")[0]
    assert listed == (
        "frame-ancestors 'self' https://huggingface.co https://*.hf.space "
        "https://school.example http://localhost:8000"
    )
    assert "school.example" not in policy()


@pytest.mark.parametrize(
    "origin",
    ["", "*", "school.example", "https://", "https://school.example/", "https://school.example/page",
     "https://*.example", "ftp://school.example", "https://a b", "https://a;b", "https://ann@school.example",
     "https://school.example:0", "https://school.example:65536", "https://school.example:", "https://a,b",
     "https://school.example?x", "https://-a", "https://école.example", "'self'", "https://a\n"],
)  # fmt: skip
def test_what_is_not_an_origin_is_refused_in_a_sentence(origin: str) -> None:
    with pytest.raises(ValueError, match=r"is not an origin .* as in https://school\.example") as raised:
        check_origins(["https://good.example", origin])
    assert str(raised.value).startswith(origin)
