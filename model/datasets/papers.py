"""Paper and ink: sheets on which `photographs` writes, and pens.

A sheet is float32 [H, W, 3] RGB in 0..1, without light, shadow or perspective. Lengths are px of the sheet
unless noted.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .handwriting import Page

PAPERS = (
    "plain", "ruled", "squared", "dotted", "yellow", "dark", "whiteboard", "patterned", "table", "form",
)  # fmt: skip
Colour = tuple[float, float, float]

# Ink of a ballpoint or fineliner, of a marker, of chalk.
INKS: tuple[Colour, ...] = (
    (0.08, 0.08, 0.1), (0.12, 0.16, 0.5), (0.1, 0.12, 0.4), (0.2, 0.2, 0.22), (0.6, 0.12, 0.14),
)  # fmt: skip
MARKERS: tuple[Colour, ...] = (
    (0.06, 0.06, 0.07), (0.08, 0.15, 0.55), (0.7, 0.08, 0.1), (0.05, 0.4, 0.2),
)  # fmt: skip
CHALKS: tuple[Colour, ...] = ((0.93, 0.93, 0.9), (0.93, 0.88, 0.6), (0.9, 0.75, 0.75))


@dataclass(frozen=True)
class Pen:
    """How a pen marks paper. The width is in heights of a digit."""

    name: str
    colour: Colour
    width: float
    opacity: float
    grain: float  # 0..1: how much of the paper's relief stays free
    pressure: float  # relative variation of the width along a stroke


def choose_pen(rng: np.random.Generator, paper: str) -> Pen:
    """A pen that people use on this paper."""
    if paper == "dark":
        name = str(rng.choice(["chalk", "white pen"], p=[0.75, 0.25]))
    elif paper == "whiteboard":
        name = "marker"
    else:
        name = str(rng.choice(["ballpoint", "fineliner", "marker", "pencil"], p=[0.4, 0.2, 0.15, 0.25]))
        if paper == "patterned" and name == "pencil":  # hard to see on a coloured relief
            name = "fineliner"
    if name == "chalk":
        return Pen(name, _pick(rng, CHALKS), rng.uniform(0.08, 0.13), 0.9, rng.uniform(0.3, 0.6), 0.2)
    if name == "white pen":
        return Pen(name, CHALKS[0], rng.uniform(0.05, 0.09), 0.95, 0.05, 0.1)
    if name == "marker":
        return Pen(name, _pick(rng, MARKERS), rng.uniform(0.09, 0.16), rng.uniform(0.85, 1), 0.05, 0.1)
    if name == "pencil":
        grey = float(rng.uniform(0.22, 0.4))
        colour = (grey, grey, grey * 1.03)
        return Pen(name, colour, rng.uniform(0.04, 0.08), rng.uniform(0.7, 0.95), rng.uniform(0.2, 0.5), 0.25)
    if name == "fineliner":
        return Pen(name, _pick(rng, INKS), rng.uniform(0.045, 0.09), 1.0, 0.0, 0.05)
    return Pen(name, _pick(rng, INKS), rng.uniform(0.04, 0.07), rng.uniform(0.8, 0.95), 0.15, 0.2)


def clouds(rng: np.random.Generator, height: int, width: int, size: float) -> np.ndarray:
    """Smooth noise float32 [H, W], standard deviation about 1, in features of about ``size`` px."""
    grid = (max(2, round(height / size) + 2), max(2, round(width / size) + 2))
    small = rng.standard_normal(grid, dtype=np.float32)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC) * 1.3


def draw_strokes(
    rng: np.random.Generator, mask: np.ndarray, strokes: list[np.ndarray], width: float, pressure: float
) -> None:
    """Draw strokes float [P, 2] into a mask uint8 [H, W], with round ends and a width that varies."""
    points = np.concatenate(strokes)
    pad = width + 2
    x0, y0 = np.maximum(np.floor(points.min(0) - pad), 0).astype(int)
    x1 = min(int(points[:, 0].max() + pad) + 1, mask.shape[1])
    y1 = min(int(points[:, 1].max() + pad) + 1, mask.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    finer = int(np.clip(np.ceil(12 / width), 1, 6))
    patch = np.zeros(((y1 - y0) * finer, (x1 - x0) * finer), np.uint8)
    for stroke in strokes:
        path = np.round(((stroke - (x0, y0) + 0.5) * finer - 0.5) * 16).astype(np.int32)
        phase, waves = rng.uniform(0, 6.3, 2), rng.uniform(0.5, 2.5)
        along = np.linspace(0, waves * 6.3, len(path))
        factor = 1 + pressure * (0.6 * np.sin(along + phase[0]) + 0.4 * np.sin(2.3 * along + phase[1]))
        widths = np.maximum(np.round(width * finer * factor), 1).astype(int).tolist()
        for start, end, thick in zip(path[:-1].tolist(), path[1:].tolist(), widths[:-1], strict=True):
            cv2.line(patch, start, end, 255, thick, cv2.LINE_AA, 4)
    small = cv2.resize(patch, (x1 - x0, y1 - y0), interpolation=cv2.INTER_AREA)
    part = mask[y0:y1, x0:x1]
    np.maximum(part, small, out=part)


def apply_ink(rng: np.random.Generator, sheet: np.ndarray, mask: np.ndarray, pen: Pen, width: float) -> None:
    """Colour the sheet, in place, where the mask uint8 [H, W] is set; ``width`` is that of the pen in px."""
    height, across = mask.shape
    alpha = mask.astype(np.float32) * (pen.opacity / 255)
    if pen.grain:
        relief = clouds(rng, height, across, max(1.3, width * 0.1)) * 0.6
        relief += clouds(rng, height, across, max(2.6, width * 0.4)) * 0.4
        alpha *= np.clip(1 - pen.grain * (0.5 + 0.75 * relief), 0.2, 1)
    alpha *= np.clip(1 + 0.05 * clouds(rng, height, across, max(20.0, width * 12)), 0.8, 1)
    for channel, value in enumerate(pen.colour):
        plane = sheet[..., channel]
        plane += alpha * (np.float32(value) - plane)


def make_sheet(
    rng: np.random.Generator, paper: str, shape: tuple[int, int], page: Page, unit: float, origin: np.ndarray
) -> np.ndarray:
    """An empty sheet float32 [H, W, 3] whose rules fit ``page`` at ``origin``, ``unit`` px a digit."""
    height, width = shape
    sheet = np.empty((height, width, 3), np.float32)
    sheet[:] = _ground(rng, paper)
    fibre = clouds(rng, height, width, 2.5) * 0.006 + clouds(rng, height, width, width / 12) * 0.004
    if paper in ("dark", "whiteboard"):
        fibre += _smears(rng, height, width) * (0.05 if paper == "dark" else -0.025)
    if paper == "patterned":
        fibre += _pattern(rng, height, width, unit)
    sheet += fibre[..., None]
    pitch = page.pitch * unit
    baseline = float(origin[1]) + unit * float(rng.uniform(0, 0.08))
    thin = max(1.0, width / 1100)
    if paper in ("ruled", "form") or (paper == "yellow" and rng.random() < 0.4):
        step = pitch / float(rng.choice([1, 1, 2]))
        _rule(rng, sheet, baseline, step, 0, thin, _line_colour(rng))
    if paper == "squared":
        step = unit / float(rng.choice([0.7, 0.85, 1.0, 1.8, 2.8]))
        colour = _line_colour(rng)
        for axis in (0, 1):
            _rule(rng, sheet, float(origin[1 - axis]), step, axis, thin, colour)
    if paper == "dotted":
        _dots(rng, sheet, unit / float(rng.choice([0.8, 1.2, 2.0])), thin)
    if paper == "table":
        _frames(rng, sheet, page, unit, origin, thin)
    if paper == "form":
        _margin(rng, sheet, max(float(origin[0] + (page.box[0] - 0.5) * unit), width * 0.05), thin)
    return sheet


def _pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return colours[int(rng.integers(len(colours)))]


def _ground(rng: np.random.Generator, paper: str) -> np.ndarray:
    """The colour of a paper, float [3]."""
    light = rng.uniform(0.84, 0.97)
    if paper == "yellow":
        return np.array([0.97, 0.89, rng.uniform(0.4, 0.65)]) * rng.uniform(0.92, 1)
    if paper == "dark":
        colour = _pick(rng, ((0.13, 0.25, 0.2), (0.13, 0.14, 0.15), (0.1, 0.1, 0.1), (0.14, 0.2, 0.3)))
        return np.array(colour) * rng.uniform(0.8, 1.3)
    if paper == "whiteboard":
        return np.array([0.93, 0.94, 0.95]) * rng.uniform(0.95, 1.03)
    if paper == "patterned":
        colour = _pick(rng, ((0.76, 0.62, 0.46), (0.82, 0.8, 0.74), (0.72, 0.8, 0.84), (0.85, 0.76, 0.77)))
        return np.array(colour) * rng.uniform(0.92, 1.1)
    return light * np.array([1.0, rng.uniform(0.98, 1.0), rng.uniform(0.93, 1.0)])


def _line_colour(rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Colour float [3] and opacity of printed rules."""
    colours = ((0.45, 0.6, 0.8), (0.55, 0.55, 0.6), (0.5, 0.7, 0.65), (0.7, 0.55, 0.7))
    return np.array(_pick(rng, colours), np.float32), float(rng.uniform(0.35, 0.85))


