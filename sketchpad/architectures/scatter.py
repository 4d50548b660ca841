"""Parameters against multiply-adds, every network a dot, with names that do not collide."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from ..ui.svg import path, text
from .block_diagram import drawing, words

Box = tuple[float, float, float, float]  # left, top, right, bottom
# Where a name may stand around its dot: right, left, above, below, then every 15 degrees.
TURNS = (0, 180, -90, 90, *(turn for turn in range(-165, 180, 15) if turn % 90))
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
    dots: Sequence[Dot], width: int, height: int, font: float, tag_of: Callable[[str], str] = str
) -> str:
    """Logarithmic axes; the area of a dot grows with the depth. Dots in one place share one name tag.

    ``tag_of`` shortens a name where there is less room.
    """
    left, right, top, bottom = 54, width - 8, 28, height - 46
    low_x, high_x = decades(dot.params for dot in dots)
    low_y, high_y = decades(dot.macs for dot in dots)

    def place(dot: Dot) -> tuple[float, float]:
        x = left + (right - left) * (math.log10(dot.params) - low_x) / (high_x - low_x)
        return x, bottom - (bottom - top) * (math.log10(dot.macs) - low_y) / (high_y - low_y)

    body: list[str] = []
    for power, say in ticks(low_x, high_x):
        x = left + (right - left) * (power - low_x) / (high_x - low_x)
        body += [path([(x, top), (x, bottom)], "grid"), text(x, bottom + 17, say, "centre muted small")]
    for power, say in ticks(low_y, high_y):
        y = bottom - (bottom - top) * (power - low_y) / (high_y - low_y)
        body += [path([(left, y), (right, y)], "grid"), text(left - 7, y + 4, say, "end muted small")]
    body.append(words((left + right) / 2, height - 8, "arch.compare.x", "centre muted small"))
    body.append(words(2, 12, "arch.compare.y", "muted small"))
    placed = [(dot, *place(dot), radius(dot)) for dot in sorted(dots, key=lambda dot: -dot.depth)]
    taken = [around(each) for each in placed]
    labels = []
    for members in clusters(placed):
        tag = " · ".join(tag_of(dot.name) for dot, *_ in members)
        labels.append(name_tag(tag, members, font, taken, (left, top, right, bottom)))
    for dot, x, y, r in placed:
        body.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" class="dot f-{dot.family}" '
            f'data-choose="{escape(dot.name)}"><title>{escape(dot.name)}</title></circle>'
        )
    return drawing(width, height, [*body, *labels], "arch.compare.plot", n=len(dots))


def brief(name: str) -> str:
    """A name without what the colour of its family says: "50" for resnet50, "X50" for the ResNeXt."""
    name = (
        name.replace("resnext50_32x4d", "X50").replace("mnist_resnet", "mnist").replace("d2l_resnet18", "d2l")
    )
    return re.sub(r"^(resnet|densenet)(\d+)(_cifar)?", r"\2", name).replace("_b", "b")


def radius(dot: Dot) -> float:
    return 2.2 + 0.38 * math.sqrt(dot.depth)


def decades(values: Iterator[int]) -> tuple[float, float]:
    """The range in powers of ten, with some air."""
    logs = [math.log10(value) for value in values]
    return min(logs) - 0.18, max(logs) + 0.18


def ticks(low: float, high: float) -> list[tuple[float, str]]:
    steps = ((p + math.log10(m), m * 10**p) for p in range(int(low), int(high) + 1) for m in (1, 3))
    return [(power, short(value)) for power, value in steps if low <= power <= high]


def short(value: float) -> str:
    """ "300 k", "25.6 M", "4.09 G"."""
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= unit:
            return f"{value / unit:.3g}\N{NO-BREAK SPACE}{sign}"
    return f"{value:g}"


Placed = tuple[Dot, float, float, float]


def clusters(placed: Sequence[Placed], near: float = 3.0) -> list[list[Placed]]:
    """Dots whose centres are within ``near`` pixels of the first one's, in one list."""
    groups: list[list[Placed]] = []
    for each in placed:
        for group in groups:
            if math.hypot(group[0][1] - each[1], group[0][2] - each[2]) <= near:
                group.append(each)
                break
        else:
            groups.append([each])
    return groups


def around(placed: Placed) -> Box:
    _, x, y, r = placed
    return x - r, y - r, x + r, y + r


def name_tag(tag: str, members: Sequence[Placed], font: float, taken: list[Box], area: Box) -> str:
    """``tag`` at the nearest free place around the first of ``members``, with a line to it where that is
    some way off; the line may cross dots of the members. Adds the place to ``taken``.
    """
    dot, x, y, r = members[0]
    own = [around(member) for member in members]
    wide, high = 0.56 * font * len(tag), font
    for distance in (3, 8, 14, 21, 29, 38, 48, 60, 74, 90, 110, 130, 155, 180):
        for turn in TURNS:
            dx, dy = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            centre_x = x + dx * (r + distance) + dx * wide / 2
            centre_y = y + dy * (r + distance) + dy * high / 2
            box = (centre_x - wide / 2, centre_y - high / 2, centre_x + wide / 2, centre_y + high / 2)
            inside = area[0] < box[0] and box[2] < area[2] and area[1] < box[1] and box[3] < area[3]
            lead = [(x + dx * (r + far), y + dy * (r + far)) for far in range(3, distance - 1, 5)]
            line = [(px - 1, py - 1, px + 1, py + 1) for px, py in lead]
            others = [each for each in taken if each not in own]
            crossed = any(overlap(each, other) for each in line for other in others)
            if inside and not crossed and not any(overlap(box, other) for other in taken):
                taken += [box, *line]
                drawn = path([lead[0], lead[-1]], "lead") if distance > 8 else ""
                return drawn + text(centre_x, centre_y + font * 0.36, tag, f"centre tag f-{dot.family}")
    return ""  # a plot too small for all names: the table has them


def overlap(a: Box, b: Box, air: float = 1.5) -> bool:
    return a[0] < b[2] + air and b[0] < a[2] + air and a[1] < b[3] + air and b[1] < a[3] + air
