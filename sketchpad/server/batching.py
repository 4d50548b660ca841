"""Dynamic batching: pending drawings of all clients are read together, up to 32 in one call.

Batches are not delayed to fill up: the next one collects while one is read, so a single client is read at
once. A client's newer request replaces its older one. Final requests (the pen is up) go first; if the queue
is full, a final request displaces a provisional one. A final request that cannot be queued is refused, and
its client retries.
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

MAX_BATCH = 32  # drawings read in one call
MAX_PENDING = 256
MAX_PROVISIONAL_WAIT = 0.5  # seconds; a later provisional reading is useless
# Pause between a client's provisional requests, as a multiple of the queueing delay. At 40 ms, each of fifty
# people can send six provisional requests a second, which two cores can answer.
PAUSE_FACTOR = 4
MIN_PAUSE = 40  # ms; the page waits this long in any case
SMOOTHING = 0.2  # weight of the newest delay in the running mean

ReadFunction = Callable[[Sequence[object]], Sequence[Reading | InputError]]


class BusyError(Exception):
    """The queue is full, or the request waited too long: retry after a pause."""


class OutdatedError(Exception):
    """The same client has sent a newer request."""


@dataclass(eq=False)
class Request:
    drawing: object
    final: bool
    number: int
    arrival: float  # perf_counter
    reading: asyncio.Future[Reading]

    @property
    def kind(self) -> str:
        return "final" if self.final else "provisional"


class Batcher:
    """``read`` is `DigitReader.read_drawings`. Belongs to one event loop; reads in one thread."""

    def __init__(self, read: ReadFunction) -> None:
        self._read_drawings = read
        self._thread = ThreadPoolExecutor(1, "reader")
        # By client, in order of arrival; a newer request keeps its client's place.
        self._pending: dict[object, Request] = {}
        self._worker: asyncio.Task[None] | None = None
        self._loop_lag = 0.0  # seconds, running mean
        self._queue_delay = 0.0  # seconds, running mean

    @property
    def pause(self) -> int:
        """Milliseconds between a client's provisional requests; 0 while there is capacity."""
        pause = round(1000 * PAUSE_FACTOR * (self._loop_lag + self._queue_delay))
        return pause if pause >= MIN_PAUSE else 0

    async def read(
        self, drawing: object, *, final: bool = True, client: str = "", number: int = 0
    ) -> Reading:
        """The reading of a drawing. Raises InputError, BusyError or OutdatedError.

        ``number`` increases with a ``client``'s requests; requests without a client are independent.
        """
        loop = asyncio.get_running_loop()
        request = Request(drawing, final, number, time.perf_counter(), loop.create_future())
        METRICS.count("requests", request.kind)
        key = client or request
        older = self._pending.get(key)
        if older and older.number > number:
            self._refuse(request, OutdatedError())
        elif older:
            self._refuse(older, OutdatedError())
            self._pending[key] = request
        elif len(self._pending) < MAX_PENDING or (final and self._drop_provisional()):
            self._pending[key] = request
        else:
            self._refuse(request, BusyError())
        loop.call_soon(self._measure_lag, request.arrival)
        if self._pending and not self._worker:
            self._worker = loop.create_task(self._work())
        return await request.reading

    def _drop_provisional(self) -> bool:
        """Refuse the provisional request that has waited longest; False where there is none."""
        for key, request in self._pending.items():
            if not request.final:
                del self._pending[key]
                self._refuse(request, BusyError())
                return True
        return False

    def _refuse(self, request: Request, reason: BusyError | OutdatedError) -> None:
        METRICS.count("busy" if isinstance(reason, BusyError) else "outdated", request.kind)
        if not request.reading.done():  # the client may have disconnected
            request.reading.set_exception(reason)

    def _measure_lag(self, arrival: float) -> None:
        """Event-loop lag, an estimate of the delay before a request is processed."""
        self._loop_lag += SMOOTHING * (time.perf_counter() - arrival - self._loop_lag)

    async def _work(self) -> None:
        """Read batches until nothing is pending."""
        loop = asyncio.get_running_loop()
        while batch := self._next_batch():
            drawings = [request.drawing for request in batch]
            results = await loop.run_in_executor(self._thread, self._read_all, drawings)
            done = time.perf_counter()
            METRICS.observe("batch_size", len(batch))
            for request, result in zip(batch, results, strict=True):
                METRICS.observe(f"{request.kind}_ms", 1000 * (done - request.arrival))
                if request.reading.done():  # the client has disconnected
                    continue
                if isinstance(result, Exception):
                    request.reading.set_exception(result)
                else:
                    request.reading.set_result(result)
        self._worker = None

    def _read_all(self, drawings: list[object]) -> list[Reading | Exception]:
        """Runs in the thread. If a batch fails, read its drawings singly: only the faulty one fails."""
        try:
            return [*self._read_drawings(drawings)]
        except Exception as error:
            if len(drawings) == 1:
                return [error]
            return [result for drawing in drawings for result in self._read_all([drawing])]

    def _next_batch(self) -> list[Request]:
        """Take the next batch out of the queue: final requests first, then by arrival."""
        now = time.perf_counter()
        for key, request in list(self._pending.items()):
            if not request.final and now - request.arrival > MAX_PROVISIONAL_WAIT:
                del self._pending[key]
                self._refuse(request, BusyError())
        keys = sorted(self._pending, key=lambda key: not self._pending[key].final)
        batch = [self._pending.pop(key) for key in islice(keys, MAX_BATCH)]
        for request in batch:
            self._queue_delay += SMOOTHING * (now - request.arrival - self._queue_delay)
        return batch