def _blend(sheet: np.ndarray, mask: np.ndarray, colour: np.ndarray, opacity: float) -> None:
    """Mix a colour into the sheet where the mask uint8 [H, W] is set."""
    alpha = mask.astype(np.float32)[..., None] * (opacity / 255)
    sheet += alpha * (colour.astype(np.float32) - sheet)


def _rule(
    rng: np.random.Generator, sheet: np.ndarray, start: float, step: float, axis: int, thin: float,
    colour: tuple[np.ndarray, float],
) -> None:  # fmt: skip
    """Parallel lines, every ``step`` px through ``start``, horizontal (axis 0) or vertical (axis 1)."""
    length = sheet.shape[axis]
    at = np.arange(start % step, length, step)
    profile = np.abs(np.arange(length, dtype=np.float32)[:, None] - at).min(1, initial=1e6)
    alpha = np.clip(thin / 2 + 0.5 - profile, 0, 1) * colour[1]
    alpha = alpha[:, None, None] if axis == 0 else alpha[None, :, None]
    sheet += alpha * (colour[0] - sheet)


def _dots(rng: np.random.Generator, sheet: np.ndarray, step: float, thin: float) -> None:
    colour, opacity = _line_colour(rng)
    y, x = (np.abs((np.arange(n, dtype=np.float32) + step / 2) % step - step / 2) for n in sheet.shape[:2])
    distance = np.hypot(y[:, None], x[None, :])
    _blend(sheet, np.clip((thin * 1.7 + 0.5 - distance) * 255, 0, 255).astype(np.uint8), colour, opacity)


