"""A scatter plot of multiply-adds over parameters: one dot a network, with names that do not overlap."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..ui.format import compact
from ..ui.svg import diagram, path, text, tspan

Box = tuple[float, float, float, float]  # left, top, right, bottom
# Directions from a dot to its name, in degrees: right, left, above, below, then every 15 degrees.
DIRECTIONS = (0, 180, -90, 90, *(turn for turn in range(-165, 180, 15) if turn % 90))
FAMILIES = ("own", "imagenet", "dense", "cifar", "small", "book")


@dataclass(frozen=True)
class Dot:
    """One network; ``family`` is one of FAMILIES."""

    name: str
    family: str
    params: int
    macs: int
    depth: int


def scatter(
    dots: Sequence[Dot], width: int, height: int, font: float, name_of: Callable[[str], str] = str
) -> Markup:
    """Logarithmic axes; the area of a dot grows with the depth. Dots at the same place share one name tag.

    ``font`` is the height of the name tags in pixels. ``name_of`` shortens a name for a narrow plot.
    """
    left, right, top, bottom = 54, width - 8, 28, height - 46
    low_x, high_x = decades(dot.params for dot in dots)
    low_y, high_y = decades(dot.macs for dot in dots)

    def x(power: float) -> float:
        return left + (right - left) * (power - low_x) / (high_x - low_x)

    def y(power: float) -> float:
        return bottom - (bottom - top) * (power - low_y) / (high_y - low_y)

    body: list[Markup] = []
    for power, number in ticks(low_x, high_x):
        body.append(path([(x(power), top), (x(power), bottom)], "grid"))
        body.append(text(x(power), bottom + 17, number, "centre muted small"))
    for power, number in ticks(low_y, high_y):
        body.append(path([(left, y(power)), (right, y(power))], "grid"))
        body.append(text(left - 7, y(power) + 4, number, "end muted small"))
    body.append(text((left + right) / 2, height - 8, tspan("arch.compare.x"), "centre muted small"))
    body.append(text(2, 12, tspan("arch.compare.y"), "muted small"))
    placed = [
        (dot, x(math.log10(dot.params)), y(math.log10(dot.macs)), radius(dot))
        for dot in sorted(dots, key=lambda dot: -dot.depth)
    ]
    taken = [box_of(each) for each in placed]
    area = left, top, right, bottom
    tags = [
        name_tag(" · ".join(name_of(dot.name) for dot, *_ in members), members, font, taken, area)
        for members in clusters(placed)
    ]
    circle = Markup(
        '<circle cx="{1:.1f}" cy="{2:.1f}" r="{3:.1f}" class="dot f-{0.family}" data-choose="{0.name}">'
        "<title>{0.name}</title></circle>"
    )
    body += [circle.format(*each) for each in placed]
    return diagram(width, height, [*body, *tags], "arch.compare.plot", n=len(dots))


def brief(name: str) -> str:
    """A name without the family, which the colour shows: "50" for resnet50, "X50" for the ResNeXt."""
    for full, short in {"resnext50_32x4d": "X50", "mnist_resnet": "mnist", "d2l_resnet18": "d2l"}.items():
        name = name.replace(full, short)
    return re.sub(r"^(resnet|densenet)(\d+)(_cifar)?", r"\2", name).replace("_b", "b")


def radius(dot: Dot) -> float:
    return 2.2 + 0.38 * math.sqrt(dot.depth)


def decades(values: Iterator[int]) -> tuple[float, float]:
    """The range of the values as powers of ten, with a margin."""
    logs = [math.log10(value) for value in values]
    return min(logs) - 0.18, max(logs) + 0.18


def ticks(low: float, high: float) -> list[tuple[float, str]]:
    """1 and 3 of every power of ten in the range: the logarithm and the number."""
    steps = ((p + math.log10(m), m * 10**p) for p in range(int(low), int(high) + 1) for m in (1, 3))
    return [(power, compact(value)) for power, value in steps if low <= power <= high]


Placed = tuple[Dot, float, float, float]  # the dot, its centre, its radius


def clusters(placed: Sequence[Placed], near: float = 3.0) -> list[list[Placed]]:
    """Groups of dots whose centres are within ``near`` pixels of the group's first."""
    groups: list[list[Placed]] = []
    for each in placed:
        for group in groups:
            if math.hypot(group[0][1] - each[1], group[0][2] - each[2]) <= near:
                group.append(each)
                break
        else:
            groups.append([each])
    return groups


def box_of(placed: Placed) -> Box:
    _, x, y, r = placed
    return x - r, y - r, x + r, y + r


def name_tag(tag: str, members: Sequence[Placed], font: float, taken: list[Box], area: Box) -> Markup:
    """Place ``tag`` as near as possible to the first of ``members``, and add its box to ``taken``.

    A line leads to a tag that is more than 8 pixels away; it may cross the members' dots but no other box.
    A tag without a free place is left out; the table has all names.
    """
    dot, x, y, r = members[0]
    own = [box_of(member) for member in members]
    others = [box for box in taken if box not in own]
    half_width, half_height = 0.28 * font * len(tag), font / 2
    for distance in (3, 8, 14, 21, 29, 38, 48, 60, 74, 90, 110, 130, 155, 180):
        for turn in DIRECTIONS:
            dx, dy = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            tag_x, tag_y = x + dx * (r + distance + half_width), y + dy * (r + distance + half_height)
            box = (tag_x - half_width, tag_y - half_height, tag_x + half_width, tag_y + half_height)
            inside = area[0] < box[0] and box[2] < area[2] and area[1] < box[1] and box[3] < area[3]
            if not inside or any(overlap(box, other) for other in taken):
                continue
            lead = [(x + dx * (r + far), y + dy * (r + far)) for far in range(3, distance - 1, 5)]
            line = [(px - 1, py - 1, px + 1, py + 1) for px, py in lead]
            if any(overlap(each, other) for each in line for other in others):
                continue
            taken += [box, *line]
            drawn = path([lead[0], lead[-1]], "lead") if distance > 8 else Markup()
            return drawn + text(tag_x, tag_y + font * 0.36, tag, f"centre tag f-{dot.family}")
    return Markup()


def overlap(a: Box, b: Box, gap: float = 1.5) -> bool:
    """Whether two boxes are less than ``gap`` pixels apart."""
    return a[0] < b[2] + gap and b[0] < a[2] + gap and a[1] < b[3] + gap and b[1] < a[3] + gap
