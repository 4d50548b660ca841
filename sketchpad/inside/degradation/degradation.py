"""Degradation: plain and residual networks at the beginning of training, as curves and a table.

scripts/degradation.py records the runs in degradation.json.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from ...ui.format import percent
from ...ui.html import render
from ...ui.svg import figure, label, path, text

RESULT = Path(__file__).parent / "degradation.json"
PAIRS = {20: ("plain20", "resnet20"), 56: ("plain56", "resnet56")}
AXES = {"loss": "degradation.loss.axis", "first": "degradation.first.axis"}
LABELS = {"loss": "degradation.loss.label", "first": "degradation.first.label"}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 340, 216, 52, 326, 12, 168  # pixels: the picture, the plot in it

Points = dict[str, list[float]]  # "mean", "low" and "high" over the seeds, at each point of a curve
Networks = dict[str, dict[str, Any]]


def html() -> Markup:
    """Curves, their recipe, and the same in numbers; where there are no runs, the command that makes them."""
    if not RESULT.is_file():
        return render("inside/degradation/degradation.html", record=None)
    record = json.loads(RESULT.read_text(encoding="utf-8"))
    networks = record["networks"]
    return render(
        "inside/degradation/degradation.html",
        record=record,
        loss_charts=charts(networks, "loss", record["block"]),
        gradient_charts=charts(networks, "first", 1),
        rows={name: list(cells(network)) for name, network in networks.items()},
    )


def charts(networks: Networks, key: str, unit: int) -> dict[int, Markup]:
    """A chart for each depth, all on one scale."""
    values = [
        value for network in networks.values() for end in ("low", "high") for value in network[key][end]
    ]
    bounds = min(values) * 0.8, max(values) * 1.2
    return {
        depth: chart(networks[plain][key], networks[residual][key], bounds, key, unit, depth)
        for depth, (plain, residual) in PAIRS.items()
    }


def chart(
    plain: Points, residual: Points, bounds: tuple[float, float], key: str, unit: int, depth: int
) -> Markup:
    """Mean curves on a logarithmic axis, the range of the seeds as a band; points are ``unit`` apart."""
    low, high = bounds
    last = len(plain["mean"]) - 1

    def x(index: int) -> float:
        return LEFT + (RIGHT - LEFT) * index / last

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * math.log(value / low) / math.log(high / low)

    def points(values: Sequence[float]) -> list[tuple[float, float]]:
        return [(x(n), y(value)) for n, value in enumerate(values)]

    body: list[Markup] = []
    for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1):
        body.append(path([(LEFT, y(10.0**power)), (RIGHT, y(10.0**power))], "grid"))
        body.append(text(LEFT - 6, y(10.0**power) + 4, f"{10.0**power:g}", "muted end"))
    for index in (0, last // 2, last):
        body.append(text(x(index), BOTTOM + 18, str((index + 1) * unit), "muted centre"))
    body.append(label((LEFT + WIDTH) / 2, BOTTOM + 36, AXES[key], "muted centre"))
    for curve, style in ((plain, " plain"), (residual, "")):
        body.append(path([*points(curve["low"]), *reversed(points(curve["high"]))], f"band{style}"))
        body.append(path(points(curve["mean"]), f"line{style}"))
    ends = {
        name: f"{curve['mean'][index]:.3g}"
        for kind, curve in (("plain", plain), ("residual", residual))
        for name, index in ((kind, -1), (f"{kind}First", 0))
    }
    return figure(WIDTH, HEIGHT, body, LABELS[key], depth=depth, **ends)


def cells(network: dict[str, Points]) -> Iterator[tuple[str, ...]]:
    """Mean, least and greatest of the last loss and accuracy, and of the gradient's norm by the first and the
    last convolution."""
    formats: list[tuple[str, int, Callable[[float], str]]] = [
        ("loss", -1, "{:.3f}".format),
        ("accuracy", -1, partial(percent, digits=1)),
        ("first", 0, "{:.3g}".format),
        ("first", -2, "{:.3g}".format),  # the very last is the classifier
    ]
    for key, index, formatted in formats:
        yield tuple(formatted(network[key][part][index]) for part in ("mean", "low", "high"))
