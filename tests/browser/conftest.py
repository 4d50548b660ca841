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
    """The address of a served page."""
    with served() as address:
        yield address


@pytest.fixture(scope="session")
def rejecting(server: str) -> None:
    """For tests of drawings that are not digits: skips if the checkpoint was trained on digits only."""
    checkpoint = Path(os.environ.get("SKETCHPAD_CHECKPOINT", CHECKPOINT))
    if read_file(checkpoint)[1]["arch"]["num_classes"] < 11:
        pytest.skip("this checkpoint was trained on digits alone")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium. If there is none, the tests fail in CI and are skipped elsewhere."""
    path = find_chromium()
    if path is None:
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no Chromium on this machine: apt-get install chromium")
    with opened(path) as chromium:
        yield chromium


@pytest.fixture
def open_pad(browser: Browser, server: str) -> Iterator[Open]:
    """Opens the page for one visitor: `open_pad(**context_options)`. Fails at the end after an exception, a
    console error or warning, or a request to another host."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_page(quiet: bool = True, script: str = "", **options: object) -> Pad:
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-US", **options}
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        if quiet:
            listen(page, server, problems)
        if script:
            page.add_init_script(script)
        page.goto(server)
        pad = Pad(page)
        pad.ready()
        return pad

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


def listen(page: Page, server: str, problems: list[str]) -> None:
    def note(kind: str, text: str) -> None:
        problems.append(f"{kind}: {text[:300]}")

    page.on("pageerror", lambda error: note("exception", str(error)))
    page.on("console", lambda m: m.type in ("error", "warning") and note(m.type, m.text))
    page.on(
        "request",
        lambda r: r.url.startswith((server, "data:", "blob:")) or note("other host", r.url),
    )


@pytest.fixture(scope="session")
def shots() -> Path:
    """The folder of screenshots, which are for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    return SHOTS
