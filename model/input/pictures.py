"""Pixels to model images, and the seam to the network: `to_input` is the only normalisation there is."""

from __future__ import annotations

import itertools

import numpy as np
from PIL import Image, ImageOps

from ..errors import InputError
from ..image import BOX, CENTRE, PEN, SIZE
from .segmentation import MAX_PARTS, Part, without_marks

MAX_PIXELS = 50_000_000
WORKING_SIDE = 1_024  # px; a larger picture is reduced first
FAINTEST = 0.08  # contrast, of 1, that ink has at least
GRAIN = 0.01  # contrast of clean paper
THRESHOLD = 0.35  # ink that joins two pixels into one piece
EDGE = 0.2  # ink that belongs to a digit's box
SPECK = 0.08  # of the largest piece's side
PEN_LEAST, PEN_MOST = 1.2, 4.5  # px of the model image: all but 1 % of MNIST's own pens lie between


def to_ink(image: Image.Image | np.ndarray) -> np.ndarray:
    """A picture of either polarity as ink: float32 [H, W] in 0..1, paper = 0, at most 1,024 px a side.

    Takes a PIL image of any mode, or a uint8 array [H, W], [H, W, 3] or [H, W, 4]. Transparent parts
    are paper; shades across the paper and its grain are taken out. Raises InputError for anything
    else, and for pictures of over 50 million pixels.
    """
    grey, alpha = to_grey(image)
    if alpha is not None and alpha.min() < 0.5:
        drawn = grey[alpha > 0.5]
        if drawn.size == 0 or drawn.std() < 0.1:
            return alpha  # one colour on nothing: the drawing is in the alpha channel
        grey = grey * alpha + np.median(drawn) * (1 - alpha)
    if np.median(_frame(grey)) < (grey.min() + grey.max()) / 2:  # dark paper
        grey = 1 - grey
    paper = _paper(grey)
    contrast = ((paper - grey) / paper.clip(0.25)).clip(0)  # ink takes a share of the light there is
    level = _otsu(contrast)
    ink, rest = contrast[contrast > level], contrast[contrast <= level]
    strong = np.percentile(ink, 90) if ink.size else 0.0
    # The median is of paper far from any ink: soft edges are fewer.
    grain = 2.5 * float(np.median(rest))
    if strong < FAINTEST or strong < 2 * grain:
        return np.zeros_like(grey)
    floor = grain if grain > GRAIN else 0.0  # clean paper keeps the ink's soft edges
    return ((contrast - floor) / (strong - floor)).clip(0, 1)


def _paper(grey: np.ndarray) -> np.ndarray:
    """How bright the paper is under the ink: a closing far wider than a pen, then smoothed."""
    height, width = grey.shape
    small = Image.fromarray(grey).resize((64, 64), Image.Resampling.BOX)
    pixels = (np.asarray(small) * 255).round().astype(np.uint8)
    closed = 255 - _spread(255 - _spread(pixels, 8), 8)
    if np.ptp(closed) <= 2:  # even paper: its own brightness, unrounded
        return np.full_like(grey, np.median(_frame(grey)))
    smooth = Image.fromarray(closed.astype(np.float32) / 255).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    return np.asarray(smooth)


def _otsu(values: np.ndarray) -> float:
    """The threshold in 0..1 that parts two classes best (Otsu 1979, eq. 12, on 256 levels)."""
    counts, edges = np.histogram(values, 256, (0, 1))
    weight = counts.cumsum() / max(counts.sum(), 1)
    mean = (counts * edges[:-1]).cumsum() / max(counts.sum(), 1)
    spread = weight * (1 - weight)
    between = np.where(spread > 0, (mean[-1] * weight - mean) ** 2 / np.maximum(spread, 1e-12), 0)
    return float(edges[1:][between.argmax()])


