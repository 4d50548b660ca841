"""Morphology, connected components and Otsu's threshold, with OpenCV.

Import this inside functions: OpenCV takes 0.05 to 0.1 s to load, and reading strokes does not need it.
"""

from __future__ import annotations

import cv2
import numpy as np

# Each request already has its own thread, and OpenCV's thread pool does not survive a fork.
cv2.setNumThreads(1)


def reduce(pixels: np.ndarray, scale: float) -> np.ndarray:
    """uint8 [H, W], reduced by ``scale`` (1 or more) by area averaging."""
    if scale == 1:
        return pixels
    height, width = (max(1, round(side / scale)) for side in pixels.shape)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


def dilate(ink: np.ndarray, radius: int) -> np.ndarray:
    """The maximum of uint8, bool or float32 [H, W] over a square of 2 × ``radius`` + 1 px at each pixel."""
    values = ink.view(np.uint8) if ink.dtype == bool else ink
    return cv2.dilate(values, _square(radius)).view(ink.dtype)


def close(grey: np.ndarray, radius: int) -> np.ndarray:
    """Morphological closing (dilation, then erosion) of uint8 [H, W] with the same square."""
    return cv2.morphologyEx(grey, cv2.MORPH_CLOSE, _square(radius))


def _square(radius: int) -> np.ndarray:
    return np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)


def otsu_threshold(values: np.ndarray) -> float:
    """The threshold of values in 0..1 that best separates two classes (Otsu 1979), a multiple of 1/256."""
    levels = np.minimum(values * 256, 255).astype(np.uint8)
    level, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)
    return float(level + 1) / 256


def connected_components(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 8-connected components of bool [H, W], numbered in the order of their first pixel.

    Returns labels int32 [H, W], 0 for the background, and the components' boxes int32 [N, 4]: x0, y0, x1, y1.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_SAUF
    )
    corners, sizes = stats[1:, :2], stats[1:, 2:4]
    return labels, np.concatenate([corners, corners + sizes], 1)
