"""Finds the sheet of paper on a table or wall, and undoes the perspective."""

from __future__ import annotations

import numpy as np

SIDE = 400  # px of the reduced picture on which the sheet is looked for
LEAST, MOST = 0.15, 0.96  # of the picture's area
SECOND = 0.4  # of the sheet's area; beside a larger region it is one of several sheets
FILL = 0.93  # of the quadrilateral that the region fills
PEN = 6  # px of that picture, half the width of the widest pen
RIM = 0.012  # of the sheet's longer side, which is left out: the edge of paper casts a shadow
CONTRAST = 18  # grey values between the sheet's rim and what surrounds it
EDGE = 2  # px, the width of `edge_of`
BESIDE = 10  # px of that picture, on either side of an edge, in which its brightness is measured
SHARP = 4  # px in which most of the step at the edge of a sheet lies; that of a shadow is softer
SHARPNESS = 0.6  # of the step
LEAST_EDGES = 2  # in the picture
LEAST_STEP = 8  # grey values, at each edge
TOLERANCES = 0.01, 0.02, 0.03, 0.05  # of the outline's length, by which its corners may be rounded
LEAST_EDGE = 0.4  # of the picture's shorter side


def find_sheet(grey: np.ndarray) -> np.ndarray | None:
    """The corners of the sheet on uint8 [H, W], float32 [4, 2] in px, clockwise; None if no edges show."""
    import cv2

    from .morphology import reduce

    scale = max(1.0, max(grey.shape) / SIDE)
    small = reduce(grey, scale)
    if min(small.shape) < 40:
        return None
    best, most = None, 0.0
    for blur in (5, 17):  # the wider one for a table with a texture
        quad, quality = _best(cv2.medianBlur(small, blur))
        if quality > most:
            best, most = quad, quality
    return None if best is None else (best + 0.5) * scale - 0.5


def _best(small: np.ndarray) -> tuple[np.ndarray | None, float]:
    import cv2

    from .morphology import close

    # Ink must not cut the sheet in two.
    smooth, dark = close(small, PEN), 255 - close(255 - small, PEN)
    best, most = None, 0.0
    levels = [float(cv2.threshold(smooth, 0, 255, cv2.THRESH_OTSU)[0])]
    low, high = np.percentile(smooth, (5, 95))
    levels += [low + share * (high - low) for share in (0.25, 0.4, 0.55, 0.7)]
    for level in levels:
        for region in (smooth > level, dark < level):
            quad, quality = _quadrilateral(region.astype(np.uint8), small)
            if quad is not None and quality > most:
                best, most = quad, quality
    return best, most


def _quadrilateral(region: np.ndarray, grey: np.ndarray) -> tuple[np.ndarray | None, float]:
    import cv2

    from .morphology import dilate

    contours, _ = cv2.findContours(region, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None, 0.0
    contour = max(contours, key=cv2.contourArea)
    areas = sorted(map(cv2.contourArea, contours))
    area, whole = areas[-1], region.size
    if not LEAST * whole < area < MOST * whole or (len(areas) > 1 and areas[-2] > SECOND * area):
        return None, 0.0
    hull = cv2.convexHull(contour)
    if area < FILL * cv2.contourArea(hull):
        return None, 0.0
    for tolerance in TOLERANCES:
        corners = cv2.approxPolyDP(hull, tolerance * cv2.arcLength(hull, True), True)
        if len(corners) <= 4:
            break
    if len(corners) != 4 or cv2.contourArea(corners) < FILL * cv2.contourArea(hull):
        return None, 0.0
    sides = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=2)
    if sides.min() < LEAST_EDGE * min(grey.shape):
        return None, 0.0
    filled = np.zeros(grey.shape, np.uint8)
    cv2.fillConvexPoly(filled, corners, 1)
    rim = dilate(1 - filled, 7) - dilate(1 - filled, 2)  # a band inside the edge
    outside = dilate(filled, 7) - dilate(filled, 2)  # and one outside
    if outside.sum() < 50:
        return None, 0.0
    step = abs(float(np.median(grey[rim > 0])) - float(np.median(grey[outside > 0])))
    quad = corners.reshape(4, 2).astype(np.float32)
    if step < CONTRAST or not _has_sharp_edges(grey, quad):
        return None, 0.0
    return _clockwise(quad), step * cv2.contourArea(corners) / cv2.contourArea(hull)


def _has_sharp_edges(grey: np.ndarray, quad: np.ndarray) -> bool:
    """Whether every edge inside the picture is that of paper, and there are several.

    The edge of a shadow is soft, and a sharp one often crosses the whole picture.
    """
    height, width = grey.shape
    edges = 0
    for start, end in zip(quad, np.roll(quad, -1, 0), strict=True):
        normal = np.array([end[1] - start[1], start[0] - end[0]]) / np.hypot(*(end - start))
        along = start + np.linspace(0.1, 0.9, 50)[:, None] * (end - start)
        across = along[:, None] + np.arange(-BESIDE, BESIDE + 1)[:, None] * normal  # [50, 21, 2]
        x, y = across.round().astype(int).transpose(2, 0, 1)
        inside = ((x >= 0) & (y >= 0) & (x < width) & (y < height)).all(1)
        if inside.mean() < 0.5:
            continue  # the sheet reaches beyond the picture
        profiles = grey[y[inside], x[inside]].astype(float)
        steps = np.abs(profiles[:, SHARP:] - profiles[:, :-SHARP]).max(1)
        if np.median(steps) < LEAST_STEP or np.median(steps / np.ptp(profiles, 1).clip(1)) < SHARPNESS:
            return False
        edges += 1
    return edges >= LEAST_EDGES


def _clockwise(quad: np.ndarray) -> np.ndarray:
    """The corners from the top left one, clockwise."""
    middle = quad.mean(0)
    order = np.argsort(np.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0]))
    quad = quad[order]
    return np.roll(quad, -int(quad.sum(1).argmin()), 0)


def inside_of(corners: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Where on a picture of this shape the sheet is, without its rim: bool [H, W]."""
    import cv2

    sides = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
    middle = corners.mean(0)
    inner = middle + (corners - middle) * (1 - 2 * (2 + RIM * sides.max()) / sides.min())
    inside = np.zeros(shape, np.uint8)
    cv2.fillConvexPoly(inside, inner.round().astype(np.int32), 1)
    return inside.view(bool)


def edge_of(inside: np.ndarray) -> np.ndarray:
    """The pixels of bool [H, W] less than ``EDGE`` px from what is outside, as is all beyond the picture."""
    import cv2

    square = np.ones((2 * EDGE + 1, 2 * EDGE + 1), np.uint8)
    inner = cv2.erode(inside.view(np.uint8), square, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    edge: np.ndarray = inside & ~inner.view(bool)
    return edge


def flatten(grey: np.ndarray, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sheet seen from above without its rim, uint8 [h, w], and the matrix [3, 3] to px of ``grey``."""
    import cv2

    sides = np.linalg.norm(np.roll(corners, -1, 0) - corners, axis=1)
    width, height = round(float(sides[0] + sides[2]) / 2), round(float(sides[1] + sides[3]) / 2)
    rim = 2 + round(RIM * max(width, height))
    left, top, right, bottom = -rim, -rim, width - rim - 1, height - rim - 1
    target = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    to_grey = cv2.getPerspectiveTransform(target, corners.astype(np.float32))
    size = width - 2 * rim, height - 2 * rim
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    sheet = cv2.warpPerspective(grey, to_grey, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return sheet, to_grey
