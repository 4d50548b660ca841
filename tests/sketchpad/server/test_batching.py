"""Dynamic batching: the same readings as alone, order, priorities, refusals; the limit on pictures."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import pytest

from model import DigitReader, InputError, Reading
from sketchpad.draw import tab
from sketchpad.server import batching
from sketchpad.server.batching import MAX_BATCH, MAX_PENDING, Batcher, BusyError, OutdatedError
from sketchpad.server.page_cache import PageCache
from tests.browser.hand import DIGITS, moved

DOT = (  # a picture of one pixel
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAA"
    "AAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
SINGLE = [drawing for ways in DIGITS.values() for drawing in ways.values()]
ROW = [stroke for place, n in enumerate((2, 0, 6)) for stroke in moved(SINGLE[3 * n], 0.3, 80 * place, 90)]


@pytest.mark.parametrize("at_once", [7, 100])
@pytest.mark.parametrize("kind", ["untrained", "trained"])
def test_a_batch_gives_the_readings_of_its_drawings_alone(
    kind: str, at_once: int, request: pytest.FixtureRequest
) -> None:
    reader: DigitReader = request.getfixturevalue(kind)
    drawings = [*SINGLE[:9], ROW, [], [[[5, 5]]], [[[0, 0], [1e6, 0]]], *SINGLE[9:14]]
    parts = [drawings[n : n + at_once] for n in range(0, len(drawings), at_once)]
    together = [reading for part in parts for reading in reader.read_drawings(part)]
    assert len(together) == len(drawings)
    for drawing, reading in zip(drawings, together, strict=True):
        alone = reader.read_strokes(drawing)
        assert reading.text == alone.text
        assert len(reading.digits) == len(alone.digits)
        for here, there in zip(reading.digits, alone.digits, strict=True):
            assert (here.verdict, here.reason, here.box) == (there.verdict, there.reason, there.box)
            np.testing.assert_array_equal(here.image, there.image)
            np.testing.assert_allclose(here.probabilities, there.probabilities, atol=1e-5)


def test_unreadable_drawings_do_not_fail_their_batch(untrained: DigitReader) -> None:
    bad = [None, [[["x", 1]]], [[[float("nan"), 0]]]]
    readings = untrained.read_drawings([bad[0], SINGLE[0], bad[1], bad[2], SINGLE[1]])
    assert [isinstance(reading, InputError) for reading in readings] == [True, False, True, True, False]
    with pytest.raises(InputError, match=re.escape(str(readings[2]))):
        untrained.read_strokes(bad[1])


class SlowReader:
    """A read function that records its batches and blocks until ``go`` is set."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []
        self.go = threading.Event()

    def read(self, drawings: Sequence[object]) -> list[Reading | InputError]:
        self.batches.append(list(drawings))
        assert self.go.wait(10)
        if any(drawing == "broken" for drawing in drawings):
            raise RuntimeError("a bug")
        return [InputError(d) if d == "bad" else Reading(str(d), (), {}) for d in drawings]


def run_while_busy(scenario: Callable[[Batcher, SlowReader], Awaitable[None]]) -> SlowReader:
    """Run a scenario with a batcher that is busy reading the drawing "first"."""
    reader = SlowReader()

    async def run() -> None:
        batcher = Batcher(reader.read)
        first = asyncio.create_task(batcher.read("first"))
        while not reader.batches:
            await asyncio.sleep(0.001)
        await scenario(batcher, reader)
        reader.go.set()
        assert (await first).text == "first"

    try:
        asyncio.run(asyncio.wait_for(run(), 20))
    finally:
        reader.go.set()
    return reader


async def send(*requests: Awaitable[Reading]) -> list[asyncio.Task[Reading]]:
    tasks = [asyncio.ensure_future(request) for request in requests]
    await asyncio.sleep(0.01)
    return tasks


def test_a_single_request_is_read_at_once_and_later_ones_are_batched() -> None:
    async def scenario(batcher: Batcher, reader: SlowReader) -> None:
        tasks = await send(*(batcher.read(n) for n in range(5)))
        reader.go.set()
        assert [(await task).text for task in tasks] == ["0", "1", "2", "3", "4"]

    assert run_while_busy(scenario).batches == [["first"], [0, 1, 2, 3, 4]]


def test_final_requests_are_read_before_provisional_ones() -> None:
    async def scenario(batcher: Batcher, reader: SlowReader) -> None:
        provisional = [batcher.read(f"p{n}", final=False, client=f"v{n}") for n in range(MAX_BATCH)]
        final = [batcher.read(f"f{n}", client=f"w{n}") for n in range(3)]
        tasks = await send(*provisional, *final)
        reader.go.set()
        await asyncio.gather(*tasks)

    batches = run_while_busy(scenario).batches
    assert batches[1] == ["f0", "f1", "f2", *(f"p{n}" for n in range(MAX_BATCH - 3))]
    assert len(batches[2]) == 3


