"""How long the server takes for everything that the Inside tab shows of one drawing.

    python -m tests.inside_speed                # one thread, as app.py serves
    python -m tests.inside_speed --each 20      # fewer drawings

Every section's asks, one after the other, for hand-authored digits as the page sends them; then all of a
drawing at once, as the page asks, which on two cores takes less. The first drawing warms up and is not
counted. Sending, decoding and painting are not in it. The processor's time is what this process used,
whatever else the machine was busy with.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
from typing import Any

import torch

from model import DigitReader
from sketchpad.inside.tab import SECTIONS
from sketchpad.server.wire import to_text
from sketchpad.ui.component import Ask
from tests.browser.hand import DIGITS
from tests.helpers.paths import CHECKPOINT

# What an ask is told beside the image, by its name.
MORE: dict[str, dict[str, Any]] = {
    "walk": {"node": "stem.0", "count": 16, "channel": None},
    "branches": {"off": ["stages.0.0"]},
}


Took = tuple[float, float]  # milliseconds on the clock, and of the processor


async def timed(ask: Ask, payload: dict[str, Any]) -> tuple[Took, int]:
    """How long it took, and the bytes of the answer in JSON."""
    started, worked = time.perf_counter(), time.process_time()
    given = await ask(payload)
    took = (time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3
    if not isinstance(given, dict) or "error" in given:
        sys.exit(f"{ask.__name__} does not answer {payload | {'image': '...'}}: {given}")
    return took, len(json.dumps(given))


async def measure(
    reader: DigitReader, count: int
) -> tuple[dict[str, list[Took]], dict[str, int], list[Took]]:
    """How long each ask took, by drawing, the size of its last answer, and how long all took at once."""
    asks = [ask for section in SECTIONS for ask in section.asks(reader)]
    drawings = itertools.cycle(drawing for ways in DIGITS.values() for drawing in ways.values())
    times: dict[str, list[Took]] = {ask.__name__: [] for ask in asks}
    sizes: dict[str, int] = {}
    together: list[Took] = []
    for number, drawing in enumerate(itertools.islice(drawings, count + 1)):
        image = to_text(reader.read_strokes(drawing).digits[0].image)
        payloads = {ask: {"image": image, "strokes": drawing, **MORE.get(ask.__name__, {})} for ask in asks}
        for ask, payload in payloads.items():
            took, sizes[ask.__name__] = await timed(ask, payload)
            if number:
                times[ask.__name__].append(took)
        started, worked = time.perf_counter(), time.process_time()
        await asyncio.gather(*(ask(payload) for ask, payload in payloads.items()))
        if number:
            together.append(((time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3))
    return times, sizes, together


def line(name: str, times: list[Took], more: str = "") -> str:
    clock, worked = (sorted(each) for each in zip(*times, strict=True))
    p95 = statistics.quantiles(clock, n=20, method="inclusive")[-1]
    return (
        f"{name:>12}: n {len(times)}, median {statistics.median(clock):.1f} ms, p95 {p95:.1f} ms, "
        f"processor {statistics.median(worked):.1f} ms{more}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Time what the Inside tab asks of the server.")
    parser.add_argument("--each", type=int, default=60, help="drawings to time (default: %(default)s)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    times, sizes, together = asyncio.run(measure(DigitReader.load(CHECKPOINT, "cpu"), options.each))
    for name, each in times.items():
        print(line(name, each, f", {sizes[name] / 1000:.0f} kB"))
    whole = [tuple(map(sum, zip(*parts, strict=True))) for parts in zip(*times.values(), strict=True)]
    print(line("one drawing", whole))
    print(line("all at once", together))


if __name__ == "__main__":
    main()
