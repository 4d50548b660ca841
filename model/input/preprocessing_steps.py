"""The single steps from a drawing to a model image, and the plain resize that most demos use instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..image import BOX, CENTRE, PEN, SIZE
from .ink import Component, Ink
from .model_images import correct_pen, cut_out, fit_box, paste, pen_width, place
from .pictures import open_picture
from .rasterizer import REACH, centre_of_mass, fit, rasterise, to_segments
from .strokes import Strokes, bounds


def rasterise_steps(strokes: Strokes, pen: float = PEN) -> tuple[np.ndarray, float, tuple[float, float]]:
    """The state of `rasterise_digit` before it moves the centre of mass.

    Returns the fitted drawing, uint8 [28, 28]; its scale in model-image px per unit of the drawing (0 for a
    dot, which has no size); and the px to the right and down by which centring moves the ink.
    """
    fitted = fit(strokes, BOX - pen)
    (x0, y0, x1, y1), (u0, v0, u1, v1) = bounds(strokes), bounds(fitted)
    longer = max(x1 - x0, y1 - y0)
    ink = _draw(fitted, pen)
    right, down = (CENTRE - centre_of_mass(ink[None]))[0].tolist()
    scale = max(u1 - u0, v1 - v0) / longer if longer else 0.0
    return _to_bytes(ink), scale, (right, down)


def _draw(strokes: Strokes, pen: float) -> np.ndarray:
    """Draw strokes in model-image px: ink float32 [28, 28] in 0..1."""
    segments = to_segments(strokes)
    ink: np.ndarray = rasterise(segments, np.array([segments.shape[1]]), np.array([pen], np.float32))[0]
    return ink


class PictureSteps(NamedTuple):
    """How the ink of one digit of a picture becomes a model image."""

    ink: np.ndarray  # uint8 [112, 112]: the digit's ink without that of its neighbours
    fitted: np.ndarray  # uint8 [28, 28]: pen corrected, box fitted to 20 px, in the middle
    size: tuple[int, int]  # px of the picture: width and height of the ink's box
    pen: tuple[float, float]  # px of the model image: pen width before and after the correction
    shift: tuple[int, int]  # px to the right and down by which centring moves the ink


def picture_steps(ink: Ink, components: Sequence[Component]) -> PictureSteps:
    """The steps of `model_images_of_ink` for one digit."""
    cut = cut_out(ink, components)
    corrected = correct_pen(cut)
    small = fit_box(corrected)
    height, width = small.shape
    fitted = paste(small, (SIZE - width) // 2, (SIZE - height) // 2)
    before, after = centre_of_mass(np.stack([fitted, place(small)]).astype(np.float32))
    right, down = (int(px) for px in (after - before).round())
    return PictureSteps(
        _in_square(cut), fitted, cut.size, (pen_width(cut), pen_width(corrected)), (right, down)
    )


def _in_square(cut: Image.Image) -> np.ndarray:
    """A digit's ink in the middle of uint8 [112, 112], four times the model image's side."""
    small = fit_box(cut, 4 * BOX)
    height, width = small.shape
    return paste(small, 2 * SIZE - width // 2, 2 * SIZE - height // 2, 4 * SIZE)


def plain_shrink(image: Image.Image) -> np.ndarray:
    """A whole picture resized to uint8 [28, 28], light on dark, as most demos do it."""
    picture = open_picture(image)
    grey = picture.grey.astype(np.float32) / 255
    if picture.alpha is not None:
        alpha = picture.alpha.astype(np.float32) / 255
        grey = grey * alpha + (1 - alpha)
    small = np.asarray(Image.fromarray(grey).resize((SIZE, SIZE), Image.Resampling.BOX))
    light = small if small.mean() < 0.5 else 1 - small
    return _to_bytes(light.clip(0, 1))


def plain_resize(strokes: Strokes, pens: Sequence[float], canvas: float) -> np.ndarray:
    """A whole canvas of ``canvas`` units a side, resized to uint8 [28, 28], as most demos do it.

    Each stroke has its own pen width, in the canvas's units. Nothing is fitted, redrawn or centred.
    """
    scale = SIZE / canvas
    by_pen: dict[float, Strokes] = {}
    for stroke, pen in zip(strokes, pens, strict=True):
        width = round(min(max(pen * scale, 0.1), REACH), 1)  # rounded to limit the number of layers
        by_pen.setdefault(width, []).append(stroke * scale - 0.5)  # pixel 0 has its centre at 0
    layers = [_draw(drawn, width) for width, drawn in by_pen.items()]
    return _to_bytes(np.maximum.reduce(layers)) if layers else np.zeros((SIZE, SIZE), np.uint8)


def _to_bytes(ink: np.ndarray) -> np.ndarray:
    """Ink in 0..1 as uint8."""
    return (ink * 255).round().astype(np.uint8)