def _frames(
    rng: np.random.Generator, sheet: np.ndarray, page: Page, unit: float, origin: np.ndarray, thin: float
) -> None:
    """The cells of a table, a digit in each."""
    cell = page.cell or 1.0
    columns, rows = max(map(len, page.lines)), len(page.lines)
    xs = origin[0] + np.arange(columns + 1) * cell * unit
    ys = origin[1] + ((np.arange(rows + 1) - 0.5) * page.pitch - 0.5) * unit
    mask = np.zeros(sheet.shape[:2], np.uint8)
    thick = max(1, round(thin * float(rng.uniform(1, 2.5))))
    for x in xs:
        cv2.line(mask, _fixed(x, ys[0]), _fixed(x, ys[-1]), 255, thick, cv2.LINE_AA, 4)
    for y in ys:
        cv2.line(mask, _fixed(xs[0], y), _fixed(xs[-1], y), 255, thick, cv2.LINE_AA, 4)
    _blend(sheet, mask, np.full(3, rng.uniform(0.1, 0.5)), float(rng.uniform(0.6, 1)))


def _margin(rng: np.random.Generator, sheet: np.ndarray, x: float, thin: float) -> None:
    """A red margin line and punch holes left of it."""
    height, width = sheet.shape[:2]
    mask = np.zeros((height, width), np.uint8)
    cv2.line(mask, _fixed(x, 0), _fixed(x, height), 255, max(1, round(thin)), cv2.LINE_AA, 4)
    _blend(sheet, mask, np.array([0.85, 0.35, 0.38]), float(rng.uniform(0.5, 0.9)))
    mask[:] = 0
    for y in (0.35, 0.65) if rng.random() < 0.5 else (0.15, 0.5, 0.85):
        radius = min(0.3 * x, width * 0.016)
        cv2.circle(mask, _fixed(x * 0.5, y * height), round(radius * 16), 255, -1, cv2.LINE_AA, 4)
    _blend(sheet, mask, np.full(3, rng.uniform(0.08, 0.4)), 1.0)


