"""Somebody's own drawings with what they were meant to be, as images to learn from."""

from __future__ import annotations

from pathlib import Path

import torch

from ..errors import DataError, InputError
from ..evaluation.evaluate import load_drawings
from ..input.strokes import parse_strokes, restroke_all
from .mnist import Labelled
from .skeletons import NOT_A_DIGIT

PENS = (1.6, 2.1, 2.6)  # px: what one drawing may look like at the seam


def load_corrections(path: Path) -> Labelled:
    """The drawings of a strokes file, each in every pen: uint8 [3 × N, 28, 28].

    A label that is not one digit counts as NOT_A_DIGIT. Raises DataError naming the line that is wrong.
    """
    drawings = load_drawings(path)
    if not drawings:
        raise DataError(f"There is no drawing in {path}.")
    strokes = []
    for number, drawing in enumerate(drawings, 1):
        try:
            strokes.append(parse_strokes(drawing.strokes))
        except InputError as error:
            raise DataError(f"{path}, line {number}, is not a drawing: {error}") from error
    labels = torch.tensor([int(d.label) if d.is_digit else NOT_A_DIGIT for d in drawings])
    images = [torch.from_numpy(restroke_all(strokes, pen)) for pen in PENS]
    return Labelled(torch.cat(images), labels.repeat(len(PENS)))
