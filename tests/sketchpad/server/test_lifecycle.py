"""The server process: health, metrics, a log that quotes nobody, a stop that answers open requests."""

from __future__ import annotations

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
from starlette.testclient import TestClient

from model import DigitReader
from sketchpad.server import lifecycle
from sketchpad.server.fast_path import COMPONENT_PATH
from tests.browser.serve import free_port, started
from tests.helpers.paths import ROOT
from tests.people import Endpoint


@pytest.fixture
def log_stream() -> Iterator[io.StringIO]:
    """What the server logs."""
    stream, log = io.StringIO(), logging.getLogger("sketchpad")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(lifecycle.JsonLines())
    log.addHandler(handler)
    level = log.level
    log.setLevel(logging.INFO)
    yield stream
    log.removeHandler(handler)
    log.setLevel(level)


def client(reader: DigitReader, metrics: bool = False) -> TestClient:
    return TestClient(Starlette(routes=lifecycle.app_options(reader, metrics)["routes"]))


def test_health_describes_the_reader(untrained: DigitReader, checkpoint: Path) -> None:
    response = client(untrained).get("/health")
    assert response.status_code == 200
    assert response.json()["ok"] is True
    assert response.json()["device"] == "cpu"
    assert re.fullmatch(r"[0-9a-f]{12}", response.json()["weights"])
    loaded = client(DigitReader.load(checkpoint, "cpu")).get("/health").json()
    assert loaded["checkpoint"] == checkpoint.name
    assert loaded["weights"] == response.json()["weights"]


def test_a_failing_reader_is_unhealthy_and_logged_without_its_message(
    untrained: DigitReader, log_stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(images: object) -> None:
        raise RuntimeError("12.5, 80.25")

    checked = client(untrained)
    monkeypatch.setattr(untrained, "read_batch", broken)
    response = checked.get("/health")
    assert (response.status_code, response.json()["ok"]) == (503, False)
    line = json.loads(log_stream.getvalue())
    assert line.keys() == {"time", "level", "event", "error", "at"}
    assert (line["level"], line["event"], line["error"]) == ("error", "error", "RuntimeError")
    assert any("test_lifecycle.py" in frame and "broken" in frame for frame in line["at"])
    assert "80.25" not in log_stream.getvalue()  # an error's message may quote a drawing


def test_the_log_is_one_json_object_a_line(log_stream: io.StringIO) -> None:
    lifecycle.log_event("start", checkpoint="数字.safetensors", process=7)
    logging.getLogger("sketchpad").warning("port %d\nin use", 80, extra={"color_message": "\x1b[1m80"})
    event, text = map(json.loads, log_stream.getvalue().splitlines())
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT[\d:.]+\+00:00", event.pop("time"))
    assert event == {"level": "info", "event": "start", "checkpoint": "数字.safetensors", "process": 7}
    assert text.keys() == {"time", "level", "event"}
    assert (text["level"], text["event"]) == ("warning", "port 80\nin use")


NOISE = """
import logging, sys, threading, traceback, warnings
from sketchpad.server import lifecycle

def fail():
    raise RuntimeError("12.5, 80.25")

lifecycle.start_log()
logging.getLogger("another").warning("two\\nlines")
warnings.warn("old")
try:
    fail()
except RuntimeError:
    traceback.print_exc()
thread = threading.Thread(target=fail)
thread.start()
thread.join()
"""


def test_whatever_a_library_logs_or_prints_is_json_too() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", NOISE], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    text, warning, caught, thread = map(json.loads, ended.stderr.splitlines())
    assert (text["level"], text["event"]) == ("warning", "two\nlines")
    assert "UserWarning: old" in warning["event"]
    for error in (caught, thread):
        assert (error["level"], error["error"]) == ("error", "RuntimeError")
        assert error["at"][-1] == "<string>:6 fail"
    assert "80.25" not in ended.stderr  # an error's message may quote a drawing


def test_metrics_are_served_only_on_request(untrained: DigitReader) -> None:
    assert client(untrained).get("/metrics").status_code == 404
    response = client(untrained, metrics=True).get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE sketchpad_events_total counter" in response.text


@pytest.mark.slow
def test_a_port_that_is_not_available_is_reported_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        in_use = taken.getsockname()[1]
        for port, sentence in {
            in_use: f"Cannot listen on 127.0.0.1, port {in_use}",
            99_999: "There is no port 99999. Choose a number from 1 to 65535.",
        }.items():
            command = [sys.executable, "app.py", "--port", str(port), "--device", "cpu"]
            ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
            assert ended.returncode == 1
            assert ended.stderr.count("\n") == 1
            assert sentence in ended.stderr


@pytest.mark.slow
def test_a_stopped_server_answers_open_requests(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "app.py", "--port", str(port), "--device", "cpu"]
    with log.open("wb") as log_file, started(command, port, log_file) as (address, process):
        component = Endpoint.of(address).component
        drawing = [[[33.125, 44.375], [55.625, 201.875]]]
        request = {"data": drawing, "component_id": component, "fn_name": "live", "session_hash": "s"}
        body = json.dumps(request).encode()
        head = f"POST {COMPONENT_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:30])
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            time.sleep(1)
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", port), timeout=5)
            connection.sendall(body[30:])
            response = b""
            while part := connection.recv(65536):
                response += part
        assert response.startswith(b"HTTP/1.1 200")
        assert json.loads(response.split(b"\r\n\r\n", 1)[1])["text"] == "1"
        assert process.wait(20) == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["start", "figures", "stop"]
    assert lines[1]["requests_final"] == 1
    assert not re.search(r"33\.1|44\.3|55\.6|201\.8", log.read_text())
