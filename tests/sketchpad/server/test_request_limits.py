"""What may come in: routes, sizes, kinds of pictures; and what every answer tells the browser."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from model import InputError
from sketchpad.page import SWEEP
from sketchpad.server import images as pictures
from sketchpad.server import request_limits as gate
from sketchpad.server.request_limits import MOST, UPLOAD, RequestLimits


@pytest.fixture
def behind() -> TestClient:
    """The gate before an application that says how much has got through to it."""

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
def test_what_the_page_does_not_use_is_closed(behind: TestClient, path: str) -> None:
    assert behind.get(path).status_code == behind.post(path).status_code == 404


def test_what_the_page_uses_is_open_and_has_its_headers(behind: TestClient) -> None:
    for path in ("/", "/config", "/gradio_api/queue/join", "/gradio_api/mcp/", "/health", "/static/a.png"):
        answer = behind.get(path)
        assert (answer.status_code, answer.text) == (200, "0")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'self' https://huggingface.co" in answer.headers["content-security-policy"]
        assert "x-frame-options" not in answer.headers  # a Space is shown in a frame of another host
    assert "content-security-policy" in behind.get("/monitoring").headers


def test_a_question_is_as_large_as_the_limits_need_and_no_larger(behind: TestClient) -> None:
    assert behind.post("/gradio_api/queue/join", content=b"x" * MOST).text == str(MOST)
    refused = behind.post("/gradio_api/queue/join", content=b"x" * (MOST + 1))
    assert (refused.status_code, refused.text[-5:]) == (413, "read.")
    assert behind.post("/gradio_api/upload", content=b"x" * (MOST + 1)).status_code == 200
    assert behind.post("/gradio_api/upload", content=b"x" * (UPLOAD + 1)).status_code == 413


def test_a_question_without_a_length_ends_at_the_same_limit(behind: TestClient) -> None:
    def pieces(count: int) -> Iterator[bytes]:
        for _ in range(count):
            yield b"x" * 1_000_000

    assert behind.post("/run", content=pieces(12)).text == str(MOST)
    assert behind.post("/run", content=pieces(13)).status_code == 413


def test_uploads_do_not_fill_the_disk(behind: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(gate.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(gate, "UPLOADS", 250)
    asked = [behind.post("/gradio_api/upload", content=b"x" * 100) for _ in range(3)]
    assert [answer.status_code for answer in asked] == [200, 200, 503]
    assert behind.post("/gradio_api/run/read_strokes", content=b"x" * 100).status_code == 200
    now[0] = gate.KEPT + 1
    assert behind.post("/gradio_api/upload", content=b"x" * 100).status_code == 200


def test_uploads_are_deleted_before_they_are_forgotten() -> None:
    assert sum(SWEEP) < gate.KEPT


@pytest.mark.parametrize("kind", ["EPS", "PSD", "ICNS", "MSP", "XBM", "SGI", "IM", "JPEG2000", "PDF"])
def test_formats_of_other_trades_are_not_opened(kind: str) -> None:
    """EPS would be handed to another program of the machine."""
    Image.init()
    file = io.BytesIO()
    if kind in Image.SAVE:
        Image.new("1" if kind in ("MSP", "XBM") else "L", (32, 32)).save(file, kind)
    else:
        file.write(b"8BPS\0\1" + bytes(20))
    file.seek(0)
    with pytest.raises(InputError, match="not an image that can be read"):
        pictures.open_picture(file)


@pytest.mark.parametrize("kind", pictures.known_formats())
def test_formats_of_cameras_and_programs_are(kind: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (32, 32), "white").save(file, kind)
    file.seek(0)
    assert pictures.open_picture(file).size == (32, 32)
