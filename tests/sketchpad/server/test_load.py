"""A few virtual people on a real server; the full crowd and its figures: `python -m tests.load`."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests.browser.serve import free_port, started
from tests.load import NGINX, app, measure_replicas, watched

pytestmark = pytest.mark.slow


def test_a_dozen_people_lose_nothing() -> None:
    port = free_port()
    with started(app(port), port) as (address, process):
        row = asyncio.run(watched(address, process.pid, 12, 6, flat_out=False))
        flat = asyncio.run(watched(address, process.pid, 12, 2, flat_out=True))
    for seen in (row.seen, flat.seen):
        assert seen.failures == []
        assert [seen.counts[what] for what in ("errors", "lost", "busy", "error")] == [0, 0, 0, 0]
    assert len(row.seen.final) >= 12
    assert len(row.seen.provisional) > len(row.seen.final)
    assert len(flat.seen.final) >= 24


def test_a_killed_replica_loses_no_final_answer() -> None:
    if not (shutil.which("nginx") or Path(NGINX).exists()):
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no nginx on this machine: apt-get install nginx-light")
    row = measure_replicas(people=8, seconds=10)
    assert row.seen.counts["lost"] == 0
    assert len(row.seen.final) >= 8
