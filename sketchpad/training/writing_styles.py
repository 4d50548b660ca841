"""How each way to write a digit is read: the part of the record that model/styles.py measures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape

import torch

from model.datasets.skeletons import skeletons
from model.datasets.synthetic import trace
from model.evaluation.writing_styles import by_digit, share
from model.image import NOT_A_DIGIT

from ..ui.format import percent
from ..ui.i18n import marked
from ..ui.svg import path
from .record import Figures, worded_head

HARDEST = 3  # styles that are named beside their digit


def styles(rows: Sequence[Figures]) -> str:
    """Each digit over all the ways to write it, with the hardest beside it, and all of them to open."""
    if not rows:
        return ""
    body = "".join(
        f'<tr><th scope="row">{label}</th><td>{percent(share(own))}</td>'
        f"<td>{ways([row for row in own[:HARDEST] if row['correct'] < row['n']])}</td></tr>"
        for label, own in by_digit(rows).items()
    )
    everything = "".join(f"<h4>{label}</h4>{ways(own)}" for label, own in by_digit(rows).items())
    heads = "".join(worded_head(f"training.styles.{key}") for key in ("digit", "all", "hardest"))
    about = marked("p", "training.styles.about", ways=len(rows), n=rows[0]["n"])
    return (
        f'<section class="by-style">{marked("h3", "training.styles")}{about}'
        '<div class="scroll" tabindex="0" role="region" data-text-label="training.styles">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        f"<details>{marked('summary', 'training.styles.every', ways=len(rows))}{everything}</details>"
        "</section>"
    )


def ways(rows: Sequence[Figures]) -> str:
    """Ways of writing, each drawn, with its name, which is English as the skeleton's is, and its share."""
    if not rows:
        return "–"
    items = "".join(
        f'<li>{glyphs().get((row["label"], row["style"]), "")}<span lang="en">{escape(row["style"])}</span> '
        f"<b>{percent(share([row]), 0)}</b></li>"
        for row in rows
    )
    return f'<ul class="styles">{items}</ul>'


@cache
def glyphs() -> dict[tuple[int, str], str]:
    """A drawing of every digit's skeleton by label and name; a card may name ways that are gone."""
    drawn = {}
    for skeleton in (each for each in skeletons() if each.label != NOT_A_DIGIT):
        strokes = trace(skeleton, spacing=9)  # two pixels of the page
        points = torch.cat(strokes)
        left, top = points.amin(0).tolist()
        width, height = (points.amax(0) - points.amin(0)).tolist()
        lines = "".join(path(stroke.round().tolist(), "pen") for stroke in strokes)
        side = max(width, height) + 12
        box = f"{left - (side - width) / 2:.0f} {top - (side - height) / 2:.0f} {side:.0f} {side:.0f}"
        drawn[skeleton.label, skeleton.name] = f'<svg viewBox="{box}" aria-hidden="true">{lines}</svg>'
    return drawn
