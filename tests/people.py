"""Virtual people who draw on the page over its real wire protocol, as ask.js does it.

Each is a page's worth of timers and sockets and nothing more: questions are written out before the run, the
HTTP is by hand, and nobody wakes up for a frame in which the page would not ask. So one process can be two
hundred people on the core that their server needs.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.request import urlopen

from tests.browser.hand import DIGITS, Drawing

# ask.js has these; seconds here.
PIPELINE, GAP, PATIENCE, RETRY = 4, 0.040, 8.0, 1.0
FRAME = 1 / 60
# A hand: points come every 12 ms, the pen rests between strokes, and longer between digits.
PACE, BETWEEN, AFTER = 0.012, 0.3, 1.0


@dataclass
class Seen:
    """What people saw, added up: waits in seconds, and what went otherwise than hoped."""

    final: list[float] = field(default_factory=list)  # pen-up to the final answer, retries included
    provisional: list[float] = field(default_factory=list)  # question to answer
    counts: Counter[str] = field(default_factory=Counter)  # errors, busy, outdated, lost, digits
    failures: list[str] = field(default_factory=list)  # the first few, in words


@dataclass(frozen=True)
class Door:
    """Where to ask: address and what Gradio wants to know of the component."""

    host: str
    port: int
    component: int

    @classmethod
    def of(cls, address: str) -> Door:
        """The pad of the page at ``address``, from the page's own configuration."""
        with urlopen(f"{address}config", timeout=30) as answer:
            config = json.load(answer)
        pads = [c["id"] for c in config["components"] if "live" in (c["props"].get("server_fns") or [])]
        host, _, port = address.split("//")[1].strip("/").partition(":")
        return cls(host, int(port), pads[0])


