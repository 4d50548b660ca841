"""Server time for everything that the Inside tab shows of one drawing.

    python -m tests.inside_speed                # one thread, as app.py serves
    python -m tests.inside_speed --each 20      # fewer drawings

Calls the server functions of all sections one after the other, for hand-authored digits as the page sends
them; then all of one drawing at once, as the page does, which takes less on two cores. The first drawing
warms up and is not counted. Network transfer, decoding and painting are not included. Processor time is that
of this process, independent of other load on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import time
from collections.abc import Awaitable
from typing import Any, NamedTuple

import torch

from model import DigitReader
from sketchpad.inside.tab import server_functions
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.browser.hand import DIGITS
from tests.helpers.paths import CHECKPOINT

# What a request has beside the image and the strokes, by the name of its function.
OPTIONS: dict[str, dict[str, Any]] = {
    "feature_maps": {"node": "stem.0", "count": 16, "channel": None},
    "branches": {"off": ["stages.0.0"]},
    "damage": {"noise": 0.2, "seed": 0, "off": ""},  # its accuracy is measured once
}


class Duration(NamedTuple):
    """Milliseconds by the clock, and of the processor."""

    clock: float
    processor: float


async def timed(work: Awaitable[Any]) -> tuple[Duration, Any]:
    started, worked = time.perf_counter(), time.process_time()
    result = await work
    return Duration((time.perf_counter() - started) * 1e3, (time.process_time() - worked) * 1e3), result


async def measure(
    reader: DigitReader, count: int
) -> tuple[dict[str, list[Duration]], dict[str, int], list[Duration]]:
    """By function the duration of each drawing and the bytes of a response; the durations of all at once."""
    functions = {function.__name__: function for function in server_functions(PageContext(reader))}
    drawings = itertools.cycle(drawing for ways in DIGITS.values() for drawing in ways.values())
    durations: dict[str, list[Duration]] = {name: [] for name in functions}
    sizes: dict[str, int] = {}
    together: list[Duration] = []
    for number, drawing in enumerate(itertools.islice(drawings, count + 1)):
        image = to_base64(reader.read_strokes(drawing).digits[0].image)
        requests = {name: {"image": image, "strokes": drawing, **OPTIONS.get(name, {})} for name in functions}
        for name, function in functions.items():
            duration, response = await timed(function(requests[name]))
            if not isinstance(response, dict) or "error" in response:
                sys.exit(f"{name} does not answer {requests[name] | {'image': '...'}}: {response}")
            sizes[name] = len(json.dumps(response))
            if number:
                durations[name].append(duration)
        calls = (function(requests[name]) for name, function in functions.items())
        duration, _ = await timed(asyncio.gather(*calls))
        if number:
            together.append(duration)
    return durations, sizes, together


def line(name: str, durations: list[Duration], suffix: str = "") -> str:
    clock, processor = zip(*durations, strict=True)
    p95 = statistics.quantiles(clock, n=20, method="inclusive")[-1]
    return (
        f"{name:>18}: n {len(clock)}, median {statistics.median(clock):.1f} ms, p95 {p95:.1f} ms, "
        f"processor {statistics.median(processor):.1f} ms{suffix}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Time the server functions of the Inside tab.")
    parser.add_argument("--each", type=int, default=60, help="drawings to time (default: %(default)s)")
    flags = parser.parse_args()
    torch.set_num_threads(1)
    durations, sizes, together = asyncio.run(measure(DigitReader.load(CHECKPOINT, "cpu"), flags.each))
    for name, each in durations.items():
        print(line(name, each, f", {sizes[name] / 1000:.0f} kB"))
    whole = [Duration(*map(sum, zip(*each, strict=True))) for each in zip(*durations.values(), strict=True)]
    print(line("one drawing", whole))
    print(line("all at once", together))


if __name__ == "__main__":
    main()
