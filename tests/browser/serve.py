"""A served page and a real Chromium, for the browser tests and for scripts."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import IO

from playwright.sync_api import Browser, sync_playwright

from tests.helpers.paths import ROOT

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.contextmanager
def started(
    command: list[str], port: int, log: IO[bytes] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Start a server. Yields its address, once it responds, and its process, which is terminated at the end.

    ``log`` takes its standard error.
    """
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=log) as process:
        address = f"http://127.0.0.1:{port}/"
        try:
            wait_for(address, process)
            yield address, process
        finally:
            process.terminate()


@contextlib.contextmanager
def served(*arguments: str) -> Iterator[str]:
    """The address of the page, served by `app.py` on the CPU for as long as this is open."""
    port = free_port()
    command = [sys.executable, "app.py", "--port", str(port), "--device", "cpu", *arguments]
    with started(command, port) as (address, _):
        yield address


def wait_for(address: str, process: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode} before it served a page")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{process.args!r} served nothing within {seconds:.0f} s")


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


@contextlib.contextmanager
def opened(path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()
