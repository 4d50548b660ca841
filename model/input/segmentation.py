"""Groups strokes or ink into digits: lines top to bottom, digits left to right.

Geometry alone cannot decide whether two strokes are a 4 or "11", so it only proposes candidates. Strokes that
touch and overlap become one part, and so does connected ink. Every short run of neighbouring parts is a
candidate for a digit. The network reads all candidates in one batch, and `best_path` chooses the most
digit-like runs: over-segmentation and lattice search (LeCun et al. 1998, "Gradient-Based Learning Applied to
Document Recognition", sec. IV), with the scores of a residual network.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .parts import Part, distance, join, overlap
from .strokes import Strokes, bounds, resample

TOUCH = 0.06  # strokes closer than this share of the tallest stroke's height touch
OVERLAP = 0.5  # of the narrower stroke's width; touching strokes that overlap this much are one part
LINE = 0.4  # of the tallest line's height; a line of less height is low
FAR = 12.0  # nats; neighbours this far apart are never one digit
MAX_RUN = 4  # parts of one digit
MAX_PARTS = 24  # a drawing of more parts is not writing and is read as one digit
SAMPLES = 48  # points on each stroke for measuring the distance of two strokes
# The odds of a space between two neighbours are 1 at a gap of 5 % of the line's height, and e times higher
# for every 6 % more: 99 % of the synthetic digits in separate parts have a gap below 8 %. Parts that are not
# at the same height count as closer, by at most 15 %.
EVEN, SPACE, ASIDE = 0.05, 0.06, 0.15
# Two lines may be one line of 8s that are written as two rings each, which alone are good 0s. Rings are
# hardly higher than wide, and are closer to each other than lines.
RING = 0.5  # least width of a ring relative to its height
STACK = 0.5  # greatest gap relative to the rings' mean height
SHARED = 0.4  # least width that they share, relative to the narrower one
STACKED = 3.0  # nats by which one line of 8s is likelier than two lines of 0s
DOT = 0.12  # of the line's height; a part smaller in both directions is a dot, not a digit
MARK = 0.3  # of a digit's height; a part beside it that is smaller in both directions is a scanner's mark
RULE = 0.04  # of its height; a narrower part is a ruled line or the paper's edge


@dataclass(frozen=True, eq=False)
class Run:
    """A candidate for a digit: the neighbouring parts ``first`` to ``last`` (inclusive) of a line."""

    first: int
    last: int
    whole: Part
    cost: float  # nats, from the gaps inside the run and before it

    @property
    def parts(self) -> int:
        return self.last - self.first + 1


def parts_of_strokes(strokes: Strokes) -> list[Part]:
    """Strokes, joined if they touch and overlap, left to right by the middle of their box."""
    if not strokes:
        return []
    singles = [Part([stroke], bounds([stroke])) for stroke in strokes]
    if len(singles) > 4 * MAX_PARTS:
        return [join(singles)]
    reach = TOUCH * max(single.height for single in singles)  # not of the drawing, which may have many lines
    groups: list[list[Part]] = []
    for single in singles:
        near = [g for g in groups if any(_belong_together(single, other, reach) for other in g)]
        groups = [g for g in groups if g not in near]
        groups.append([single, *(part for group in near for part in group)])
    parts = sorted((join(group) for group in groups), key=lambda part: part.middle)
    parts = join_dots(parts)
    return parts if len(parts) <= MAX_PARTS else [join(parts)]


def join_dots(parts: list[Part]) -> list[Part]:
    """Parts with each dot joined to the part beside it, or dropped if there is none."""
    height = join(parts).height if parts else 0.0
    kept = [part for part in parts if part.side >= DOT * height]
    for dot in parts:
        if kept and dot not in kept:
            _join_to_nearest(dot, kept, DOT * height)
    return kept or parts


def join_marks(parts: list[Part]) -> list[Part]:
    """A picture's parts; a stray mark beside a far larger part is joined to it if it is near, else dropped.

    MNIST's scans have such marks: without this function, one in 400 of its validation digits was read as two
    when enlarged.
    """

    def is_mark(small: Part, large: Part) -> bool:
        is_digit = small.side < MARK * large.height and large.width >= RULE * large.height
        return is_digit and distance(small, large) < large.height

    kept = [part for part in parts if not any(is_mark(part, other) for other in parts)]
    for mark in parts:
        if kept and mark not in kept:
            _join_to_nearest(mark, kept)
    return kept


def _join_to_nearest(small: Part, parts: list[Part], limit: float | None = None) -> None:
    """Join a part, in place, to the nearest of ``parts``, if it is within ``limit``.

    By default ``limit`` is ``DOT`` times the nearest part's height.
    """
    nearest = min(parts, key=lambda part: distance(part, small))
    if distance(nearest, small) <= (DOT * nearest.height if limit is None else limit):
        parts[parts.index(nearest)] = join([nearest, small])


def _belong_together(a: Part, b: Part, reach: float) -> bool:
    return overlap(a, b) >= OVERLAP and _stroke_distance(a.items[0], b.items[0]) <= reach


def _stroke_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Smallest distance between two strokes, each sampled at ``SAMPLES`` points."""
    a, b = resample(a, SAMPLES), resample(b, SAMPLES)
    gap = np.linalg.norm(a[:, None] - b[None], axis=2).min()
    # Between two of its points, a stroke may be closer by at most half a chord.
    return float(gap - (np.linalg.norm(a[1] - a[0]) + np.linalg.norm(b[1] - b[0])) / 2)


