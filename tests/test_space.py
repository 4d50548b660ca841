"""The repository as a Hugging Face Space, and as a container."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from huggingface_hub import SpaceCard, SpaceCardData

from tests.browser.serve import free_port
from tests.helpers.paths import ROOT


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
    assert int(user) > 0
    assert f"--uid {user}" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert words.index("HEALTHCHECK") < words.index("CMD")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's, each with what follows it."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in lines]


def left_out(path: str) -> bool:
    """Whether .dockerignore keeps a path out of the image; its patterns are of the folders they begin in."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    parts = Path(path).parts
    for pattern in patterns:
        anywhere = pattern.startswith("**/")
        for n in range(len(parts)):
            for first in range(n + 1) if anywhere else (0,):
                if fnmatch("/".join(parts[first : n + 1]), pattern.removeprefix("**/")):
                    return True
    return False


def test_the_image_has_what_the_page_needs_and_nothing_of_ours() -> None:
    sources = [words.split()[0] for name, words in instructions() if name == "COPY"]
    assert all((ROOT / source).exists() for source in sources)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a checkout")
    needed = [path for path in listed.stdout.split("\n") if path and not path.startswith(("tests/", ".git"))]
    assert {"app.py", "requirements.txt", "checkpoints/mnist_resnet.safetensors"} <= set(needed)
    assert [path for path in needed if left_out(path)] == []
    for ours in (
        ".git/HEAD",
        ".venv/bin/python",
        "data/MNIST/raw/x",
        "model/__pycache__/a.pyc",
        "tests/a.py",
    ):
        assert left_out(ours), ours
    assert left_out("checkpoints/mnist_resnet.run.safetensors")


def test_the_image_has_the_interpreter_of_the_space() -> None:
    card = SpaceCard((ROOT / "README.md").read_text(encoding="utf-8"))
    minor = card.data.to_dict()["python_version"].rpartition(".")[0]
    assert dict(instructions())["FROM"] == f"python:{minor}-slim"


@pytest.mark.parametrize("variables", [{"PORT": "@"}, {"PORT": "1", "GRADIO_SERVER_PORT": "@"}])
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_containers_check_asks_where_the_page_is(
    variables: dict[str, str], status: int, code: int
) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    check = dict(instructions())["HEALTHCHECK"]
    command = json.loads(check.partition("CMD")[2])
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        given = {name: value.replace("@", str(page.server_port)) for name, value in variables.items()}
        done = subprocess.run([sys.executable, *command[1:]], env=given, capture_output=True, timeout=30)
        page.shutdown()
    assert done.returncode == code


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
    port = free_port()
    with ThreadingHTTPServer(("127.0.0.1", 0), Lender) as lender:
        threading.Thread(target=lender.serve_forever, daemon=True).start()
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
