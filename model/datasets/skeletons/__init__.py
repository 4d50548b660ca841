"""Skeletons: the ways in which people write digits and other figures.

They are in digits.txt and non_digits.txt. A line that is not indented begins a skeleton: its label (0 to 9,
or ``x`` for a non-digit), its name and, unless it is 1, its weight: how often it is drawn relative to the
other skeletons of its label. Each indented line below is one pose, a whole figure in a box 100 high, y down::

    7 crossed 1.5
        0,3 54,2! 22,100 | 14,52 54,48
        0,3 54,2! 22,100 | 18,40 50,30

``x,y`` is a point on a smooth curve, ``!`` makes it a corner, ``|`` lifts the pen. Points and strokes are in
the order in which a pen makes them. The first pose is the plain form. Every further pose has the same points
and corners and is a slider: each sample is moved by a random fraction, 0 to 1, from the plain form towards
that pose, and the moves of all sliders add up. So two lines describe a range of forms: a bar at any height
and tilt, an upstroke of any length.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from ...image import NOT_A_DIGIT


@dataclass(frozen=True, eq=False)
class Skeleton:
    """One way to write one figure: its control points in the order of the pen."""

    label: int
    name: str
    weight: float
    poses: Tensor  # float [1 + sliders, K, 2]: the plain form, then the far end of every slider
    corners: Tensor  # bool [K]
    strokes: Tensor  # int64 [K]: the number of each point's stroke

    @property
    def middle(self) -> Tensor:
        """The points float [K, 2] with every slider half way."""
        return self.poses[0] + (self.poses[1:] - self.poses[0]).sum(0) / 2


@cache
def skeletons() -> tuple[Skeleton, ...]:
    """All skeletons, those of digits first."""
    figures: list[tuple[str, list[str]]] = []
    for file in ("digits.txt", "non_digits.txt"):
        for line in Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines():
            if line.startswith(" "):
                figures[-1][1].append(line)
            elif line and not line.startswith("#"):
                figures.append((line, []))
    return tuple(parse(heading, poses) for heading, poses in figures)


def parse(heading: str, poses: list[str]) -> Skeleton:
    """One skeleton from its heading and its poses; ValueError if the poses do not match."""
    label, name = heading.split(maxsplit=1)
    words = name.rsplit(maxsplit=1)
    weight = 1.0
    if len(words) == 2 and words[1].replace(".", "").isdigit():
        name, weight = words[0], float(words[1])
    strokes = [[stroke.split() for stroke in pose.split("|")] for pose in poses]
    shape = [[point.endswith("!") for point in stroke] for stroke in strokes[0]]
    if any([[p.endswith("!") for p in stroke] for stroke in pose] != shape for pose in strokes):
        raise ValueError(f"The poses of {heading!r} differ in points, corners or strokes.")
    points = [[point.rstrip("!").split(",") for stroke in pose for point in stroke] for pose in strokes]
    return Skeleton(
        label=NOT_A_DIGIT if label == "x" else int(label),
        name=name,
        weight=weight,
        poses=torch.tensor([[[float(x), float(y)] for x, y in pose] for pose in points]),
        corners=torch.tensor([corner for stroke in shape for corner in stroke]),
        strokes=torch.tensor([number for number, stroke in enumerate(shape) for _ in stroke]),
    )
