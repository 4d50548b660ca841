"""Which strokes belong to one digit: lines top to bottom, digits left to right.

Geometry alone cannot tell a 4 in two strokes from "11", so it only proposes: strokes that touch and
overlap become one part, parts are put in order, and every short run of neighbouring parts is a
candidate. The network reads all candidates in one batch and `best_path` takes the way through them
that it finds most digit-like: over-segmentation and lattice search (LeCun et al. 1998, "Gradient-Based
Learning Applied to Document Recognition", sec. IV), with a residual network for the scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from .strokes import Strokes, bounds, resample

TOUCH = 0.06  # strokes nearer than this share of the tallest one's height touch
OVERLAP = 0.5  # of the narrower one's width: touching strokes that overlap so far are one part
LINE = 0.4  # of the tallest line's height: a line that is lower is low
FAR = 12.0  # nats: neighbours so far apart are never one digit
MAX_RUN = 4  # parts of one digit
MAX_PARTS = 24  # more than these are not writing; they are read as one drawing
SAMPLES = 48  # points of a stroke that distances are measured between
# A space between two neighbours is as likely as not where 5 % of the line's height lies between them, and
# e times as likely with each further 6 %: of the generator's digits in separate parts, 99 % have a smaller
# gap than 8 %. Parts that do not stand side by side count as nearer, by at most 15 %.
EVEN, SPACE, ASIDE = 0.05, 0.06, 0.15
SPECK = 0.12  # of the line's height: what is smaller both ways is a dot, not a digit
MARK = 0.3  # of a digit's height: what is smaller both ways and beside it is the scanner's, not a digit
RULE = 0.04  # of its height: what is narrower is a ruled line or the paper's edge

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Part:
    """What is certainly of one digit: strokes, or connected ink; and its box x0, y0, x1, y1."""

    items: list[np.ndarray]
    box: Box

    @property
    def middle(self) -> float:
        return (self.box[0] + self.box[2]) / 2

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


@dataclass(frozen=True, eq=False)
class Run:
    """Neighbouring parts ``first`` to ``last`` (included) of a line, proposed as one digit."""

    first: int
    last: int
    whole: Part
    cost: float  # nats that geometry holds against it

    @property
    def parts(self) -> int:
        return self.last - self.first + 1


def join(parts: list[Part]) -> Part:
    """Parts as one."""
    if len(parts) == 1:
        return parts[0]
    boxes = np.array([part.box for part in parts])
    x0, y0 = boxes[:, :2].min(0)
    x1, y1 = boxes[:, 2:].max(0)
    items = [item for part in parts for item in part.items]
    return Part(items, (float(x0), float(y0), float(x1), float(y1)))


def parts_of_strokes(strokes: Strokes) -> list[Part]:
    """Strokes joined where they touch and overlap, left to right by the middle of their box."""
    if not strokes:
        return []
    singles = [Part([stroke], bounds([stroke])) for stroke in strokes]
    if len(singles) > 4 * MAX_PARTS:
        return [join(singles)]
    reach = TOUCH * max(single.height for single in singles)  # of all together it would grow with each line
    groups: list[list[Part]] = []
    for single in singles:
        near = [g for g in groups if any(_belong(single, other, reach) for other in g)]
        groups = [g for g in groups if g not in near]
        groups.append([single, *(part for group in near for part in group)])
    parts = sorted((join(group) for group in groups), key=lambda part: part.middle)
    parts = without_specks(parts)
    return parts if len(parts) <= MAX_PARTS else [join(parts)]


def without_specks(parts: list[Part]) -> list[Part]:
    """Parts, with each dot joined to the part it stands beside; a dot far from all is a slip of the pen."""
    height = join(parts).height if parts else 0.0
    real = [part for part in parts if max(part.width, part.height) >= SPECK * height]
    for speck in parts:
        if real and speck not in real:
            nearest = min(real, key=lambda part: _apart(part, speck))
            if _apart(nearest, speck) <= SPECK * height:
                real[real.index(nearest)] = join([nearest, speck])
    return real or parts


def without_marks(parts: list[Part]) -> list[Part]:
    """A picture's parts, each stray mark joined to the far larger part it stands beside, or left out.

    MNIST's own scans have such marks; of its validation digits painted large, one in 400 was read as two.
    """

    def beside(small: Part, large: Part) -> bool:
        size = max(small.width, small.height)
        digit = size < MARK * large.height and large.width >= RULE * large.height
        return digit and _apart(small, large) < large.height

    kept = [part for part in parts if not any(beside(part, other) for other in parts)]
    for mark in parts:
        if mark not in kept and kept:
            nearest = min(kept, key=lambda part: _apart(part, mark))
            if _apart(nearest, mark) <= SPECK * nearest.height:
                kept[kept.index(nearest)] = join([nearest, mark])
    return kept


def _apart(a: Part, b: Part) -> float:
    """Distance between two boxes, 0 where they overlap."""
    across = max(a.box[0] - b.box[2], b.box[0] - a.box[2], 0.0)
    down = max(a.box[1] - b.box[3], b.box[1] - a.box[3], 0.0)
    return math.hypot(across, down)


def overlap(a: Part, b: Part, axis: int = 0) -> float:
    """How far two boxes overlap along an axis, over the smaller side; negative where there is a gap."""
    shared = min(a.box[axis + 2], b.box[axis + 2]) - max(a.box[axis], b.box[axis])
    smaller = min(a.box[axis + 2] - a.box[axis], b.box[axis + 2] - b.box[axis])
    return shared / max(smaller, 1e-9) if shared < smaller else 1.0


def _belong(a: Part, b: Part, reach: float) -> bool:
    return overlap(a, b) >= OVERLAP and _distance(a.items[0], b.items[0]) <= reach


def _distance(a: np.ndarray, b: np.ndarray) -> float:
    """Smallest distance between two strokes, each taken as ``SAMPLES`` points with chords between."""
    a, b = resample(a, SAMPLES), resample(b, SAMPLES)
    gap = np.linalg.norm(a[:, None] - b[None], axis=2).min()
    # Between two points a stroke may come nearer than either: half a chord at the most.
    return float(gap - (np.linalg.norm(a[1] - a[0]) + np.linalg.norm(b[1] - b[0])) / 2)


def find_layouts(parts: list[Part]) -> list[list[list[Part]]]:
    """The ways to read parts as lines, top to bottom, each line left to right.

    Lines are parted where a level passes between them. One that is low beside the others is a bar of the
    digits next to it; of several parts it may be small writing too. And a few parts may be one digit.
    """
    lines: list[list[Part]] = []
    for part in sorted(parts, key=lambda part: part.box[1]):
        if lines and part.box[1] < join(lines[-1]).box[3]:
            lines[-1].append(part)
        else:
            lines.append([part])
    layouts = [with_low_lines_joined(lines, 1), with_low_lines_joined(lines, len(parts))]
    if len(parts) <= MAX_RUN:
        layouts.append([parts])
    # A layout of fewer lines than the one before it is another one.
    several = [a for a, b in zip(layouts, [[], *layouts], strict=False) if len(a) != len(b)]
    return [[sorted(line, key=lambda part: part.middle) for line in layout] for layout in several]


def with_low_lines_joined(lines: list[list[Part]], most: int) -> list[list[Part]]:
    """Lines, with each low one of up to ``most`` parts joined to the nearer beside it."""
    wholes = [join(line) for line in lines]
    lowest = LINE * max(whole.height for whole in wholes)
    low = [n for n, line in enumerate(lines) if len(line) <= most and wholes[n].height < lowest]
    if not low:
        return lines
    beside = [n for n in (low[0] - 1, low[0] + 1) if 0 <= n < len(lines)]
    first = min(low[0], min(beside, key=lambda n: _apart(wholes[low[0]], wholes[n])))
    joined = [*lines[:first], lines[first] + lines[first + 1], *lines[first + 2 :]]
    return with_low_lines_joined(joined, most)


def find_runs(line: list[Part]) -> list[Run]:
    """Every run of up to ``MAX_RUN`` neighbours that could be one digit, with geometry's cost."""
    height = max(join(line).height, 1e-9)
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
    """Nats for a space in front of part ``n`` of a line, or for none: logistic in the gap."""
    if n == 0:
        return 0.0
    gap = (min(part.box[0] for part in line[n:]) - max(part.box[2] for part in line[:n])) / height
    aside = min(max(overlap(line[n - 1], line[n], axis=1), 0.0), 1.0)
    odds = (gap - EVEN - ASIDE * (1 - aside)) / SPACE
    return math.log1p(math.exp(min(-odds if space else odds, 50.0)))


