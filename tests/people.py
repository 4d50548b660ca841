"""Simulated people who draw on the page over its real protocol, as the pad's client.js does.

Each person is only a set of timers and sockets: the JSON of the drawings is prepared before the run, HTTP is
written by hand, and no timer runs for a frame without a request. One process simulates two hundred people on
one core.
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

# As in client.js, in seconds.
PIPELINE, GAP, TIMEOUT, RETRY = 4, 0.040, 8.0, 1.0
FRAME = 1 / 60
# Points come every 12 ms; the pen rests between strokes, and longer between digits.
POINT_INTERVAL, STROKE_PAUSE, DIGIT_PAUSE = 0.012, 0.3, 1.0


@dataclass
class Results:
    """Waits in seconds and counts, of all people together."""

    final: list[float] = field(default_factory=list)  # pen-up to the final response, retries included
    provisional: list[float] = field(default_factory=list)  # request to response
    counts: Counter[str] = field(default_factory=Counter)  # errors, busy, outdated, lost, digits
    failures: list[str] = field(default_factory=list)  # the first few, in words


@dataclass(frozen=True)
class Endpoint:
    """The pad's server: address and Gradio component id."""

    host: str
    port: int
    component: int

    @classmethod
    def of(cls, address: str) -> Endpoint:
        """The pad of the page at ``address``, from the page's own configuration."""
        with urlopen(f"{address}config", timeout=30) as response:
            config = json.load(response)
        pads = [c["id"] for c in config["components"] if "live" in (c["props"].get("server_fns") or [])]
        host, _, port = address.split("//")[1].strip("/").partition(":")
        return cls(host, int(port), pads[0])


