"""The page in a frame of another site: drawn on and read if that site is listed, refused if not."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.hand import DIGITS
from tests.browser.pen import SIDE
from tests.browser.serve import served
from tests.helpers.paths import ROOT


class Site(BaseHTTPRequestHandler):
    """Another site, whose only page has the frame of docs/deployment.md; its query is the frame's address."""

    def do_GET(self) -> None:
        text = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
        frame = re.search(r"<iframe.*?</iframe>", text, re.DOTALL)[0]
        frame = frame.replace("https://sketchpad.example/", self.path.partition("?")[2])
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Site</title><link rel=icon href=data:,>{frame}".encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The other site's origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000}, locale="en-US")
    yield context.new_page()
    context.close()


def test_a_listed_site_shows_the_page_in_a_frame_and_a_digit_is_read_there(page: Page, site: str) -> None:
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda m: problems.append(m.text) if m.type in ("error", "warning") else None)
    with served("--embed-from", "https://school.example", site) as address:
        page.goto(f"{site}/?{address}")
        frame = page.frame_locator("iframe")
        frame.locator("[data-mounted] #pad").wait_for()
        area = frame.locator("#pad canvas").bounding_box()
        scale = area["width"] / SIDE
        for stroke in DIGITS[7]["plain"]:
            points = [(area["x"] + x * scale, area["y"] + y * scale) for x, y in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point)
            page.mouse.up()
        frame.locator('#reading[data-state="final"]').wait_for()
        assert frame.locator("#reading").text_content() == "7"
        assert frame.locator("body").evaluate("() => document.featurePolicy.allowsFeature('camera')")
    assert problems == []


def test_a_site_that_is_not_listed_shows_no_page(page: Page, site: str, server: str) -> None:
    with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
        page.goto(f"{site}/?{server}")
    assert page.frame_locator("iframe").locator("#pad").count() == 0
