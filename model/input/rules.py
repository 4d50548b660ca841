"""Removes ruled lines, table lines and frames from ink, and keeps the strokes that cross them."""

from __future__ import annotations

import math

import numpy as np

SIDE = 700  # px; lines are looked for on a mask reduced to this side
GAP = 10  # px of that mask, the widest gap in a line
REGULAR = 0.6  # of a line's length on which it has its usual width; the rest may be gaps and strokes
CROSSING = 1.6  # times the line's width; thicker ink belongs to a stroke that crosses it


def without_rules(mask: np.ndarray, least: float) -> np.ndarray:
    """bool [H, W] without the straight lines of at least ``least`` px."""
    import cv2

    scale = max(1.0, max(mask.shape) / SIDE)
    height, width = (max(1, math.ceil(side / scale)) for side in mask.shape)
    small = cv2.resize(mask.view(np.uint8) * 255, (width, height), interpolation=cv2.INTER_AREA)
    small = (small > 40).astype(np.uint8)
    found = cv2.HoughLinesP(
        small, 1, math.pi / 360, int(max(10, 0.5 * least / scale)), None, max(8.0, least / scale), GAP
    )
    if found is None:
        return mask
    left = mask.copy()
    segments = found.reshape(-1, 4) * scale
    lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    for segment in segments[np.argsort(-lengths)][:200]:
        _erase(left, mask, segment)
    return _without_bars(left, mask & ~left, least)


def _smooth(rows: np.ndarray, hit: np.ndarray, stretch: int) -> np.ndarray:
    """The median of ``rows`` over stretches of columns, joined by straight lines: int [n]."""
    middles, medians = [], []
    for begin in range(0, len(rows), stretch):
        own = hit[begin : begin + stretch]
        if own.any():
            middles.append(begin + len(own) / 2)
            medians.append(float(np.median(rows[begin : begin + stretch][own])))
    return np.interp(np.arange(len(rows)), middles, medians).round().astype(int)


def _without_bars(left: np.ndarray, erased: np.ndarray, least: float) -> np.ndarray:
    """Without the slender pieces from one erased line to another: the sides of a table's cells."""
    from .morphology import connected_components, dilate

    labels, boxes = connected_components(left)
    sides = boxes[:, 2:] - boxes[:, :2]
    reach = max(3, int(0.06 * least))
    near = dilate(erased, reach)
    for n in np.flatnonzero((sides.min(1) < 0.25 * sides.max(1)) & (sides.max(1) > 0.3 * least)):
        x0, y0, x1, y1 = boxes[n].tolist()
        piece = labels[y0:y1, x0:x1] == n + 1
        ends = (piece[:2], piece[-2:]) if y1 - y0 > x1 - x0 else (piece[:, :2], piece[:, -2:])
        close = near[y0:y1, x0:x1]
        rims = (close[:2], close[-2:]) if y1 - y0 > x1 - x0 else (close[:, :2], close[:, -2:])
        if all((end & rim).any() for end, rim in zip(ends, rims, strict=True)):
            left[y0:y1, x0:x1][piece] = False
    return left


def _erase(left: np.ndarray, mask: np.ndarray, segment: np.ndarray) -> None:
    """Erase one line from ``left``, in place, measuring its width on ``mask``."""
    x0, y0, x1, y1 = segment.tolist()
    if abs(y1 - y0) > abs(x1 - x0):
        left, mask, (x0, y0, x1, y1) = left.T, mask.T, (y0, x0, y1, x1)
    if x0 > x1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    height, width = mask.shape
    x = np.arange(max(0, round(x0) - 3), min(width, round(x1) + 4))
    course = y0 + (x - x0) * ((y1 - y0) / max(x1 - x0, 1))
    y = course.round().astype(int)
    reach = max(4, round(0.006 * max(height, width)))
    window = y + np.arange(-3 * reach, 3 * reach + 1)[:, None]
    inside = (window >= 0) & (window < height)
    strip = mask[window.clip(0, height - 1), x] & inside
    middle = 3 * reach
    # The line may leave its chord: follow the nearest ink, smoothed over stretches of the line.
    order = np.argsort(np.abs(np.arange(-reach, reach + 1)), kind="stable") + middle - reach
    near = strip[order]
    hit = near.any(0)
    if hit.mean() < 0.5:
        return
    follow = _smooth(order[near.argmax(0)], hit, max(20, len(x) // 8))
    order = follow + np.array([0, 1, -1, 2, -2])[:, None]
    near = np.take_along_axis(strip, order.clip(0, len(strip) - 1), 0)
    hit = near.any(0)
    start = np.take_along_axis(order, near.argmax(0)[None], 0)[0].clip(0, len(strip) - 1)
    if hit.mean() < 0.5:
        return
    above, below = start.copy(), start.copy()
    columns = np.arange(len(x))
    for _ in range(2 * reach):
        above = np.where(strip[(above - 1).clip(0), columns] & (above > 0), above - 1, above)
        below = np.where(
            strip[(below + 1).clip(None, len(strip) - 1), columns] & (below < len(strip) - 1),
            below + 1,
            below,
        )
    thickness = np.where(hit, below - above + 1, 0)
    usual = float(np.median(thickness[hit]))
    thin = hit & (thickness <= CROSSING * usual + 1)
    if (thin & (thickness >= usual / CROSSING - 1)).mean() < REGULAR:
        return  # digits in a row, not a line
    rows = np.arange(len(strip))[:, None]
    gone = (rows >= above) & (rows <= below) & thin & inside
    where = np.nonzero(gone)
    left[window[where], x[where[1]]] = False
