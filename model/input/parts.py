"""Parts: strokes or pieces of ink that certainly belong to the same digit, and their geometry."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from .ink import Component, extent

SLENDER = 0.3  # of its longer side; a narrower part is a 1, or a piece of a line
BLOT = 0.4  # of its longer side; a part as thick as that is not written,
BAR, FILLED = 0.15, 0.9  # of its longer side, and of its box: a bar of a chart
WRITTEN, ROUND = 1.5, 0.7  # unless the pen is nearly as thick; but a part of this share of its side is a dot
TOUCHING = 0.9  # of the line's height; a wider piece of ink may be several digits
ALONE = 1.15  # of its height; a wider piece of ink that is alone may be several digits
MOST_PIECES = 4  # into which it is cut
DENSE = 0.45  # of the box; denser ink is a blot, or crossed out
WIDE = 0.65  # of the line's height; the usual width of a digit

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Part:
    """Strokes [n, 2], or components of ink, that certainly belong to the same digit.

    ``box`` is x0, y0, x1, y1 in the drawing's units.
    """

    items: list[Any]
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

    @property
    def side(self) -> float:
        """The longer side of the box."""
        return max(self.width, self.height)


def join(parts: list[Part]) -> Part:
    """Several parts as one."""
    if len(parts) == 1:
        return parts[0]
    items = [item for part in parts for item in part.items]
    return Part(items, _enclosing_box(np.array([part.box for part in parts])))


def _enclosing_box(boxes: np.ndarray) -> Box:
    """The smallest box around boxes [N, 4]."""
    (x0, y0), (x1, y1) = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    return float(x0), float(y0), float(x1), float(y1)


def distance(a: Part, b: Part) -> float:
    """Distance between two boxes, 0 where they overlap."""
    across = max(a.box[0] - b.box[2], b.box[0] - a.box[2], 0.0)
    down = max(a.box[1] - b.box[3], b.box[1] - a.box[3], 0.0)
    return math.hypot(across, down)


def overlap(a: Part, b: Part, axis: int = 0) -> float:
    """Overlap of two boxes along an axis, relative to the smaller side; negative if there is a gap."""
    shared = min(a.box[axis + 2], b.box[axis + 2]) - max(a.box[axis], b.box[axis])
    smaller = min(a.box[axis + 2] - a.box[axis], b.box[axis + 2] - b.box[axis])
    return shared / max(smaller, 1e-9) if shared < smaller else 1.0


def cut_apart(part: Part, height: float, widest: float = TOUCHING) -> list[Part]:
    """One component of ink, cut where digits may touch; itself if it is not wider than ``widest``.

    ``height`` is that of the line's digits, and the unit of ``widest``. A cut is made where a column has
    the least ink, near where the digits would part if they were equally wide. The lattice joins the pieces
    again if they are one digit.
    """
    component = part.items[0]
    mask = component.mask
    pieces = min(round(part.width / (WIDE * height)), MOST_PIECES)
    is_dense = component.area > DENSE * part.width * part.height
    if len(part.items) > 1 or part.width < max(height * widest, 4 * pieces) or pieces < 2 or is_dense:
        return [part]
    columns = mask.sum(0)
    edges = [0]
    for n in range(1, pieces):
        middle, reach = n * part.width / pieces, 0.3 * part.width / pieces
        first, last = max(int(middle - reach), edges[-1] + 1), int(middle + reach) + 1
        edges.append(first + int(columns[first:last].argmin()))
    edges.append(mask.shape[1])
    parts = []
    for left, right in itertools.pairwise(edges):
        own = mask[:, left:right]
        if own.any():
            rows, across = extent(own)
            x, y = component.x + left + int(across.start), component.y + int(rows.start)
            own = own[rows, across]
            parts.append(to_part(Component(own, x, y, int(own.sum()))))
    return parts


def to_part(component: Component) -> Part:
    height, width = component.mask.shape
    box = component.x, component.y, component.x + width, component.y + height
    return Part([component], box)


def turned_component(item: Component, degrees: int, shape: tuple[int, ...]) -> Component:
    """A component of ink of this shape, turned clockwise by 90, 180 or 270 degrees."""
    rows, columns = shape
    height, width = item.mask.shape
    x, y = {
        90: (rows - item.y - height, item.x),
        180: (columns - item.x - width, rows - item.y - height),
        270: (item.y, columns - item.x - width),
    }[degrees]
    return Component(np.ascontiguousarray(np.rot90(item.mask, -degrees // 90)), x, y, item.area)


def is_slender(part: Part) -> bool:
    return min(part.width, part.height) < SLENDER * part.side


def is_bar(part: Part) -> bool:
    """Whether the ink is a filled rectangle, thicker than most pens."""
    area = sum(item.area for item in part.items)
    return min(part.width, part.height) > BAR * part.side and area > FILLED * part.width * part.height


def is_blot(part: Part, pen: float = 0.0) -> bool:
    """Whether the ink is a spot rather than a stroke.

    ``pen`` is the thickness of the digits around it, if known: the strokes of a small digit may fill it.
    """
    thick = thickness(part)
    return thick > BLOT * part.side and (thick > WRITTEN * pen or thick > ROUND * part.side)


def thickness(part: Part) -> float:
    """The width of the widest stroke, in px."""
    import cv2

    mask = np.pad(part.items[0].mask, 1).view(np.uint8)
    return 2 * float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max())


def surrounded(inner: list[Part], outer: list[Part]) -> list[np.ndarray]:
    """For each part of ``outer``, the longer sides of those of ``inner`` that lie in its box, not its own."""
    if not inner:
        return [np.zeros(0)] * len(outer)
    boxes = np.array([part.box for part in inner])
    sides = np.array([part.side for part in inner])
    found = []
    for part in outer:
        x0, y0, x1, y1 = part.box
        inside = (boxes[:, 0] >= x0) & (boxes[:, 1] >= y0) & (boxes[:, 2] <= x1) & (boxes[:, 3] <= y1)
        found.append(sides[inside & (boxes != part.box).any(1)])
    return found
