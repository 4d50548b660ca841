"""Finds the ink of a picture: darker or lighter than the paper, how wide a pen, which pixels.

Ink is thin. A morphological closing with a square wider than the pen removes dark ink, and leaves shadows, a
vignette or the table beside the sheet as they are; what it changed is the contrast of the ink (the black
top-hat transform). Light ink is found in the inverted picture. The right polarity and width are those
beyond which a wider square finds no more ink (a granulometry, Matheron 1975). `candidate_pens` measures it;
the reader decides between the candidates by what the network can read.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

SMALL_SIDE = 512  # px of the reduced picture on which the pens are measured
WIDTHS = (3, 6, 12, 24, 48, 96, 128)  # px of that picture: half the sides of the squares
OTHER_WIDTHS = (12, 48)  # to be tried if no pen is likely
SAME = (0.7, 1.18)  # a wider square that finds this many times as much ink finds the same ink
FAINTEST = 0.06  # lowest contrast of ink, in 0..1
DARKEST = 0.4  # of the picture's white: contrast is not measured against darker paper
NOISE = 7.4  # times the difference of the median and the first quartile: five standard deviations
NOISY = 0.16  # a picture whose noise has a higher contrast is smoothed
LOCAL = 0.4  # of the strongest contrast around it: the least contrast of ink
BROKEN = 0.2  # of that contrast: the least of ink that joins the ends of a broken stroke
GRAIN = 0.01  # highest contrast of clean paper

PAPER_SIDE = 64  # px of the reduced picture in which the brightness of evenly lit paper is estimated
PAPER_RADIUS = 8  # px of that picture, far wider than a pen
EVEN = 2  # grey values, the range of the brightness of evenly lit paper
MOSTLY = 0.75  # of the picture that must be so lit
THRESHOLD = 0.35  # of full ink: the least contrast of ink on evenly lit paper


class Pen(NamedTuple):
    """What ink looks like: darker or lighter than the paper, and narrower than 2 × ``radius`` px."""

    dark: bool
    radius: int


class Ink(NamedTuple):
    """The ink of a picture, at its working resolution."""

    contrast: np.ndarray  # float32 [H, W] in 0..1: the share of the paper's light that is missing
    mask: np.ndarray  # bool [H, W]: which pixels are ink
    floor: float  # the contrast of the paper's grain
    strong: float | None = None  # the contrast of full ink; None if it differs from digit to digit


class Component(NamedTuple):
    """A connected piece of ink: its mask bool [h, w], the mask's corner, and its pixels of ink."""

    mask: np.ndarray
    x: int
    y: int
    area: int

    @property
    def window(self) -> tuple[slice, slice]:
        """The rows and columns of the picture that the mask covers."""
        height, width = self.mask.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)


def is_evenly_lit(grey: np.ndarray) -> bool:
    """Whether most of uint8 [H, W] has the same brightness, as in a screenshot; the rest may be thick ink."""
    paper = _even_paper(_dark_on_light(grey))
    return bool((np.abs(paper - np.median(paper)) <= EVEN).mean() > MOSTLY)


def _dark_on_light(grey: np.ndarray) -> np.ndarray:
    """uint8 [H, W], inverted if its border, which is almost always bare paper, is dark."""
    inverted: np.ndarray = 255 - grey
    return inverted if np.median(_border(grey)) < (int(grey.min()) + int(grey.max())) / 2 else grey


def _border(grey: np.ndarray) -> np.ndarray:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _even_paper(grey: np.ndarray) -> np.ndarray:
    """The brightness of the paper, float32 [64, 64]: a closing far wider than a pen."""
    import cv2

    from .morphology import close

    small = cv2.resize(grey, (PAPER_SIDE, PAPER_SIDE), interpolation=cv2.INTER_AREA)
    return close(small, PAPER_RADIUS).astype(np.float32)


def even_ink(grey: np.ndarray) -> Ink:
    """The ink of a picture uint8 [H, W] without sharp shadows whose border is paper."""
    import cv2

    from .morphology import otsu_threshold

    grey = _dark_on_light(grey)
    height, width = grey.shape
    closed = _even_paper(grey)
    paper: np.ndarray = np.full(grey.shape, np.median(_border(grey)), np.float32)
    if np.ptp(closed) > EVEN:  # else use the unrounded brightness
        paper = cv2.resize(closed, (width, height), interpolation=cv2.INTER_CUBIC)
    contrast = ((paper - grey) / paper.clip(64)).clip(0, 1)
    level = otsu_threshold(contrast)
    above = contrast > level
    strong = float(np.percentile(contrast[above], 90)) if above.any() else 0.0
    # The median of the rest is bare paper, because soft edges have fewer pixels.
    grain = 2.5 * float(np.median(contrast[~above]))
    floor = grain if grain > GRAIN else 0.0  # on clean paper the ink keeps its soft edges
    if strong < FAINTEST or strong < 2 * grain:
        return Ink(contrast, np.zeros(grey.shape, bool), floor)
    return Ink(contrast, contrast > floor + THRESHOLD * (strong - floor), floor, strong)


def ink_of_alpha(alpha: np.ndarray) -> Ink:
    """The ink of a drawing in one colour on a transparent ground, from its alpha channel uint8 [H, W]."""
    contrast = alpha.astype(np.float32) / 255
    return Ink(contrast, contrast > THRESHOLD, 0.0, 1.0)


