"""Pen strokes: check what a client sends, draw them with MNIST's pen, bring them to model images.

A stroke list is ``[[[x, y], ...], ...]``: one inner list from pen-down to pen-up, x to the right, y
down, in any unit. The seam is uint8 [28, 28], ink = 255, laid out as MNIST is: "the images were size
normalized to fit in a 20x20 pixel box while preserving their aspect ratio" and "centered in a 28x28
image by computing the center of mass of the pixels, and translating the image so as to position this
point at the center of the 28x28 field" (LeCun's MNIST page).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np

from ..errors import InputError

MAX_POINTS = 200_000
MAX_STROKES = 2_000

Strokes = list[np.ndarray]


def parse_strokes(raw: object) -> Strokes:
    """Check a stroke list from outside: list of float64 [n, 2] arrays, n >= 1, empty strokes dropped.

    Raises InputError with one clear sentence for anything but finite numbers in that shape.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, (str, bytes)):
        raise InputError("Strokes must be a list of strokes, each a list of [x, y] points.", "strokes.list")
    if len(raw) > MAX_STROKES:
        count, most = f"{len(raw):,}", f"{MAX_STROKES:,}"
        sentence = f"Too many strokes: {count}; at most {most} are read."
        raise InputError(sentence, "strokes.count", count=count, most=most)
    strokes: Strokes = []
    points = 0
    for number, stroke in enumerate(raw, 1):
        if isinstance(stroke, np.ndarray):
            stroke = stroke.tolist()
        if not isinstance(stroke, Sequence) or isinstance(stroke, (str, bytes)):
            raise InputError(
                f"Stroke {number} is not a list of [x, y] points.", "strokes.stroke", number=number
            )
        points += len(stroke)
        if points > MAX_POINTS:
            most = f"{MAX_POINTS:,}"
            raise InputError(f"Too many points; at most {most} are read.", "strokes.points", most=most)
        if not len(stroke):
            continue
        if not (_is_plain(stroke) or all(_is_point(point) for point in stroke)):
            sentence = f"Stroke {number} has a point that is not two numbers [x, y]."
            raise InputError(sentence, "strokes.point", number=number)
        try:
            array = np.array(stroke, np.float64)
        except OverflowError:  # an integer that no float can hold
            array = np.full((1, 2), np.inf)
        if not np.isfinite(array).all() or np.abs(array).max() > 1e9:
            sentence = f"Stroke {number} has a coordinate that is infinite or not a number."
            raise InputError(sentence, "strokes.number", number=number)
        strokes.append(array)
    return strokes


def _is_plain(stroke: Sequence[object]) -> bool:
    """Whether every point is a list of two numbers, as it comes from JSON: quicker than one by one."""
    return (
        set(map(type, stroke)) <= {list, tuple}
        and set(map(len, stroke)) == {2}
        and set(map(type, chain.from_iterable(stroke))) <= {int, float}
    )


def _is_point(point: object) -> bool:
    return (
        isinstance(point, Sequence)
        and len(point) == 2
        and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in point)
    )


def bounds(strokes: Strokes) -> tuple[float, float, float, float]:
    """The smallest box around all points: x0, y0, x1, y1."""
    points = np.concatenate(strokes)
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    return float(x0), float(y0), float(x1), float(y1)


def resample(stroke: np.ndarray, count: int) -> np.ndarray:
    """``count`` points [count, 2] at even distances along a stroke [n, 2]."""
    along = path_lengths(stroke)
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)], 1)


def path_lengths(stroke: np.ndarray) -> np.ndarray:
    """How far the pen has gone at each point of a stroke [n, 2]: float64 [n], from 0 on."""
    return np.concatenate([[0.0], np.cumsum(_steps(stroke))])


def _steps(stroke: np.ndarray) -> np.ndarray:
    return np.hypot(*np.diff(stroke, axis=0).T)


# From here on several digits at once, in NumPy alone: on arrays as small as one drawing's that takes a
# third of PyTorch's time. What belongs to one point or segment stands in a column, digit after digit.