class Wire(asyncio.Protocol):
    """One kept-alive connection; a question at a time. The answer's body, or None where there was none."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.waiting: Callable[[int, bytes], None] | None = None
        self.got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.got = self.got + data if self.got else data
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.got[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self.got) < end + 4 + length:
            return
        body, self.got = self.got[end + 4 :], b""
        if b"connection: close" in head:
            self.transport = None
        self._tell(int(head[9:12]), body)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self._tell(0, b"the connection was lost")

    def _tell(self, status: int, body: bytes) -> None:
        told, self.waiting = self.waiting, None
        if told:
            told(status, body)


def settle(told: asyncio.Future[tuple[int, bytes]], status: int, body: bytes) -> None:
    if not told.done():
        told.set_result((status, body))


def written(drawing: Drawing) -> list[list[bytes]]:
    """For each stroke of a drawing and each of its points, the strokes up to there as JSON."""
    stages, done = [], []
    for stroke in drawing:
        points = [[round(x, 1), round(y, 1)] for x, y in stroke]
        steps = [[*done, points[: n + 1]] for n in range(len(points))]
        stages.append([json.dumps(step, separators=(",", ":")).encode() for step in steps])
        done.append(points)
    return stages


DRAWINGS = [written(drawing) for ways in DIGITS.values() for drawing in ways.values()]


@dataclass
class Question:
    strokes: bytes
    final: bool
    number: int


class Person:
    """Somebody with a page open. ``flat_out``: asks about whole drawings, the next as soon as one is read."""

    def __init__(self, name: str, door: Door, seen: Seen, flat_out: bool = False) -> None:
        self.name, self.door, self.seen, self.flat_out = name, door, seen, flat_out
        self.hand = random.Random(name)
        self.idle: list[Wire] = []
        self.wanted: Question | None = None
        self.asked = self.shown = 0
        self.under_way: set[int] = set()
        self.sent = 0.0  # when the last question was
        self.pause = 0.0  # what the server wishes between provisional ones
        self.timer: asyncio.TimerHandle | None = None
        self.settled = asyncio.Event()  # the final answer is on the page
        self.settled.set()
        self.over = False
        self.tasks: set[asyncio.Task[None]] = set()
        head = (
            f"POST /gradio_api/component_server/ HTTP/1.1\r\nHost: {door.host}:{door.port}\r\n"
            f"User-Agent: {name}\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
            f"Origin: http://{door.host}:{door.port}\r\nContent-Type: application/json\r\nContent-Length: "
        )
        self.head = head.encode()
        tail = {"component_id": door.component, "fn_name": "live", "session_hash": name}
        self.tail = b"," + json.dumps(tail).encode()[1:]

    async def live(self, until: float) -> None:
        """Draw, wait for each final answer, rest, and draw again, until then."""
        loop = asyncio.get_running_loop()
        if not self.flat_out:
            await asyncio.sleep(self.hand.random() * 2)  # nobody comes at the same moment
        while loop.time() < until:
            drawing = self.hand.choice(DRAWINGS)
            for stages in drawing[-1:] if self.flat_out else drawing:
                await self.stroke(stages)
                if not self.settled.is_set():
                    await self.settled.wait()
                if not self.flat_out:
                    await asyncio.sleep(BETWEEN)
            self.seen.counts["digits"] += 1
            if not self.flat_out:
                await asyncio.sleep(AFTER * (0.5 + self.hand.random()))
        self.over = True
        for wire in self.idle:
            if wire.transport:
                wire.transport.close()

    async def stroke(self, stages: list[bytes]) -> None:
        loop = asyncio.get_running_loop()
        if not self.flat_out:
            self.down, self.stages = loop.time(), stages
            self._pump()
            await asyncio.sleep(PACE * len(stages))
        if self.timer:
            self.timer.cancel()
            self.timer = None
        self.stages = None
        self.settled.clear()
        self.up = loop.time()
        self.wanted = Question(stages[-1], True, 0)
        self._pump()

    stages: list[bytes] | None = None  # of the stroke being drawn

    def _pump(self) -> None:
        """As ask.js: a final question at once, a provisional one when there is room and time for it."""
        now = asyncio.get_running_loop().time()
        if self.wanted is None and self.stages is not None:
            due = self.sent + max(FRAME, self.pause, GAP if self.under_way else 0)
            if len(self.under_way) >= (1 if self.pause else PIPELINE):
                return  # an answer will come by
            if now < due:
                if not self.timer:
                    self.timer = asyncio.get_running_loop().call_at(due, self._wake)
                return
            drawn = min(int((now - self.down) / PACE), len(self.stages) - 1)
            self.wanted = Question(self.stages[drawn], False, 0)
        if self.wanted is not None:
            self.asked += 1
            question, self.wanted = self.wanted, None
            question.number = self.asked
            self._send(question)
            if self.stages is not None:
                self._pump()

    def _wake(self) -> None:
        self.timer = None
        self._pump()

    def _send(self, question: Question) -> None:
        loop = asyncio.get_running_loop()
        self.sent = loop.time()
        self.under_way.add(question.number)
        self.seen.counts["questions"] += 1
        about = b',"final":%s,"number":%d,"visitor":"%s"}' % (
            b"true" if question.final else b"false",
            question.number,
            self.name.encode(),
        )
        body = b'{"data":{"strokes":' + question.strokes + about + self.tail
        data = self.head + str(len(body)).encode() + b"\r\n\r\n" + body
        task = loop.create_task(self._carry(question, data, self.sent))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _carry(self, question: Question, data: bytes, sent: float) -> None:
        """Ask once; once more where a kept connection turns out to be closed, as browsers do."""
        loop = asyncio.get_running_loop()
        wire: Wire | None = None
        try:
            while True:
                wire = next(
                    (w for w in (self.idle.pop() for _ in range(len(self.idle))) if w.transport), None
                )
                kept = wire is not None
                if wire is None:
                    _, wire = await loop.create_connection(Wire, self.door.host, self.door.port)
                told: asyncio.Future[tuple[int, bytes]] = loop.create_future()
                wire.waiting = partial(settle, told)
                wire.transport.write(data)
                status, body = await asyncio.wait_for(told, PATIENCE)
                if status or not kept:
                    break
            if wire.transport:
                self.idle.append(wire)
        except (OSError, asyncio.TimeoutError) as error:
            status, body = 0, (str(error) or "no answer in time").encode()
            if wire and wire.transport:
                wire.transport.abort()
        self._take(question, status, body, loop.time() - sent)

    def _take(self, question: Question, status: int, body: bytes, wait: float) -> None:
        seen, loop = self.seen, asyncio.get_running_loop()
        self.under_way.discard(question.number)
        given = json.loads(body) if status == 200 else {}
        self.pause = given.get("pause", 0) / 1000
        if status != 200:
            seen.counts["errors"] += 1
            if len(seen.failures) < 5:
                seen.failures.append(f"{status}: {body[:200].decode(errors='replace')}")
        fate = next((fate for fate in ("busy", "outdated", "error") if given.get(fate)), None)
        if fate:
            seen.counts[fate] += 1
        if status == 200 and fate is None:
            self.shown = max(self.shown, question.number)
            if not question.final:
                seen.provisional.append(wait)
            elif question.number == self.asked and not self.settled.is_set():
                seen.final.append(loop.time() - self.up)
                self.settled.set()
        elif question.final and question.number == self.asked and not self.over:
            seen.counts["retries"] += 1
            pause = self.pause or RETRY
            loop.call_later(pause * (0.5 + self.hand.random()), self._again, question)
        self._pump()

    def _again(self, question: Question) -> None:
        if question.number == self.asked:
            self.wanted = question
            self._pump()


async def crowd(address: str, people: int, seconds: float, flat_out: bool = False) -> Seen:
    """``people`` draw on the page at ``address`` for so many seconds.

    Who still waits 30 s later has lost a final answer.
    """
    seen, door = Seen(), await asyncio.to_thread(Door.of, address)
    until = asyncio.get_running_loop().time() + seconds
    run = f"{time.time_ns():x}"
    drawing = [Person(f"person-{run}-{n}", door, seen, flat_out) for n in range(people)]
    tasks = [asyncio.create_task(person.live(until)) for person in drawing]
    _, waiting = await asyncio.wait(tasks, timeout=seconds + 30)
    seen.counts["lost"] = len(waiting)
    for task in waiting:
        task.cancel()
    for task in set(tasks) - waiting:
        task.result()
    return seen
