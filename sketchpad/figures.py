"""Descriptions and numbers to SVG and HTML. Colours come from the page's style sheet, so that the
figures follow light and dark; sentences are named by key and filled in by the page."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from html import escape

from .texts import marked

Shape = tuple[int, ...]


def shape_text(shape: Shape) -> str:
    return "\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}".join(map(str, shape))


def figure(width: float, height: float, body: Sequence[str], label: str, **values: object) -> str:
    """An SVG with a name for those who cannot see it."""
    filled = escape(json.dumps(values, ensure_ascii=False))
    return (
        f'<svg class="figure" viewBox="0 0 {width:g} {height:g}" style="max-width:{width * 1.25:g}px" '
        f'role="img" data-text-label="{label}" data-values="{filled}">{"".join(body)}</svg>'
    )


def worded(tag: str, key: str, attributes: str, **values: object) -> str:
    """``marked`` with more attributes."""
    return marked(tag, key, **values).replace(f"<{tag}", f"<{tag} {attributes}", 1)


def text(x: float, y: float, content: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{style}">{escape(content)}</text>'


def said(x: float, y: float, key: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{style}" data-text="{key}"></text>'


def path(points: Sequence[tuple[float, float]], style: str = "wire") -> str:
    line = "L".join(f"{x:g} {y:g}" for x, y in points)
    return f'<path d="M{line}" class="{style}"/>'


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
