"""A few simulated people on a real server; for many and for figures: `python -m tests.load`."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path

import pytest

from tests.browser.serve import free_port, started
from tests.load import NGINX, app, measure_replicas, measure_row

pytestmark = pytest.mark.slow


def test_a_dozen_people_lose_no_response() -> None:
    port = free_port()
    with started(app(port), port) as (address, process):
        row = asyncio.run(measure_row(address, process.pid, 12, 6, flat_out=False))
        flat = asyncio.run(measure_row(address, process.pid, 12, 2, flat_out=True))
    for results in (row.results, flat.results):
        assert results.failures == []
        assert [results.counts[kind] for kind in ("errors", "lost", "busy", "error")] == [0, 0, 0, 0]
    assert len(row.results.final) >= 12
    assert len(row.results.provisional) > len(row.results.final)
    assert len(flat.results.final) >= 24


def test_a_killed_replica_loses_no_final_response() -> None:
    if not (shutil.which("nginx") or Path(NGINX).exists()):
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no nginx on this machine: apt-get install nginx-light")
    row = measure_replicas(people=8, seconds=10)
    assert row.results.counts["lost"] == 0
    assert len(row.results.final) >= 8
