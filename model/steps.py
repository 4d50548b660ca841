"""A drawing's way to the seam step by step, and the plain resize that most demos take instead."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from .strokes import (
    BOX,
    CENTRE,
    PEN,
    REACH,
    SIZE,
    Strokes,
    bounds,
    centre_of_mass,
    fit,
    rasterise,
    to_segments,
)


def restroke_steps(strokes: Strokes, pen: float = PEN) -> tuple[np.ndarray, float, tuple[float, float]]:
    """`restroke` halfway: the fitted drawing, uint8 [28, 28], before its centre of mass is moved.

    And the figures of the two steps: seam px for one unit of the drawing (0 for a dot, which has no
    size), and how far right and down the centring will move the ink, in px.
    """
    fitted = fit(strokes, BOX - pen)
    (x0, y0, x1, y1), (u0, v0, u1, v1) = bounds(strokes), bounds(fitted)
    longer = max(x1 - x0, y1 - y0)
    ink = rasterise(torch.from_numpy(to_segments(fitted))[None], torch.tensor([pen]))
    right, down = (CENTRE - centre_of_mass(ink))[0].tolist()
    scale = max(u1 - u0, v1 - v0) / longer if longer else 0.0
    return (ink[0] * 255).round().to(torch.uint8).numpy(), scale, (right, down)


def plain_resize(strokes: Strokes, pens: Sequence[float], canvas: float) -> np.ndarray:
    """The whole canvas, ``canvas`` units a side, shrunk to uint8 [28, 28], as most demos do it.

    Each stroke has the pen that drew it, in the canvas's units. Nothing is fitted, restroked or
    centred: beside `restroke` it shows what those are for.
    """
    scale = SIZE / canvas
    by_pen: dict[float, Strokes] = {}
    for stroke, pen in zip(strokes, pens, strict=True):
        width = round(min(max(pen * scale, 0.1), REACH), 1)  # few widths, whatever a client sends
        by_pen.setdefault(width, []).append(stroke * scale - 0.5)  # pixel 0 is about its centre
    image = torch.zeros(SIZE, SIZE)
    for width, drawn in by_pen.items():
        segments = torch.from_numpy(to_segments(drawn))[None]
        image = torch.maximum(image, rasterise(segments, torch.tensor([width]))[0])
    return (image * 255).round().to(torch.uint8).numpy()
