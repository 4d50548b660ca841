"""Pen strokes: validation of client input, bounds, and resampling along the path.

A stroke list is ``[[[x, y], ...], ...]``: one inner list from pen-down to pen-up, x to the right, y down, in
any unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeGuard

import numpy as np

from ..errors import InputError

MAX_POINTS = 200_000
MAX_STROKES = 2_000
MAX_COORDINATE = 1e9

Strokes = list[np.ndarray]


def parse_strokes(raw: object) -> Strokes:
    """Validate a client's stroke list; returns float64 [n, 2] arrays, n >= 1, without empty strokes.

    Raises InputError unless it has that shape and only finite numbers.
    """
    if not _is_list(raw):
        raise InputError("Strokes must be a list of strokes, each a list of [x, y] points.", "strokes.list")
    if len(raw) > MAX_STROKES:
        count, most = f"{len(raw):,}", f"{MAX_STROKES:,}"
        sentence = f"Too many strokes: {count}. The limit is {most}."
        raise InputError(sentence, "strokes.count", count=count, most=most)
    strokes: Strokes = []
    points = 0
    for number, stroke in enumerate(raw, 1):
        if isinstance(stroke, np.ndarray):
            stroke = stroke.tolist()
        if not _is_list(stroke):
            sentence = f"Stroke {number} is not a list of [x, y] points."
            raise InputError(sentence, "strokes.stroke", number=number)
        points += len(stroke)
        if points > MAX_POINTS:
            most = f"{MAX_POINTS:,}"
            raise InputError(f"Too many points. The limit is {most}.", "strokes.points", most=most)
        if not len(stroke):
            continue
        if not (_is_plain(stroke) or all(map(_is_point, stroke))):
            sentence = f"Stroke {number} has a point that is not two numbers [x, y]."
            raise InputError(sentence, "strokes.point", number=number)
        try:
            array = np.array(stroke, np.float64)
        except OverflowError:  # an integer too large for a float
            array = np.full((1, 2), 2 * MAX_COORDINATE)
        if not np.isfinite(array).all():
            sentence = f"Stroke {number} has a coordinate that is infinite or not a number."
            raise InputError(sentence, "strokes.number", number=number)
        if np.abs(array).max() > MAX_COORDINATE:
            most = f"{MAX_COORDINATE:,.0f}"
            sentence = f"Stroke {number} has a coordinate beyond ±{most}."
            raise InputError(sentence, "strokes.range", number=number, most=most)
        strokes.append(array)
    return strokes


def _is_list(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _is_plain(stroke: Sequence[Any]) -> bool:
    """Whether every point is a list of two numbers, as in parsed JSON. Faster than `_is_point` for each."""
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
    """``count`` points [count, 2] evenly spaced along a stroke [n, 2]."""
    along = path_lengths(stroke)
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)], 1)


def path_lengths(stroke: np.ndarray) -> np.ndarray:
    """Length of the path from the start of a stroke [n, 2] to each of its points: float64 [n]."""
    steps = np.hypot(*np.diff(stroke, axis=0).T)
    return np.concatenate([[0.0], np.cumsum(steps)])
