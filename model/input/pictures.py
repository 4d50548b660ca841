"""From a picture to ink, and from one digit's ink to a model image.

A picture is converted to grey values and then to ink (`to_ink`). ``segmentation`` groups the ink into digits.
The ink of a digit is cut out, its pen width is corrected if it is far from MNIST's, and it is laid out as a
model image (`model_images_of_ink`).
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps

from ..errors import InputError
from ..image import BOX, CENTRE, PEN, SIZE

MAX_PIXELS = 50_000_000
WORKING_SIDE = 1_024  # px; a larger picture is reduced first
FAINTEST = 0.08  # lowest contrast of ink, in 0..1
GRAIN = 0.01  # highest contrast of clean paper
PAPER_SIDE = 64  # px of the reduced picture in which the paper's brightness is estimated
PAPER_RADIUS = 8  # px of that picture, far wider than a pen
THRESHOLD = 0.35  # ink above this belongs to a component
EDGE = 0.2  # ink above this belongs to a digit's box
PEN_LEAST, PEN_MOST = 1.2, 4.5  # px of the model image; 99 % of MNIST's own pen widths lie between


def to_ink(image: Image.Image | np.ndarray) -> np.ndarray:
    """The ink of a picture: float32 [H, W] in 0..1, paper = 0, at most 1,024 px a side.

    Takes a PIL image of any mode, or a uint8 array [H, W], [H, W, 3] or [H, W, 4], dark on light or light on
    dark. Transparent parts are paper. Uneven lighting and the paper's grain are removed. Raises InputError
    for anything else, and for more than 50 million pixels.
    """
    from .morphology import otsu_threshold

    grey, alpha = to_grey(image)
    if alpha is not None and alpha.min() < 0.5:
        drawn = grey[alpha > 0.5]
        if drawn.size == 0 or drawn.std() < 0.1:
            return alpha  # one colour on a transparent ground: the alpha channel is the drawing
        grey = grey * alpha + np.median(drawn) * (1 - alpha)
    if np.median(_border(grey)) < (grey.min() + grey.max()) / 2:  # dark paper
        grey = 1 - grey
    paper = _paper(grey)
    contrast = ((paper - grey) / paper.clip(0.25)).clip(0)  # ink absorbs a share of the light
    level = otsu_threshold(contrast)
    ink, rest = contrast[contrast > level], contrast[contrast <= level]
    strong = np.percentile(ink, 90) if ink.size else 0.0
    # The median of the rest is bare paper, because soft edges have fewer pixels.
    grain = 2.5 * float(np.median(rest))
    if strong < FAINTEST or strong < 2 * grain:
        return np.zeros_like(grey)
    floor = grain if grain > GRAIN else 0.0  # on clean paper the ink keeps its soft edges
    scaled: np.ndarray = ((contrast - floor) / (strong - floor)).clip(0, 1)
    return scaled


def _paper(grey: np.ndarray) -> np.ndarray:
    """The paper's brightness under the ink: a morphological closing far wider than a pen, smoothed."""
    from .morphology import close

    height, width = grey.shape
    small = Image.fromarray(grey).resize((PAPER_SIDE, PAPER_SIDE), Image.Resampling.BOX)
    closed = close((np.asarray(small) * 255).round().astype(np.uint8), PAPER_RADIUS)
    if np.ptp(closed) <= 2:  # evenly lit: use the unrounded brightness
        return np.full_like(grey, np.median(_border(grey)))
    smooth = Image.fromarray(closed.astype(np.float32) / 255)
    return np.asarray(smooth.resize((width, height), Image.Resampling.BICUBIC))


def to_grey(image: Image.Image | np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Brightness in 0..1, and alpha in 0..1 if the picture has it: both float32 [H, W].

    Raises InputError as `to_ink` does.
    """
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
        sentence = f"The image has {size} pixels. The limit is {most} million."
        raise InputError(sentence, "picture.pixels", size=size, most=most)
    try:
        image.load()
        image = ImageOps.exif_transpose(image)
    except Exception as error:
        raise InputError("The image file is damaged and cannot be decoded.", "picture.damaged") from error
    if image.mode.startswith("I"):  # 16 or 32 bits, which Pillow's conversion would clip
        values = np.asarray(image, np.float32)
        image = Image.fromarray((values * (255 / max(values.max(), 1))).astype(np.uint8))
    has_alpha = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    pixels = image.convert("RGBA" if has_alpha else "L")
    pixels.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX)
    if not has_alpha:
        return np.asarray(pixels, np.float32) / 255, None
    grey = np.asarray(pixels.convert("RGB").convert("L"), np.float32) / 255
    return grey, np.asarray(pixels.getchannel("A"), np.float32) / 255


def _border(grey: np.ndarray) -> np.ndarray:
    """The outermost pixels, which are almost always bare paper."""
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def model_images_of_ink(ink: np.ndarray, digits: list[list[np.ndarray]]) -> np.ndarray:
    """The model images uint8 [N, 28, 28] of ``digits``, each a list of masks bool [H, W] on ``ink``."""
    images = [place(fit_box(correct_pen(cut_out(ink, masks)))) for masks in digits]
    return np.stack(images) if images else np.zeros((0, SIZE, SIZE), np.uint8)


def cut_out(ink: np.ndarray, masks: list[np.ndarray]) -> Image.Image:
    """One digit's ink without that of its neighbours, cropped to its box: an image of floats in 0..1."""
    from .morphology import dilate

    mask = np.logical_or.reduce(masks)
    rows, columns = _extent(mask)
    # The soft edge around a component, one pixel of the model image wide, belongs to it.
    reach = 2 + int((max(rows.stop - rows.start, columns.stop - columns.start) - 1) // BOX)
    window = tuple(slice(max(axis.start - reach, 0), axis.stop + reach) for axis in (rows, columns))
    mask, ink = mask[window], ink[window]
    own = dilate(mask, reach) & (mask | (ink <= THRESHOLD))  # no other component
    cut = np.where(own, ink, 0)
    return Image.fromarray(cut[_extent(cut > EDGE)])


def _extent(mask: np.ndarray) -> tuple[slice, slice]:
    """The rows and columns from the first to the last that have a pixel of bool [H, W]."""
    down, across = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return slice(down[0], down[-1] + 1), slice(across[0], across[-1] + 1)


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
    return Image.fromarray(thin[_extent(thin > 0)])
