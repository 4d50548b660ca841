"""The page as a service: its health and figures, a log that quotes nobody, an end that cuts nobody off."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from model import DigitReader
from sketchpad.server import lifecycle as service
from sketchpad.server.fast_path import MOST, PATH, FastPath
from sketchpad.server.metrics import MILLISECONDS, Histogram, Metrics
from tests.browser.serve import free_port, started
from tests.helpers.paths import ROOT
from tests.people import Door


@pytest.fixture
def quiet_log() -> Iterator[io.StringIO]:
    """What the service logs."""
    stream, log = io.StringIO(), logging.getLogger("sketchpad")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(service.Lines())
    log.addHandler(handler)
    level = log.level
    log.setLevel(logging.INFO)
    yield stream
    log.removeHandler(handler)
    log.setLevel(level)


def client(reader: DigitReader, metrics: bool = False) -> TestClient:
    return TestClient(Starlette(routes=service.app_options(reader, metrics)["routes"]))


def test_health_says_what_reads(untrained: DigitReader, checkpoint: Path) -> None:
    told = client(untrained).get("/health")
    assert told.status_code == 200
    assert told.json()["ok"] is True
    assert told.json()["device"] == "cpu"
    assert re.fullmatch(r"[0-9a-f]{12}", told.json()["weights"])
    loaded = client(DigitReader.load(checkpoint, "cpu")).get("/health").json()
    assert loaded["checkpoint"] == checkpoint.name
    assert loaded["weights"] == told.json()["weights"]


def test_a_reader_that_cannot_read_is_not_well(
    untrained: DigitReader, quiet_log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = client(untrained)

    def broken(images: object) -> None:
        raise RuntimeError("12.5, 80.25")

    monkeypatch.setattr(untrained, "read_batch", broken)
    told = checked.get("/health")
    assert (told.status_code, told.json()["ok"]) == (503, False)
    line = json.loads(quiet_log.getvalue())
    assert (line["level"], line["error"]) == ("error", "RuntimeError")
    assert any("test_lifecycle.py" in frame and "broken" in frame for frame in line["at"])
    assert "80.25" not in quiet_log.getvalue()  # an error's message may quote a drawing


def test_figures_for_prometheus_are_off_unless_asked_for(untrained: DigitReader) -> None:
    assert client(untrained).get("/metrics").status_code == 404
    told = client(untrained, metrics=True).get("/metrics")
    assert told.status_code == 200
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in told.text.splitlines():
        assert re.fullmatch(r'# TYPE \w+ (counter|histogram)|\w+(\{(\w+="[^"]*",?)+\})? [\d.]+', line), line


def test_a_histogram_counts_what_it_was_given() -> None:
    histogram = Histogram(MILLISECONDS)
    for value in range(1, 101):
        histogram.add(value)
    histogram.add(1e6)
    lines = dict(line.rsplit(" ", 1) for line in histogram.exposed("ms"))
    assert [lines[f'ms_bucket{{le="{bound}"}}'] for bound in (5, 50, 5000, "+Inf")] == [
        "5",
        "50",
        "100",
        "101",
    ]
    assert float(lines["ms_sum"]) == 5050 + 1e6
    assert histogram.take() == {"n": 101, "p50": 51.0, "p95": 96.0, "max": 1e6}
    assert histogram.take() == {"n": 0}
    assert lines["ms_count"] == "101"


def test_the_log_tells_news_once() -> None:
    tally = Metrics()
    assert tally.news() == {}
    tally.count("questions", "final")
    tally.final.add(12.34)
    news = tally.news()
    assert news["questions_final"] == 1
    assert news["final_ms"] == {"n": 1, "p50": 12.3, "p95": 12.3, "max": 12.3}
    assert tally.news() == {}
    tally.count("questions", "final")
    assert tally.news()["questions_final"] == 1


@pytest.fixture
def past() -> TestClient:
    """A shortcut for `live` of component 7 and `run/read`, before an application that echoes its requests."""

    async def live(data: object) -> Response:
        return JSONResponse({"live": data})

    async def echo(request: Request) -> Response:
        return Response(await request.body(), headers={"through": "yes"})

    app = Starlette(
        routes=[Route("/{path:path}", echo, methods=["GET", "POST"])],
        middleware=[Middleware(FastPath, asks={"live": (7, live)}, runs={"read": live})],
    )
    return TestClient(app)


def test_the_pads_question_takes_the_shortcut(past: TestClient) -> None:
    body = {"data": [[[1, 2]]], "component_id": 7, "fn_name": "live", "session_hash": "x"}
    assert past.post(PATH, json=body).json() == {"live": [[[1, 2]]]}
    assert past.post(PATH, json={**body, "data": None}).json() == {"live": None}


def test_a_programs_question_takes_it_too(past: TestClient) -> None:
    assert past.post("/gradio_api/run/read", json={"data": [[[1, 2]]]}).json() == {"live": [[1, 2]]}
    for not_one in ([], [1, 2]):
        assert past.post("/gradio_api/run/read", json={"data": not_one}).json() == {"live": None}
    for other in ({"data": "x"}, {}, [1]):
        assert past.post("/gradio_api/run/read", json=other).headers["through"] == "yes"
    assert past.get("/gradio_api/run/read").headers["through"] == "yes"
    assert past.post("/gradio_api/run/write", json={"data": [1]}).headers["through"] == "yes"


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
        b'{"data": "' + b"x" * MOST + b'", "component_id": 7, "fn_name": "live"}',
    ],
)
def test_anything_else_reaches_gradio_as_it_came(past: TestClient, body: bytes) -> None:
    answer = past.post(PATH, content=body)
    assert answer.headers["through"] == "yes"
    assert answer.content == body


def test_other_addresses_and_logins_are_gradios(past: TestClient) -> None:
    body = b'{"data": 1, "component_id": 7, "fn_name": "live"}'
    assert past.get("/config").headers["through"] == "yes"
    assert past.post("/elsewhere", content=body).headers["through"] == "yes"
    past.app.auth = {"somebody": "secret"}
    assert past.post(PATH, content=body).headers["through"] == "yes"


def test_a_question_cut_short_is_passed_on() -> None:
    """A visitor who leaves in the middle of a question."""
    messages = [{"type": "http.request", "body": b'{"da', "more_body": True}, {"type": "http.disconnect"}]
    got: list[dict] = []

    async def inner(scope: dict, receive: object, send: object) -> None:
        got.extend([await receive(), await receive()])

    async def receive() -> dict:
        return waiting.pop(0)

    waiting = list(messages)
    scope = {"type": "http", "path": PATH}
    asyncio.run(FastPath(inner, {})(scope, receive, None))
    assert got == messages


@pytest.mark.slow
def test_a_port_that_cannot_be_had_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for port in (taken.getsockname()[1], 99_999):
            command = [sys.executable, "app.py", "--port", str(port), "--device", "cpu"]
            ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
            assert ended.returncode == 1
            assert ended.stderr.count("\n") == 1
            assert f"port {port}, cannot be listened on" in ended.stderr


@pytest.mark.slow
def test_a_stopped_server_answers_what_is_under_way(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "app.py", "--port", str(port), "--device", "cpu"]
    with log.open("wb") as lines, started(command, port, lines) as (address, process):
        door = Door.of(address)
        drawing = [[[33.125, 44.375], [55.625, 201.875]]]
        question = {"data": drawing, "component_id": door.component, "fn_name": "live", "session_hash": "s"}
        body = json.dumps(question).encode()
        head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
            wire.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:30])
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            time.sleep(1)
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", port), timeout=5)
            wire.sendall(body[30:])
            answer = b""
            while part := wire.recv(65536):
                answer += part
        assert answer.startswith(b"HTTP/1.1 200")
        assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["text"] == "1"
        assert process.wait(20) == 0
    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in told] == ["start", "figures", "stop"]
    assert told[1]["questions_final"] == 1
    assert not re.search(r"33\.1|44\.3|55\.6|201\.8", log.read_text())
