"""Digits as people draw them: hand-authored strokes, in the pad's 280 × 280 units, y down.

Each digit in at least three ways, including styles that MNIST classifiers often misread: a 1 with a long
upstroke, a crossed 7, an open 4 and one drawn in one stroke, a hooked 9, small ones in a corner.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

Point = tuple[float, float]
Stroke = list[Point]
Drawing = list[Stroke]


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, points: int = 18) -> Stroke:
    """Part of an ellipse around (x, y); degrees, 0 to the right, growing clockwise on the screen."""
    angles = (math.radians(start + (end - start) * i / (points - 1)) for i in range(points))
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def line(*corners: Point, points: int = 5) -> Stroke:
    """Straight from corner to corner."""
    stroke: Stroke = [corners[0]]
    for (x0, y0), (x1, y1) in pairwise(corners):
        stroke += [(x0 + (x1 - x0) * i / points, y0 + (y1 - y0) * i / points) for i in range(1, points + 1)]
    return stroke


def curve(handles: str, points: int = 6) -> Stroke:
    """A smooth line (Catmull-Rom) through handles written "x,y x,y ..."."""
    through = [tuple(map(float, handle.split(","))) for handle in handles.split()]
    ends = [through[0], *through, through[-1]]
    stroke: Stroke = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        for t in (i / points for i in range(points)):
            x, y = (
                q
                + (r - p) * t / 2
                + (p - 2.5 * q + 2 * r - s / 2) * t**2
                + (1.5 * (q - r) + (s - p) / 2) * t**3
                for p, q, r, s in zip(a, b, c, d, strict=True)
            )
            stroke.append((x, y))
    return [*stroke, (through[-1][0], through[-1][1])]


def moved(drawing: Drawing, scale: float, dx: float, dy: float) -> Drawing:
    """The same drawing, smaller or larger, elsewhere on the pad."""
    return [[(x * scale + dx, y * scale + dy) for x, y in stroke] for stroke in drawing]


def joined(*strokes: Sequence[Point]) -> Stroke:
    """Several pieces without lifting the pen."""
    return [point for stroke in strokes for point in stroke]


ROUND_ZERO = [arc(140, 140, 62, 92, -90, 275, 30)]
ROUND_THREE = [joined(arc(135, 95, 50, 48, -150, 80), arc(135, 188, 58, 50, -80, 150))]
PLAIN_SEVEN = [line((75, 65), (200, 65), (120, 230))]
LETTER_A = [line((82, 236), (140, 48), (200, 236)), line((104, 168), (178, 166))]

DIGITS: dict[int, dict[str, Drawing]] = {
    0: {
        "round": ROUND_ZERO,
        "slanted": [curve("170,50 105,85 80,160 105,225 160,205 200,130 195,65 165,48")],
        "small in a corner": moved(ROUND_ZERO, 0.4, 10, 160),
    },
    1: {
        "plain": [line((142, 45), (138, 235))],
        "slanted": [line((165, 50), (120, 230))],
        "upstroke": [line((95, 105), (145, 50), (145, 230))],
        "foot": [line((105, 85), (140, 50), (140, 228)), line((95, 230), (190, 230))],
    },
    2: {
        "swan": [curve("80,100 105,55 160,50 192,95 165,150 75,228 205,225")],
        "looped": [curve("85,90 115,50 180,60 190,115 140,180 85,225 70,205 100,195 150,222 215,220")],
        "angular": [joined(arc(140, 105, 58, 55, 190, 400), line((184, 140), (80, 225), (205, 225)))],
    },
    3: {
        "round": ROUND_THREE,
        "flat top": [joined(line((80, 55), (190, 55), (130, 120)), arc(130, 172, 62, 54, -90, 150))],
        "flowing": [curve("85,75 135,45 185,80 160,125 125,135 170,145 200,185 160,232 75,212")],
    },
    4: {
        "closed": [line((205, 175), (70, 175), (165, 50), (165, 235))],
        "open": [line((95, 55), (85, 150), (200, 150)), line((180, 55), (170, 235))],
        "crossed late": [line((120, 50), (75, 160), (210, 160)), line((165, 100), (160, 238))],
    },
    5: {
        "hat last": [
            joined(line((95, 60), (90, 130)), arc(128, 175, 62, 55, -130, 140)),
            line((95, 60), (195, 58)),
        ],
        "one stroke": [joined(line((195, 55), (100, 55), (92, 125)), arc(130, 172, 64, 56, -125, 145))],
        "slanted": [curve("200,60 120,62 102,125 160,122 185,170 145,225 70,215")],
    },
    6: {
        "curled": [curve("180,48 120,85 88,160 105,220 160,230 190,185 150,150 100,180")],
        "round": [joined(line((165, 45), (110, 120)), arc(140, 180, 55, 52, 210, -150, 40))],
        "straight back": [joined(line((130, 45), (92, 175)), arc(142, 180, 52, 50, 185, -170, 36))],
    },
    7: {
        "plain": PLAIN_SEVEN,
        "crossed": [line((75, 65), (205, 62), (115, 235)), line((100, 150), (185, 145))],
        "curved": [curve("75,75 130,68 200,65 165,130 135,185 125,235")],
        "small in a corner": moved(PLAIN_SEVEN, 0.4, 160, 10),
    },
    8: {
        "one stroke": [curve("185,75 140,45 95,80 140,135 190,190 140,235 90,190 140,135 188,85")],
        "two circles": [arc(140, 92, 44, 44, -90, 270, 36), arc(140, 187, 54, 50, -90, 270, 26)],
        "slanted": [curve("195,70 150,50 115,85 145,130 170,180 125,230 85,195 135,135 190,75")],
    },
    9: {
        "straight": [joined(arc(135, 95, 50, 48, -10, -350, 36), line((185, 90), (180, 235)))],
        "curled": [curve("180,80 135,48 92,90 125,140 178,105 184,75 182,160 150,230 95,225")],
        "leaning": [joined(arc(140, 95, 48, 45, 0, -360, 36), line((188, 95), (135, 238)))],
    },
}
