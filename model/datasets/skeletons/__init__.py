"""How the people of the world write digits, as data: one skeleton for each way that a pen may go.

Notation. A line that is not indented opens a skeleton: its label (0 to 9, or ``x`` for what is no
digit), its name and, if it is not 1, its weight: how often it is drawn beside the other skeletons of
its label. Each indented line below is one pose of it, a whole figure in a box 100 high, y down::

    7 crossed 1.5
        0,3 54,2! 22,100 | 14,52 54,48
        0,3 54,2! 22,100 | 18,40 50,30

``x,y`` is a point that the pen goes through on a smooth curve, ``!`` makes it a corner, ``|`` lifts
the pen; points and strokes are in the order in which a pen makes them. The first pose is the plain
form. Every further pose has the same points and corners and is a slider: each sample goes its own
share of the way, 0 to 1, from the plain form towards each of them, all added. So two lines hold a
whole range of hands: a bar at any height and tilt, an upstroke of any length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from ...image import NOT_A_DIGIT
from .digits import DIGITS
from .others import NOT_DIGITS


@dataclass(frozen=True, eq=False)
class Skeleton:
    """One way to write one figure: its control points, in the order of the pen."""

    label: int
    name: str
    weight: float
    poses: Tensor  # float [1 + sliders, K, 2]: the plain form, then the far end of every slider
    corners: Tensor  # bool [K]
    strokes: Tensor  # int64 [K]: the stroke that each point is on

    @property
    def middle(self) -> Tensor:
        """The points float [K, 2] with every slider half way."""
        return self.poses[0] + (self.poses[1:] - self.poses[0]).sum(0) / 2


@cache
def skeletons() -> tuple[Skeleton, ...]:
    """All of them, as the two tables have them."""
    figures: list[tuple[str, list[str]]] = []
    for line in (DIGITS + NOT_DIGITS).splitlines():
        if line.startswith(" "):
            figures[-1][1].append(line)
        elif line:
            figures.append((line, []))
    return tuple(parse(head, poses) for head, poses in figures)


def parse(head: str, poses: list[str]) -> Skeleton:
    """One skeleton from its heading and its poses; ValueError where they do not fit each other."""
    sign, name = head.split(maxsplit=1)
    words = name.rsplit(maxsplit=1)
    weight = 1.0
    if len(words) == 2 and words[1].replace(".", "").isdigit():
        name, weight = words[0], float(words[1])
    strokes = [[stroke.split() for stroke in pose.split("|")] for pose in poses]
    shape = [[point.endswith("!") for point in stroke] for stroke in strokes[0]]
    if any([[p.endswith("!") for p in stroke] for stroke in pose] != shape for pose in strokes):
        raise ValueError(f"The poses of {head!r} differ in points, corners or strokes.")
    points = [[point.rstrip("!").split(",") for stroke in pose for point in stroke] for pose in strokes]
    return Skeleton(
        label=NOT_A_DIGIT if sign == "x" else int(sign),
        name=name,
        weight=weight,
        poses=torch.tensor([[[float(x), float(y)] for x, y in pose] for pose in points]),
        corners=torch.tensor([corner for stroke in shape for corner in stroke]),
        strokes=torch.tensor([number for number, stroke in enumerate(shape) for _ in stroke]),
    )
