"""The repository as a Hugging Face Space, and as a container."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import SpaceCard, SpaceCardData

ROOT = Path(__file__).parents[1]


def test_the_hub_finds_nothing_to_complain_of_in_the_front_matter() -> None:
    card = SpaceCard((ROOT / "README.md").read_text(encoding="utf-8"))
    assert isinstance(card.data, SpaceCardData)
    given = card.data.to_dict()
    # What SpaceCardData does not know it keeps as it is: a misspelt key would go unnoticed.
    documented = {"emoji", "colorFrom", "colorTo", "pinned", "short_description", "suggested_hardware"}
    assert set(given) <= set(SpaceCardData().__dict__) | documented | {"startup_duration_timeout"}
    assert given["sdk"] == "gradio"
    assert (ROOT / given["app_file"]).is_file()
    assert 0 < len(given["short_description"]) <= 60
    assert re.fullmatch(r"(\d+)(m|h)", given["startup_duration_timeout"])


def test_the_interpreter_of_the_space_is_one_that_the_project_and_zerogpu_take() -> None:
    card = SpaceCard((ROOT / "README.md").read_text(encoding="utf-8"))
    assert card.data.to_dict()["python_version"] in ("3.12.12", "3.10.13")


def test_the_container_serves_without_rights_and_says_whether_it_is_well() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split(maxsplit=1)[0] for line in lines if line and line[0] not in "# "]
    assert words.index("USER") < words.index("CMD")
    user = next(line.split()[1] for line in lines if line.startswith("USER"))
    assert user not in ("root", "0")
    assert "HEALTHCHECK" in words
    assert any("/health" in line for line in lines)


class Lender(BaseHTTPRequestHandler):
    """ZeroGPU's own service, as far as a start needs it."""

    asked: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
def test_zerogpu_starts_the_page_and_reads_on_the_processor() -> None:
    """With its environment and its real package; the machine's GPU is another matter."""
    pytest.importorskip("spaces")
    with ThreadingHTTPServer(("127.0.0.1", 0), Lender) as lender, socket.socket() as free:
        threading.Thread(target=lender.serve_forever, daemon=True).start()
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        given = {
            "SPACE_ID": "a/b",
            "SPACES_ZERO_GPU": "true",
            "SPACES_ZERO_DEVICE_API_URL": f"http://127.0.0.1:{lender.server_port}",
            "PORT": str(port),
        }
        with subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **given}, stderr=subprocess.PIPE
        ) as page:
            try:
                said = described(port, page)
            finally:
                page.terminate()
                lender.shutdown()
    assert said["device"] == "cpu"
    assert Lender.asked, "no function was found that a GPU could be lent to"


def described(port: int, page: subprocess.Popen[bytes]) -> dict[str, str]:
    """What /health says, once the page is up."""
    for _ in range(600):
        assert page.poll() is None, page.stderr.read().decode()[-2000:] if page.stderr else ""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as said:
            return json.load(said)
        time.sleep(0.1)
    raise AssertionError("the page did not come up")


def can_be_closed_off() -> bool:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not can_be_closed_off(), reason="needs root on Linux, and namespaces of its own")
def test_it_reads_with_no_network_nothing_writable_but_tmp_and_no_rights() -> None:
    command = ["unshare", "--net", "--mount", sys.executable, "tests/sandbox.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert '"text": "7"' in done.stdout
    assert "Traceback" not in done.stderr
