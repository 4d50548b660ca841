"""Descriptions and numbers to SVG and HTML. Colours come from the page's style sheet, so that the
figures follow light and dark; sentences are named by key and filled in by the page."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from html import escape
from io import BytesIO

from PIL import Image

from .i18n import marked

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


def model_image_png(image: str) -> str:
    """The address of a PNG, dark on light as on paper, of a model image: 28 × 28 bytes in base64."""
    file = BytesIO()
    Image.frombytes("L", (28, 28), bytes(255 - ink for ink in b64decode(image))).save(file, "png")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def confusion_table(confusion: Sequence[Sequence[int]], shown: Sequence[tuple[int, int]] = ()) -> str:
    """Rows as written, columns as read; mistakes are tinted by how many there are.

    A cell whose (written, read) is among ``shown`` is a button: its images can be looked at.
    """
    worst = max((n for t, row in enumerate(confusion) for r, n in enumerate(row) if t != r), default=1)
    heads = "".join(f'<th scope="col">{label}</th>' for label in range(len(confusion)))

    def cell(true: int, read: int, n: int) -> str:
        style = "right" if read == true else "wrong" if n else "none"
        content = str(n or "·")
        if (true, read) in shown:
            values = escape(json.dumps({"label": true, "predicted": read, "n": n}))
            content = (
                f'<button type="button" data-cell="{true}-{read}" aria-pressed="false" '
                f'data-text-label="training.confusion.cell" data-values="{values}">{n}</button>'
            )
        return f'<td class="{style}" style="--share:{n / max(1, worst):.2f}">{content}</td>'

    rows = "".join(
        f'<tr><th scope="row">{true}</th>{"".join(cell(true, read, n) for read, n in enumerate(row))}</tr>'
        for true, row in enumerate(confusion)
    )
    written, read = (marked("span", f"training.confusion.{side}") for side in ("true", "read"))
    corner = f"<td>{written} ↓<br>{read} →</td>"
    return (
        '<div class="scroll" tabindex="0" role="region" data-text-label="training.confusion">'
        f'<table class="confusion"><thead><tr>{corner}{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def reliability_diagram(bins: Sequence[Sequence[float]], name: str, count: int = 15) -> str:
    """How often it was right, by how sure it was: ``bins`` of (n, mean confidence, accuracy).

    A bar a bin of ``count``, from the diagonal of the honest to what came true; above it the bin's n.
    """
    width, height, left, bottom, side = 340, 300, 40, 258, 226
    wide = side / count

    def x(confidence: float) -> float:
        return left + confidence * side * (width - left - 12) / side

    def y(accuracy: float) -> float:
        return bottom - accuracy * side

    body = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        body.append(path([(left, y(tick)), (width - 12, y(tick))], "grid"))
        body.append(text(left - 6, y(tick) + 4, f"{100 * tick:g}", "muted end"))
        body.append(text(x(tick), bottom + 16, f"{100 * tick:g}", "muted centre"))
    body.append(said((left + width) / 2, bottom + 34, "training.reliability.x", "muted centre"))
    body.append(path([(x(0), y(0)), (x(1), y(1))], "honest"))
    for n, confidence, right in bins:
        index = min(count - 1, int(confidence * count))
        low, room = x(index / count), x(wide / side) - x(0)
        body.append(
            f'<rect x="{low + 1.5:g}" y="{y(right):g}" width="{room - 3:g}" '
            f'height="{max(0, bottom - y(right)):g}" class="bin{" few" if n < 10 else ""}"/>'
        )
        body.append(path([(low + 1.5, y(confidence)), (low + room - 1.5, y(confidence))], "claimed"))
        body.append(text(low + room / 2, y(max(right, confidence)) - 5, short(n), "count centre"))
    return figure(width, height, body, "training.reliability.label", name=name)


def short(n: float) -> str:
    """A count in the width of a bar: 9.8k."""
    return f"{n:.0f}" if n < 1000 else f"{n / 1000:.2g}k"