def find_layouts(parts: list[Part]) -> list[list[list[Part]]]:
    """The candidates for grouping parts into lines, top to bottom, each line left to right.

    A horizontal line that no part crosses separates two lines of digits. A line far lower than the others is
    a bar of the digits above or below; if it has several parts, it may instead be a line of small digits. A
    few parts may also be a single line.
    """
    lines: list[list[Part]] = []
    for part in sorted(parts, key=lambda part: part.box[1]):
        if lines and part.box[1] < join(lines[-1]).box[3]:
            lines[-1].append(part)
        else:
            lines.append([part])
    layouts = [join_low_lines(lines, 1), join_low_lines(lines, len(parts))]
    if len(parts) <= MAX_RUN:
        layouts.append([parts])
    # Each layout has fewer lines than the one before it, or is the same.
    distinct = [a for a, b in zip(layouts, [[], *layouts], strict=False) if len(a) != len(b)]
    return [in_reading_order(layout) for layout in distinct]


def in_reading_order(lines: list[list[Part]]) -> list[list[Part]]:
    """Each line left to right."""
    return [sorted(line, key=lambda part: part.middle) for line in lines]


def join_rings(lines: list[list[Part]]) -> list[list[Part]]:
    """Lines, with every two neighbours joined that may be one line of 8s written as two rings each."""
    if len(lines) < 2:
        return lines
    upper, lower, *rest = lines
    if _are_rings(upper, lower):
        return [upper + lower, *join_rings(rest)]
    return [upper, *join_rings([lower, *rest])]


def _are_rings(upper: list[Part], lower: list[Part]) -> bool:
    """Whether each part is as wide as a ring and has one close below or above it."""

    def is_above(a: Part, b: Part) -> bool:
        gap = b.box[1] - a.box[3]
        return gap <= STACK * (a.height + b.height) / 2 and overlap(a, b) >= SHARED

    above, below = in_reading_order([upper, lower])
    return (
        len(above) == len(below)
        and all(part.width >= RING * part.height for part in above + below)
        and all(map(is_above, above, below))
    )


