"""A page of digits, and how well it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..input.ink import Ink
from ..input.parts import Part, is_slender
from .calibration import digit_likeness

SHORT, TALL = 0.35, 3.0  # of a digit's height; the least and the most that one digit may have
LIKE = 0.5  # likeness of a part that counts as a digit
FEW_MARKS = 3  # at most so many are kept even if none is like a digit


@dataclass(eq=False)
class Mark:
    """One digit of a page, or what was read as one."""

    whole: Part
    line: int  # from 0, top to bottom
    image: np.ndarray  # uint8 [28, 28]
    probabilities: list[float]
    not_digit: float

    @property
    def label(self) -> int:
        return int(np.argmax(self.probabilities))

    @property
    def likeness(self) -> float:
        return digit_likeness(self.probabilities, self.not_digit)


class Page(NamedTuple):
    """The marks on a page in reading order, and how well they read."""

    marks: list[Mark]
    ink: Ink  # turned upright
    turned: int  # degrees clockwise
    share: float  # of the marks, by size, that reads as digits
    area_share: float  # of the ink that reads as digits
    amount: float  # number of digits, slender ones not counted; at least 1


def make_page(marks: list[Mark], ink: Ink, turned: int, height: float) -> Page | None:
    """The page without marks that are too small or too large, and how well it reads."""
    marks = [mark for mark in marks if mark.whole.side >= SHORT * height]
    if any(not is_slender(mark.whole) for mark in marks):  # a short line is no 1
        marks = [m for m in marks if not is_slender(m.whole) or m.whole.height > 0.5 * height]
    marks = without_bad_lines(marks)
    if not marks:
        return None
    slender = np.array([is_slender(mark.whole) for mark in marks])
    sides = np.array([min(mark.whole.side, 2 * height) for mark in marks])
    like = np.array([mark.likeness for mark in marks])
    share = weigh(sides * np.where(slender, 0.5, 1), like)
    amount = float(((2 * like - 1).clip(0) * np.where(slender, 0, sides)).sum() / height)
    areas = [sum(item.area for item in mark.whole.items) for mark in marks]
    area_share = float((np.array(areas) * like).sum() / np.count_nonzero(ink.mask))
    marks = [mark for mark in marks if mark.whole.side <= TALL * height]
    return Page(marks, ink, turned, share, area_share, max(1.0, amount))


def without_bad_lines(marks: list[Mark]) -> list[Mark]:
    """The marks without lines of which most is no digit, such as a pattern beside the sheet; renumbered."""
    lines: dict[int, list[Mark]] = {}
    for mark in marks:
        lines.setdefault(mark.line, []).append(mark)
    good = [
        line
        for line in lines.values()
        if weigh([mark.whole.side for mark in line], [mark.likeness for mark in line]) > LIKE
    ]
    if not good:
        return marks if len(marks) <= FEW_MARKS else []
    return [replace(mark, line=number) for number, line in enumerate(good) for mark in line]


def weigh(weights: Sequence[float] | np.ndarray, values: Sequence[float] | np.ndarray) -> float:
    """The weighted mean."""
    return float(np.average(values, weights=np.asarray(weights)))


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    order = np.argsort(values)
    total = np.cumsum(np.asarray(weights)[order])
    return float(values[order[np.searchsorted(total, total[-1] / 2)]])
