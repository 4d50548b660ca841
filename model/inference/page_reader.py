"""Reads the ink of a page: which ink is digits, which way is up, which ink is which digit.

A digit is written with the pen of the others, is about as tall, and the network reads it as a digit. What is
not is dropped: ruled lines, frames, holes, stains, and strokes far fainter than the digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from ..input.ink import Ink, components_of, pen_width
from ..input.model_images import model_images_of_ink
from ..input.parts import (
    ALONE,
    TOUCHING,
    Part,
    cut_apart,
    is_blot,
    is_slender,
    surrounded,
    thickness,
    to_part,
    turned_component,
)
from ..input.rules import without_rules
from ..input.segmentation import Run, best_path, find_layouts, find_runs, join_marks
from ..input.sheet import EDGE, edge_of
from ..input.text_lines import find_lines
from .calibration import digit_likeness
from .page import LIKE, Mark, Page, make_page, weigh, weighted_median

Classify = Callable[[np.ndarray], tuple[list[list[float]], list[float]]]
"""Model images uint8 [N, 28, 28] → for each the ten probabilities, and the probability of "not a digit"."""

SMALL_SIDE = 200  # px; a smaller picture is a drawing or a cut-out, evenly lit
TINY_SIDE = 64  # px; a smaller picture holds a single digit, without lines or frames
ALONG = 0.7  # of a part's longer side that lies on the edge of the picture: it is no writing
MOST_PARTS = 600  # a page of more is not writing; the smallest are dropped
SAMPLE = 80  # parts, from which the height of the digits is estimated
LEAST_SHARE = 0.15  # of that sample that must read as digits
FEW_PARTS = 4  # may be one digit in pieces; on evenly lit paper, they are not searched for lines
GRAIN = 0.08  # of the largest part's side; a smaller part there is grain
SPECK = 0.15  # of a digit's height; a smaller part is a speck
RULE = 2.2  # times a digit's height; a longer straight line is no digit
FAINT = 0.35  # of the digits' contrast; a fainter part shines through, or is a stain
THIN, THICK = 0.55, 2.5  # times the pen of the digits; a slender part below, or any part above is no digit
SURE = 0.9  # likeness of a part that is not cut apart
VOTES = 64  # digits, at most, that decide which way is up
UPRIGHT = 0.8  # share of the digits that reads well; no other turn is tried
TURNED = 0.85  # share of the digits that must read well on a turned page; print turned may look like 1s
BETTER = 0.15  # by how much a turned page must read better


class Seen(NamedTuple):
    """A part's model image, and what the network says about it."""

    image: np.ndarray
    probabilities: list[float]
    not_digit: float

    @property
    def likeness(self) -> float:
        return digit_likeness(self.probabilities, self.not_digit)


def read_ink(
    ink: Ink, classify: Classify, is_even: bool = False, on_sheet: np.ndarray | None = None
) -> Page | None:
    """The digits of a page's ink; None if it does not look like writing.

    ``on_sheet`` is where the sheet of paper is, bool [H, W], if its edges are known.
    """
    return _InkReader(ink, classify).read(is_even, on_sheet)


