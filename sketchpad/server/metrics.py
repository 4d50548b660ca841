"""Metrics of this process: requests, response times, batch sizes. Counts and times only, no drawings."""

from __future__ import annotations

import collections
import statistics

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from starlette.requests import Request
from starlette.responses import Response

MILLISECONDS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
BATCH_SIZES = (1, 2, 4, 8, 16, 32)
WINDOW = 5000  # newest values kept for percentiles

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped


class Metrics:
    """Totals since the start for Prometheus; the same since the last log line for the log.

    Memory use is constant.
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._events = Counter(
            "sketchpad_events", "Requests and outcomes", ["what", "kind"], registry=registry
        )
        times = Histogram(
            "sketchpad_answer_milliseconds",
            "Time from arrival to reading",
            ["kind"],
            registry=registry,
            buckets=MILLISECONDS,
        )
        sizes = Histogram("sketchpad_batch_size", "Drawings per call", registry=registry, buckets=BATCH_SIZES)
        self._histograms = {f"{kind}_ms": times.labels(kind) for kind in ("final", "provisional")}
        self._histograms["batch_size"] = sizes
        self._start_window()

    def _start_window(self) -> None:
        self._new_events: collections.Counter[str] = collections.Counter()
        self._new_values = {name: collections.deque[float](maxlen=WINDOW) for name in self._histograms}

    def count(self, what: str, kind: str) -> None:
        """``what``: requests, busy, outdated. ``kind``: final, provisional, picture, batch, description."""
        self._events.labels(what, kind).inc()
        self._new_events[f"{what}_{kind}"] += 1

    def observe(self, name: str, value: float) -> None:
        """``name``: final_ms or provisional_ms, from a drawing's arrival to its reading; or batch_size."""
        self._histograms[name].observe(value)
        self._new_values[name].append(value)

    def take_figures(self) -> dict[str, object]:
        """Counts and percentiles since the last call, for the log; empty where nothing was counted."""
        events, values = self._new_events, self._new_values
        if not events:
            return {}
        self._start_window()
        return {**dict(sorted(events.items())), **{name: summary(list(v)) for name, v in values.items()}}

    def exposition(self) -> bytes:
        """Totals since the start in Prometheus' text format 0.0.4."""
        return generate_latest(self._registry)


def summary(values: list[float]) -> dict[str, float]:
    """n, p50, p95 and maximum; n alone for no values."""
    if not values:
        return {"n": 0}
    percentile = statistics.quantiles(values, n=20, method="inclusive") if len(values) > 1 else values * 19
    figures = {"p50": percentile[9], "p95": percentile[18], "max": max(values)}
    return {"n": len(values), **{name: round(value, 1) for name, value in figures.items()}}


METRICS = Metrics()  # one per process, like its log


async def metrics_response(_: Request) -> Response:
    """The response to /metrics."""
    return Response(METRICS.exposition(), media_type="text/plain; version=0.0.4")