def candidate_pens(grey: np.ndarray) -> tuple[list[Pen], list[Pen]]:
    """The pens that have likely written on uint8 [H, W], the narrowest first; and other pens to try."""
    from .morphology import reduce

    side = max(grey.shape)
    small = reduce(grey, max(1.0, side / SMALL_SIDE))
    found: list[tuple[int, bool]] = []
    for dark in (True, False):
        amounts = [_amount(small, Pen(dark, _radius(width, max(small.shape)))) for width in WIDTHS]
        for n, amount in enumerate(amounts[:-1]):
            ratios = [wider / amount for wider in amounts[n + 1 : n + 3]] if amount else [0.0]
            if all(SAME[0] < ratio < SAME[1] for ratio in ratios):
                found.append((n, not dark))
                break
    likely = [Pen(not light, _radius(WIDTHS[n + 1], side)) for n, light in sorted(found)]
    others = [Pen(dark, _radius(width, side)) for width in OTHER_WIDTHS for dark in (True, False)]
    return likely, [pen for pen in others if pen not in likely]


def _radius(width: int, side: int) -> int:
    return max(2, round(width * side / SMALL_SIDE))


def _amount(grey: np.ndarray, pen: Pen) -> float:
    """The contrast of all the ink that ``pen`` could have written, per pixel of the picture."""
    contrast = _contrast(grey, pen)
    return float(contrast[contrast > _noise(contrast)].sum()) / contrast.size


def _contrast(grey: np.ndarray, pen: Pen) -> np.ndarray:
    """The contrast of ink against the paper around it: float32 [H, W] in 0..1, from uint8 [H, W]."""
    light = grey if pen.dark else 255 - grey
    paper = _paper(light, pen.radius).astype(np.float32)
    least = max(DARKEST * float(np.percentile(light[::4, ::4], 95)), 1.0)
    contrast: np.ndarray = ((paper - light) / paper.clip(least)).clip(0, 1)
    return contrast


def _paper(light: np.ndarray, radius: int) -> np.ndarray:
    """The brightness of the paper under the ink: the closing of uint8 [H, W] with a square."""
    import cv2

    from .morphology import close

    if max(light.shape) > SMALL_SIDE:
        light = cv2.GaussianBlur(light, (0, 0), 1.0)  # else the closing follows the brightest noise
    height, width = light.shape
    step = max(1, radius // 12)  # a wide square is nearly as exact on a reduced picture, and much faster
    if step > 1:
        light = cv2.resize(light, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
    closed = close(light, max(1, round(radius / step)))
    return closed if step == 1 else cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR)


def _noise(contrast: np.ndarray) -> float:
    """The contrast above which a pixel is not noise of the paper."""
    sample = contrast[::3, ::3] if contrast.size > 100_000 else contrast
    quartile, median = np.percentile(sample, (25, 50))
    return max(FAINTEST, float(median + NOISE * (median - quartile)))


def find_ink(grey: np.ndarray, pen: Pen) -> Ink:
    """The ink of uint8 [H, W] that ``pen`` could have written."""
    import cv2

    contrast = _contrast(grey, pen)
    floor = _noise(contrast)
    for blur in (1.2, 2.4):
        if floor < NOISY or max(grey.shape) <= SMALL_SIDE:
            break
        contrast = _contrast(cv2.GaussianBlur(grey, (0, 0), blur), pen)
        floor = _noise(contrast)
    strongest = _strongest_around(contrast, 3 * pen.radius)
    mask = contrast > np.maximum(floor, LOCAL * strongest)
    mask |= _bridges(mask, contrast > np.maximum(floor, BROKEN * strongest))
    grain = 2.5 * float(np.median(contrast[::3, ::3]))
    return Ink(contrast, mask, grain if grain > GRAIN else 0.0)


def _strongest_around(contrast: np.ndarray, radius: int) -> np.ndarray:
    """The strongest contrast in a square around each pixel, smoothed: float32 [H, W]."""
    import cv2

    from .morphology import dilate

    height, width = contrast.shape
    step = max(1, radius // 8)
    if step > 1:
        contrast = cv2.resize(contrast, (-(-width // step), -(-height // step)), interpolation=cv2.INTER_AREA)
    radius = max(1, radius // step)
    strongest = cv2.blur(dilate(contrast, radius), (2 * radius + 1, 2 * radius + 1))
    return strongest if step == 1 else cv2.resize(strongest, (width, height), interpolation=cv2.INTER_LINEAR)


def _bridges(mask: np.ndarray, faint: np.ndarray) -> np.ndarray:
    """Faint ink between two ends of a broken stroke that are no further apart than the pen is wide."""
    import cv2

    width = min(max(1, round(pen_width(mask))), 15)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * width + 1, 2 * width + 1))
    closed = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, disc)
    bridges: np.ndarray = closed.view(bool) & faint
    return bridges


def pen_width(mask: np.ndarray) -> float:
    """The mean width of strokes bool [H, W] in px: their area divided by half the length of their outline."""
    import cv2

    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)
    inside = cv2.erode(mask.view(np.uint8), cross, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    area = int(np.count_nonzero(mask))
    return 2 * area / max(area - int(np.count_nonzero(inside)), 1)


def extent(mask: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns from the first to the last that have a pixel of bool [H, W]."""
    down, across = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(down[0], down[-1] + 1), slice(across[0], across[-1] + 1)


def components_of(mask: np.ndarray, least: float = 1.0, most: int = 1_000) -> list[Component]:
    """The connected pieces (8 neighbours) of bool [H, W] whose longer side has at least ``least`` px.

    Only the ``most`` largest, the largest first.
    """
    from .morphology import connected_components

    labels, boxes = connected_components(mask)
    sides = (boxes[:, 2:] - boxes[:, :2]).max(1, initial=0)
    order = np.argsort(-sides, kind="stable")[:most]
    components = []
    for n in order[sides[order] >= least]:
        x0, y0, x1, y1 = boxes[n].tolist()
        own = labels[y0:y1, x0:x1] == n + 1
        components.append(Component(own, x0, y0, int(np.count_nonzero(own))))
    return components
