"""Many people at once: read together as alone, the newest of each, final questions first, never forgotten."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
import pytest

from model import DigitReader, InputError, Reading
from sketchpad.draw import handlers as draw
from sketchpad.server import batching as module
from sketchpad.server.batching import MOST, ROOM, Batcher, BusyError, OutdatedError
from tests.browser.hand import DIGITS, moved

DOT = (  # a picture of one pixel
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAA"
    "AAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
SINGLE = [drawing for ways in DIGITS.values() for drawing in ways.values()]
ROW = [stroke for place, n in enumerate((2, 0, 6)) for stroke in moved(SINGLE[3 * n], 0.3, 80 * place, 90)]


@pytest.mark.parametrize("at_once", [7, 100])
@pytest.mark.parametrize("kind", ["untrained", "trained"])
def test_drawings_are_read_together_as_each_is_read_alone(
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


def test_what_cannot_be_read_stands_among_what_can(untrained: DigitReader) -> None:
    bad = [None, [[["x", 1]]], [[[float("nan"), 0]]]]
    readings = untrained.read_drawings([bad[0], SINGLE[0], bad[1], bad[2], SINGLE[1]])
    assert [isinstance(reading, InputError) for reading in readings] == [True, False, True, True, False]
    with pytest.raises(InputError, match=re.escape(str(readings[2]))):
        untrained.read_strokes(bad[1])


class Desk:
    """A reading function that waits until it may go on, and remembers what it was given."""

    def __init__(self) -> None:
        self.batches: list[list[object]] = []
        self.go = threading.Event()

    def read(self, drawings: Sequence[object]) -> list[Reading | InputError]:
        self.batches.append(list(drawings))
        assert self.go.wait(10)
        if any(drawing == "broken" for drawing in drawings):
            raise RuntimeError("a bug")
        return [InputError(d) if d == "bad" else Reading(str(d), (), {}) for d in drawings]


def meet(story: Callable[[Batcher, Desk], Awaitable[None]]) -> Desk:
    """Run a story with a crowd whose desk is busy with the question "first"."""
    desk = Desk()

    async def run() -> None:
        crowd = Batcher(desk.read)
        first = asyncio.create_task(crowd.ask("first"))
        while not desk.batches:
            await asyncio.sleep(0.001)
        await story(crowd, desk)
        desk.go.set()
        assert (await first).text == "first"

    try:
        asyncio.run(asyncio.wait_for(run(), 20))
    finally:
        desk.go.set()
    return desk


async def asked(crowd: Batcher, *questions: Awaitable[Reading]) -> list[asyncio.Task[Reading]]:
    tasks = [asyncio.ensure_future(question) for question in questions]
    await asyncio.sleep(0.01)
    return tasks


def test_who_comes_alone_does_not_wait_and_who_comes_meanwhile_is_read_together() -> None:
    async def story(crowd: Batcher, desk: Desk) -> None:
        tasks = await asked(crowd, *(crowd.ask(n) for n in range(5)))
        desk.go.set()
        assert [(await task).text for task in tasks] == ["0", "1", "2", "3", "4"]

    assert meet(story).batches == [["first"], [0, 1, 2, 3, 4]]


def test_final_questions_are_read_before_provisional_ones() -> None:
    async def story(crowd: Batcher, desk: Desk) -> None:
        provisional = [crowd.ask(f"p{n}", final=False, visitor=f"v{n}") for n in range(MOST)]
        final = [crowd.ask(f"f{n}", visitor=f"w{n}") for n in range(3)]
        tasks = await asked(crowd, *provisional, *final)
        desk.go.set()
        await asyncio.gather(*tasks)

    batches = meet(story).batches
    assert batches[1] == ["f0", "f1", "f2", *(f"p{n}" for n in range(MOST - 3))]
    assert len(batches[2]) == 3


def test_a_visitors_newest_question_wins_whatever_the_order_of_arrival() -> None:
    async def story(crowd: Batcher, desk: Desk) -> None:
        tasks = await asked(
            crowd,
            crowd.ask("old", final=False, visitor="v", number=7),
            crowd.ask("new", visitor="v", number=9),
            crowd.ask("late", final=False, visitor="v", number=8),
            crowd.ask("another's", final=False, visitor="w", number=1),
        )
        desk.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [OutdatedError, Reading, OutdatedError, Reading]

    assert meet(story).batches[1] == ["new", "another's"]


def test_a_full_line_makes_room_for_final_questions_and_refuses_the_rest() -> None:
    async def story(crowd: Batcher, desk: Desk) -> None:
        full = [crowd.ask(n, final=n > 0, visitor=f"v{n}") for n in range(ROOM)]
        tasks = await asked(crowd, *full)
        with pytest.raises(BusyError):
            await crowd.ask("provisional", final=False, visitor="p")
        final = asyncio.ensure_future(crowd.ask("final", visitor="f"))
        with pytest.raises(BusyError):
            await tasks[0]  # the one provisional question in the line
        with pytest.raises(BusyError):
            await crowd.ask("too many", visitor="g")
        newer = asyncio.ensure_future(crowd.ask("newer", visitor="v5", number=1))  # has a place already
        await asyncio.sleep(0.01)
        desk.go.set()
        texts = [(await task).text for task in (*tasks[1:5], *tasks[6:], final, newer)]
        assert texts[-2:] == ["final", "newer"]
        assert isinstance(tasks[5].exception(), OutdatedError)

    assert max(map(len, meet(story).batches)) == MOST


def test_a_provisional_question_that_waited_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STALE", 0.05)

    async def story(crowd: Batcher, desk: Desk) -> None:
        tasks = await asked(crowd, crowd.ask("p", final=False), crowd.ask("f"))
        await asyncio.sleep(0.1)
        desk.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [BusyError, Reading]

    assert meet(story).batches[1] == ["f"]


def test_what_fails_fails_alone() -> None:
    async def story(crowd: Batcher, desk: Desk) -> None:
        tasks = await asked(crowd, *(crowd.ask(what) for what in ("a", "broken", "bad", "b")))
        desk.go.set()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [Reading, RuntimeError, InputError, Reading]
        assert (await crowd.ask("after")).text == "after"

    meet(story)


def test_who_has_gone_holds_nobody_up() -> None:
    async def story(crowd: Batcher, desk: Desk) -> None:
        gone, stays = await asked(crowd, crowd.ask("gone"), crowd.ask("stays"))
        gone.cancel()
        desk.go.set()
        assert (await stays).text == "stays"

    meet(story)


def test_a_rest_is_asked_for_while_people_wait_and_no_longer() -> None:
    def read(drawings: Sequence[object]) -> list[Reading | InputError]:
        time.sleep(0.05 if slow else 0)
        return [Reading("", (), {}) for _ in drawings]

    async def run() -> tuple[int, int, int]:
        nonlocal slow
        crowd = Batcher(read)
        await crowd.ask("alone")
        before = crowd.rest
        slow = True
        await asyncio.gather(*(crowd.ask(n) for n in range(3 * MOST)))
        during = crowd.rest
        slow = False
        for n in range(60):
            await crowd.ask(n)
        return before, during, crowd.rest

    slow = False
    before, during, after = asyncio.run(run())
    assert before == after == 0
    assert during >= 100


def test_too_many_pictures_at_once_are_told_to_come_again(
    untrained: DigitReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def read_image(picture: object) -> Reading:
        assert go.wait(10)
        return Reading("", (), {})

    async def run() -> list[dict]:
        looking: set[object] = set()
        looks = [draw.read_look(untrained, DOT, looking) for _ in range(draw.MOST_PICTURES + 2)]
        tasks = [asyncio.create_task(look) for look in looks]
        await asyncio.sleep(0.1)
        go.set()
        return [*await asyncio.gather(*tasks), await draw.read_look(untrained, DOT, looking)]

    monkeypatch.setattr(untrained, "read_image", read_image)
    given = asyncio.run(run())
    assert ["busy" in one for one in given] == [False] * draw.MOST_PICTURES + [True, True, False]
