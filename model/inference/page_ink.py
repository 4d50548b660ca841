"""Finds the parts of a page's ink that may be digits.

A digit is written with the pen of the others, is about as tall, and the network reads it as a digit. What is
not is dropped: the table beside the sheet, ruled lines, frames, holes, stains, and strokes far fainter.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..input.ink import Ink, components_of, pen_width
from ..input.model_images import model_images_of_ink
from ..input.parts import Part, is_blot, is_slender, surrounded, thickness, to_part
from ..input.rules import without_rules
from ..input.sheet import EDGE, edge_of
from .calibration import digit_likeness
from .page import LIKE, weigh, weighted_median

Classify = Callable[[np.ndarray], tuple[list[list[float]], list[float]]]
"""Model images uint8 [N, 28, 28] → for each the ten probabilities, and the probability of "not a digit"."""

TINY_SIDE = 64  # px; a smaller picture holds a single digit, without lines or frames
ALONG = 0.7  # of a part's longer side that lies on the edge of the picture: it is no writing
MOST_PARTS = 600  # a page of more is not writing; the smallest are dropped
SAMPLE = 80  # parts, from which the height of the digits is estimated
LEAST_SHARE = 0.15  # of that sample that must read as digits
RULE = 2.2  # times a digit's height; a longer straight line is no digit
DUST = 0.02  # of the side of a part around it, or of the largest part; a smaller part is dust
INSIDE = 0.12  # of a part's side; a part that surrounds a digit so large is a frame, not a digit
LARGE = 0.4  # of the picture's longer side; a part so large may be a frame
LONG = 1.7  # times a digit's height; a longer slender part is a piece of a line, not a 1
FAINT = 0.35  # of the digits' contrast; a fainter part shines through, or is a stain
THIN, THICK = 0.55, 2.5  # times the pen of the digits; a slender part below, or any part above is no digit
UPRIGHT = 0.8  # share of the digits that reads well; no other turn is tried


class Seen(NamedTuple):
    """A part's model image, and what the network says about it."""

    image: np.ndarray
    probabilities: list[float]
    not_digit: float

    @property
    def likeness(self) -> float:
        return digit_likeness(self.probabilities, self.not_digit)


