"""The page without a server, in Chromium: what it reads, and what it does when something is missing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from model import DigitReader, InputError
from model.image import DIGITS as LABELS
from sketchpad.web.export import Files, with_service_worker, write_folder
from tests.browser.axe import violations
from tests.browser.conftest import listen
from tests.browser.hand import DIGITS, LETTER_A, PLAIN_SEVEN, ROUND_THREE, moved
from tests.browser.pen import Pad
from tests.browser.serve import served
from tests.browser.static_page import exported, files_served
from tests.browser.test_draw import PHONE
from tests.helpers.drawings import made_drawings, written_drawings

READ_ALL = """async ([folder, drawings]) => {
    const { LocalReader } = await import(`./${folder}/web/local_reader.js`);
    const url = new URL(`./${folder}/web/worker.js`, location.href);
    const reader = new LocalReader(() => new Worker(url, { type: "module" }));
    const readings = [];
    for (const drawing of drawings) readings.push(await reader.read(drawing));
    return JSON.stringify(readings);
}"""


@pytest.fixture(scope="module")
def files(trained: DigitReader) -> Files:
    return exported(trained)


def version(files: Files) -> str:
    """The folder of the modules."""
    return next(name for name in files if name.endswith("/reader.json")).split("/")[0]


@pytest.fixture(scope="module")
def address(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page in a sub folder of a site."""
    site = tmp_path_factory.mktemp("site")
    write_folder(site / "digits", files)
    with files_served(site) as root:
        yield f"{root}digits/"


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    yield context
    context.close()


ROW = [
    stroke
    for n, digit in enumerate([DIGITS[2]["swan"], ROUND_THREE, PLAIN_SEVEN])
    for stroke in moved(digit, 0.3, 90 * n, 90)
]
KEPT = """async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((done) => setTimeout(done, 20));
    const opened = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    return Promise.all(opened.map(async (cache) => (await cache.keys()).length));
}"""


UPDATED = """async () => {
    const registration = await navigator.serviceWorker.ready;
    const isBusy = () => registration.installing ?? registration.waiting;
    while (isBusy() || (await caches.keys()).length < 2) await new Promise((done) => setTimeout(done, 20));
}"""


def opened_pad(page: Page, address: str) -> Pad:
    page.goto(address)
    pad = Pad(page)
    pad.ready()
    return pad


def test_it_reads_and_then_opens_and_reads_without_a_network(
    context: BrowserContext, files: Files, tmp_path: Path
) -> None:
    write_folder(tmp_path / "page", files)
    problems: list[str] = []
    page = context.new_page()
    with files_served(tmp_path) as root:
        address = f"{root}page/"
        listen(page, root, problems)
        pad = opened_pad(page, address)
        pad.draw(ROW)
        assert pad.final() == "237"
        assert pad.verdict == "Clearly 237."
        assert page.evaluate(KEPT) == [len(files) - 3]  # without the service worker's own files and README.md
    page.close()
    page = context.new_page()
    listen(page, address, problems)
    pad = opened_pad(page, address)
    assert pad.final() == "237"  # the drawing is restored, and read
    pad.tool("Clear")
    pad.draw(LETTER_A)
    pad.final()
    assert pad.verdict == "This does not look like a digit."
    assert problems == []


def test_an_old_service_worker_gives_way_to_a_new_version(
    context: BrowserContext, files: Files, tmp_path: Path
) -> None:
    old = version(files)
    newer = {
        name.replace(old, "newer"): content.replace(old.encode(), b"newer")
        for name, content in files.items()
        if not name.startswith(("service_worker", "README"))
    }
    write_folder(tmp_path / "page", files)
    with files_served(tmp_path) as root:
        page = context.new_page()
        opened_pad(page, f"{root}page/")
        page.evaluate(KEPT)
        write_folder(tmp_path / "page", with_service_worker(newer))
        for shown in (old, "newer"):
            pad = opened_pad(page, f"{root}page/")
            assert shown in (page.locator("script[src]").get_attribute("src") or "")
            page.keyboard.press("Delete")
            pad.draw(ROW)
            assert pad.final() == "237"
            page.evaluate(UPDATED)


