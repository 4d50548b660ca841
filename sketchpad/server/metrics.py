"""What the server counts of itself: how many questions, how long they took, how many were turned away.

Counts and times only: nothing that anybody drew. Flat in memory however long the server runs.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import Counter, deque

MILLISECONDS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
SIZES = (1, 2, 4, 8, 16, 32)
RECENT = 5000  # values kept for percentiles


class Histogram:
    """Values in buckets, for good; and the newest ones themselves, until somebody takes them."""

    def __init__(self, bounds: tuple[int, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        self.recent: deque[float] = deque(maxlen=RECENT)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value
        self.recent.append(value)

    def take(self) -> dict[str, float]:
        """n, p50, p95 and the largest of the values since the last call; n alone where there were none."""
        values = sorted(self.recent)
        self.recent.clear()
        if not values:
            return {"n": 0}
        cuts = statistics.quantiles(values, n=20, method="inclusive") if len(values) > 1 else values * 19
        named = {"p50": cuts[9], "p95": cuts[18], "max": values[-1]}
        return {"n": len(values), **{name: round(value, 1) for name, value in named.items()}}

    def exposed(self, name: str, labels: str = "") -> list[str]:
        """As Prometheus reads it: text exposition format 0.0.4."""
        lines, below = [], 0
        comma = "," if labels else ""
        for bound, count in zip((*self.bounds, "+Inf"), self.counts, strict=True):
            below += count
            lines.append(f'{name}_bucket{{{labels}{comma}le="{bound}"}} {below}')
        braced = f"{{{labels}}}" if labels else ""
        return [*lines, f"{name}_sum{braced} {self.total:.1f}", f"{name}_count{braced} {below}"]


class Metrics:
    """One process's counts."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.final = Histogram(MILLISECONDS)
        self.provisional = Histogram(MILLISECONDS)
        self.batches = Histogram(SIZES)
        self._told: Counter[tuple[str, str]] = Counter()

    def count(self, what: str, kind: str) -> None:
        """``what``: questions, busy, outdated, refused or failed; ``kind``: final, provisional or picture."""
        self.counts[what, kind] += 1

    def news(self) -> dict[str, object]:
        """What happened since the last call, for a line of the log; empty where nothing did."""
        new = self.counts - self._told
        self._told = self.counts.copy()
        if not new:
            return {}
        told: dict[str, object] = {f"{what}_{kind}": n for (what, kind), n in sorted(new.items())}
        told["final_ms"] = self.final.take()
        told["provisional_ms"] = self.provisional.take()
        told["batch_size"] = self.batches.take()
        return told

    def exposed(self) -> str:
        """Everything since the start, as Prometheus reads it."""
        lines = ["# TYPE sketchpad_events_total counter"]
        lines += [
            f'sketchpad_events_total{{what="{what}",kind="{kind}"}} {n}'
            for (what, kind), n in sorted(self.counts.items())
        ]
        lines.append("# TYPE sketchpad_answer_milliseconds histogram")
        lines += self.final.exposed("sketchpad_answer_milliseconds", 'kind="final"')
        lines += self.provisional.exposed("sketchpad_answer_milliseconds", 'kind="provisional"')
        lines.append("# TYPE sketchpad_batch_size histogram")
        lines += self.batches.exposed("sketchpad_batch_size")
        return "\n".join(lines) + "\n"


METRICS = Metrics()  # one to a process, like its log