class PageInk:
    """The ink of a page, and what the network says about its parts."""

    def __init__(self, ink: Ink, classify: Classify) -> None:
        self.ink = ink
        self.classify = classify
        self.seen: dict[tuple[tuple[int, ...], ...], Seen] = {}

    def find_parts(self, mask: np.ndarray) -> list[Part]:
        """The connected pieces of ink, the largest first; no specks."""
        if max(mask.shape) <= TINY_SIDE:
            return [to_part(component) for component in components_of(mask)]
        found = components_of(mask, max(3.0, 1.5 * pen_width(mask)), MOST_PARTS)
        return [part for part in map(to_part, found) if part.side >= DUST * to_part(found[0]).side]

    def without_surroundings(self, parts: list[Part], on_sheet: np.ndarray | None) -> list[Part]:
        """The parts without those that lie along the edge of the picture or sheet: the table, a shadow."""
        edge = edge_of(np.ones(self.ink.mask.shape, bool) if on_sheet is None else on_sheet)
        mask, kept = self.ink.mask.copy(), []
        for part in parts:
            item = part.items[0]
            window = item.window
            if np.count_nonzero(item.mask & edge[window]) > ALONG * EDGE * part.side:
                mask[window] &= ~item.mask
            else:
                kept.append(part)
        self.ink = self.ink._replace(mask=mask)
        return kept

    def may_be_writing(self, sample: list[Part]) -> bool:
        """Whether enough of the parts read as digits; lines, which are slender, do not count."""
        broad = [part for part in sample if not is_slender(part)]
        if not broad:
            return False
        most = 2 * float(np.median([part.side for part in broad]))
        return weigh([min(part.side, most) for part in broad], self.likeness(broad)) > LEAST_SHARE

    def look(self, parts: Sequence[Part]) -> list[Seen]:
        """What the network says about each part, read as one digit."""
        keys = [tuple((c.x, c.y, *c.mask.shape, c.area) for c in part.items) for part in parts]
        new = {key: part for key, part in zip(keys, parts, strict=True) if key not in self.seen}
        if new:
            images = model_images_of_ink(self.ink, [part.items for part in new.values()])
            for key, image, p, score in zip(new, images, *self.classify(images), strict=True):
                self.seen[key] = Seen(image, p, score)
        return [self.seen[key] for key in keys]

    def likeness(self, parts: Sequence[Part]) -> np.ndarray:
        """The probability of each part of being the digit it is read as: float [N] in 0..1."""
        return np.array([seen.likeness for seen in self.look(parts)])

    def digit_height(self, parts: list[Part]) -> float:
        """The height of the digits among ``parts``; 0 if none is surely one.

        Slender parts, which may be pieces of a line, count only if there are no others.
        """
        like = self.likeness(parts)
        inner = surrounded([part for part, score in zip(parts, like, strict=True) if score > LIKE], parts)
        large = LARGE * max(self.ink.mask.shape)
        good = [
            n
            for n, part in enumerate(parts)
            if like[n] > LIKE
            and not is_blot(part)
            and not (inner[n] > INSIDE * part.side).any()
            and not (part.side > large and (inner[n] > DUST * part.side).sum() >= 2)
        ]
        good = [n for n in good if not is_slender(parts[n])] or good
        if not good:
            return 0.0
        return weighted_median([parts[n].height for n in good], [parts[n].side * like[n] for n in good])

    def without_lines(self, parts: list[Part], longest: float) -> tuple[list[Part], float]:
        """The parts without ruled lines, table lines and frames; and the height of the digits.

        ``longest`` is the side of the largest piece of ink, if it may be a line.
        """
        height = self.digit_height(sample_of(parts))
        if longest > RULE * height:
            mask = self.ink.mask
            left = without_rules(mask, RULE * height if height else 0.5 * min(mask.shape))
            again = self.find_parts(left) if left.any() else []
            other_height = self.digit_height(sample_of(again)) if again else 0.0
            # Without a line, what remains must be digits: the strokes of one letter are straight too.
            if other_height and (height or self.broad_digits(sample_of(again)) > 1):
                self.ink = self.ink._replace(mask=left)
                parts, height = again, other_height
        return parts, height or parts[0].side

    def broad_digits(self, parts: list[Part]) -> int:
        """How many of the parts are like digits and not slender."""
        return sum(
            like > LIKE and not is_slender(p) for p, like in zip(parts, self.likeness(parts), strict=True)
        )

    def without_blots(self, parts: list[Part]) -> list[Part]:
        """The parts without spots; all of them if there is nothing else."""
        written = [part for part in parts if not is_blot(part)]
        like = self.likeness(written)
        digits = [part for n, part in enumerate(written) if like[n] > LIKE and not is_slender(part)]
        if digits:
            pen = weighted_median([thickness(part) for part in digits], [part.side for part in digits])
            rest = [part for part in parts if is_blot(part) and not is_blot(part, pen)]
            like = self.likeness(rest)
            rest = [part for n, part in enumerate(rest) if like[n] > LIKE]
            if 2 * len(rest) <= len(digits):  # else the spots are a pattern
                written += rest
        return written or parts

    def without_frames(self, parts: list[Part], height: float) -> list[Part]:
        """The parts without those that surround digits."""
        likely = [part for part, score in zip(parts, self.likeness(parts), strict=True) if score > LIKE]
        rows, columns = self.ink.mask.shape
        kept = []
        for part, inner in zip(parts, surrounded(likely, parts), strict=True):
            if part.side > min(1.5 * height, LARGE * max(rows, columns)):
                inner = inner[inner > DUST * part.side]
                least = 0.0 if self.touches_border(part, 2) else 0.3 * part.side
                spans = part.width > 0.95 * columns and part.height > 0.95 * rows
                if spans or len(inner) >= 2 or (inner > least).any():
                    continue
            kept.append(part)
        return kept

    def without_strays(self, parts: list[Part], height: float) -> list[Part]:
        """The parts without pieces of lines, what touches the border, and what another pen wrote."""
        like = self.likeness(parts)
        digits = [n for n, part in enumerate(parts) if like[n] > LIKE and not is_slender(part)]
        if not digits:
            return parts
        sides = [parts[n].side for n in digits]
        contrasts = [self.contrast(part) for part in parts]
        pens = [pen_width(part.items[0].mask) for part in parts]
        usual_contrast = weighted_median([contrasts[n] for n in digits], sides)
        usual_pen = weighted_median([pens[n] for n in digits], sides)
        rim = max(1, round(0.03 * min(self.ink.mask.shape)))

        def is_stray(part: Part, contrast: float, pen: float, likeness: float) -> bool:
            slender = is_slender(part)
            return (
                contrast <= FAINT * usual_contrast
                or pen > THICK * usual_pen
                or (slender and pen < THIN * usual_pen)
                or (slender and part.side > LONG * height)
                or (slender and self.touches_border(part, rim))
                or (likeness < UPRIGHT and self.touches_border(part, max(1, rim // 3)))
            )

        each = zip(parts, contrasts, pens, like.tolist(), strict=True)
        return [part for part, *values in each if not is_stray(part, *values)]

    def touches_border(self, part: Part, rim: int) -> bool:
        return touches_border(part, self.ink.mask, rim)

    def contrast(self, part: Part) -> float:
        item = part.items[0]
        return float(self.ink.contrast[item.window][item.mask].mean())


def touches_border(part: Part, mask: np.ndarray, rim: int = 0) -> bool:
    """Whether a part comes within ``rim`` px of the edge of bool [H, W]."""
    x0, y0, x1, y1 = part.box
    rows, columns = mask.shape
    return x0 <= rim or y0 <= rim or x1 >= columns - rim or y1 >= rows - rim


def sample_of(parts: list[Part]) -> list[Part]:
    """Half a sample of the largest parts, which come first, and half of all others evenly."""
    half = SAMPLE // 2
    rest = parts[half:]
    return parts[:half] + rest[:: max(1, math.ceil(len(rest) / half))]