def test_a_clients_newest_request_wins_whatever_the_order_of_arrival() -> None:
    async def scenario(batcher: Batcher, reader: SlowReader) -> None:
        tasks = await send(
            batcher.read("old", final=False, client="v", number=7),
            batcher.read("new", client="v", number=9),
            batcher.read("late", final=False, client="v", number=8),
            batcher.read("another", final=False, client="w", number=1),
        )
        reader.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [OutdatedError, Reading, OutdatedError, Reading]

    assert run_while_busy(scenario).batches[1] == ["new", "another"]


def test_a_full_queue_drops_provisional_requests_for_final_ones_and_refuses_the_rest() -> None:
    async def scenario(batcher: Batcher, reader: SlowReader) -> None:
        full = [batcher.read(n, final=n > 0, client=f"v{n}") for n in range(MAX_PENDING)]
        tasks = await send(*full)
        with pytest.raises(BusyError):
            await batcher.read("provisional", final=False, client="p")
        final = asyncio.ensure_future(batcher.read("final", client="f"))
        with pytest.raises(BusyError):
            await tasks[0]  # the one provisional request in the queue
        with pytest.raises(BusyError):
            await batcher.read("too many", client="g")
        newer = asyncio.ensure_future(batcher.read("newer", client="v5", number=1))  # has a place already
        await asyncio.sleep(0.01)
        reader.go.set()
        texts = [(await task).text for task in (*tasks[1:5], *tasks[6:], final, newer)]
        assert texts[-2:] == ["final", "newer"]
        assert isinstance(tasks[5].exception(), OutdatedError)

    assert max(map(len, run_while_busy(scenario).batches)) == MAX_BATCH


def test_a_provisional_request_that_waited_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batching, "MAX_PROVISIONAL_WAIT", 0.05)

    async def scenario(batcher: Batcher, reader: SlowReader) -> None:
        tasks = await send(batcher.read("p", final=False), batcher.read("f"))
        await asyncio.sleep(0.1)
        reader.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [BusyError, Reading]

    assert run_while_busy(scenario).batches[1] == ["f"]


def test_a_failing_drawing_fails_alone() -> None:
    async def scenario(batcher: Batcher, reader: SlowReader) -> None:
        tasks = await send(*(batcher.read(what) for what in ("a", "broken", "bad", "b")))
        reader.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [Reading, RuntimeError, InputError, Reading]
        assert (await batcher.read("after")).text == "after"

    run_while_busy(scenario)


def test_a_disconnected_client_does_not_block_others() -> None:
    async def scenario(batcher: Batcher, reader: SlowReader) -> None:
        gone, stays = await send(batcher.read("gone"), batcher.read("stays"))
        gone.cancel()
        reader.go.set()
        assert (await stays).text == "stays"

    run_while_busy(scenario)


def test_a_pause_is_requested_only_while_requests_wait() -> None:
    def read(drawings: Sequence[object]) -> list[Reading | InputError]:
        time.sleep(0.05 if slow else 0)
        return [Reading("", (), {}) for _ in drawings]

    async def run() -> tuple[int, int, int]:
        nonlocal slow
        batcher = Batcher(read)
        await batcher.read("alone")
        before = batcher.pause
        slow = True
        await asyncio.gather(*(batcher.read(n) for n in range(3 * MAX_BATCH)))
        during = batcher.pause
        slow = False
        for n in range(60):
            await batcher.read(n)
        return before, during, batcher.pause

    slow = False
    before, during, after = asyncio.run(run())
    assert before == after == 0
    assert during >= 100


def test_too_many_pictures_at_once_are_refused() -> None:
    go = threading.Event()

    def read(picture: object) -> tuple[Reading, None]:
        assert go.wait(10)
        return Reading("", (), {}), None

    async def run() -> list[dict]:
        slots = asyncio.Semaphore(tab.MAX_PICTURES)
        pages = PageCache(read)
        requests = [tab.read_picture(pages, DOT, slots) for _ in range(tab.MAX_PICTURES + 2)]
        tasks = [asyncio.create_task(request) for request in requests]
        await asyncio.sleep(0.1)
        go.set()
        return [*await asyncio.gather(*tasks), await tab.read_picture(pages, DOT, slots)]

    busy = ["busy" in response for response in asyncio.run(run())]
    assert busy == [False] * tab.MAX_PICTURES + [True, True, False]
