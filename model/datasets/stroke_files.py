"""Files of pen drawings: one JSON object per line, ``{"source", "writer", "label", "strokes"}``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch

from ..errors import DataError, InputError
from ..image import NOT_A_DIGIT
from ..input.rasterizer import rasterise_digits
from ..input.strokes import parse_strokes
from .mnist import Labelled

PENS = (1.6, 2.1, 2.6)  # px of the model image; each correction is drawn with all three


@dataclass(frozen=True)
class Drawing:
    """A line of a strokes file."""

    writer: str
    label: str
    strokes: list[list[list[float]]]

    @property
    def is_digit(self) -> bool:
        return len(self.label) == 1 and self.label in "0123456789"


def load_drawings(path: Path) -> list[Drawing]:
    """The drawings of a strokes file. DataError if the file is missing or a line is not a drawing."""
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    drawings = []
    # Invalid UTF-8 becomes U+FFFD, which JSON allows only inside strings.
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            row = json.loads(line)
            if not any(row["strokes"]):
                raise ValueError("nothing is drawn")
            drawings.append(
                Drawing(f"{row.get('source', '')}/{row['writer']}", str(row["label"]), row["strokes"])
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DataError(f"{path}, line {number}, is not a drawing: {str(error)[:200]!r}.") from error
    return drawings


def load_corrections(path: Path) -> Labelled:
    """The drawings of a strokes file as model images, each with every pen width: uint8 [3 × N, 28, 28].

    A label that is not one digit becomes NOT_A_DIGIT. Raises DataError that names the first invalid line.
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
    images = [torch.from_numpy(rasterise_digits(strokes, pen)) for pen in PENS]
    return Labelled(torch.cat(images), labels.repeat(len(PENS)))