class Connection(asyncio.Protocol):
    """One kept-alive connection with one request at a time. Calls ``on_response`` with status and body."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.on_response: Callable[[int, bytes], None] | None = None
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        self.received = self.received + data if self.received else data
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self.received[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0])
        if len(self.received) < end + 4 + length:
            return
        body, self.received = self.received[end + 4 :], b""
        if b"connection: close" in head:
            self.transport = None
        self._respond(int(head[9:12]), body)

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        self._respond(0, b"the connection was lost")

    def _respond(self, status: int, body: bytes) -> None:
        on_response, self.on_response = self.on_response, None
        if on_response:
            on_response(status, body)


def resolve(future: asyncio.Future[tuple[int, bytes]], status: int, body: bytes) -> None:
    if not future.done():
        future.set_result((status, body))


def prefixes_as_json(drawing: Drawing) -> list[list[bytes]]:
    """For each stroke of a drawing and each of its points, the strokes up to there as JSON."""
    stages, done = [], []
    for stroke in drawing:
        points = [[round(x, 1), round(y, 1)] for x, y in stroke]
        prefixes = [[*done, points[: n + 1]] for n in range(len(points))]
        stages.append([json.dumps(prefix, separators=(",", ":")).encode() for prefix in prefixes])
        done.append(points)
    return stages


DRAWINGS = [prefixes_as_json(drawing) for ways in DIGITS.values() for drawing in ways.values()]


@dataclass
class Request:
    strokes: bytes
    final: bool
    number: int


class Person:
    """Somebody with a page open. ``flat_out``: sends whole drawings, the next as soon as one is read."""

    def __init__(self, name: str, endpoint: Endpoint, results: Results, flat_out: bool = False) -> None:
        self.name, self.endpoint, self.results, self.flat_out = name, endpoint, results, flat_out
        self.random = random.Random(name)
        self.idle: list[Connection] = []
        self.next: Request | None = None
        self.newest = 0  # number of the newest request
        self.pending: set[int] = set()
        self.sent = 0.0  # time of the newest request
        self.pause = 0.0  # between provisional requests, as the server requests
        self.timer: asyncio.TimerHandle | None = None
        self.stages: list[bytes] | None = None  # of the stroke being drawn
        self.settled = asyncio.Event()  # the final response has arrived
        self.settled.set()
        self.over = False
        self.tasks: set[asyncio.Task[None]] = set()
        host = f"{endpoint.host}:{endpoint.port}"
        head = (
            f"POST /gradio_api/component_server/ HTTP/1.1\r\nHost: {host}\r\n"
            f"User-Agent: {name}\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n"
            f"Origin: http://{host}\r\nContent-Type: application/json\r\nContent-Length: "
        )
        self.head = head.encode()
        tail = {"component_id": endpoint.component, "fn_name": "live", "session_hash": name}
        self.tail = b"," + json.dumps(tail).encode()[1:]

    async def draw_until(self, end: float) -> None:
        """Draw, wait for each final response, rest, and draw again."""
        loop = asyncio.get_running_loop()
        if not self.flat_out:
            await asyncio.sleep(self.random.random() * 2)  # people do not start at the same moment
        while loop.time() < end:
            drawing = self.random.choice(DRAWINGS)
            for stages in drawing[-1:] if self.flat_out else drawing:
                await self._stroke(stages)
                if not self.settled.is_set():
                    await self.settled.wait()
                if not self.flat_out:
                    await asyncio.sleep(STROKE_PAUSE)
            self.results.counts["digits"] += 1
            if not self.flat_out:
                await asyncio.sleep(DIGIT_PAUSE * (0.5 + self.random.random()))
        self.over = True
        for connection in self.idle:
            if connection.transport:
                connection.transport.close()

    async def _stroke(self, stages: list[bytes]) -> None:
        loop = asyncio.get_running_loop()
        if not self.flat_out:
            self.down, self.stages = loop.time(), stages
            self._pump()
            await asyncio.sleep(POINT_INTERVAL * len(stages))
        if self.timer:
            self.timer.cancel()
            self.timer = None
        self.stages = None
        self.settled.clear()
        self.up = loop.time()
        self.next = Request(stages[-1], True, 0)
        self._pump()

    def _pump(self) -> None:
        """Like client.js: send a final request at once, a provisional one when it is due and few are open."""
        loop = asyncio.get_running_loop()
        if self.next is None and self.stages is not None:
            due = self.sent + max(FRAME, self.pause, GAP if self.pending else 0)
            if len(self.pending) >= (1 if self.pause else PIPELINE):
                return  # the next response calls again
            if loop.time() < due:
                if not self.timer:
                    self.timer = loop.call_at(due, self._on_timer)
                return
            drawn = min(int((loop.time() - self.down) / POINT_INTERVAL), len(self.stages) - 1)
            self.next = Request(self.stages[drawn], False, 0)
        if self.next is not None:
            self.newest += 1
            request, self.next = self.next, None
            request.number = self.newest
            self._send(request)
            if self.stages is not None:
                self._pump()

    def _on_timer(self) -> None:
        self.timer = None
        self._pump()

    def _send(self, request: Request) -> None:
        loop = asyncio.get_running_loop()
        self.sent = loop.time()
        self.pending.add(request.number)
        self.results.counts["requests"] += 1
        fields = b',"final":%s,"number":%d,"visitor":"%s"}' % (
            b"true" if request.final else b"false",
            request.number,
            self.name.encode(),
        )
        body = b'{"data":{"strokes":' + request.strokes + fields + self.tail
        data = self.head + str(len(body)).encode() + b"\r\n\r\n" + body
        task = loop.create_task(self._transfer(request, data, self.sent))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _transfer(self, request: Request, data: bytes, sent: float) -> None:
        """Send a request, and again if a kept-alive connection was closed, as browsers do."""
        loop = asyncio.get_running_loop()
        connection: Connection | None = None
        try:
            while True:
                while self.idle and not (connection := self.idle.pop()).transport:
                    connection = None
                reused = connection is not None
                if connection is None:
                    host, port = self.endpoint.host, self.endpoint.port
                    _, connection = await loop.create_connection(Connection, host, port)
                response: asyncio.Future[tuple[int, bytes]] = loop.create_future()
                connection.on_response = partial(resolve, response)
                connection.transport.write(data)
                status, body = await asyncio.wait_for(response, TIMEOUT)
                if status or not reused:
                    break
                connection = None
            if connection.transport:
                self.idle.append(connection)
        except (OSError, asyncio.TimeoutError) as error:
            status, body = 0, (str(error) or "no response in time").encode()
            if connection and connection.transport:
                connection.transport.abort()
        self._handle_response(request, status, body, loop.time() - sent)

    def _handle_response(self, request: Request, status: int, body: bytes, wait: float) -> None:
        """Record a response, and send the newest final request again if it was refused."""
        results, loop = self.results, asyncio.get_running_loop()
        self.pending.discard(request.number)
        response = json.loads(body) if status == 200 else {}
        self.pause = response.get("pause", 0) / 1000
        if status != 200:
            results.counts["errors"] += 1
            if len(results.failures) < 5:
                results.failures.append(f"{status}: {body[:200].decode(errors='replace')}")
        refusal = next((kind for kind in ("busy", "outdated", "error") if response.get(kind)), None)
        if refusal:
            results.counts[refusal] += 1
        if status == 200 and refusal is None:
            if not request.final:
                results.provisional.append(wait)
            elif request.number == self.newest and not self.settled.is_set():
                results.final.append(loop.time() - self.up)
                self.settled.set()
        elif request.final and request.number == self.newest and not self.over:
            results.counts["retries"] += 1
            pause = self.pause or RETRY
            loop.call_later(pause * (0.5 + self.random.random()), self._retry, request)
        self._pump()

    def _retry(self, request: Request) -> None:
        if request.number == self.newest:
            self.next = request
            self._pump()


async def simulate(address: str, people: int, seconds: float, flat_out: bool = False) -> Results:
    """``people`` draw on the page at ``address`` for ``seconds``.

    A person who still waits 30 s later counts as a lost final response.
    """
    results, endpoint = Results(), await asyncio.to_thread(Endpoint.of, address)
    end = asyncio.get_running_loop().time() + seconds
    run = f"{time.time_ns():x}"
    group = [Person(f"person-{run}-{n}", endpoint, results, flat_out) for n in range(people)]
    tasks = [asyncio.create_task(person.draw_until(end)) for person in group]
    _, waiting = await asyncio.wait(tasks, timeout=seconds + 30)
    results.counts["lost"] = len(waiting)
    for task in waiting:
        task.cancel()
    for task in set(tasks) - waiting:
        task.result()
    return results
