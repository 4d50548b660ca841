"""Pixels to the seam, and the seam to the network: `to_input` is the only normalisation there is."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageOps
from torch import Tensor

from .errors import InputError
from .strokes import BOX, CENTRE, PEN, SIZE

MEAN, STD = 0.1307, 0.3081  # of MNIST's 60,000 training images, over 255
MAX_PIXELS = 50_000_000
WORKING_SIDE = 1_024  # px; a larger picture is reduced first

# Written into every checkpoint; weights are refused under any other preprocessing.
PREPROCESSING = {
    "size": SIZE,
    "box": BOX,
    "centre": CENTRE,
    "pen": PEN,
    "mean": MEAN,
    "std": STD,
}


def to_input(images: Tensor) -> Tensor:
    """Seam images, uint8 or float [N, 28, 28] in 0..255, to the network's float32 [N, 1, 28, 28]."""
    return (images.unsqueeze(1).float() / 255 - MEAN) / STD


def to_ink(image: Image.Image | np.ndarray) -> np.ndarray:
    """A picture of either polarity as ink: float32 [H, W] in 0..1, paper = 0.

    Takes a PIL image of any mode, or a uint8 array [H, W], [H, W, 3] or [H, W, 4]. Transparent parts
    are paper. Raises InputError for anything else, and for pictures of over 50 million pixels.
    """
    grey, alpha = _grey(image)
    if alpha is not None and alpha.min() < 0.5:
        if (grey[alpha > 0.5].std() if (alpha > 0.5).any() else 0.0) < 0.1:
            return alpha  # one colour on nothing: the drawing is in the alpha channel
        grey = grey * alpha + np.median(grey[alpha > 0.5]) * (1 - alpha)
    paper = np.median(_frame(grey))
    lighter, darker = (grey - paper).clip(0), (paper - grey).clip(0)
    ink = lighter if lighter.sum() > darker.sum() else darker
    strongest = ink.max()
    if strongest < 0.05:  # paper and its grain
        return np.zeros_like(ink)
    return (ink / strongest).astype(np.float32)


def _grey(image: Image.Image | np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Brightness in 0..1, and alpha in 0..1 where the picture has it; both float32 [H, W]."""
    if isinstance(image, np.ndarray):
        if image.dtype != np.uint8:
            raise InputError(f"An image array must be uint8 in 0..255, not {image.dtype}.")
        if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] in (3, 4))):
            raise InputError(
                f"An image array must be [H, W], [H, W, 3] or [H, W, 4], not {list(image.shape)}."
            )
        if image.size:
            image = Image.fromarray(image)
    if not isinstance(image, Image.Image):
        raise InputError("The image is empty or not an image.")
    if image.width * image.height > MAX_PIXELS:
        raise InputError(
            f"The image has {image.width:,} × {image.height:,} pixels; "
            f"at most {MAX_PIXELS // 1_000_000} million are read."
        )
    try:
        image.load()
        image = ImageOps.exif_transpose(image)
    except Exception as error:
        raise InputError("The image file is damaged and cannot be decoded.") from error
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


def find_box(ink: np.ndarray, threshold: float = 0.1) -> tuple[int, int, int, int] | None:
    """The box of all ink above ``threshold``: x0, y0, x1, y1 (ends excluded); None where there is none."""
    mask = ink > threshold
    if not mask.any():
        return None
    across, down = np.flatnonzero(mask.any(0)), np.flatnonzero(mask.any(1))
    return int(across[0]), int(down[0]), int(across[-1]) + 1, int(down[-1]) + 1


def fit_pixels(ink: np.ndarray) -> np.ndarray:
    """Ink cut to its box, float32 [h, w] in 0..1, laid out at the seam: uint8 [28, 28].

    The longer side becomes 20 px (area-averaged, aspect kept) and the centre of mass falls on pixel 14.
    One affine resampling does both, so nothing is rounded twice.
    """
    height, width = ink.shape
    scale = BOX / max(height, width)
    mass = ink.sum()
    mass_x = (ink.sum(0) * np.arange(width)).sum() / mass
    mass_y = (ink.sum(1) * np.arange(height)).sum() / mass
    # Reduce with area averaging first; the sub-pixel shift is then a bilinear one.
    small = Image.fromarray(ink.astype(np.float32)).resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX
    )
    left = CENTRE - ((mass_x + 0.5) * small.width / width - 0.5)
    top = CENTRE - ((mass_y + 0.5) * small.height / height - 0.5)
    canvas = small.transform(
        (SIZE, SIZE),
        Image.Transform.AFFINE,
        (1, 0, -round(left), 0, 1, -round(top)),
        resample=Image.Resampling.NEAREST,
    )
    return (np.asarray(canvas).clip(0, 1) * 255).round().astype(np.uint8)


def find_digits(ink: np.ndarray) -> list[tuple[np.ndarray, tuple[float, float, float, float]]]:
    """The digits of an ink image, each as its seam image uint8 [28, 28] and its box in pixels."""
    box = find_box(ink)
    if box is None:
        return []
    x0, y0, x1, y1 = box
    return [(fit_pixels(ink[y0:y1, x0:x1]), (float(x0), float(y0), float(x1), float(y1)))]
