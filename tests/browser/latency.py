"""Response times of the page: from pen-up to the final answer, and answers per second while the pen moves.

    python -m tests.browser.latency                       # this machine
    python -m tests.browser.latency --network 120         # with a network round trip of 120 ms

Timed inside the page: from the pen-up event to the answer in the document. Chromium, a pen that moves
every 8 ms, hand-authored digits one after the other; the first one warms up and is not counted.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys

from playwright.sync_api import Page

from tests.browser.hand import DIGITS, Drawing
from tests.browser.pen import Pad
from tests.browser.serve import find_chromium, opened, served

ANSWERED = "document.querySelector('#reading')?.dataset.state === 'final'"
PACE = 8  # ms between two points of the pen
WATCH = """() => {
    const reading = document.querySelector('#reading');
    window.seen = { updates: 0, drawing: 0, waits: [] };
    let down = 0, up = 0, last = '';
    document.addEventListener('pointerdown', (e) => { down = e.timeStamp; up = 0; }, true);
    document.addEventListener('pointerup', (e) => { up = e.timeStamp; seen.drawing += up - down; }, true);
    new MutationObserver(() => {
        const { state, seq } = reading.dataset;
        if (state === 'provisional' && !up && seq !== last) seen.updates++;
        if (state === 'final' && up) { seen.waits.push(performance.now() - up); up = 0; }
        last = seq;
    }).observe(reading, { attributes: true, attributeFilter: ['data-seq', 'data-state'] });
}"""


def draw(pad: Pad, drawing: Drawing) -> None:
    """At a hand's pace; waits for the final answer after each stroke."""
    for stroke in drawing:
        pad.press(stroke[:1])
        for point in pad.on_page(stroke[1:]):
            pad.page.mouse.move(*point)
            pad.page.wait_for_timeout(PACE)
        pad.page.mouse.up()
        pad.final()


def slow_down(page: Page, milliseconds: float, speed: float = -1) -> None:
    """Emulate a network with a round trip of `milliseconds`, and of `speed` bytes per second if given."""
    conditions = {
        "offline": False,
        "latency": milliseconds,
        "downloadThroughput": speed,
        "uploadThroughput": speed,
    }
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", conditions)


def measure(network: float, strokes: int) -> dict:
    """Draw until enough strokes have been answered; milliseconds and counts."""
    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    with served() as address, opened(path) as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        page.goto(address)
        pad = Pad(page)
        pad.ready()
        slow_down(page, network)
        draw(pad, DIGITS[8]["two circles"])
        page.evaluate(WATCH)
        for ways in itertools.cycle(DIGITS.values()):
            page.keyboard.press("Delete")
            draw(pad, next(iter(ways.values())))
            seen = page.evaluate("seen")
            if len(seen["waits"]) >= strokes:
                return seen
    raise AssertionError("unreachable: the cycle of digits is endless")


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the page's answers in a real Chromium.")
    parser.add_argument("--network", type=float, default=0, metavar="MS", help="round trip to emulate")
    parser.add_argument(
        "-n", "--strokes", type=int, default=40, help="strokes to time (default: %(default)s)"
    )
    options = parser.parse_args()
    seen = measure(options.network, options.strokes)
    waits = sorted(seen["waits"])
    p95 = statistics.quantiles(waits, n=20, method="inclusive")[-1]
    seconds = seen["drawing"] / 1000
    print(
        f"pen-up to final answer: n {len(waits)}, median {statistics.median(waits):.1f} ms, "
        f"p95 {p95:.1f} ms, max {waits[-1]:.1f} ms (network {options.network:g} ms)"
    )
    print(
        f"while the pen moves: {seen['updates'] / seconds:.1f} answers a second "
        f"({seen['updates']} in {seconds:.1f} s)"
    )


if __name__ == "__main__":
    main()
