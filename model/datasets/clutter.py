"""What else is on a sheet besides the digits: stains, folds, the writing on the back, binding holes.

Every function changes a sheet float32 [H, W, 3] in place. ``unit`` is the height of a digit in px.
"""

from __future__ import annotations

import cv2
import numpy as np

from .papers import Pen, clouds, draw_strokes

DARK = ("dark",)  # papers with light ink
STIFF = ("dark", "whiteboard")  # boards, which have no back, folds or holes


def add_clutter(
    rng: np.random.Generator,
    sheet: np.ndarray,
    paper: str,
    unit: float,
    writing: tuple[np.ndarray, np.ndarray],
    back: list[np.ndarray],
    pen: Pen,
) -> list[str]:
    """Some random clutter; returns its names.

    ``writing`` is the box of the digits, two corners float [2]; ``back`` are strokes float [P, 2] that may
    show through from the other side.
    """
    names: list[str] = []
    if rng.random() < 0.2:
        specks(rng, sheet, unit)
        names.append("specks")
    if rng.random() < 0.12:
        stain(rng, sheet, paper in DARK)
        names.append("stain")
    if rng.random() < 0.12 and scrawl(rng, sheet, unit, writing, pen):
        names.append("scribble")
    if paper in STIFF:
        return names
    if rng.random() < 0.15:
        show_back(rng, sheet, back, unit, pen)
        names.append("bleed-through")
    if rng.random() < 0.18:
        fold(rng, sheet)
        names.append("fold")
    return names


def specks(rng: np.random.Generator, sheet: np.ndarray, unit: float) -> None:
    """Dust: dots much smaller than a digit."""
    height, width = sheet.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for _ in range(int(rng.integers(5, 60))):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        radius = max(1, round(unit * float(rng.uniform(0.004, 0.02))))
        cv2.circle(mask, centre, min(radius, 6), int(rng.integers(80, 255)), -1, cv2.LINE_AA)
    tone = 0.75 if float(sheet.mean()) < 0.4 else float(rng.uniform(0.1, 0.4))
    sheet += mask[..., None] * (np.float32(1 / 255)) * (np.float32(tone) - sheet)


def stain(rng: np.random.Generator, sheet: np.ndarray, is_dark: bool) -> None:
    """The ring of a cup, or a spot of water or coffee."""
    height, width = sheet.shape[:2]
    size = max(height, width)
    centre = rng.uniform(0, 1, 2) * (width, height)
    radius = float(rng.uniform(0.05, 0.22)) * size
    y, x = np.ogrid[:height, :width]
    far = np.hypot((x - centre[0]).astype(np.float32), (y - centre[1]).astype(np.float32))
    far += clouds(rng, height, width, size / 12) * radius * 0.03
    ring = np.exp(-(((far - radius) / (radius * 0.05)) ** 2)) * float(rng.uniform(0.3, 1))
    inside = np.clip((radius - far) / (radius * 0.05), 0, 1) * float(rng.uniform(0, 0.6))
    alpha = np.maximum(ring, inside) * float(rng.uniform(0.08, 0.22))
    alpha *= np.clip(1 + 0.3 * clouds(rng, height, width, size / 20), 0, 1.5)
    colour = (0.35, 0.37, 0.36) if is_dark else (0.5, 0.33, 0.16) if rng.random() < 0.6 else (0.6, 0.6, 0.58)
    sheet += alpha[..., None].astype(np.float32) * (np.array(colour, np.float32) - sheet)


