"""The first visit: seconds until the pad can be drawn on, and until a first drawing has been read.

    python -m tests.browser.first_load            # this machine, then 1.5 Mbit/s with round trips of 300 ms

Each visit is a new browser context with an empty cache. Also prints the bytes and the layout shift.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession

from tests.browser.latency import ANSWERED, slow_down
from tests.browser.pen import Pad
from tests.browser.serve import find_chromium, opened, served

SEVEN = [[(60.0, 60.0), (200.0, 62.0), (130.0, 240.0)]]  # three points: how long a pen moves is not measured
SLOW = (300, 1.5e6 / 8)  # milliseconds of a round trip, bytes per second
MOUNTED = "document.querySelector('[data-mounted] #pad')"
SHIFT = """
    window.shift = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
"""


@dataclass
class Visit:
    ready: float  # seconds
    read: float
    kilobytes: float
    shift: float


def visit(
    browser: Browser, address: str, network: tuple[float, float] | None = None, **options: object
) -> Visit:
    """Open the page with Playwright's context ``options``, and draw a seven as soon as the pad is there."""
    context = browser.new_context(locale="en-US", **options)
    page = context.new_page()
    page.add_init_script(SHIFT)
    sizes = count_bytes(context.new_cdp_session(page))
    if network:
        slow_down(page, *network)
    page.wait_for_timeout(1000)  # a new window keeps Chromium busy with its own parts
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(MOUNTED)  # looks at every frame; a locator looks twice a second
    ready = time.perf_counter() - start
    Pad(page).draw(SEVEN)
    page.wait_for_function(ANSWERED)
    read = time.perf_counter() - start
    result = Visit(ready, read, sum(sizes) / 1000, page.evaluate("window.shift"))
    context.close()
    return result


def count_bytes(session: CDPSession) -> list[float]:
    """The size of each response as it is transferred, in bytes."""
    sizes: list[float] = []
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    return sizes


def main() -> None:
    parser = argparse.ArgumentParser(description="Time first visits in a real Chromium.")
    parser.add_argument("-n", "--visits", type=int, default=9, help="of each kind (default: %(default)s)")
    options = parser.parse_args()
    path = find_chromium()
    if path is None:
        sys.exit("There is no Chromium on this machine.")
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with served() as address, opened(path) as browser:
        visit(browser, address)  # the server's and the browser's own first time
        for name, network in (("this machine", None), ("1.5 Mbit/s, 300 ms", SLOW)):
            visits = [visit(browser, address, network) for _ in range(options.visits)]
            read = [v.read for v in visits]
            print(
                f"{name}: pad after {statistics.median(v.ready for v in visits):.2f} s, first drawing read",
                f"after {statistics.median(read):.2f} s (n {len(read)}, {min(read):.2f} to {max(read):.2f}),",
                f"{statistics.median(v.kilobytes for v in visits):.0f} kB,",
                f"layout shift {max(v.shift for v in visits):.3f}",
            )


if __name__ == "__main__":
    main()
