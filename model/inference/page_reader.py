"""Reads the ink of a page: which way is up, which lines, which ink is which digit."""

from __future__ import annotations

import math

import numpy as np

from ..input.ink import Ink
from ..input.parts import (
    ALONE,
    TOUCHING,
    Part,
    cut_apart,
    is_slender,
    surrounded,
    to_part,
    turned_component,
)
from ..input.segmentation import Run, best_path, find_layouts, find_runs, join_marks
from ..input.text_lines import find_lines
from .calibration import digit_likeness
from .page import LIKE, Mark, Page, make_page, weigh
from .page_ink import SAMPLE, TINY_SIDE, UPRIGHT, Classify, PageInk, sample_of

SMALL_SIDE = 200  # px; a smaller picture is a drawing or a cut-out, evenly lit
FEW_PARTS = 4  # may be one digit in pieces; on evenly lit paper, they are not searched for lines
GRAIN = 0.08  # of the largest part's side; a smaller part there is grain
SPECK = 0.15  # of a digit's height; a smaller part is a speck
BLOT = 0.01  # chance of what is not a digit, such as a crossed-out one
SURE = 0.9  # likeness of a part that is not cut apart
VOTES = 64  # digits, at most, that decide which way is up
TURNED = 0.85  # share of the digits that must read well on a turned page; print turned may look like 1s
BETTER = 0.15  # by how much a turned page must read better


def read_ink(
    ink: Ink, classify: Classify, is_even: bool = False, on_sheet: np.ndarray | None = None
) -> Page | None:
    """The digits of a page's ink; None if it does not look like writing.

    ``on_sheet`` is where the sheet of paper is, bool [H, W], if its edges are known.
    """
    return _PageReader(ink, classify).read(is_even, on_sheet)


class _PageReader(PageInk):
    def read(self, is_even: bool, on_sheet: np.ndarray | None) -> Page | None:
        if on_sheet is not None:
            self.ink = self.ink._replace(mask=self.ink.mask & on_sheet)
        if self.ink.mask.mean() > 0.5:
            return None
        parts = self.find_parts(self.ink.mask)
        longest = parts[0].side if parts else 0.0  # with the surroundings, at which ruled lines may end
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
        parts, height = self.without_lines(parts, longest)
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
            alone = [-math.log(score) for score in self.chance(line)]
            alone = [run.cost + alone[run.first] for run in runs if run.parts == 1]
            # A run that costs more than its parts, even if it were surely a digit, is not read.
            runs = [run for run in runs if run.parts == 1 or run.cost < sum(alone[run.first : run.last + 1])]
            proposed.append((line, runs))
        self.look([run.whole for _, runs in proposed for run in runs])  # in one batch
        total, marks = 0.0, []
        for number, (line, runs) in enumerate(proposed):
            path, cost = best_path(line, runs, self.chance([run.whole for run in runs]))
            total += cost
            wholes = [runs[n].whole for n in path]
            marks += [
                Mark(whole, number, *seen) for whole, seen in zip(wholes, self.look(wholes), strict=True)
            ]
        return total, marks

    def chance(self, parts: list[Part]) -> list[float]:
        """Each part's likeness, or that of a blot, which is then not joined to a digit beside it."""
        chances: list[float] = np.maximum(self.likeness(parts), BLOT).tolist()
        return chances

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
