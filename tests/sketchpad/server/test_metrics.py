"""Metrics: Prometheus' format, and the figures of the log."""

from __future__ import annotations

import re

from sketchpad.server.metrics import Metrics, summary


def exposed(metrics: Metrics) -> dict[str, float]:
    """Each series' value."""
    lines = metrics.exposition().decode().splitlines()
    return {series: float(value) for series, value in (x.rsplit(" ", 1) for x in lines if x[0] != "#")}


def test_the_exposition_has_nothing_but_documented_series() -> None:
    metrics = Metrics()
    metrics.count("requests", "final")
    for line in metrics.exposition().decode().splitlines():
        comment = r"# HELP sketchpad_\w+ .*|# TYPE sketchpad_\w+ (counter|histogram)"
        assert re.fullmatch(rf'{comment}|sketchpad_\w+(\{{(\w+="[^"]*",?)+\}})? [\d.]+', line), line


def test_counters_and_histograms_keep_totals() -> None:
    metrics = Metrics()
    for value in (*range(1, 101), 1e6):
        metrics.observe("final_ms", value)
    metrics.observe("batch_size", 3)
    for _ in range(2):
        metrics.count("requests", "final")
    metrics.take_figures()  # empties the log's window only
    series = exposed(metrics)
    name = "sketchpad_answer_milliseconds"
    below = [
        series[f'{name}_bucket{{kind="final",le="{bound}"}}'] for bound in ("5.0", "50.0", "5000.0", "+Inf")
    ]
    assert below == [5, 50, 100, 101]
    assert series[f'{name}_sum{{kind="final"}}'] == 5050 + 1e6
    assert series[f'{name}_count{{kind="final"}}'] == 101
    assert series[f'{name}_count{{kind="provisional"}}'] == 0
    assert series['sketchpad_batch_size_bucket{le="2.0"}'] == 0
    assert series['sketchpad_batch_size_bucket{le="4.0"}'] == 1
    assert series['sketchpad_events_total{kind="final",what="requests"}'] == 2


def test_percentiles_of_a_window() -> None:
    assert summary([*range(1, 101), 1e6]) == {"n": 101, "p50": 51.0, "p95": 96.0, "max": 1e6}
    assert summary([12.34]) == {"n": 1, "p50": 12.3, "p95": 12.3, "max": 12.3}
    assert summary([]) == {"n": 0}


def test_the_log_gets_each_figure_once() -> None:
    metrics = Metrics()
    assert metrics.take_figures() == {}
    metrics.count("requests", "final")
    metrics.observe("final_ms", 12.34)
    figures = metrics.take_figures()
    assert figures == {
        "requests_final": 1,
        "final_ms": {"n": 1, "p50": 12.3, "p95": 12.3, "max": 12.3},
        "provisional_ms": {"n": 0},
        "batch_size": {"n": 0},
    }
    assert metrics.take_figures() == {}
    metrics.count("requests", "final")
    assert metrics.take_figures()["requests_final"] == 1
