"""Measure a checkpoint on pictures of handwritten digits.

    python -m model evaluate --pictures DIR [DIR ...]
    python -m model evaluate --pictures DIR --failures sheet.png   # see every failure
    python -m model evaluate --pictures DIR --record               # also write the figures into the card

A folder has pictures and labels.jsonl, with one JSON object per line: {"file", "label", "kind"}. The label is
what a person reads, left to right, lines top to bottom, without spaces; "" for a picture without digits.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..errors import DataError, InputError
from ..inference.provenance import hardware
from ..inference.reader import DigitReader, Reading
from .metrics import edit_distance, wilson_interval

LABELS = "labels.jsonl"
REGISTER = "register"  # the kind of crops from old church registers, which are counted apart
SIZES = {"one": "one digit", "several": "several digits", "all": "both"}


@dataclass(frozen=True)
class LabelledPicture:
    """A line of labels.jsonl."""

    path: Path
    label: str  # digits; "" for a picture without digits
    kind: str


@dataclass(frozen=True)
class PictureResult:
    """The reading of a picture, and the milliseconds from its decoded pixels to the reading."""

    picture: LabelledPicture
    reading: Reading
    milliseconds: float

    @property
    def text(self) -> str:
        """What was read, without white space."""
        return "".join(self.reading.text.split())

    @property
    def correct(self) -> bool:
        """Whether the text is the label; for a picture without digits, whether no verdict is "digit"."""
        if not self.picture.label:
            return all(digit.verdict != "digit" for digit in self.reading.digits)
        return self.text == self.picture.label


def load_labels(folder: Path) -> list[LabelledPicture]:
    """The pictures of a folder. DataError if a line of its labels is invalid or a picture is missing."""
    labels = folder / LABELS
    if not labels.is_file():
        raise DataError(f"There is no file {labels}.")
    pictures = []
    # Invalid UTF-8 becomes U+FFFD, which JSON allows only inside strings.
    for number, line in enumerate(labels.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        try:
            row = json.loads(line)
            picture = LabelledPicture(folder / row["file"], row["label"], str(row["kind"]))
            if not re.fullmatch("[0-9]*", picture.label):
                raise ValueError("the label has other characters than 0 to 9")
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DataError(f"{labels}, line {number}, is not a label: {str(error)[:200]!r}.") from error
        if not picture.path.is_file():
            raise DataError(f"There is no picture {picture.path}, which line {number} of {labels} names.")
        pictures.append(picture)
    if not pictures:
        raise DataError(f"There is no picture in {labels}.")
    return pictures


def open_picture(path: Path) -> Image.Image:
    """A decoded picture, not yet rotated by its EXIF orientation. DataError if the file is damaged."""
    try:
        with Image.open(path) as image:
            image.load()
            return image
    except Exception as error:  # Pillow's formats raise many types
        raise DataError(f"{path} is damaged or not a picture.") from error


def read_pictures(reader: DigitReader, pictures: Sequence[LabelledPicture]) -> list[PictureResult]:
    """Every picture read once. DataError for one that cannot be read."""
    reader.read_image(np.pad(np.zeros((40, 4), np.uint8), 20, constant_values=255))  # warm-up: imports OpenCV
    results = []
    for picture in pictures:
        image = open_picture(picture.path)
        started = time.perf_counter()
        try:
            reading = reader.read_image(image)
        except InputError as error:
            raise DataError(f"{picture.path} cannot be read: {error}") from error
        results.append(PictureResult(picture, reading, (time.perf_counter() - started) * 1e3))
    return results


def picture_figures(results: Sequence[PictureResult], reader: DigitReader) -> dict[str, Any]:
    """The figures of a folder as JSON values: those of `by_size` without registers, and of each of "kinds".

    "without_digits" has the share of those pictures in which no verdict is "digit".
    """
    labelled = [result for result in results if result.picture.label]
    others = [result for result in results if not result.picture.label]
    kinds = sorted({result.picture.kind for result in labelled})
    milliseconds = [result.milliseconds for result in results]
    figures = by_size([result for result in labelled if result.picture.kind != REGISTER])
    figures["kinds"] = {kind: by_size([r for r in labelled if r.picture.kind == kind]) for kind in kinds}
    if others:
        figures["without_digits"] = accuracy(others)
    figures["milliseconds"] = {
        "n": len(results),
        "median": float(np.median(milliseconds)),
        "95th percentile": float(np.percentile(milliseconds, 95)),
        "longest": max(milliseconds),
        "hardware": hardware(reader.device),
    }
    return figures


def by_size(results: Sequence[PictureResult]) -> dict[str, Any]:
    """Accuracy and character error rate of pictures of "one" digit, of "several" and of "all", if any.

    A picture is correct only if the whole text is. "cer" is the sum of the edit distances between text and
    label, divided by the number of digits in the labels.
    """
    groups = {
        "one": [result for result in results if len(result.picture.label) == 1],
        "several": [result for result in results if len(result.picture.label) > 1],
        "all": results,
    }
    return {name: accuracy(group) | {"cer": error_rate(group)} for name, group in groups.items() if group}


def accuracy(results: Sequence[PictureResult]) -> dict[str, Any]:
    """How many are correct, and the share with its 95 % confidence interval."""
    n, correct = len(results), sum(result.correct for result in results)
    interval = wilson_interval(correct, n)
    return {"n": n, "correct": correct, "accuracy": correct / n, "interval": interval}


def error_rate(results: Sequence[PictureResult]) -> float:
    """The character error rate: edits from the texts to the labels, per digit of the labels."""
    edits = sum(edit_distance(result.text, result.picture.label) for result in results)
    return edits / sum(len(result.picture.label) for result in results)


def describe_pictures(name: str, figures: dict[str, Any]) -> str:
    """The figures of one folder as lines of text."""
    times = figures["milliseconds"]
    lines = [f"{name}: {times['n']:,} pictures; the share of those whose whole text is read correctly"]
    kinds = figures["kinds"]
    registers = {"registers": kinds[REGISTER]} if REGISTER in kinds else {}
    for group, sizes in {"": figures, **registers, **kinds}.items():
        # "registers" stands for the kind "register", which the totals above it do not include.
        if group != REGISTER:
            lines += describe_sizes(group, sizes)
    if rejected := figures.get("without_digits"):
        lines.append(f"  {'no digit read where there is none':32}{describe_accuracy(rejected)}")
    shown = ", ".join(f"{key} {times[key]:.0f} ms" for key in ("median", "95th percentile", "longest"))
    lines.append(f"  time per picture: {shown}; {times['hardware']}")
    return "\n".join(lines)


def describe_sizes(group: str, sizes: dict[str, Any]) -> list[str]:
    """One line for each size of picture in a group."""
    lines = []
    for size, called in SIZES.items():
        if size not in sizes or (size == "all" and len(SIZES.keys() & sizes.keys()) < len(SIZES)):
            continue  # "all" would repeat the only size
        title = ", ".join(filter(None, [group, called]))
        lines.append(f"  {title:32}{describe_accuracy(sizes[size])}, CER {sizes[size]['cer']:.2%}")
    return lines


def describe_accuracy(scores: dict[str, Any]) -> str:
    low, high = scores["interval"]
    return f"{scores['accuracy']:7.2%} of {scores['n']:,} (95 % interval {low:.1%} to {high:.1%})"
