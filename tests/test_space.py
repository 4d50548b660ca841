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


@pytest.fixture(scope="module")
def front_matter() -> dict[str, str]:
    """README.md's, as the Hub reads it."""
    card = SpaceCard((ROOT / "README.md").read_text(encoding="utf-8"))
    assert isinstance(card.data, SpaceCardData)
    return card.data.to_dict()


def test_the_hub_accepts_the_front_matter(front_matter: dict[str, str]) -> None:
    # SpaceCardData keeps unknown keys, so a misspelt one would not be noticed.
    documented = {"emoji", "colorFrom", "colorTo", "pinned", "short_description", "suggested_hardware"}
    assert set(front_matter) <= set(SpaceCardData().__dict__) | documented | {"startup_duration_timeout"}
    assert front_matter["sdk"] == "gradio"
    assert (ROOT / front_matter["app_file"]).is_file()
    assert 0 < len(front_matter["short_description"]) <= 60
    assert re.fullmatch(r"(\d+)(m|h)", front_matter["startup_duration_timeout"])


def test_the_container_runs_unprivileged_and_has_a_health_check() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split(maxsplit=1)[0] for line in lines if line and line[0] not in "# "]
    assert words.index("USER") < words.index("CMD")
    user = next(line.split()[1] for line in lines if line.startswith("USER"))
    assert int(user) > 0
    assert f"--uid {user}" in (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert words.index("HEALTHCHECK") < words.index("CMD")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions with their arguments."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(maxsplit=1)[0], line.split(maxsplit=1)[1].strip()) for line in lines]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore excludes a path from the image."""
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    parts = Path(path).parts
    for pattern in patterns:
        anywhere = pattern.startswith("**/")
        for n in range(len(parts)):
            for first in range(n + 1) if anywhere else (0,):
                if fnmatch("/".join(parts[first : n + 1]), pattern.removeprefix("**/")):
                    return True
    return False


def test_the_image_contains_what_the_page_needs_and_no_development_files() -> None:
    sources = [words.split()[0] for name, words in instructions() if name == "COPY"]
    assert all((ROOT / source).exists() for source in sources)
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a checkout")
    needed = [path for path in listed.stdout.split("\n") if path and not path.startswith(("tests/", ".git"))]
    assert {"app.py", "requirements.txt", "checkpoints/mnist_resnet.safetensors"} <= set(needed)
    assert [path for path in needed if is_ignored(path)] == []
    for development_file in (
        ".git/HEAD",
        ".venv/bin/python",
        "data/MNIST/raw/x",
        "model/__pycache__/a.pyc",
        "tests/a.py",
        "node_modules/a/index.js",
    ):
        assert is_ignored(development_file), development_file
    assert is_ignored("checkpoints/mnist_resnet.run.safetensors")


def test_the_image_has_pytorchs_build_for_cpus_unless_another_is_asked_for() -> None:
    assert dict(instructions())["ARG"] == "TORCH=cpu"
    install = next(words for name, words in instructions() if name == "RUN" and "requirements.txt" in words)
    assert '--torch-backend="$TORCH"' in install


def test_the_image_has_the_python_version_of_the_space(front_matter: dict[str, str]) -> None:
    minor = front_matter["python_version"].rpartition(".")[0]
    assert dict(instructions())["FROM"] == f"python:{minor}-slim"


@pytest.mark.parametrize("variables", [{"PORT": "@"}, {"PORT": "1", "GRADIO_SERVER_PORT": "@"}])
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_health_check_uses_the_port_of_the_page(
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
        environment = {name: value.replace("@", str(page.server_port)) for name, value in variables.items()}
        ended = subprocess.run(
            [sys.executable, *command[1:]], env=environment, capture_output=True, timeout=30
        )
        page.shutdown()
    assert ended.returncode == code


class ZeroGPU(BaseHTTPRequestHandler):
    """The part of ZeroGPU's service that a start needs."""

    requests: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.requests.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.mark.slow
def test_the_page_starts_on_zerogpu_and_reads_on_the_cpu() -> None:
    """With its environment variables and its real package, but without a GPU."""
    pytest.importorskip("spaces")
    port = free_port()
    with ThreadingHTTPServer(("127.0.0.1", 0), ZeroGPU) as zero_gpu:
        threading.Thread(target=zero_gpu.serve_forever, daemon=True).start()
        environment = {
            "SPACE_ID": "a/b",
            "SPACES_ZERO_GPU": "true",
            "SPACES_ZERO_DEVICE_API_URL": f"http://127.0.0.1:{zero_gpu.server_port}",
            "PORT": str(port),
        }
        with subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.PIPE
        ) as page:
            try:
                health = wait_for_health(port, page)
            finally:
                page.terminate()
                zero_gpu.shutdown()
    assert health["device"] == "cpu"
    assert ZeroGPU.requests, "no function was registered for a GPU"


def wait_for_health(port: int, page: subprocess.Popen[bytes]) -> dict[str, str]:
    """The response of /health, once the page is up."""
    for _ in range(600):
        assert page.poll() is None, page.stderr.read().decode()[-2000:] if page.stderr else ""
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as response,
        ):
            return json.load(response)
        time.sleep(0.1)
    raise AssertionError("the page did not come up")


def has_namespaces() -> bool:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "--net", "--mount", "true"], capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not has_namespaces(), reason="needs root on Linux and namespaces")
def test_the_page_reads_without_network_privileges_or_a_writable_disk_except_tmp() -> None:
    command = ["unshare", "--net", "--mount", sys.executable, "-m", "tests.sandbox"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert '"text": "7"' in ended.stdout
    assert "Traceback" not in ended.stderr