def _fixed(x: float, y: float) -> tuple[int, int]:
    """Coordinates in sixteenths of a px, for OpenCV's ``shift=4``."""
    return round(float(x) * 16), round(float(y) * 16)


def _smears(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Wiped chalk or ink, float32 [H, W], 0 and more."""
    small = (160, max(16, round(160 * width / height)))
    wiped = np.zeros(small, np.float32)
    for _ in range(int(rng.integers(2, 9))):
        sweep = np.zeros(small, np.float32)
        start, angle = rng.uniform(0, 1, 2) * small[::-1], rng.uniform(-0.6, 0.6)
        end = start + rng.uniform(40, 130) * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(sweep, _fixed(*start), _fixed(*end), 1.0, int(rng.integers(6, 22)), cv2.LINE_AA, 4)
        wiped += cv2.GaussianBlur(sweep, (0, 0), 3.0) * float(rng.uniform(0.3, 1))
    smears: np.ndarray = cv2.resize(np.clip(wiped, 0, 2), (width, height))
    smears *= np.clip(
        1 + 0.3 * _streaks(rng, height, width, height // 5, 24) + 0.15 * clouds(rng, height, width, 3), 0, 2
    )
    return smears


def _pattern(rng: np.random.Generator, height: int, width: int, unit: float) -> np.ndarray:
    """Weave, stripes or coarse fibre of low contrast, float32 [H, W]."""
    kind = rng.choice(["linen", "stripes", "checks", "fibre", "fibre"])
    size = max(height, width)
    if kind == "linen":  # threads of varying brightness, across and along
        pattern = 0.02 * (
            _streaks(rng, height, width, height // 4, 30) + _streaks(rng, height, width, 30, width // 4)
        )
    elif kind == "fibre":  # cardboard: short fibres in one direction, and mottles
        fibres = _streaks(rng, height, width, height // 3, width // 30)
        pattern = 0.025 * fibres + 0.02 * clouds(rng, height, width, size / 40)
    else:
        step = max(0.6 * unit, size / 60) * float(rng.uniform(0.5, 1.5))
        rows, columns = ((np.arange(n) % step < step / 2).astype(np.float32) for n in (height, width))
        bands = columns[None, :] + rows[:, None] * np.float32(kind == "checks") - np.float32(0.5)
        pattern = np.float32(rng.uniform(0.02, 0.05)) * cv2.GaussianBlur(bands, (0, 0), 1.0)
    mottled: np.ndarray = pattern + 0.012 * clouds(rng, height, width, 3)
    return mottled


def _streaks(rng: np.random.Generator, height: int, width: int, rows: int, columns: int) -> np.ndarray:
    """Random numbers float32 [H, W], interpolated between a coarse grid's."""
    grid = rng.standard_normal((rows + 1, columns + 1), dtype=np.float32)
    return cv2.resize(grid, (width, height))
