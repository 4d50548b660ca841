"""Opens a picture: brightness and alpha at a working resolution."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from ..errors import InputError

MAX_PIXELS = 50_000_000
WORKING_SIDE = 2_048  # px; a larger picture is reduced first


class Picture(NamedTuple):
    """A picture at a working resolution of at most ``WORKING_SIDE`` px a side."""

    grey: np.ndarray  # uint8 [H, W], brightness
    alpha: np.ndarray | None  # uint8 [H, W], or None if the picture has no transparency
    scale: float  # px of the picture, upright, per px of ``grey``


def open_picture(image: Image.Image | np.ndarray) -> Picture:
    """Brightness and alpha of a PIL image of any mode, or of a uint8 array [H, W], [H, W, 3] or [H, W, 4].

    The orientation of the EXIF data is applied. Raises InputError for anything else, for a damaged file, and
    for more than 50 million pixels.
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
    from .morphology import reduce

    scale = max(1.0, max(image.size) / WORKING_SIDE)
    if not has_alpha:
        return Picture(reduce(np.asarray(image.convert("L")), scale), None, scale)
    pixels = image.convert("RGBA")
    grey = np.asarray(pixels.convert("RGB").convert("L"))
    return Picture(reduce(grey, scale), reduce(np.asarray(pixels.getchannel("A")), scale), scale)
