"""A served page and a real Chromium for every test in this folder."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from model.checkpoint import read_file

from .pen import Pad

ROOT = Path(__file__).parents[2]
CHECKPOINT = ROOT / "checkpoints" / "mnist_resnet.safetensors"
SHOTS = Path(__file__).parent / "shots"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

Open = Callable[..., Pad]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the page, served as a visitor would find it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--device", "cpu"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_for(address, process)
            yield address
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def rejecting(server: str) -> None:
    """For tests of what is no digit: skips where the checkpoint was trained without such."""
    checkpoint = Path(os.environ.get("SKETCHPAD_CHECKPOINT", CHECKPOINT))
    if read_file(checkpoint)[1]["arch"]["num_classes"] < 11:
        pytest.skip("this checkpoint was trained on digits alone")


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            pytest.fail(f"app.py ended with code {process.returncode} before it served a page")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"app.py served nothing within {seconds:.0f} s")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium or what is found; missing it is a failure in CI and a skip elsewhere."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no Chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_pad(browser: Browser, server: str) -> Iterator[Open]:
    """Opens the page for one visitor: `open_pad(**context_options)`. At the end nobody may have
    complained in the console and nothing may have been asked of another host."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(quiet: bool = True, script: str = "", **options: object) -> Pad:
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US", **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        if quiet:
            listen(page, server, complaints)
        if script:
            page.add_init_script(script)
        page.goto(server)
        pad = Pad(page)
        pad.ready()
        return pad

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def listen(page: Page, server: str, complaints: list[str]) -> None:
    def note(kind: str, text: str) -> None:
        complaints.append(f"{kind}: {text[:300]}")

    page.on("pageerror", lambda error: note("exception", str(error)))
    page.on("console", lambda m: m.type in ("error", "warning") and note(m.type, m.text))
    page.on(
        "request",
        lambda r: r.url.startswith((server, "data:", "blob:")) or note("other host", r.url),
    )


@pytest.fixture(scope="session")
def shots() -> Path:
    """Where screenshots go; looked at by people, not by tests."""
    SHOTS.mkdir(exist_ok=True)
    return SHOTS
