"""Descriptions and numbers to SVG and HTML. Colours come from the page's style sheet, so that the
figures follow light and dark; sentences are named by key and filled in by the page."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from .texts import marked

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Unit:
    """One row of the network's picture: the stem, a block, the classifier."""

    name: str
    shape: Shape
    params: int
    residual: bool


@dataclass(frozen=True)
class Block:
    """A residual block as its operations: ``after(branch(x) + skip(x))``; an empty skip is the identity."""

    kind: str
    branch: tuple[str, ...]
    skip: tuple[str, ...]
    after: tuple[str, ...]


def shape_text(shape: Shape) -> str:
    return "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}".join(map(str, shape))


def figure(width: float, height: float, body: Sequence[str], label: str, **values: object) -> str:
    """An SVG with a name for those who cannot see it."""
    filled = escape(json.dumps(values, ensure_ascii=False))
    return (
        f'<svg class="figure" viewBox="0 0 {width:g} {height:g}" style="max-width:{width * 1.25:g}px" '
        f'role="img" data-text-label="{label}" data-values="{filled}">{"".join(body)}</svg>'
    )


def text(x: float, y: float, content: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{style}">{escape(content)}</text>'


def said(x: float, y: float, key: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{style}" data-text="{key}"></text>'


def path(points: Sequence[tuple[float, float]], style: str = "wire") -> str:
    line = "L".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path d="M{line}" class="{style}"/>'


def box(middle: float, top: float, width: float, height: float, style: str) -> str:
    return (
        f'<rect x="{middle - width / 2:g}" y="{top:g}" width="{width:g}" height="{height:g}" '
        f'rx="{min(5.0, width / 8):g}" class="{style}"/>'
    )


def network_figure(units: Sequence[Unit]) -> str:
    """One row a block: a square as big as its map, a bar as wide as its channels, skips around it."""
    row, height, middle, widest = 46, 22, 125, 116
    most = max(unit.shape[0] for unit in units)
    biggest = max(unit.shape[-1] for unit in units if len(unit.shape) == 3)
    body = [path([(middle, 10), (middle, row * len(units) - 20)])]
    for index, unit in enumerate(units):
        top = row * index + 8
        centre = top + height / 2
        side = max(3.0, 30 * unit.shape[-1] / biggest if len(unit.shape) == 3 else 3.0)
        body.append(box(24, centre - side / 2, side, side, "map"))
        width = max(6.0, widest * math.sqrt(unit.shape[0] / most))
        body.append(box(middle, top, width, height, "op stage"))
        if unit.residual:
            out = middle + width / 2 + 10
            above, below = top - 8, top + height + 8
            corners = [(middle, above), (out, above), (out, below), (middle, below)]
            body.append(path(corners, "skip"))
        body.append(text(206, centre - 3, unit.name, "name"))
        numbers = shape_text(unit.shape) + (f" · {unit.params:,}" if unit.params else "")
        body.append(text(206, centre + 13, numbers, "muted"))
    return figure(344, row * len(units), body, "architectures.body.figure")


def block_figure(block: Block) -> str:
    """A residual block as a flow chart: the branch on the left, the skip on the right."""
    step, height, left, right, wide = 44, 30, 78, 234, 132
    add = 46 + step * len(block.branch) + 14
    end = add + 30 + step * len(block.after)
    fork = 32
    body = [
        said(left, 14, "architectures.input", "label centre"),
        path([(left, 20), (left, add - 11)], "wire"),
        path([(left, fork), (right, fork), (right, add), (left + 12, add)], "skip arrow"),
        f'<circle cx="{left}" cy="{fork}" r="3" class="dot"/>',
    ]

    def operation(middle: float, top: float, width: float, name: str) -> None:
        body.append(box(middle, top, width, height, f"op {name.split()[-1].lower()}"))
        body.append(text(middle, top + 20, name, "centre"))

    for index, name in enumerate(block.branch):
        operation(left, 46 + step * index, wide, name)
    first = (fork + add) / 2 - step * len(block.skip) / 2
    for index, name in enumerate(block.skip):
        operation(right, first + step * index, 124, name)
    kind = "projection" if block.skip else "identity"
    if not block.skip:
        body.append(box(right, (fork + add) / 2 - 12, 76, 24, "gap"))
        body.append(said(right, (fork + add) / 2 + 5, f"architectures.skip.{kind}", "label centre"))
    body.append(path([(left, add + 11), (left, end)], "wire arrow"))
    for index, name in enumerate(block.after):
        operation(left, add + 26 + step * index, wide, name)
    body.append(f'<circle cx="{left}" cy="{add}" r="11" class="add"/>')
    body.append(path([(left - 5, add), (left + 5, add)], "sign"))
    body.append(path([(left, add - 5), (left, add + 5)], "sign"))
    body.append(said(left, end + 20, "architectures.output", "label centre"))
    return figure(300, end + 28, body, "architectures.blocks")


def curve(values: Sequence[float], title: str, digits: int) -> str:
    """One line over the epochs, on a logarithmic axis: the last steps matter as much as the first."""
    width, height, left, bottom = 340, 200, 44, 168
    low, high = min(values), max(values)
    low, high = max(low * 0.8, 1e-6), max(high * 1.2, 1e-5)

    def x(index: int) -> float:
        return left + (width - left - 14) * (index / max(1, len(values) - 1))

    def y(value: float) -> float:
        return bottom - (bottom - 14) * math.log(max(value, low) / low) / math.log(high / low)

    body = []
    for tick in ticks(low, high):
        body.append(path([(left, y(tick)), (width - 14, y(tick))], "grid"))
        body.append(text(left - 6, y(tick) + 4, f"{tick:g}", "muted end"))
    for index in sorted({0, (len(values) - 1) // 2, len(values) - 1}):
        body.append(text(x(index), bottom + 16, str(index + 1), "muted centre"))
    body.append(said((left + width) / 2, bottom + 30, "training.epoch", "muted centre"))
    points = [(x(index), y(value)) for index, value in enumerate(values)]
    body.append(path(points, "line"))
    body.append(f'<circle cx="{points[-1][0]:g}" cy="{points[-1][1]:g}" r="4" class="dot"/>')
    first, last = (f"{value:.{digits}f}" for value in (values[0], values[-1]))
    chart = figure(width, height + 4, body, "training.curve.label", title=title, first=first, last=last)
    return (
        f'<figure class="curve"><figcaption>{marked("span", title)} <b>{last}</b></figcaption>'
        f"{chart}</figure>"
    )


def ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 of each power of ten inside the range; only the powers where that is crowded."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    fine = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    fine = [tick for tick in fine if low <= tick <= high]
    coarse = [tick for tick in fine if math.isclose(math.log10(tick) % 1, 0, abs_tol=1e-9)]
    return coarse if len(fine) > 7 else fine


def confusion_table(confusion: Sequence[Sequence[int]]) -> str:
    """Rows as written, columns as read; mistakes are tinted by how many there are."""
    worst = max((n for t, row in enumerate(confusion) for r, n in enumerate(row) if t != r), default=1)
    heads = "".join(f'<th scope="col">{label}</th>' for label in range(len(confusion)))
    rows = []
    for true, row in enumerate(confusion):
        cells = "".join(
            f'<td class="{"right" if read == true else "wrong" if n else "none"}" '
            f'style="--share:{n / max(1, worst):.2f}">{n or "·"}</td>'
            for read, n in enumerate(row)
        )
        rows.append(f'<tr><th scope="row">{true}</th>{cells}</tr>')
    written, read = (marked("span", f"training.confusion.{side}") for side in ("true", "read"))
    corner = f"<td>{written} ↓ {read} →</td>"
    return (
        '<div class="scroll" tabindex="0" role="region" data-text-label="training.confusion">'
        f'<table class="confusion"><thead><tr>{corner}{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
