"""Accuracy by writing style: synthetic drawings of every digit skeleton, with a seed unused in training.

    python -m model evaluate --styles            # the hardest of each digit
    python -m model evaluate --styles --record   # all of them, in the checkpoint's card

MNIST has one label for a crossed 7 and a 7 with a serif, and no collection of drawings records the style.
Only the skeletons have named styles, so these figures are for synthetic drawings, not for people's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from ..datasets.handwriting import split_strokes
from ..datasets.skeletons import skeletons
from ..datasets.synthetic import write
from ..errors import InputError
from ..image import NOT_A_DIGIT, NOT_A_DIGIT_LABEL
from ..inference.reader import DigitReader, Reading

SEED = 7_919_000  # far from the seeds of training, which count up from 1
EACH = 100  # drawings of each style


def evaluate_styles(reader: DigitReader, each: int = EACH) -> list[dict[str, Any]]:
    """One row per style, sorted by digit: "label", "style", "n" drawings, and how many are "correct".

    The drawings are read as on the page: one that is read as two digits or rejected counts as wrong.
    """
    generator = torch.Generator().manual_seed(SEED)
    rows = []
    for skeleton in skeletons():
        if skeleton.label == NOT_A_DIGIT:
            continue
        drawings = [split_strokes(segments.numpy()) for segments in write(skeleton, each, generator)]
        correct = sum(is_read(reading, str(skeleton.label)) for reading in reader.read_drawings(drawings))
        rows.append({"label": skeleton.label, "style": skeleton.name, "n": each, "correct": correct})
    return sorted(rows, key=lambda row: row["label"])


def is_read(reading: Reading | InputError, text: str) -> bool:
    """Whether the text is right and no digit of it is rejected."""
    if isinstance(reading, InputError):
        return False
    return reading.text == text and all(digit.verdict != NOT_A_DIGIT_LABEL for digit in reading.digits)


def share(rows: Sequence[dict[str, Any]]) -> float:
    """Share of correctly read drawings, over all rows."""
    correct, n = (sum(int(row[key]) for row in rows) for key in ("correct", "n"))
    return correct / n


def by_digit(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """The rows of each digit, the hardest style first."""
    labels = sorted({row["label"] for row in rows})
    return {
        label: sorted((row for row in rows if row["label"] == label), key=lambda row: share([row]))
        for label in labels
    }


def describe_styles(rows: list[dict[str, Any]], most: int = 3) -> str:
    """Lines of text: the accuracy of each digit over all its styles, and its hardest styles below 100 %."""
    lines = [f"{len(rows)} writing styles, {rows[0]['n']} synthetic drawings of each"]
    for label, styles in by_digit(rows).items():
        missed = [row for row in styles[:most] if row["correct"] < row["n"]]
        hardest = "; ".join(f"{row['style']} {share([row]):.0%}" for row in missed)
        lines.append(f"  {label}: {share(styles):.2%}   {hardest}".rstrip())
    return "\n".join(lines)
