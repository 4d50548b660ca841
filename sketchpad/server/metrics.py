"""Metrics of this process: requests, response times, batch sizes. Counts and times only, no drawings."""

from __future__ import annotations

import collections
import statistics

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest

MILLISECONDS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
BATCH_SIZES = (1, 2, 4, 8, 16, 32)
WINDOW = 5000  # newest values kept for percentiles

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library leaves it untyped


class Metrics:
    """Totals since the start for Prometheus; the same since the last log line for the log.

    Memory use is constant.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._events = Counter(
            "sketchpad_events", "Requests and their outcomes.", ["what", "kind"], registry=self._registry
        )
        self._response_times = Histogram(
            "sketchpad_answer_milliseconds",
            "Time from a drawing's arrival to its reading.",
            ["kind"],
            buckets=MILLISECONDS,
            registry=self._registry,
        )
        self._batch_sizes = Histogram(
            "sketchpad_batch_size", "Drawings read in one call.", buckets=BATCH_SIZES, registry=self._registry
        )
        for kind in ("final", "provisional"):
            self._response_times.labels(kind)  # exposed from the start
        self._start_window()

    def _start_window(self) -> None:
        self._new_events: collections.Counter[str] = collections.Counter()
        self._new_values: dict[str, collections.deque[float]] = {
            name: collections.deque(maxlen=WINDOW) for name in ("final_ms", "provisional_ms", "batch_size")
        }

    def count(self, what: str, kind: str) -> None:
        """``what``: questions, busy, outdated. ``kind``: final, provisional, picture, batch, description."""
        self._events.labels(what, kind).inc()
        self._new_events[f"{what}_{kind}"] += 1

    def observe_response(self, kind: str, milliseconds: float) -> None:
        """``kind``: final or provisional."""
        self._response_times.labels(kind).observe(milliseconds)
        self._new_values[f"{kind}_ms"].append(milliseconds)

    def observe_batch(self, size: int) -> None:
        self._batch_sizes.observe(size)
        self._new_values["batch_size"].append(size)

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
