"""Draws pen strokes as model images, with MNIST's pen width and layout.

Several digits are drawn at once. Points are float [2, P] (x and y), segments float32 [4, S] (x0, y0, x1, y1),
all in model-image px, digit after digit; ``points_of`` and ``segments_of`` int [N] count them for each digit.
NumPy takes a third of PyTorch's time on arrays as small as one drawing's.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

import numpy as np

from ..image import BOX, CENTRE, PEN, SIZE
from .strokes import Strokes

DOT = 1e-3  # size relative to the coordinates; a smaller drawing is a dot and is not scaled
SPACING = 0.75  # px between the points of a resampled stroke; chords deviate by less than 0.05 px
# Width over height of what MNIST's writers write. A narrower drawing is widened to the first, by at most 1.7
# so that a 1 stays a bar, and a flatter one is made higher up to the second, by at most 2.5.
ASPECT, MOST_WIDER, MOST_HIGHER = (0.36, 1.5), 1.7, 2.5
MAX_SEGMENTS = 6_000  # of one digit; a path longer than 4,500 px of the model image is a blot anyway
REACH = 4  # px around a segment's middle that the pen may ink
MARGIN = 2 * REACH  # px around the model image for ink that is not yet centred
WIDE = SIZE + 2 * MARGIN
CHUNK = 3_000  # segments drawn at once; more do not fit into the CPU's cache


def rasterise_digit(strokes: Strokes, pen: float = PEN) -> np.ndarray:
    """Draw one digit's strokes as a model image: uint8 [28, 28], ink = 255.

    The result does not depend on the drawing's size, position or pen width: its box is scaled to 20 px, it is
    drawn with a round pen of ``pen`` px, and its centre of mass is moved to pixel 14. A very narrow or flat
    box is stretched (`stretch`), where MNIST keeps the aspect. Without strokes the image is blank.
    """
    image: np.ndarray = rasterise_digits([strokes], pen)[0]
    return image


def rasterise_digits(digits: Sequence[Strokes], pen: float = PEN) -> np.ndarray:
    """`rasterise_digit` for several digits at once: uint8 [N, 28, 28]."""
    images = np.zeros((len(digits), SIZE, SIZE), np.uint8)
    drawn = [n for n, strokes in enumerate(digits) if strokes]
    if drawn:
        strokes = [stroke for n in drawn for stroke in digits[n]]
        sizes = np.array([len(stroke) for stroke in strokes])
        strokes_of = np.array([len(digits[n]) for n in drawn])
        points_of = np.add.reduceat(sizes, np.cumsum(strokes_of) - strokes_of)
        fitted = _fit(_in_rows(strokes), points_of, BOX - pen)
        segments, segments_of = _cut(fitted, sizes, strokes_of)
        images[drawn] = draw_centred(segments, segments_of, np.full(len(drawn), pen, np.float32))
    return images


def fit(strokes: Strokes, extent: float) -> Strokes:
    """Scale the strokes to ``extent`` px on their longer side and centre that box on ``CENTRE``.

    The shorter side of a very narrow or flat box is longer: see `stretch`.
    """
    ends = np.cumsum([len(stroke) for stroke in strokes])
    return np.split(_fit(_in_rows(strokes), ends[-1:], extent).T, ends[:-1])


def to_segments(strokes: Strokes) -> np.ndarray:
    """Resample the strokes of one digit, in model-image px, to short segments float32 [4, S]."""
    sizes = np.array([len(stroke) for stroke in strokes])
    return _cut(_in_rows(strokes), sizes, np.array([len(strokes)]))[0]


def _in_rows(strokes: Strokes) -> np.ndarray:
    """The points of all strokes in order: x and y, float64 [2, P]."""
    points: np.ndarray = np.concatenate(strokes).T.copy()
    return points


def _fit(points: np.ndarray, points_of: np.ndarray, extent: float) -> np.ndarray:
    """`fit` for the points of several digits."""
    first = np.cumsum(points_of) - points_of
    low, high = np.minimum.reduceat(points, first, 1), np.maximum.reduceat(points, first, 1)
    size = high - low
    longer = np.maximum.reduce(size)
    has_size = longer > DOT * np.maximum(1.0, np.maximum.reduce(np.abs(low)))
    scale = np.divide(extent, longer, out=np.zeros(len(longer)), where=has_size) * stretch(size)
    centred = points - np.repeat((low + high) / 2, points_of, 1)
    fitted: np.ndarray = centred * np.repeat(scale, points_of, 1) + CENTRE
    return fitted


def stretch(size: np.ndarray) -> np.ndarray:
    """Factors float [2, N] for the width and the height of boxes of ``size`` [2, N].

    They are 1 within ``ASPECT``. In MNIST's layout a digit of 3:16 is 4 px wide, with a pen of 2 px.
    """
    width, height = np.maximum(size, 1e-9)
    narrowest, flattest = ASPECT
    wider = np.minimum(np.maximum(narrowest * height / width, 1), MOST_WIDER)
    higher = np.minimum(np.maximum(width / height / flattest, 1), MOST_HIGHER)
    return np.stack([wider, higher])


def _cut(points: np.ndarray, sizes: np.ndarray, strokes_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`to_segments` for several digits: the segments, and their number for each digit.

    ``sizes`` has the number of points of each stroke, ``strokes_of`` the number of strokes of each digit. All
    strokes are laid end to end on one axis with gaps of 1 and resampled by one interpolation.
    """
    first = np.cumsum(sizes) - sizes
    steps = np.zeros(points.shape[1])
    across, down = points[:, 1:] - points[:, :-1]
    np.hypot(across, down, out=steps[1:])
    steps[first] = 0
    lengths = np.add.reduceat(steps, first)
    first_of = np.cumsum(strokes_of) - strokes_of
    spacing = np.maximum(SPACING, np.add.reduceat(lengths, first_of) / MAX_SEGMENTS)
    pieces = np.ceil(lengths / np.repeat(spacing, strokes_of)).astype(np.int64)
    pieces = np.maximum(pieces, 1)  # a dot is one piece of length 0
    steps[first] = 1
    along = np.cumsum(steps)
    cuts_of = pieces + 1
    last = np.cumsum(cuts_of) - 1
    number = np.arange(last[-1] + 1) - np.repeat(last - pieces, cuts_of)
    at = np.repeat(along[first], cuts_of) + number * np.repeat(lengths / pieces, cuts_of)
    cuts = np.empty((2, len(at)), np.float32)
    for axis in (0, 1):
        cuts[axis] = np.interp(at, along, points[axis])
    segments = np.concatenate([cuts[:, :-1], cuts[:, 1:]])
    if len(sizes) > 1:
        segments = np.delete(segments, last[:-1], 1)
    return segments, np.add.reduceat(pieces, first_of)


