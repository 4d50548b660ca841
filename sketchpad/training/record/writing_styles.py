"""Accuracy by writing style, for ``writing_styles.html``, with a drawing of each style."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from markupsafe import Markup

from model.datasets.skeletons import skeletons
from model.datasets.synthetic import trace
from model.evaluation.writing_styles import by_digit, share
from model.image import NOT_A_DIGIT

from ...ui.svg import path

HARDEST = 3  # styles that are named beside their digit


def writing_styles(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The template's values for the rows that `evaluate_styles` measured."""
    styles = by_digit(list(rows))
    return {"styles": styles, "share": share, "hardest": hardest, "glyphs": glyphs() if styles else {}}


def hardest(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first few of a digit's styles, sorted by accuracy, that are not always read correctly."""
    return [row for row in rows[:HARDEST] if row["correct"] < row["n"]]


@cache
def glyphs() -> dict[tuple[int, str], Markup]:
    """A drawing of every digit's skeleton, by label and name; a card may have names that no longer exist."""
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