@pytest.mark.parametrize("name", ["network.bin", "runtime.bin"])
def test_half_a_download_never_counts(context: BrowserContext, address: str, files: Files, name: str) -> None:
    page = context.new_page()
    path = next(each for each in files if each.endswith(f"/{name}"))

    def half(route: Route) -> None:
        route.fulfill(body=files[path][: len(files[path]) // 2], content_type="application/octet-stream")

    context.route(f"**/{name}", half)
    pad = opened_pad(page, address)
    pad.draw(ROW)
    page.wait_for_selector("text=The network could not be loaded. Your drawing is kept. Trying again")
    assert pad.ink() > 0
    context.unroute(f"**/{name}", half)
    assert pad.final() == "237"


@pytest.mark.parametrize("missing", ["WebAssembly", "storage"])
def test_what_a_browser_refuses(context: BrowserContext, address: str, missing: str) -> None:
    page = context.new_page()
    if missing == "storage":
        page.add_init_script(
            """const get = () => { throw new DOMException("refused", "SecurityError"); };
            Object.defineProperty(Navigator.prototype, "serviceWorker", { get });
            Object.defineProperty(window, "localStorage", { get });"""
        )
    else:
        context.route(
            "**/worker.js",
            lambda route: route.fulfill(
                body=f"delete globalThis.WebAssembly;{route.fetch().text()}", content_type="text/javascript"
            ),
        )
    pad = opened_pad(page, address)
    pad.draw(ROW)
    if missing == "storage":
        assert pad.final() == "237"
    else:
        pad.final()
        assert pad.verdict.startswith("This browser cannot run the network: it needs WebAssembly.")
        assert pad.ink() > 0


def test_in_a_frame_of_another_site(context: BrowserContext, address: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(f'<iframe src="{address}" width="1000" height="800"></iframe>')
    page = context.new_page()
    with files_served(tmp_path) as outer:
        page.goto(outer.replace("127.0.0.1", "localhost"))
        frame = page.frame_locator("iframe")
        frame.locator('[data-example="seven"]').click()
        frame.locator('#reading[data-state="final"]', has_text="7").wait_for()


def test_the_served_page_reads_by_itself_while_the_server_is_silent(
    context: BrowserContext, files: Files, tmp_path: Path
) -> None:
    write_folder(tmp_path / "page", files)
    page = context.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    with served("--browser-reader", str(tmp_path / "page")) as server:
        pad = opened_pad(page, server)
        device = page.locator("[data-fact=device]")
        page.wait_for_load_state("networkidle")
        assert not [url for url in fetched if "/browser/" in url]  # nothing before it is needed
        with context.expect_event("response", lambda response: response.url.endswith("network.bin")):
            pad.draw(ROW)
            assert pad.final() == "237"
        assert device.text_content() == "cpu"
        page.context.route("**/component_server/**", lambda route: None)  # never answered
        pad.tool("Clear")
        pad.draw(PLAIN_SEVEN)
        page.wait_for_selector("text=Read in this browser: the server does not respond.")
        assert pad.final() == "7"
        assert device.text_content() == "This browser"
        page.context.unroute("**/component_server/**")
        pad.tool("Clear")
        pad.draw(ROUND_THREE)
        page.wait_for_selector("text=Read in this browser", state="hidden")
        pad.tool("Clear")
        pad.draw(PLAIN_SEVEN)
        assert pad.final() == "7"
        assert device.text_content() == "cpu"


@pytest.mark.parametrize("view", [{}, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong(
    browser: Browser, address: str, view: dict[str, object], scheme: str
) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", locale="en-US", **view)
    pad = opened_pad(context.new_page(), address)
    pad.draw(ROW)
    pad.final()
    assert violations(pad.page) == []
    context.close()


def test_a_picture_and_too_many_points_are_answered_in_a_sentence(
    context: BrowserContext, address: str, files: Files
) -> None:
    page = context.new_page()
    opened_pad(page, address)
    strokes = [[[0, 0], [n, n]] for n in range(2001)]
    blot = [[[n * 7 % 280, n * 11 % 280] for n in range(100_000)]]
    many, large = json.loads(page.evaluate(READ_ALL, [version(files), [strokes, blot]]))
    assert (many["code"], many["values"]) == ("strokes.count", {"count": "2,001", "most": "2,000"})
    assert large["digits"][0]["verdict"] == "not a digit"
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            const canvas = new OffscreenCanvas(40, 40);
            canvas.getContext("2d").fillRect(0, 0, 40, 40);
            return canvas.convertToBlob().then((blob) => {
                data.items.add(new File([blob], "ink.png", { type: "image/png" }));
                const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true });
                document.querySelector("#pad").dispatchEvent(drop);
            });
        }"""
    )
    page.wait_for_selector("text=Pictures need a server, and this page has none.")


def test_drawings_are_read_as_in_python(
    context: BrowserContext, address: str, files: Files, exact: DigitReader
) -> None:
    drawings = made_drawings(1850, seed=3) + written_drawings(1850, seed=4)
    page = context.new_page()
    page.goto(address)
    readings = json.loads(page.evaluate(READ_ALL, [version(files), drawings]))
    largest = 0.0
    for drawing, reading, expected in zip(drawings, readings, exact.read_drawings(drawings), strict=True):
        assert not isinstance(expected, InputError)
        assert reading["text"] == expected.text, drawing
        found = [(each["label"], each["verdict"], each["reason"], each["line"]) for each in reading["digits"]]
        assert found == [(each.label, each.verdict, each.reason, each.line) for each in expected.digits]
        assert [each["box"] for each in reading["digits"]] == [list(each.box) for each in expected.digits]
        for each, digit in zip(reading["digits"], expected.digits, strict=True):
            assert len(each["probabilities"]) == LABELS
            difference = np.abs(np.subtract(each["probabilities"], digit.probabilities)).max()
            largest = max(largest, float(difference))
    print(f"{len(drawings):,} drawings: probabilities differ by at most {largest:.5f}")
    assert largest <= 1e-3
