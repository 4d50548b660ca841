"""Load test: response times, lost responses and throughput with many people, for the page and for a no-op.

    python -m tests.load                                  # 50 people, 20 s a row
    python -m tests.load --people 200
    python -m tests.load --people 50 --seconds 1800       # is the memory flat?
    python -m tests.load --replicas                       # two servers behind nginx, one killed on the way

Measures the no-op (tests/noop.py) and app.py in turn, first with people who draw as on the page, then with
people "flat out", who send one whole drawing after the other. Everything runs on loopback, and this process
competes with the server for the CPU: the last column has its share.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.browser.serve import free_port, started
from tests.helpers.paths import ROOT
from tests.people import Results, simulate

NGINX = "/usr/sbin/nginx"
SAMPLE_INTERVAL = 5.0  # seconds between two samples of the server's memory
WARM_UP = 0.1  # share of a row's time; growth of memory is counted after it


@dataclass
class Row:
    """One server under one load."""

    name: str
    seconds: float
    results: Results
    own: float  # share of one core that this process took
    memory: list[float] = field(default_factory=list)  # MB, every SAMPLE_INTERVAL

    @property
    def rate(self) -> float:
        """Responses a second, provisional and final."""
        return (len(self.results.final) + len(self.results.provisional)) / self.seconds

    @property
    def growth(self) -> float:
        """Growth of the server's memory from the end of the warm-up to its maximum, as a share."""
        warm = self.memory[max(1, round(WARM_UP * len(self.memory))) :]
        return max(warm) / warm[0] - 1 if warm else 0.0


def percentile(values: list[float], percent: int) -> float:
    """In milliseconds; 0 without values."""
    if len(values) < 2:
        return 1000 * sum(values)
    return 1000 * statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def app(port: int) -> list[str]:
    return [sys.executable, "app.py", "--port", str(port), "--device", "cpu"]


def noop(port: int) -> list[str]:
    return [sys.executable, "-m", "tests.noop", "--port", str(port)]


def megabytes(process: int) -> float:
    """Resident memory, where the system reports it."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


async def measure_row(address: str, process: int, people: int, seconds: float, flat_out: bool) -> Row:
    memory: list[float] = []

    async def sample_memory() -> None:
        while True:
            memory.append(megabytes(process))
            await asyncio.sleep(SAMPLE_INTERVAL)

    sampling = asyncio.create_task(sample_memory())
    wall, cpu = time.monotonic(), time.process_time()
    results = await simulate(address, people, seconds, flat_out)
    sampling.cancel()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    return Row("", wall, results, cpu / wall, memory)


def measure(people: int, seconds: float, flat_seconds: float) -> list[Row]:
    """The no-op and the page, each with people who draw and people flat out."""
    rows = []
    for name, command in (("no-op", noop), ("page", app)):
        port = free_port()
        with started(command(port), port) as (address, process):
            asyncio.run(simulate(address, people, 2))  # warm-up
            for how, duration in (("drawing", seconds), ("flat out", flat_seconds)):
                row = asyncio.run(measure_row(address, process.pid, people, duration, how == "flat out"))
                row.name = f"{name}, {how}"
                rows.append(row)
    return rows


@contextlib.contextmanager
def proxied(ports: list[int]) -> Iterator[str]:
    """The address of nginx in front of servers at two ``ports``, configured by docs/nginx.conf."""
    config = (ROOT / "docs" / "nginx.conf").read_text(encoding="utf-8")
    own = free_port()
    for port, here in zip((7860, 7861, 7862), (own, *ports), strict=True):
        config = config.replace(f"127.0.0.1:{port}", f"127.0.0.1:{here}")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # started by root, nginx runs as another user
        shutil.copy(ROOT / "docs" / "nginx-proxy.conf", folder)
        path = Path(folder) / "nginx.conf"
        path.write_text(config, encoding="utf-8")
        command = [shutil.which("nginx") or NGINX, "-p", folder, "-c", str(path), "-g", "daemon off;"]
        with started(command, own) as (address, _):
            yield address


def measure_replicas(people: int, seconds: float) -> Row:
    """Two servers behind nginx; one is killed half-way."""
    first, second = free_port(), free_port()
    with (
        started(app(first), first) as (_, victim),
        started(app(second), second) as (_, survivor),
        proxied([first, second]) as address,
    ):

        async def run() -> Row:
            drawing = asyncio.create_task(measure_row(address, survivor.pid, people, seconds, False))
            await asyncio.sleep(seconds / 2)
            victim.kill()
            return await drawing

        row = asyncio.run(run())
    row.name = "two replicas, one killed"
    return row


HEAD = (
    f"{'':26}{'n':>7}{'per s':>7}  {'final p50':>9}{'p95':>6}{'max':>6}  {'prov. p50':>9}{'p95':>6}{'max':>6}"
    f"  {'errors':>6}{'lost':>5}{'busy':>5}{'newer':>6}{'retry':>6}  {'RSS MB':>7}{'grown':>7}{'own':>6}"
)


def line(row: Row) -> str:
    final, provisional, counts = row.results.final, row.results.provisional, row.results.counts

    def waits(values: list[float]) -> str:
        top = 1000 * max(values, default=0)
        return f"{percentile(values, 50):9.0f}{percentile(values, 95):6.0f}{top:6.0f}"

    counted = "".join(
        f"{counts[kind]:>{width}}"
        for kind, width in (("errors", 6), ("lost", 5), ("busy", 5), ("outdated", 6))
    )
    return (
        f"{row.name:26}{len(final) + len(provisional):7}{row.rate:7.0f}"
        f"  {waits(final)}  {waits(provisional)}  "
        f"{counted}{counts['retries']:6}  {max(row.memory, default=0):7.0f}{row.growth:7.1%}{row.own:6.0%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Let many simulated people draw on the page, on loopback.")
    parser.add_argument("--people", type=int, default=50, help="1 to 500 (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=20, help="a row, up to 3600 (default: %(default)s)")
    parser.add_argument("--replicas", action="store_true", help="two servers behind nginx, one killed")
    options = parser.parse_args()
    if not (1 <= options.people <= 500 and 1 <= options.seconds <= 3600):
        parser.error("at most 500 people and 3600 seconds")
    if options.replicas:
        rows = [measure_replicas(options.people, options.seconds)]
    else:
        rows = measure(options.people, options.seconds, min(options.seconds, 20))
    print(f"{options.people} people, {os.cpu_count()} processors; times in ms")
    print(HEAD)
    for row in rows:
        print(line(row))
    for failure in [failure for row in rows for failure in row.results.failures]:
        print(f"  error {failure}")
    if not options.replicas:
        for noop_row, page_row in ((rows[0], rows[2]), (rows[1], rows[3])):
            share = page_row.rate / max(noop_row.rate, 1e-9)
            print(f"{page_row.name}: {share:.2f} of the no-op's throughput")


if __name__ == "__main__":
    main()
