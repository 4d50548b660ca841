"""Plain networks beside residual ones as they begin to train: degradation.json as curves and a table."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ...ui.i18n import marked
from ...ui.svg import figure, path, said, text

RESULT = Path(__file__).parent / "degradation.json"
COMMAND = "python scripts/degradation.py --data-dir data"
PAIRS = {20: ("plain20", "resnet20"), 56: ("plain56", "resnet56")}
KINDS = ("plain", "residual")
WORDS = {"plain": "degradation.plain", "residual": "degradation.residual"}
AXES = {"loss": "degradation.loss.axis", "first": "degradation.first.axis"}
LABELS = {"loss": "degradation.loss.label", "first": "degradation.first.label"}
HEADS = (
    "degradation.runs.loss",
    "degradation.runs.accuracy",
    "degradation.runs.begin",
    "degradation.runs.end",
)
WIDTH, HEIGHT, LEFT, BOTTOM = 340, 216, 52, 168


class Curve(NamedTuple):
    """One kind of network: mean, least and most over the seeds, at each point."""

    kind: str
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def degradation() -> str:
    """Curves, what made them, and the same in numbers; how to make them where there are none."""
    title = marked("h3", "degradation.plain.title") + marked("p", "degradation.plain.about")
    if not RESULT.is_file():
        return (
            f'{title}{marked("p", "degradation.plain.missing")}<pre tabindex="0"><code>{COMMAND}</code></pre>'
        )
    told = json.loads(RESULT.read_text(encoding="utf-8"))
    networks, recipe = told["networks"], told["recipe"]
    losses, norms = (charts(networks, key, told["block"]) for key in ("loss", "first"))
    made = marked(
        "p",
        "degradation.plain.made",
        steps=told["steps"],
        batch=recipe["batch_size"],
        lr=recipe["lr"],
        momentum=recipe["momentum"],
        decay=recipe["weight_decay"],
        seeds=len(networks["plain20"]["seeds"]),
        hardware=told["hardware"],
        window=told["window"],
    )
    heads = {"loss": marked("h4", "degradation.loss"), "first": marked("h4", "degradation.norms")}
    norms_about = marked("p", "degradation.norms.about", window=told["window"])
    return (
        f"{title}{legend()}{heads['loss']}{marked('p', 'degradation.loss.about')}{losses}"
        f"{heads['first']}{norms_about}{norms}{table(networks)}{made}"
        f'<pre tabindex="0"><code>{COMMAND}</code></pre>'
    )


def legend() -> str:
    keys = "".join(
        f'<span><svg class="figure" viewBox="0 0 36 10" aria-hidden="true">{path([(0, 5), (36, 5)], style)}'
        f"</svg>{marked('b', WORDS[kind])}</span>"
        for kind, style in zip(KINDS, ("line plain", "line"), strict=True)
    )
    return f'<p class="key">{keys}</p>'


def charts(networks: dict[str, Any], key: str, block: int) -> str:
    """A chart for each depth, all on one scale."""
    drawn = []
    every = [value for some in networks.values() for end in ("low", "high") for value in some[key][end]]
    bounds = min(every) * 0.8, max(every) * 1.2
    for depth, names in PAIRS.items():
        curves = [
            Curve(kind, *(networks[name][key][part] for part in ("mean", "low", "high")))
            for kind, name in zip(KINDS, names, strict=True)
        ]
        picture = chart(curves, bounds, key, block if key == "loss" else 1, depth)
        caption = marked("figcaption", "degradation.layers", depth=depth)
        drawn.append(f"<figure>{caption}{picture}</figure>")
    return f'<div class="charts">{"".join(drawn)}</div>'


def chart(curves: list[Curve], bounds: tuple[float, float], key: str, unit: int, depth: int) -> str:
    """Curves on a logarithmic axis, each point ``unit`` further, with the seeds' range as a band."""
    low, high = bounds
    last = len(curves[0].mean) - 1

    def x(index: int) -> float:
        return LEFT + (WIDTH - LEFT - 14) * index / last

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - 12) * math.log(value / low) / math.log(high / low)

    body = []
    for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1):
        body.append(path([(LEFT, y(10.0**power)), (WIDTH - 14, y(10.0**power))], "grid"))
        body.append(text(LEFT - 6, y(10.0**power) + 4, f"{10.0**power:g}", "muted end"))
    for index in (0, last // 2, last):
        body.append(text(x(index), BOTTOM + 18, str((index + 1) * unit), "muted centre"))
    body.append(said((LEFT + WIDTH) / 2, BOTTOM + 36, AXES[key], "muted centre"))
    for kind, mean, least, most in curves:
        style = " plain" if kind == "plain" else ""
        around = [(x(n), y(value)) for n, value in enumerate(least)]
        around += [(x(n), y(value)) for n, value in reversed(list(enumerate(most)))]
        body.append(path(around, f"band{style}"))
        body.append(path([(x(n), y(value)) for n, value in enumerate(mean)], f"line{style}"))
    ends = {curve.kind: f"{curve.mean[-1]:.3g}" for curve in curves}
    begins = {f"{curve.kind}First": f"{curve.mean[0]:.3g}" for curve in curves}
    return figure(WIDTH, HEIGHT, body, LABELS[key], depth=depth, **ends, **begins)


def table(networks: dict[str, Any]) -> str:
    """The last point of each curve, and the gradient's norm by the first and the last convolution."""
    heads = "".join(f'<th scope="col">{marked("span", key)}</th>' for key in HEADS)
    rows = []
    for name, some in networks.items():
        cells = (
            cell(some["loss"], -1, "{:.3f}"),
            cell(some["accuracy"], -1, "{:.1%}"),
            cell(some["first"], 0, "{:.3g}"),
            cell(some["first"], -2, "{:.3g}"),  # the very last is the classifier
        )
        rows.append(f'<tr><th scope="row">{name}</th>{"".join(cells)}</tr>')
    return (
        '<div class="scroll" tabindex="0" role="region" data-text-label="degradation.runs">'
        '<table class="runs">'
        f"<thead><tr><td></td>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def cell(points: dict[str, list[float]], at: int, form: str) -> str:
    mean, low, high = (
        form.format(points[part][at]).replace("%", "\N{NO-BREAK SPACE}%") for part in ("mean", "low", "high")
    )
    return f"<td>{mean}<small>{low} – {high}</small></td>"