def draw_centred(segments: np.ndarray, segments_of: np.ndarray, pen: np.ndarray) -> np.ndarray:
    """Draw digits with ``pen`` float32 [N] px, their centres of mass on ``CENTRE``: uint8 [N, 28, 28]."""
    images = np.empty((len(pen), SIZE, SIZE), np.uint8)
    ends = np.cumsum(segments_of)
    begin = 0
    while begin < len(pen):
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + CHUNK, "right")))
        chunk, counts, pens = segments[:, done : ends[end - 1]], segments_of[begin:end], pen[begin:end]
        shift = CENTRE - centre_of_mass(rasterise(chunk, counts, pens)).T
        ink = rasterise(chunk + np.repeat(np.concatenate([shift, shift]), counts, 1), counts, pens)
        images[begin:end] = np.rint(np.multiply(ink, 255, out=ink), out=ink)
        begin = end
    return images


def rasterise(segments: np.ndarray, segments_of: np.ndarray, pen: np.ndarray) -> np.ndarray:
    """Anti-aliased drawing with round pens of ``pen`` float32 [N] px: ink float32 [N, 28, 28] in 0..1.

    A pixel's ink is its centre's distance to the pen's edge, in px, clamped to 0..1: the distance field of a
    capsule, exact for straight edges. Valid for segments of up to 3 px and pens of up to 4 px. Distances are
    computed only for pixels around a segment's middle that the pen may reach, 5×5 for a pen like MNIST's,
    which is thirty times faster than for all pixels.
    """
    start, along = segments[:2], segments[2:] - segments[:2]
    squared = np.maximum(np.add.reduce(along * along), 1e-12)
    # The middle is rounded by at most half a px.
    reach = min(REACH, int(pen.max() / 2 + 1 + math.sqrt(squared.max(initial=0)) / 2))
    pixels, offset = _window(reach)
    middle = np.rint((start + segments[2:]) / 2)
    middle = np.minimum(np.maximum(middle, -REACH), SIZE + REACH - 1)
    vector = pixels - (start - middle)[:, None]  # [2, pixels, S]: from the segment's start to each pixel
    along = along[:, None]
    share = np.add.reduce(vector * along)  # of the segment, up to its point nearest to the pixel
    share /= squared
    np.minimum(np.maximum(share, 0, out=share), 1, out=share)
    vector -= share * along
    vector *= vector
    corner = (middle[1] * WIDE + middle[0]).astype(np.int64)
    if len(pen) > 1:
        corner += np.repeat(np.arange(len(pen)) * WIDE**2, segments_of)
    field = np.full(len(pen) * WIDE**2, 1e4, segments.dtype)
    np.minimum.at(field, (corner + offset).ravel(), np.add.reduce(vector).ravel())
    ink = np.sqrt(field.reshape(-1, WIDE, WIDE)[:, MARGIN:-MARGIN, MARGIN:-MARGIN])
    np.subtract(pen[:, None, None] / 2 + 0.5, ink, out=ink)
    return np.minimum(np.maximum(ink, 0, out=ink), 1, out=ink)


@functools.cache
def _window(reach: int) -> tuple[np.ndarray, np.ndarray]:
    """The pixels up to ``reach`` px away: x and y float32 [2, pixels, 1], and their offsets in memory."""
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].reshape(2, -1, 1)
    return np.stack([x, y]).astype(np.float32), (y + MARGIN) * WIDE + x + MARGIN


def centre_of_mass(ink: np.ndarray) -> np.ndarray:
    """Mean pixel index of ink float [N, H, W], x then y: float [N, 2]; ``CENTRE`` for a blank image."""
    axis = np.arange(ink.shape[-1], dtype=ink.dtype)
    across, down = np.add.reduce(ink, 1), np.add.reduce(ink, 2)
    mass = np.add.reduce(across, 1)[:, None]
    sums = np.stack([np.add.reduce(across * axis, 1), np.add.reduce(down * axis, 1)], 1)
    return np.where(mass > 0, sums / np.maximum(mass, 1e-9), CENTRE).astype(ink.dtype)
