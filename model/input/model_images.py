"""From one digit's ink to a model image: cut out, pen width corrected, fitted to 20 px, centred."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from ..image import BOX, CENTRE, PEN, SIZE
from .ink import Component, Ink, extent

EDGE = 0.2  # ink above this belongs to a digit's box
STRONG = 90  # percentile of a digit's contrast that counts as full ink
PEN_LEAST, PEN_MOST = 1.2, 4.5  # px of the model image; 99 % of MNIST's own pen widths lie between


def model_images_of_ink(ink: Ink, digits: Sequence[Sequence[Component]]) -> np.ndarray:
    """The model images uint8 [N, 28, 28] of ``digits``, each some components of ``ink``."""
    images = [place(fit_box(correct_pen(cut_out(ink, digit)))) for digit in digits]
    return np.stack(images) if images else np.zeros((0, SIZE, SIZE), np.uint8)


def cut_out(ink: Ink, components: Sequence[Component]) -> Image.Image:
    """One digit's ink without that of its neighbours, cropped to its box: an image of floats in 0..1."""
    from .morphology import dilate

    x0, y0 = (min(component[axis] for component in components) for axis in (1, 2))
    x1 = max(c.x + c.mask.shape[1] for c in components)
    y1 = max(c.y + c.mask.shape[0] for c in components)
    # The soft edge around a component, one pixel of the model image wide, belongs to it.
    reach = 2 + int((max(x1 - x0, y1 - y0) - 1) // BOX)
    height, width = ink.mask.shape
    left, top = max(x0 - reach, 0), max(y0 - reach, 0)
    window = slice(top, min(y1 + reach, height)), slice(left, min(x1 + reach, width))
    contrast = ink.contrast[window]
    mask = np.zeros(contrast.shape, bool)
    for component in components:
        down, across = component.mask.shape
        y, x = component.y - top, component.x - left
        mask[y : y + down, x : x + across] |= component.mask
    own = dilate(mask, reach) & (mask | ~ink.mask[window])  # no other component
    strong = ink.strong or float(np.percentile(contrast[mask], STRONG))
    floor = min(ink.floor, strong / 2)
    cut = np.where(own, ((contrast - floor) / (strong - floor)).clip(0, 1), 0)
    return Image.fromarray(cut[extent(cut > EDGE)])


def fit_box(cut: Image.Image, longer: float = BOX) -> np.ndarray:
    """A digit's ink, resized by area averaging so that its longer side has ``longer`` px: float32 in 0..1."""
    scale = longer / max(cut.size)
    width, height = (max(1, round(side * scale)) for side in cut.size)
    return np.asarray(cut.resize((width, height), Image.Resampling.BOX)).clip(0, 1)


def place(small: np.ndarray) -> np.ndarray:
    """Fitted ink on a model image uint8 [28, 28], moved by whole pixels to its centre of mass at pixel 14."""
    height, width = small.shape
    mass = small.sum()
    left = round(CENTRE - (small.sum(0) * np.arange(width)).sum() / mass)
    top = round(CENTRE - (small.sum(1) * np.arange(height)).sum() / mass)
    # A digit with most of its ink on one side must not leave the image.
    left, top = int(np.clip(left, 0, SIZE - width)), int(np.clip(top, 0, SIZE - height))
    return paste(small, left, top)


def paste(small: np.ndarray, left: int, top: int, side: int = SIZE) -> np.ndarray:
    """Ink in 0..1 at a place on a blank image: uint8 [side, side]."""
    image = np.zeros((side, side), np.uint8)
    image[top : top + small.shape[0], left : left + small.shape[1]] = (small * 255).round()
    return image


def pen_width(cut: Image.Image) -> float:
    """Pen width in px of the model image: the ink's area divided by half the length of its outline."""
    mask = np.asarray(cut) > 0.5
    inside = mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]
    return float(2 * mask.sum() / max(mask.sum() - inside.sum(), 1) * BOX / max(cut.size))


def correct_pen(cut: Image.Image) -> Image.Image:
    """Thicken or thin the ink if its pen width is outside MNIST's range.

    Ink is thinned only to ``PEN_MOST``: merged strokes look like one thick pen, and further thinning would
    erase the thin strokes among them.
    """
    from .morphology import dilate

    pen = pen_width(cut)
    if pen == 0 or PEN_LEAST <= pen <= PEN_MOST:
        return cut
    target = PEN if pen < PEN_LEAST else PEN_MOST
    radius = round((target - pen) * max(cut.size) / BOX / 2)  # px of the picture; negative to thin
    if radius == 0:
        return cut
    ink = np.asarray(cut)
    if radius > 0:
        return Image.fromarray(dilate(np.pad(ink, radius), radius))
    thin = 1 - dilate(1 - ink, -radius)
    if thin.max() < 0.5:  # a blot, not a stroke
        return cut
    return Image.fromarray(thin[extent(thin > 0)])
