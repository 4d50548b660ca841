"""A drawing's way to model images step by step, and the plain resize that most demos take instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from ..image import BOX, CENTRE, PEN, SIZE
from .pictures import cut_out, fit_box, mend_pen, pen_of, place, to_grey
from .rasterizer import REACH, centre_of_mass, fit, rasterise, to_segments
from .strokes import Strokes, bounds


def rasterise_steps(strokes: Strokes, pen: float = PEN) -> tuple[np.ndarray, float, tuple[float, float]]:
    """`rasterise_digit` halfway: the fitted drawing, uint8 [28, 28], before its centre of mass is moved.

    And the figures of the two steps: model-image px for one unit of the drawing (0 for a dot, which has no
    size), and how far right and down the centring will move the ink, in px.
    """
    fitted = fit(strokes, BOX - pen)
    (x0, y0, x1, y1), (u0, v0, u1, v1) = bounds(strokes), bounds(fitted)
    longer = max(x1 - x0, y1 - y0)
    ink = rasterise(torch.from_numpy(to_segments(fitted))[None], torch.tensor([pen]))
    right, down = (CENTRE - centre_of_mass(ink))[0].tolist()
    scale = max(u1 - u0, v1 - v0) / longer if longer else 0.0
    return (ink[0] * 255).round().to(torch.uint8).numpy(), scale, (right, down)


class PictureSteps(NamedTuple):
    """How one digit of a picture gets to model images."""

    ink: np.ndarray  # uint8 [112, 112]: the ink that was found to be this digit's, on its own
    fitted: np.ndarray  # uint8 [28, 28]: its pen mended, its box brought to 20 px, in the middle
    size: tuple[int, int]  # px of the picture: the width and height of the ink's box
    pen: tuple[float, float]  # px of the model image: how wide the pen was, and is once mended
    shift: tuple[int, int]  # px that the centring moves the ink, right and down


def picture_steps(ink: np.ndarray, masks: list[np.ndarray]) -> PictureSteps:
    """`model_images_of_ink` halfway, for the digit whose ``masks`` lie on ``ink``, float32 [H, W] in 0..1."""
    cut = cut_out(ink, masks)
    mended = mend_pen(cut)
    small = fit_box(mended)
    height, width = small.shape
    left, top = (SIZE - width) // 2, (SIZE - height) // 2
    fitted = np.zeros((SIZE, SIZE), np.uint8)
    fitted[top : top + height, left : left + width] = (small * 255).round()
    shift = (centre_of_mass(_tensor(place(small))) - centre_of_mass(_tensor(fitted)))[0].round()
    right, down = (int(px) for px in shift.tolist())
    return PictureSteps(_in_square(cut), fitted, cut.size, (pen_of(cut), pen_of(mended)), (right, down))


def _tensor(image: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(image)[None].float()


def _in_square(cut: Image.Image) -> np.ndarray:
    """A digit's ink in the middle of uint8 [112, 112], four times the seam."""
    scale = 4 * BOX / max(cut.size)
    width, height = (max(1, round(side * scale)) for side in cut.size)
    shrunk = cut.resize((width, height), Image.Resampling.BOX)
    square = Image.new("F", (4 * SIZE, 4 * SIZE))
    square.paste(shrunk, (2 * SIZE - width // 2, 2 * SIZE - height // 2))
    return (np.asarray(square).clip(0, 1) * 255).round().astype(np.uint8)


def plain_shrink(image: Image.Image) -> np.ndarray:
    """A whole picture shrunk to uint8 [28, 28], light on dark, as most demos do it: nothing is looked for."""
    grey, alpha = to_grey(image)
    if alpha is not None:
        grey = grey * alpha + (1 - alpha)
    small = np.asarray(Image.fromarray(grey).resize((SIZE, SIZE), Image.Resampling.BOX))
    light = small if small.mean() < 0.5 else 1 - small
    return (light.clip(0, 1) * 255).round().astype(np.uint8)


def plain_resize(strokes: Strokes, pens: Sequence[float], canvas: float) -> np.ndarray:
    """The whole canvas, ``canvas`` units a side, shrunk to uint8 [28, 28], as most demos do it.

    Each stroke has the pen that drew it, in the canvas's units. Nothing is fitted, restroked or
    centred: beside `rasterise_digit` it shows what those are for.
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
