"""Times, bytes and memory of the page without a server, in a real Chromium on this machine.

    python -m tests.browser.web_speed                    # of the committed checkpoint
    python -m tests.browser.web_speed --data-dir data    # also MNIST's test images, read in the browser

A first visit over 10 Mbit/s with round trips of 20 ms, until the drawing in the link is read; a second visit
without a network; then, on the warm page, from pen-up to the answer for single digits and in a row of ten.
"""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from model import DigitReader
from model.datasets.mnist import load_mnist
from sketchpad.web.export import page_files, write_folder
from tests.browser.hand import DIGITS, moved
from tests.browser.latency import ANSWERED, WATCH, draw
from tests.browser.pen import Pad
from tests.browser.serve import find_chromium, opened
from tests.browser.static_page import Line, files_served
from tests.helpers.paths import CHECKPOINT

SPEED, DELAY = 10e6 / 8, 0.02  # bytes per second, seconds before each response
SEVEN = "1DAXgA-AD4AMnsAQo7wHgA78C8AY"  # a drawing as it travels in a link
CLASSIFY = """async ([folder, images]) => {
    const [{ fetchJson, fetchPacked }, { openNetwork }] = await Promise.all(
        ["files", "network"].map((name) => import(`./${folder}/web/${name}.js`)));
    const base = new URL(`./${folder}/reader.json`, location.href).href;
    const { runtime, network } = await fetchJson(base);
    const classify = await openNetwork([await fetchPacked(base, runtime), await fetchPacked(base, network)]);
    const bytes = Uint8Array.from(atob(images), (letter) => letter.charCodeAt(0));
    const labels = [];
    for (let at = 0; at < bytes.length; at += 100 * 784) {
        const batch = Array.from({ length: 100 }, (_, n) => bytes.subarray(at + n * 784, at + (n + 1) * 784));
        for (const { probabilities } of await classify(batch)) {
            labels.push(probabilities.indexOf(Math.max(...probabilities)));
        }
    }
    return labels;
}"""


def first_visit(context: BrowserContext, address: str) -> float:
    """Seconds from the navigation to the reading of the drawing in the link."""
    page = context.new_page()
    started = time.perf_counter()
    page.goto(f"{address}#draw={SEVEN}", wait_until="commit")
    page.wait_for_function(ANSWERED, polling=20)
    return time.perf_counter() - started


def pen_up(pad: Pad, strokes: int) -> list[float]:
    """Milliseconds from pen-up to the answer."""
    pad.page.evaluate("seen.waits = []")
    for ways in cycle(DIGITS.values()):
        pad.page.keyboard.press("Delete")
        draw(pad, next(iter(ways.values())))
        waits: list[float] = pad.page.evaluate("seen.waits")
        if len(waits) >= strokes:
            return waits
    raise AssertionError("unreachable: the cycle of digits is endless")


def row_of_ten(pad: Pad) -> list[float]:
    """Milliseconds from each pen-up of a row of ten digits to its answer."""
    pad.page.keyboard.press("Delete")
    pad.page.evaluate("seen.waits = []")
    for n in range(10):
        draw(pad, moved(next(iter(DIGITS[n].values())), 0.1, 28 * n, 120))
    waits: list[float] = pad.page.evaluate("seen.waits")
    return waits


def summary(times: list[float]) -> str:
    ordered = sorted(times)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return f"p50 {statistics.median(ordered):.1f} ms, p95 {p95:.1f} ms (n = {len(ordered)})"


def mnist(page: Page, folder: str, data_dir: Path) -> str:
    data = load_mnist(data_dir, train=False)
    images = base64.b64encode(data.images.numpy().tobytes()).decode()
    labels = page.evaluate(CLASSIFY, [folder, images])
    wrong = sum(int(a) != b for a, b in zip(data.labels.tolist(), labels, strict=True))
    return f"{len(labels) - wrong:,} of {len(labels):,} are read correctly"


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the page without a server in a real Chromium.")
    parser.add_argument(
        "-n", "--strokes", type=int, default=60, help="strokes to time (default: %(default)s)"
    )
    parser.add_argument("--data-dir", type=Path, help="also read MNIST's test images from this folder")
    options = parser.parse_args()
    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    reader = DigitReader.load(CHECKPOINT, "cpu")
    files = page_files(reader)
    folder = next(name for name in files if name.endswith("/reader.json")).split("/")[0]
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as site, opened(path) as browser:
        write_folder(Path(site) / "page", files)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
        line = Line(SPEED, DELAY)
        with files_served(Path(site), line) as root:
            slow_context = browser.new_context(locale="en-US")
            seconds = first_visit(slow_context, f"{root}page/")
            print(f"first visit over 10 Mbit/s: read after {seconds:.2f} s and {line.sent / 1e6:.2f} MB")
            slow_context.close()
        with files_served(Path(site)) as root:
            address = f"{root}page/"
            first_visit(context, address)
            page = context.new_page()
            page.goto(address)
            page.evaluate("navigator.serviceWorker.ready.then(() => {})")
        page.close()
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_function(ANSWERED, polling=20)
        print(f"second visit without a network: read after {time.perf_counter() - started:.2f} s")
        pad = Pad(page)
        page.evaluate(WATCH)
        pen_up(pad, 10)  # the browser compiles what is used often
        print(f"from pen-up to the answer, one digit: {summary(pen_up(pad, options.strokes))}")
        row_of_ten(pad)
        print(f"row of ten digits, each pen-up: {summary(row_of_ten(pad))}")
        if options.data_dir:
            correct = reader.card["figures"]["test"]["correct"]
            print(f"MNIST test: {mnist(page, folder, options.data_dir)}; the card says {correct:,}")
        print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