def to_grey(image: Image.Image | np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Brightness in 0..1, and alpha in 0..1 where the picture has it; both float32 [H, W]."""
    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8:
            raise InputError(f"An image array must be uint8 in 0..255, not {image.dtype}.", "picture.array")
        if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))):
            raise InputError(
                f"An image array must be [H, W], [H, W, 3] or [H, W, 4], not {list(image.shape)}.",
                "picture.array",
            )
        if image.size:
            image = Image.fromarray(image)
    if not isinstance(image, Image.Image) or 0 in image.size:
        raise InputError("The image is empty or not an image.", "picture.empty")
    if image.width * image.height > MAX_PIXELS:
        size, most = f"{image.width:,} × {image.height:,}", MAX_PIXELS // 1_000_000
        sentence = f"The image has {size} pixels; at most {most} million are read."
        raise InputError(sentence, "picture.pixels", size=size, most=most)
    try:
        image.load()
        image = ImageOps.exif_transpose(image)
    except Exception as error:
        raise InputError("The image file is damaged and cannot be decoded.", "picture.damaged") from error
    if image.mode.startswith("I"):  # 16 and 32 bits: Pillow's own conversion would clip
        wide = np.asarray(image, np.float32)
        image = Image.fromarray((wide * (255 / max(wide.max(), 1))).astype(np.uint8))
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    pixels = image.convert("RGBA" if has_alpha else "L")
    pixels.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    if not has_alpha:
        return np.asarray(pixels, np.float32) / 255, None
    grey = np.asarray(pixels.convert("RGB").convert("L"), np.float32) / 255
    return grey, np.asarray(pixels.getchannel("A"), np.float32) / 255


def _frame(grey: np.ndarray) -> np.ndarray:
    """The outermost pixels: what the paper looks like where nobody has written."""
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def parts_of_ink(ink: np.ndarray) -> list[Part]:
    """Connected pieces of ink (8-neighbours), each with its mask bool [H, W] and its box in pixels.

    Specks of less than ``SPECK`` of the largest piece's side in both directions are left out, and so are
    stray marks.
    """
    labels = connected(ink > THRESHOLD)
    boxes = _boxes(labels)
    sides = (boxes[:, 2:] - boxes[:, :2]).max(1)
    kept = np.flatnonzero(sides >= SPECK * sides.max(initial=0))
    if len(kept) > MAX_PARTS:  # no writing; a mask of each would be a lot of memory
        x0, y0, x1, y1 = *boxes[kept, :2].min(0).tolist(), *boxes[kept, 2:].max(0).tolist()
        return [Part([np.isin(labels, kept + 1)], (x0, y0, x1, y1))]
    parts = [Part([labels == n + 1], tuple(boxes[n].tolist())) for n in kept]
    return sorted(without_marks(parts), key=lambda part: part.middle)


def _boxes(labels: np.ndarray) -> np.ndarray:
    """The box x0, y0, x1, y1 of every label from 1 on: float64 [N, 4]."""
    height, width = labels.shape
    boxes = np.tile(np.array([width, height, 0, 0], np.float64), (labels.max() + 1, 1))
    y, x = np.nonzero(labels)
    number = labels[y, x]
    for column, (reduce, values) in enumerate(
        [(np.minimum, x), (np.minimum, y), (np.maximum, x + 1), (np.maximum, y + 1)]
    ):
        reduce.at(boxes[:, column], number, values)
    return boxes[1:]


def connected(mask: np.ndarray) -> np.ndarray:
    """Connected components of bool [H, W], 8-neighbours: int32 [H, W], 0 = outside, then 1, 2, ...

    Row by row over runs of ink with a union-find (Rosenfeld and Pfaltz 1966, on runs).
    """
    parent: list[int] = []

    def root(n: int) -> int:
        while parent[n] != n:
            parent[n] = parent[parent[n]]
            n = parent[n]
        return n

    labels = np.zeros(mask.shape, np.int32)
    padded = np.pad(mask, ((0, 0), (1, 1))).astype(np.int8)
    above: list[tuple[int, int, int]] = []
    for y, steps in enumerate(np.diff(padded, axis=1)):
        here: list[tuple[int, int, int]] = []
        first = 0  # runs above that end before this one begins are behind all later ones too
        for start, end in zip(
            np.flatnonzero(steps > 0).tolist(), np.flatnonzero(steps < 0).tolist(), strict=True
        ):
            while first < len(above) and above[first][1] < start:
                first += 1
            touching = set()
            for a, _, n in itertools.islice(above, first, None):
                if a > end:
                    break
                touching.add(root(n))
            if touching:
                number = min(touching)
                for other in touching:
                    parent[other] = number
            else:
                number = len(parent)
                parent.append(number)
            labels[y, start:end] = number + 1
            here.append((start, end, number))
        above = here
    roots = [root(n) for n in range(len(parent))]
    compact = {number: n for n, number in enumerate(sorted(set(roots)), 1)}
    return np.array([0, *(compact[number] for number in roots)], np.int32)[labels]


def model_images_of_ink(ink: np.ndarray, digits: list[list[np.ndarray]]) -> np.ndarray:
    """The model images uint8 [N, 28, 28] of ``digits``, each a list of masks on ``ink``."""
    images = [place(fit_box(mend_pen(cut_out(ink, masks)))) for masks in digits]
    return np.stack(images) if images else np.zeros((0, SIZE, SIZE), np.uint8)


def cut_out(ink: np.ndarray, masks: list[np.ndarray]) -> Image.Image:
    """One digit's ink and no other's, as its box has it: a picture of floats in 0..1."""
    mask = np.logical_or.reduce(masks)
    across, down = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    # The soft edge around a piece, a pixel of the seam wide, belongs to it; the piece beside it does not.
    reach = 2 + int(max(across[-1] - across[0], down[-1] - down[0]) // BOX)
    here = np.s_[
        max(down[0] - reach, 0) : down[-1] + reach + 1, max(across[0] - reach, 0) : across[-1] + reach + 1
    ]
    own = _spread(mask[here], reach) & (mask[here] | (ink[here] <= THRESHOLD))
    cut = np.where(own, ink[here], 0)
    across, down = np.flatnonzero(cut.max(0) > EDGE), np.flatnonzero(cut.max(1) > EDGE)
    return Image.fromarray(cut[down[0] : down[-1] + 1, across[0] : across[-1] + 1])


def fit_box(cut: Image.Image) -> np.ndarray:
    """A digit's ink, area-averaged to MNIST's box: float32 in 0..1, 20 px on its longer side."""
    scale = BOX / max(cut.size)
    sides = [max(1, round(side * scale)) for side in cut.size]
    return np.asarray(cut.resize(sides, Image.Resampling.BOX)).clip(0, 1)


def place(small: np.ndarray) -> np.ndarray:
    """Fitted ink on the seam, its centre of mass on pixel 14, in whole pixels: uint8 [28, 28]."""
    height, width = small.shape
    mass = small.sum()
    left = round(CENTRE - (small.sum(0) * np.arange(width)).sum() / mass)
    top = round(CENTRE - (small.sum(1) * np.arange(height)).sum() / mass)
    # A lopsided digit may not leave the image.
    left, top = int(np.clip(left, 0, SIZE - width)), int(np.clip(top, 0, SIZE - height))
    seam = np.zeros((SIZE, SIZE), np.uint8)
    seam[top : top + height, left : left + width] = (small * 255).round()
    return seam


def pen_of(cut: Image.Image) -> float:
    """How wide the pen was that drew the ink, in px of the model image: its area over half its outline."""
    mask = np.asarray(cut) > 0.5
    outline = (
        mask.sum()
        - (mask[1:-1, 1:-1] & mask[:-2, 1:-1] & mask[2:, 1:-1] & mask[1:-1, :-2] & mask[1:-1, 2:]).sum()
    )
    return float(2 * mask.sum() / max(outline, 1) * BOX / max(cut.size))


def mend_pen(cut: Image.Image) -> Image.Image:
    """Thicken or thin the ink where its pen is far from what MNIST knows; else leave it alone.

    Thinned only as far as it must be: where strokes run into each other, they look like one thick pen, and
    the thin ones among them would vanish.
    """
    pen = pen_of(cut)
    if pen == 0 or PEN_LEAST <= pen <= PEN_MOST:
        return cut
    wanted = PEN if pen < PEN_LEAST else PEN_MOST
    by = round((wanted - pen) * max(cut.size) / BOX / 2)  # px of the cut, on each side of a stroke
    if by == 0:
        return cut
    ink = np.asarray(cut)
    if by > 0:
        return Image.fromarray(_spread(np.pad(ink, by), by))
    thin = 1 - _spread(1 - ink, -by)
    if thin.max() < 0.5:  # it was a blot, not a stroke
        return cut
    across, down = np.flatnonzero(thin.max(0)), np.flatnonzero(thin.max(1))
    return Image.fromarray(thin[down[0] : down[-1] + 1, across[0] : across[-1] + 1])


def _spread(ink: np.ndarray, by: int) -> np.ndarray:
    """The strongest ink [H, W] in the square of 2 × ``by`` + 1 px around each pixel.

    Windows are doubled until they are wide enough, so a hundred pixels cost seven steps an axis.
    """
    ink = np.pad(ink, by, "edge")
    for _ in range(2):
        reach = 1
        while reach <= 2 * by:
            step = min(reach, 2 * by + 1 - reach)
            ink = np.maximum(ink[step:], ink[:-step])
            reach += step
        ink = ink.T
    return ink
