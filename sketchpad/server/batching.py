"""Many people at once: their questions wait in one short line and are read together, up to 32 in one call.

Nobody waits for company: while one batch is read the next one gathers, so a single visitor is read at once.
A visitor's newer question takes the place of the older one; final ones (the pen is up) go first, and where
the line is full a provisional one makes room. A final question is refused, never forgotten: its visitor is
told, and asks again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from model import InputError, Reading

from .metrics import METRICS

MOST = 32  # questions read in one call
ROOM = 256  # questions that may wait
STALE = 0.5  # seconds after which a provisional question is of no more use to its visitor
# A visitor is asked to rest this many times as long as questions wait: then a wait of 40 ms leaves each of
# fifty people six provisional questions a second, of what two cores can answer in all.
REST = 4
LEAST = 40  # ms of rest that are worth asking for: the page keeps as much by itself
SMOOTH = 0.2  # share of the newest wait in the running mean

Read = Callable[[Sequence[object]], list[Reading | InputError]]


class BusyError(Exception):
    """The line is full, or the question waited too long: ask again after a rest."""


class OutdatedError(Exception):
    """The same visitor has asked something newer."""


@dataclass(eq=False)
class Question:
    drawing: object
    final: bool
    number: int
    since: float  # perf_counter at its arrival
    answer: asyncio.Future[Reading]


class Batcher:
    """``read`` is `DigitReader.read_drawings`. Lives in one event loop; reads in a thread of its own."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._thread = ThreadPoolExecutor(1, "reader")
        # By visitor, in order of arrival: who asks something newer keeps the place.
        self._waiting: dict[object, Question] = {}
        self._working: asyncio.Task[None] | None = None
        self._late = 0.0  # seconds that the event loop has lately taken to come round
        self._line = 0.0  # seconds that questions have lately stood in line

    @property
    def rest(self) -> int:
        """Milliseconds to let pass between a visitor's provisional questions; 0 while there is room."""
        rest = round(1000 * REST * (self._late + self._line))
        return rest if rest >= LEAST else 0

    async def ask(
        self, drawing: object, *, final: bool = True, visitor: str = "", number: int = 0
    ) -> Reading:
        """The reading of a drawing; InputError, BusyError or OutdatedError where there is none.

        ``number`` grows with a ``visitor``'s questions; who gives no name is somebody new each time.
        """
        loop = asyncio.get_running_loop()
        question = Question(drawing, final, number, time.perf_counter(), loop.create_future())
        METRICS.count("questions", "final" if final else "provisional")
        key = visitor or question
        older = self._waiting.get(key)
        if older and older.number > number:
            self._refuse(question, OutdatedError())
        elif older:
            self._refuse(older, OutdatedError())
            self._waiting[key] = question
        elif len(self._waiting) < ROOM or (final and self._make_room()):
            self._waiting[key] = question
        else:
            self._refuse(question, BusyError())
        loop.call_soon(self._come_round, question.since)
        if self._waiting and not self._working:
            self._working = loop.create_task(self._work())
        return await question.answer

    def _make_room(self) -> bool:
        """Refuse the provisional question that has waited longest; False where there is none."""
        for key, question in self._waiting.items():
            if not question.final:
                del self._waiting[key]
                self._refuse(question, BusyError())
                return True
        return False

    def _refuse(self, question: Question, reason: BusyError | OutdatedError) -> None:
        kind = "final" if question.final else "provisional"
        METRICS.count("busy" if isinstance(reason, BusyError) else "outdated", kind)
        if not question.answer.done():  # the visitor may have gone
            question.answer.set_exception(reason)

    def _come_round(self, since: float) -> None:
        """A busy loop comes back to its callbacks late; as late, requests are seen that have just come."""
        self._late += SMOOTH * (time.perf_counter() - since - self._late)

    async def _work(self) -> None:
        """Read as long as anybody waits."""
        loop = asyncio.get_running_loop()
        while batch := self._next():
            drawings = [question.drawing for question in batch]
            results = await loop.run_in_executor(self._thread, self._read_all, drawings)
            done = time.perf_counter()
            METRICS.batches.add(len(batch))
            for question, result in zip(batch, results, strict=True):
                (METRICS.final if question.final else METRICS.provisional).add(1000 * (done - question.since))
                if question.answer.done():  # the visitor has gone
                    continue
                if isinstance(result, Exception):
                    question.answer.set_exception(result)
                else:
                    question.answer.set_result(result)
        self._working = None

    def _read_all(self, drawings: list[object]) -> list[Reading | Exception]:
        """In the thread. Should reading fail, then only for the drawing that it fails for."""
        try:
            return [*self._read(drawings)]
        except Exception as error:
            if len(drawings) == 1:
                return [error]
            return [result for drawing in drawings for result in self._read_all([drawing])]

    def _next(self) -> list[Question]:
        """Take the next batch out of the line: final questions first, then by arrival."""
        now = time.perf_counter()
        for key, question in list(self._waiting.items()):
            if not question.final and now - question.since > STALE:
                del self._waiting[key]
                self._refuse(question, BusyError())
        keys = sorted(self._waiting, key=lambda key: not self._waiting[key].final)
        batch = [self._waiting.pop(key) for key in islice(keys, MOST)]
        for question in batch:
            self._line += SMOOTH * (now - question.since - self._line)
        return batch
