"""How each way to write a digit is read: the part of the record that model/styles.py measures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from model.styles import by_digit, share

from .records import Figures, percent, worded_head
from .texts import marked

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
    """Ways of writing by their names, which are English as the skeletons are, and the share of each."""
    if not rows:
        return "–"
    items = "".join(
        f'<li><span lang="en">{escape(row["style"])}</span> <b>{percent(share([row]), 0)}</b></li>'
        for row in rows
    )
    return f'<ul class="styles">{items}</ul>'
