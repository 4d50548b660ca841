"""Accuracy by way of writing: synthetic drawings of every skeleton of a digit, by hands of no training.

    python -m model evaluate --styles            # the hardest of each digit
    python -m model evaluate --styles --record   # and all of them, kept in the checkpoint's card

A crossed 7 and a 7 with a serif are one digit to MNIST, and nobody has noted which way people's drawings are
written. The skeletons have names: so a style's figure is of drawings made from it, and of no person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..datasets.skeletons import skeletons
from ..datasets.synthetic import Hand, draw, pens, write
from ..image import NOT_A_DIGIT
from ..inference.reader import DigitReader

SEED = 7_919_000  # no training's: those count up from 1
EACH = 100  # drawings of a style


def evaluate_styles(reader: DigitReader, each: int = EACH) -> list[dict[str, Any]]:
    """For every way to write a digit: its "label" and "style", "n" drawings and how many are read "correct".

    The digits in order; JSON-able. Read as model images, where only the digit counts, not the verdict.
    """
    generator, hand = torch.Generator().manual_seed(SEED), Hand()
    rows = []
    for skeleton in skeletons():
        if skeleton.label == NOT_A_DIGIT:
            continue
        images = draw(write(skeleton, each, hand, generator), pens(each, hand, generator))
        read = reader.read_batch(images)[0].argmax(1)
        correct = int((read == skeleton.label).sum())
        rows.append({"label": skeleton.label, "style": skeleton.name, "n": each, "correct": correct})
    return sorted(rows, key=lambda row: row["label"])


def share(rows: Sequence[dict[str, Any]]) -> float:
    """Of all the rows' drawings, how many are read right."""
    return sum(row["correct"] for row in rows) / sum(row["n"] for row in rows)


def by_digit(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """The rows of each digit, the hardest style first."""
    labels = sorted({row["label"] for row in rows})
    return {
        label: sorted((row for row in rows if row["label"] == label), key=lambda row: share([row]))
        for label in labels
    }


def describe_styles(rows: list[dict[str, Any]], most: int = 3) -> str:
    """Lines of text: each digit over all its styles, and its hardest ones, if any was missed."""
    lines = [f"{len(rows)} ways to write a digit, {rows[0]['n']} synthetic drawings of each"]
    for label, own in by_digit(rows).items():
        missed = [row for row in own[:most] if row["correct"] < row["n"]]
        hardest = "; ".join(f"{row['style']} {share([row]):.0%}" for row in missed)
        lines.append(f"  {label}: {share(own):.2%}   {hardest}".rstrip())
    return "\n".join(lines)
