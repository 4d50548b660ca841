"""Accuracy by writing style, arranged for ``writing_styles.html``, with a drawing of each style."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import torch
from markupsafe import Markup

from model.datasets.skeletons import skeletons
from model.datasets.synthetic import trace
from model.evaluation.writing_styles import by_digit, share
from model.image import NOT_A_DIGIT

from ...ui.svg import path

HARDEST = 3  # styles that are named beside their digit


class Style(NamedTuple):
    """One way to write a digit; ``glyph`` is "" where the skeleton of that name no longer exists."""

    name: str
    n: int
    accuracy: float
    glyph: str


class Digit(NamedTuple):
    """A digit with its accuracy over all styles, and its styles, the hardest first."""

    label: int
    accuracy: float
    styles: list[Style]

    @property
    def hardest(self) -> list[Style]:
        return [style for style in self.styles[:HARDEST] if style.accuracy < 1]


def styles_by_digit(rows: Sequence[dict[str, Any]]) -> list[Digit]:
    """The rows that `evaluate_styles` measured, digit by digit."""
    return [
        Digit(
            label,
            share(own),
            [Style(r["style"], r["n"], share([r]), glyphs().get((label, r["style"]), "")) for r in own],
        )
        for label, own in by_digit(list(rows)).items()
    ]


@cache
def glyphs() -> dict[tuple[int, str], Markup]:
    """A drawing of every digit's skeleton, by label and name."""
    drawn = {}
    for skeleton in skeletons():
        if skeleton.label == NOT_A_DIGIT:
            continue
        strokes = trace(skeleton, spacing=9)  # two pixels of the page
        points = torch.cat(strokes)
        left, top = points.amin(0).tolist()
        width, height = (points.amax(0) - points.amin(0)).tolist()
        side = max(width, height) + 12
        box = f"{left - (side - width) / 2:.0f} {top - (side - height) / 2:.0f} {side:.0f} {side:.0f}"
        lines = Markup().join(path(stroke.round().tolist(), "pen") for stroke in strokes)
        svg = Markup('<svg viewBox="{}" aria-hidden="true">{}</svg>').format(box, lines)
        drawn[skeleton.label, skeleton.name] = svg
    return drawn