def join_low_lines(lines: list[list[Part]], most: int) -> list[list[Part]]:
    """Lines, with each low line of up to ``most`` parts joined to the nearest line above or below."""
    wholes = [join(line) for line in lines]
    lowest = LINE * max(whole.height for whole in wholes)
    low = [n for n, line in enumerate(lines) if len(line) <= most and wholes[n].height < lowest]
    if not low:
        return lines
    beside = [n for n in (low[0] - 1, low[0] + 1) if 0 <= n < len(lines)]
    first = min(low[0], min(beside, key=lambda n: distance(wholes[low[0]], wholes[n])))
    joined = [*lines[:first], lines[first] + lines[first + 1], *lines[first + 2 :]]
    return join_low_lines(joined, most)


def find_runs(line: list[Part], height: float | None = None) -> list[Run]:
    """All runs of up to ``MAX_RUN`` neighbours that could be one digit, with their geometric costs.

    ``height`` is that of the line's digits; by default that of the line, which must then be level.
    """
    height = height or max(join(line).height, 1e-9)
    runs = []
    for first in range(len(line)):
        cost = gap_cost(line, first, height)
        for last in range(first, min(first + MAX_RUN, len(line))):
            if last > first:
                cost += gap_cost(line, last, height, space=False)
                if cost > FAR:
                    break
            runs.append(Run(first, last, join(line[first : last + 1]), cost))
    return runs


def gap_cost(line: list[Part], n: int, height: float, space: bool = True) -> float:
    """Cost in nats of a space, or of no space, before part ``n`` of a line: logistic in the gap."""
    if n == 0:
        return 0.0
    gap = (min(part.box[0] for part in line[n:]) - max(part.box[2] for part in line[:n])) / height
    aside = min(max(overlap(line[n - 1], line[n], axis=1), 0.0), 1.0)
    odds = (gap - EVEN - ASIDE * (1 - aside)) / SPACE
    return math.log1p(math.exp(min(-odds if space else odds, 50.0)))


def best_path(line: list[Part], runs: list[Run], likeness: list[float]) -> tuple[list[int], float]:
    """The indices of the runs that cover the line at the lowest cost, left to right, and that cost in nats.

    ``likeness`` is each run's probability, 0..1, of being the digit it is read as. Its logarithm is weighted
    by the number of parts, so that few long runs and many short ones are compared fairly.
    """
    best: list[tuple[float, list[int]]] = [(0.0, []), *[(math.inf, [])] * len(line)]
    for n, run in enumerate(runs):  # in order of the first part, so best[run.first] is final
        before, path = best[run.first]
        cost = before + run.cost - run.parts * math.log(max(likeness[n], 1e-6))
        if cost < best[run.last + 1][0]:
            best[run.last + 1] = (cost, [*path, n])
    return best[-1][1], best[-1][0]


class Lattice:
    """All candidates for the digits of a drawing's parts, and the choice among them.

    ``runs`` are the candidates, in the order of the likenesses for `best`.
    """

    def __init__(self, parts: list[Part]) -> None:
        self._layouts = find_layouts(parts)
        self._priors = [0.0] * len(self._layouts)  # nats, the cost of each layout before its digits are read
        lines_of_8s = join_rings(self._layouts[0])
        if len(lines_of_8s) < len(self._layouts[0]):
            self._layouts.append(in_reading_order(lines_of_8s))
            self._priors.append(-STACKED)
        self._runs = [[find_runs(line) for line in layout] for layout in self._layouts]
        self.runs = [run for layout in self._runs for runs in layout for run in runs]

    def best(self, likeness: list[float]) -> list[list[int]]:
        """For each line, the indices into ``runs`` of its digits; ``likeness`` as in `best_path`."""
        choices: list[tuple[float, list[list[int]]]] = []
        start = 0
        for layout, proposed, total in zip(self._layouts, self._runs, self._priors, strict=True):
            chosen: list[list[int]] = []
            for line, runs in zip(layout, proposed, strict=True):
                path, cost = best_path(line, runs, likeness[start : start + len(runs)])
                chosen.append([start + n for n in path])
                total += cost
                start += len(runs)
            choices.append((total, chosen))
        return min(choices)[1]