def scrawl(
    rng: np.random.Generator,
    sheet: np.ndarray,
    unit: float,
    writing: tuple[np.ndarray, np.ndarray],
    pen: Pen,
) -> bool:
    """A dense zigzag of the pen beside the digits, where there is room; False if there is none."""
    height, width = sheet.shape[:2]
    size = np.array([rng.uniform(1, 2.5), rng.uniform(0.5, 1)]) * unit
    low, high = writing
    room = np.array([low[1] - 0.1 * height, 0.9 * height - high[1]]) - size[1] - 0.6 * unit  # above, below
    side = int(room.argmax())
    if room[side] < 0 or size[0] > 0.7 * width:
        return False
    free = float(rng.uniform(0, room[side]))
    top = 0.1 * height + free if side == 0 else high[1] + 0.6 * unit + free
    left = float(rng.uniform(0.1 * width, 0.9 * width - size[0]))
    count = 40
    x = left + size[0] * (np.linspace(0, 0.85, count) + rng.uniform(0, 0.15, count))
    y = top + size[1] * (np.arange(count) % 2 + rng.normal(0, 0.08, count))
    mask = np.zeros((height, width), np.uint8)
    draw_strokes(rng, mask, [np.stack([x, y], 1)], max(2.0, pen.width * unit), pen.pressure)
    alpha = mask[..., None] * np.float32(pen.opacity * 0.9 / 255)
    sheet += alpha * (np.array(pen.colour, np.float32) - sheet)
    return True


def show_back(
    rng: np.random.Generator, sheet: np.ndarray, back: list[np.ndarray], unit: float, pen: Pen
) -> None:
    """Strokes of the other side, mirrored, faint and soft."""
    height, width = sheet.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    shift = rng.uniform(-0.1, 0.1, 2) * (width, height)
    for stroke in back:
        draw_strokes(
            rng, mask, [np.array([width, 0]) + stroke * (-1, 1) + shift], max(2.0, pen.width * unit), 0
        )
    soft = cv2.GaussianBlur(mask, (0, 0), max(1.5, 0.05 * unit))
    alpha = soft[..., None] * np.float32(rng.uniform(0.06, 0.14) / 255)
    sheet += alpha * (np.array(pen.colour, np.float32) - sheet)


def fold(rng: np.random.Generator, sheet: np.ndarray) -> None:
    """One or two creases from edge to edge: a bright side, a dark side and a thin line."""
    height, width = sheet.shape[:2]
    size = max(height, width)
    for vertical in rng.permutation([True, False])[: int(rng.integers(1, 3))]:
        across, along = (width, height) if vertical else (height, width)
        at = across * float(rng.choice([1 / 3, 1 / 2, 2 / 3])) + rng.normal(0, 0.01) * size
        line = at + float(rng.normal(0, 0.015)) * np.arange(along, dtype=np.float32)
        far = np.arange(across, dtype=np.float32)[None, :] - line[:, None]
        reach = size * float(rng.uniform(0.01, 0.06))
        change = float(rng.uniform(0.02, 0.07)) * np.sign(far) * np.exp(-np.abs(far) / reach)
        change -= float(rng.uniform(0.02, 0.1)) * np.exp(-((far / max(1.0, size / 1500)) ** 2))
        sheet *= 1 + (change if vertical else change.T)[..., None].astype(np.float32)


def bind(rng: np.random.Generator, sheet: np.ndarray) -> None:
    """The holes of a spiral binding along the left or the upper edge, with a wire in each."""
    height, width = sheet.shape[:2]
    at_left = bool(rng.random() < 0.5)
    along, across = (height, width) if at_left else (width, height)
    step = along / int(rng.integers(14, 40))
    radius = min(step * 0.22, across * 0.016)
    mask, wire = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    for at in np.arange(step / 2, along, step):
        depth = radius * 1.8
        ends = [(depth, at), (-radius, at + radius * 0.6)]
        first, last = (tuple(round(v * 16) for v in (end if at_left else end[::-1])) for end in ends)
        cv2.circle(mask, (first[0], first[1]), round(radius * 16), 255, -1, cv2.LINE_AA, 4)
        cv2.line(
            wire, (first[0], first[1]), (last[0], last[1]), 255, max(1, round(radius * 0.5)), cv2.LINE_AA, 4
        )
    sheet += mask[..., None] * np.float32(1 / 255) * (np.float32(rng.uniform(0.05, 0.25)) - sheet)
    sheet += wire[..., None] * np.float32(1 / 255) * (np.float32(rng.choice([0.15, 0.6])) - sheet)