def best_path(line: list[Part], runs: list[Run], likeness: list[float]) -> tuple[list[int], float]:
    """The runs, as indices, that cover the line left to right at the smallest cost; that cost in nats.

    ``likeness`` gives each run's probability, 0..1, of being the digit it is read as. A run counts once
    for each of its parts, so that few long and many short runs compare fairly.
    """
    best: list[tuple[float, list[int]]] = [(0.0, [])] + [(math.inf, [])] * len(line)
    for n, run in enumerate(runs):  # in order of their first part: what leads there is settled
        before, path = best[run.first]
        cost = before + run.cost - run.parts * math.log(max(likeness[n], 1e-6))
        if cost < best[run.last + 1][0]:
            best[run.last + 1] = (cost, [*path, n])
    return best[-1][1], best[-1][0]


class Lattice:
    """All candidates for the digits of some parts, and the choice among them.

    ``runs`` are the candidates, to be read by the network in this order.
    """

    def __init__(self, parts: list[Part]) -> None:
        self._layouts = find_layouts(parts)
        self._runs = [[find_runs(line) for line in layout] for layout in self._layouts]
        self.runs = [run for layout in self._runs for runs in layout for run in runs]

    def best(self, likeness: list[float]) -> list[int]:
        """Indices into ``runs`` of the digits in reading order; ``likeness`` as in `best_path`."""
        choices: list[tuple[float, list[int]]] = []
        start = 0
        for layout, proposed in zip(self._layouts, self._runs, strict=True):
            total, chosen = 0.0, []
            for line, runs in zip(layout, proposed, strict=True):
                path, cost = best_path(line, runs, likeness[start : start + len(runs)])
                chosen += [start + n for n in path]
                total += cost
                start += len(runs)
            choices.append((total, chosen))
        return min(choices)[1]
