"""Finds the lines of digits on a page: top to bottom, each left to right.

Lines may slope, curve, and have wide gaps. The page's slope is the one at which the digits' heights above a
level line fall into the fewest, sharpest rows. The digits are then followed from left to right: each joins
the line that it continues.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from .parts import Part, overlap

STEEPEST = 12  # degrees; a page that slopes more is not found
SHARP = 0.25  # of a digit's height: the width of a row in which digits count as level
ASIDE = 0.55  # of a digit's height; a digit further above or below a line's course begins another line
SMALL = 0.45  # of a digit's height; a smaller part belongs to the digit beside it, or to a line of its own
NEAR = 0.3  # of a digit's height, from a small part to the digit beside it
TAIL = 5  # digits at a line's end that give its course


@dataclass(eq=False)
class _Line:
    parts: list[Part] = field(default_factory=list)
    points: list[tuple[float, float]] = field(default_factory=list)  # of the tall parts, slope taken out
    course: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)  # x and y in the middle, slope, last x

    def add(self, part: Part, point: tuple[float, float]) -> None:
        self.parts.append(part)
        self.points.append(point)
        tail = self.points[-TAIL:]
        x, y = (sum(values) / len(tail) for values in zip(*tail, strict=True))
        slope = 0.0
        if len(tail) > 2:
            spread = sum((at - x) ** 2 for at, _ in tail)
            # A quarter is taken off, as the slope of the page is already out and lines are nearly straight.
            slope = sum((at - x) * (height - y) for at, height in tail) / max(1.25 * spread, 1e-9)
        self.course = x, y, slope, 3 * tail[-1][0] - 2 * tail[0][0]

    def height_at(self, at: float) -> float:
        """Where the line's course is at a place ahead, level beyond twice the length of its tail."""
        x, y, slope, last = self.course
        return y + slope * (min(at, last) - x)


def find_lines(parts: list[Part], height: float) -> list[list[Part]]:
    """The lines of ``parts`` whose digits are about ``height`` tall, each left to right."""
    tall = [part for part in parts if part.side >= SMALL * height]
    small = [part for part in parts if part.side < SMALL * height]
    if not tall:
        return [sorted(parts, key=lambda part: part.middle)] if parts else []
    slope = math.tan(math.radians(_slope(tall, height)))

    def place(part: Part) -> tuple[float, float]:
        return part.middle, (part.box[1] + part.box[3]) / 2 - slope * part.middle

    lines: list[_Line] = []
    for part in sorted(tall, key=lambda part: part.middle):
        x, y = place(part)
        near = [(abs(line.height_at(x) - y), n) for n, line in enumerate(lines) if _continues(line, part)]
        reach = ASIDE * max(height, min(part.height, 2 * height))
        off, n = min(near, default=(math.inf, -1))
        if off > reach:
            lines.append(_Line())
            n = -1
        lines[n].add(part, (x, y))
    found = [list(line.parts) for line in lines]
    boxes = np.array([part.box for line in lines for part in line.parts])
    line_of = [n for n, line in enumerate(lines) for _ in line.parts]
    for part in small:  # a dot or bar of a digit; any other is a speck
        x0, y0, x1, y1 = part.box
        across = np.maximum(boxes[:, 0] - x1, x0 - boxes[:, 2]).clip(0)
        down = np.maximum(boxes[:, 1] - y1, y0 - boxes[:, 3]).clip(0)
        gaps = np.hypot(across, down)
        if gaps.min() <= NEAR * height:
            found[line_of[int(gaps.argmin())]].append(part)
    heights = [sum(y for _, y in line.points) / len(line.points) for line in lines]
    return [
        sorted(found[n], key=lambda part: part.middle)
        for n in sorted(range(len(lines)), key=heights.__getitem__)
    ]


def _continues(line: _Line, part: Part) -> bool:
    """Whether ``part`` may belong to the line: it does not lie above or below another of its digits."""
    last = line.parts[-1]
    return not (overlap(last, part) > 0.5 and overlap(last, part, axis=1) < 0)


def _slope(parts: list[Part], height: float) -> float:
    """The page's slope in degrees, downwards to the right."""
    if len(parts) < 4:
        return 0.0
    middles = np.array([[part.middle, (part.box[1] + part.box[3]) / 2] for part in parts])
    best, sharpest = 0.0, -math.inf
    bins = SHARP * height
    for degrees in sorted(range(-2 * STEEPEST, 2 * STEEPEST + 1), key=abs):
        y = middles[:, 1] - math.tan(math.radians(degrees / 2)) * middles[:, 0]
        places = (y - y.min()) / bins
        rows = np.zeros(int(places.max()) + 3)
        low = places.astype(int)
        np.add.at(rows, low, 1 - (places - low))
        np.add.at(rows, low + 1, places - low)
        smooth = rows[:-1] + rows[1:]
        sharp = float((smooth**2).sum()) * (1 - 0.004 * abs(degrees))
        if sharp > sharpest * 1.001:
            best, sharpest = degrees / 2, sharp
    return best
