"""SVG elements as markup in which every value is escaped.

Colours come from the style sheet, so that figures follow the theme. A sentence is named by its key, and
page.js fills it in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from .i18n import data_text

Point = tuple[float, float]


def figure(width: float, height: float, body: Iterable[str], label: str, **values: object) -> Markup:
    """An SVG whose accessible name is the sentence ``label``."""
    return Markup(
        '<svg class="figure" viewBox="0 0 {0:g} {1:g}" style="max-width:{2:g}px" role="img" '
        'data-text-label="{3}" data-values="{4}">{5}</svg>'
    ).format(width, height, 1.25 * width, label, json.dumps(values, ensure_ascii=False), Markup().join(body))


def diagram(width: float, height: float, body: Iterable[str], title: str, **values: object) -> Markup:
    """An SVG up to ``width`` pixels wide, with the sentence ``title`` as title and ``title.desc`` as
    description."""
    return Markup(
        '<svg class="diagram" viewBox="0 0 {0:g} {1:g}" style="max-width:{0:g}px" role="img">'
        "<title {2}></title><desc {3}></desc>{4}</svg>"
    ).format(
        width,
        height,
        data_text(title, **values),
        data_text(f"{title}.desc", **values),
        Markup().join(body),
    )


def text(x: float, y: float, content: str, style: str = "") -> Markup:
    """A line of text, plain or of ``tspan`` elements."""
    return Markup('<text x="{:g}" y="{:g}" class="{}">{}</text>').format(x, y, style, content)


def label(x: float, y: float, key: str, style: str = "") -> Markup:
    """The sentence ``key`` as a line of text."""
    return Markup('<text x="{:g}" y="{:g}" class="{}" {}></text>').format(x, y, style, data_text(key))


def tspan(key: str, **values: object) -> Markup:
    """The sentence ``key`` as a part of a line of text."""
    return Markup("<tspan {}></tspan>").format(data_text(key, **values))


def path(points: Sequence[Point], style: str = "wire") -> Markup:
    """Straight lines from point to point."""
    return Markup('<path d="M{}" class="{}"/>').format("L".join(f"{x:g} {y:g}" for x, y in points), style)


def arrow(points: Sequence[Point], style: str = "wire", head: str = "head") -> Markup:
    """A path with an arrowhead at its end, which points down or to the left."""
    x, y = points[-1]
    tip = "l-4 -7h8z" if points[-2][0] == x else "l7 -4v8z"
    return Markup('{}<path d="M{:g} {:g}{}" class="{}"/>').format(path(points, style), x, y, tip, head)


def rectangle(x: float, y: float, width: float, height: float, style: str, radius: float = 6) -> Markup:
    """A rectangle with corners rounded by at most ``radius``."""
    return Markup(
        '<rect x="{:.4g}" y="{:.4g}" width="{:.4g}" height="{:.4g}" rx="{:.3g}" class="{}"/>'
    ).format(x, y, width, height, min(radius, width / 2, height / 2), style)
