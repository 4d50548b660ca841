"""Pages of drawn digits whose boxes are known: grey paper, one form of each digit."""

from __future__ import annotations

import cv2
import numpy as np

from model.input.parts import Box
from tests.browser.hand import DIGITS

PAPER, INK = 235, 40
FORMS = {
    0: "round", 1: "upstroke", 2: "swan", 3: "round", 4: "open",
    5: "hat last", 6: "round", 7: "plain", 8: "two circles", 9: "straight",
}  # fmt: skip


def blank_page(width: int = 800, height: int = 600, paper: int = PAPER) -> np.ndarray:
    """uint8 [height, width]."""
    return np.full((height, width), paper, np.uint8)


def write(
    page: np.ndarray,
    text: str,
    x: float,
    y: float,
    height: float = 90,
    *,
    ink: int = INK,
    gap: float = 0.4,
    slope: float = 0.0,
) -> list[Box]:
    """Write digits from the corner (x, y) to the right, in place. Returns the boxes of their ink in px.

    ``height`` is in px, ``gap`` in heights; ``slope`` is how far each px to the right moves down.
    """
    pen = max(2, round(0.08 * height))
    boxes = []
    start = x
    for character in text:
        strokes = [np.array(stroke, float) for stroke in DIGITS[int(character)][FORMS[int(character)]]]
        low, high = np.concatenate(strokes).min(0), np.concatenate(strokes).max(0)
        scale = height / (high[1] - low[1])
        corner = np.array([x, y + slope * (x - start)])
        for stroke in strokes:
            points = ((stroke - low) * scale + corner) * 16  # with four bits after the point
            cv2.polylines(page, [points.round().astype(int)], False, ink, pen, cv2.LINE_AA, 4)
        far = corner + (high - low) * scale
        x0, y0, x1, y1 = (*(corner - pen / 2).tolist(), *(far + pen / 2).tolist())
        boxes.append((x0, y0, x1, y1))
        x = far[0] + gap * height
    return boxes


def cross_out(page: np.ndarray, box: Box, ink: int = INK) -> None:
    """A zigzag through the box, in place."""
    x0, y0, x1, y1 = box
    points = [(x1 + 5 if n % 2 else x0 - 5, y0 + (y1 - y0) * n / 10) for n in range(11)]
    cv2.polylines(page, [np.array(points).round().astype(int)], False, ink, 6, cv2.LINE_AA)


def rule(page: np.ndarray, pitch: int, *, columns: bool = False, ink: int = 150) -> None:
    """Lines of 2 px across the page, in place, and down it too if ``columns``."""
    for y in range(pitch // 2, page.shape[0], pitch):
        page[y : y + 2] = np.minimum(page[y : y + 2], ink)
    if columns:
        rule(page.T, pitch, ink=ink)