class _InkReader:
    def __init__(self, ink: Ink, classify: Classify) -> None:
        self.ink = ink
        self.classify = classify
        self.seen: dict[tuple[tuple[int, ...], ...], Seen] = {}

    def read(self, is_even: bool, on_sheet: np.ndarray | None) -> Page | None:
        if on_sheet is not None:
            self.ink = self.ink._replace(mask=self.ink.mask & on_sheet)
        if self.ink.mask.mean() > 0.5:
            return None
        parts = self.find_parts(self.ink.mask)
        if max(self.ink.mask.shape) >= SMALL_SIDE:
            parts = self.without_surroundings(parts, on_sheet)
        if not parts:
            return None
        if max(self.ink.mask.shape) <= TINY_SIDE:
            return self.read_few(parts)
        few = [part for part in parts if part.side >= GRAIN * parts[0].side]
        is_lined = few[0].side > 0.9 * min(self.ink.mask.shape) or any(map(np.size, surrounded(few, few)))
        if is_even and len(few) <= FEW_PARTS and not is_lined:
            return self.read_few(few)
        if len(parts) > SAMPLE and not self.may_be_writing(sample_of(parts)):
            return None
        parts, height = self.without_lines(parts)
        parts = [part for part in parts if part.side >= SPECK * height]
        parts = self.without_blots(parts)
        parts = self.without_frames(parts, height)
        height = self.digit_height(parts) or height
        parts = self.without_strays(parts, height)
        if not parts:
            return None
        turned = self.which_way(parts, height)
        if turned:
            parts = self.turn(parts, turned)
            height = self.digit_height(parts) or height
        layouts = [find_lines(parts, height)]
        if len(parts) <= FEW_PARTS and len(layouts[0]) > 1:  # perhaps one digit in pieces
            layouts.append([sorted(parts, key=lambda part: part.middle)])
        return make_page(self.best_layout(layouts), self.ink, turned, height)

    def read_few(self, parts: list[Part]) -> Page:
        """A few digits, perhaps in pieces, on paper without lines."""
        layouts = find_layouts(sorted(join_marks(parts), key=lambda part: part.middle))
        marks = self.best_layout(layouts)
        share = weigh([mark.whole.side for mark in marks], [mark.likeness for mark in marks])
        return Page(marks, self.ink, 0, share, 1.0, 1.0)

    def find_parts(self, mask: np.ndarray) -> list[Part]:
        """The connected pieces of ink, the largest first; no specks."""
        if max(mask.shape) <= TINY_SIDE:
            return [to_part(component) for component in components_of(mask)]
        found = components_of(mask, max(3.0, 1.5 * pen_width(mask)), MOST_PARTS)
        return [part for part in map(to_part, found) if part.side >= 0.02 * to_part(found[0]).side]

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
        large = 0.4 * max(self.ink.mask.shape)
        good = [
            n
            for n, part in enumerate(parts)
            if like[n] > LIKE
            and not is_blot(part)
            and not (inner[n] > 0.12 * part.side).any()
            and not (part.side > large and (inner[n] > 0.02 * part.side).sum() >= 2)
        ]
        good = [n for n in good if not is_slender(parts[n])] or good
        if not good:
            return 0.0
        return weighted_median([parts[n].height for n in good], [parts[n].side * like[n] for n in good])

    def without_lines(self, parts: list[Part]) -> tuple[list[Part], float]:
        """The parts without ruled lines, table lines and frames; and the height of the digits."""
        height = self.digit_height(sample_of(parts))
        if parts[0].side > RULE * height:
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
            if part.side > min(1.5 * height, 0.4 * max(rows, columns)):
                inner = inner[inner > 0.02 * part.side]
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
                or (slender and part.side > 1.7 * height)
                or (slender and self.touches_border(part, rim))
                or (likeness < UPRIGHT and self.touches_border(part, max(1, rim // 3)))
            )

        each = zip(parts, contrasts, pens, like.tolist(), strict=True)
        return [part for part, *values in each if not is_stray(part, *values)]

    def touches_border(self, part: Part, rim: int) -> bool:
        x0, y0, x1, y1 = part.box
        rows, columns = self.ink.mask.shape
        return x0 <= rim or y0 <= rim or x1 >= columns - rim or y1 >= rows - rim

    def contrast(self, part: Part) -> float:
        item = part.items[0]
        return float(self.ink.contrast[item.window][item.mask].mean())

    def which_way(self, parts: list[Part], height: float) -> int:
        """The degrees clockwise by which the page reads best."""
        tall = [part for part in parts if part.side > 0.4 * height and not is_slender(part)][:VOTES]
        if len(tall) < 4:
            return 0
        sides = [min(part.side, 2 * height) for part in tall]
        images = np.stack([seen.image for seen in self.look(tall)])
        upright = weigh(sides, self.likeness(tall))
        if upright > UPRIGHT:
            return 0
        best, most = 0, upright + BETTER
        for turned in (90, 270, 180):
            results = self.classify(np.ascontiguousarray(np.rot90(images, -turned // 90, (1, 2))))
            share = weigh(sides, [digit_likeness(*result) for result in zip(*results, strict=True)])
            if share > max(most, TURNED):
                best, most = turned, share
        return best

    def turn(self, parts: list[Part], turned: int) -> list[Part]:
        """Turn the ink; the parts, turned."""
        turned_parts = [
            to_part(turned_component(part.items[0], turned, self.ink.mask.shape)) for part in parts
        ]
        quarters = -turned // 90
        contrast, mask = (np.ascontiguousarray(np.rot90(each, quarters)) for each in self.ink[:2])
        self.ink = self.ink._replace(contrast=contrast, mask=mask)
        self.seen = {}
        return turned_parts

    def best_layout(self, layouts: list[list[list[Part]]]) -> list[Mark]:
        """The marks of the layout that costs least."""
        return min((self.segment(lines) for lines in layouts), key=lambda found: found[0])[1]

    def segment(self, lines: list[list[Part]]) -> tuple[float, list[Mark]]:
        """Group the parts of each line into digits: the cost in nats, and the marks in reading order."""
        proposed: list[tuple[list[Part], list[Run]]] = []
        for line in lines:
            heights = sorted(part.height for part in line)
            height = max(heights[int(0.8 * (len(heights) - 1))], 1.0)
            line = self.cut_touching(line, height)
            runs = find_runs(line, height)
            alone = [-math.log(max(score, 1e-6)) for score in self.likeness(line).tolist()]
            alone = [run.cost + alone[run.first] for run in runs if run.parts == 1]
            # A run that costs more than its parts, even if it were surely a digit, is not read.
            runs = [run for run in runs if run.parts == 1 or run.cost < sum(alone[run.first : run.last + 1])]
            proposed.append((line, runs))
        self.look([run.whole for _, runs in proposed for run in runs])  # in one batch
        total, marks = 0.0, []
        for number, (line, runs) in enumerate(proposed):
            path, cost = best_path(line, runs, self.likeness([run.whole for run in runs]).tolist())
            total += cost
            wholes = [runs[n].whole for n in path]
            marks += [
                Mark(whole, number, *seen) for whole, seen in zip(wholes, self.look(wholes), strict=True)
            ]
        return total, marks

    def cut_touching(self, line: list[Part], height: float) -> list[Part]:
        """The line with each part in pieces that reads as digits only if it is cut apart."""
        doubtful = self.likeness(line) < SURE
        widest = TOUCHING if len(line) > 1 else ALONE
        cut = [
            cut_apart(part, height, widest) if doubt else [part]
            for part, doubt in zip(line, doubtful, strict=True)
        ]
        self.look([piece for pieces in cut for piece in pieces])  # in one batch
        chosen = []
        for part, pieces in zip(line, cut, strict=True):
            chosen += pieces if len(pieces) > 1 and self.likeness(pieces).min() > LIKE else [part]
        return chosen


def sample_of(parts: list[Part]) -> list[Part]:
    """Half a sample of the largest parts, which come first, and half of all others evenly."""
    half = SAMPLE // 2
    rest = parts[half:]
    return parts[:half] + rest[:: max(1, math.ceil(len(rest) / half))]
