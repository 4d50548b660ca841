"""A served page and a real Chromium for every test in this folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from model.inference.checkpoint import read_file
from tests.browser.pen import Pad
from tests.browser.serve import find_chromium, opened, served
from tests.helpers.paths import CHECKPOINT

SHOTS = Path(__file__).parent / "shots"

Open = Callable[..., Pad]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the page, served as a visitor would find it."""
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def rejecting(server: str) -> None:
    """For tests of what is no digit: skips where the checkpoint was trained without such."""
    checkpoint = Path(os.environ.get("SKETCHPAD_CHECKPOINT", CHECKPOINT))
    if read_file(checkpoint)[1]["arch"]["num_classes"] < 11:
        pytest.skip("this checkpoint was trained on digits alone")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium or what is found; missing it is a failure in CI and a skip elsewhere."""
    path = find_chromium()
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no Chromium on this machine: apt-get install chromium")
    with opened(path) as chromium:
        yield chromium


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
