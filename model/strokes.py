"""Pen strokes: check what a client sends, draw them with MNIST's pen, bring them to the seam.

A stroke list is ``[[[x, y], ...], ...]``: one inner list from pen-down to pen-up, x to the right, y
down, in any unit. The seam is uint8 [28, 28], ink = 255, laid out as MNIST is: "the images were size
normalized to fit in a 20x20 pixel box while preserving their aspect ratio" and "centered in a 28x28
image by computing the center of mass of the pixels, and translating the image so as to position this
point at the center of the 28x28 field" (LeCun's MNIST page).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from .errors import InputError

SIZE = 28  # side of the seam image, px
BOX = 20.0  # the ink's longer side in it, px
# Index of the pixel that the centre of mass falls on. Measured on the 60,000 training images: mean
# 14.01 across and 14.00 down, standard deviation 0.29, which is a rounding to whole pixels about 14.
CENTRE = 14.0
PEN = 2.1  # px; of the 1.6 to 2.6 px that read about equally well, near the middle
MAX_POINTS = 200_000
MAX_STROKES = 2_000
DOT = 1e-3  # a drawing smaller than this share of its own coordinates has no shape to scale
SPACING = 0.75  # px between the points of a resampled stroke: the chord is off by < 0.05 px
MAX_SEGMENTS = 6_000  # of one digit; what is longer than 4,500 px at the seam is a blot anyhow
REACH = 4  # px on each side of a segment's middle that its pen may ink
MARGIN = 2 * REACH  # px around the seam that a drawing may run into before it is centred
CHUNK = 24_000  # segments drawn at once: about 100 MB

Strokes = list[np.ndarray]


def parse_strokes(raw: object) -> Strokes:
    """Check a stroke list from outside: list of float64 [n, 2] arrays, n >= 1, empty strokes dropped.

    Raises InputError with one clear sentence for anything but finite numbers in that shape.
    """
    if not isinstance(raw, Sequence) or isinstance(raw, (str, bytes)):
        raise InputError("Strokes must be a list of strokes, each a list of [x, y] points.", "strokes.list")
    if len(raw) > MAX_STROKES:
        count, most = f"{len(raw):,}", f"{MAX_STROKES:,}"
        sentence = f"Too many strokes: {count}; at most {most} are read."
        raise InputError(sentence, "strokes.count", count=count, most=most)
    strokes: Strokes = []
    points = 0
    for number, stroke in enumerate(raw, 1):
        if isinstance(stroke, np.ndarray):
            stroke = stroke.tolist()
        if not isinstance(stroke, Sequence) or isinstance(stroke, (str, bytes)):
            raise InputError(
                f"Stroke {number} is not a list of [x, y] points.", "strokes.stroke", number=number
            )
        points += len(stroke)
        if points > MAX_POINTS:
            most = f"{MAX_POINTS:,}"
            raise InputError(f"Too many points; at most {most} are read.", "strokes.points", most=most)
        if not len(stroke):
            continue
        if not all(_is_point(point) for point in stroke):
            sentence = f"Stroke {number} has a point that is not two numbers [x, y]."
            raise InputError(sentence, "strokes.point", number=number)
        try:
            array = np.array(stroke, np.float64)
        except OverflowError:  # an integer that no float can hold
            array = np.full((1, 2), np.inf)
        if not np.isfinite(array).all() or np.abs(array).max() > 1e9:
            sentence = f"Stroke {number} has a coordinate that is infinite or not a number."
            raise InputError(sentence, "strokes.number", number=number)
        strokes.append(array)
    return strokes


def _is_point(point: object) -> bool:
    return (
        isinstance(point, Sequence)
        and len(point) == 2
        and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in point)
    )


def bounds(strokes: Strokes) -> tuple[float, float, float, float]:
    """The smallest box around all points: x0, y0, x1, y1."""
    points = np.concatenate(strokes)
    (x0, y0), (x1, y1) = points.min(0), points.max(0)
    return float(x0), float(y0), float(x1), float(y1)


def restroke(strokes: Strokes, pen: float = PEN) -> np.ndarray:
    """Draw one digit's strokes at the seam: uint8 [28, 28], ink = 255.

    Size, place and pen of the drawing do not matter: the ink's box is scaled to 20 px, drawn with a
    round pen of ``pen`` px, and its centre of mass put on pixel 14. No strokes give a blank image.
    """
    return restroke_all([strokes], pen)[0]


def restroke_all(digits: Sequence[Strokes], pen: float = PEN) -> np.ndarray:
    """`restroke` for several digits at once: uint8 [N, 28, 28]."""
    images = np.zeros((len(digits), SIZE, SIZE), np.uint8)
    pieces = {n: to_segments(fit(strokes, BOX - pen)) for n, strokes in enumerate(digits) if strokes}
    if pieces:
        longest = max(map(len, pieces.values()))
        # Repeating a piece changes nothing: only the nearest one counts.
        padded = [np.pad(piece, ((0, longest - len(piece)), (0, 0)), "edge") for piece in pieces.values()]
        batch = torch.from_numpy(np.stack(padded)).split(max(1, CHUNK // longest))
        drawn = [draw_centred(some, torch.full((len(some),), pen)) for some in batch]
        images[list(pieces)] = torch.cat(drawn).numpy()
    return images


def fit(strokes: Strokes, extent: float) -> Strokes:
    """Scale the strokes to ``extent`` px on their longer side and centre that box on ``CENTRE``."""
    x0, y0, x1, y1 = bounds(strokes)
    longer = max(x1 - x0, y1 - y0)
    scale = extent / longer if longer > DOT * max(1.0, abs(x0), abs(y0)) else 0.0
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    return [(stroke - middle) * scale + CENTRE for stroke in strokes]


def to_segments(strokes: Strokes) -> np.ndarray:
    """Resample strokes in seam px to short straight pieces: float32 [S, 4] of x0, y0, x1, y1."""
    lengths = [float(_steps(stroke).sum()) for stroke in strokes]
    spacing = max(SPACING, sum(lengths) / MAX_SEGMENTS)
    pieces = []
    for stroke, length in zip(strokes, lengths, strict=True):
        points = resample(stroke, max(2, math.ceil(length / spacing) + 1))  # a dot: a piece of no length
        pieces.append(np.concatenate([points[:-1], points[1:]], 1))
    return np.concatenate(pieces).astype(np.float32)


def resample(stroke: np.ndarray, count: int) -> np.ndarray:
    """``count`` points [count, 2] at even distances along a stroke [n, 2]."""
    along = path_lengths(stroke)
    at = np.linspace(0.0, along[-1], count)
    return np.stack([np.interp(at, along, stroke[:, axis]) for axis in (0, 1)], 1)


def path_lengths(stroke: np.ndarray) -> np.ndarray:
    """How far the pen has gone at each point of a stroke [n, 2]: float64 [n], from 0 on."""
    return np.concatenate([[0.0], np.cumsum(_steps(stroke))])


def _steps(stroke: np.ndarray) -> np.ndarray:
    return np.hypot(*np.diff(stroke, axis=0).T)


def draw_centred(segments: Tensor, pen: Tensor) -> Tensor:
    """Draw a batch and put each centre of mass on ``CENTRE``: uint8 [N, 28, 28].

    ``segments`` float [N, S, 4] in seam px, padded by repeating a segment; ``pen`` float [N], px.
    """
    ink = rasterise(segments, pen)
    shift = CENTRE - centre_of_mass(ink)
    ink = rasterise(segments + torch.cat([shift, shift], 1)[:, None], pen)
    return (ink * 255).round().to(torch.uint8)


def rasterise(segments: Tensor, pen: Tensor) -> Tensor:
    """Anti-aliased round-pen drawing: ``segments`` float [N, S, 4], ``pen`` float [N] → [N, 28, 28] in 0..1.

    A pixel's ink is how far its centre lies inside the pen's edge, over one pixel: the distance field
    of a capsule, exact for straight edges. Each segment is measured only against the 9×9 pixels around
    its middle, thirty times faster than against all: it holds for segments of up to 3 px and pens of
    up to 4 px.
    """
    wide = SIZE + 2 * MARGIN
    around = torch.arange(-REACH, REACH + 1, device=segments.device)
    offset_y, offset_x = (grid.reshape(-1) for grid in torch.meshgrid(around, around, indexing="ij"))
    middle = ((segments[..., :2] + segments[..., 2:]) / 2).round().clamp(-REACH, SIZE + REACH - 1)
    start = segments[..., :2] - middle
    along = segments[..., 2:] - segments[..., :2]
    from_x, from_y = offset_x - start[..., :1], offset_y - start[..., 1:]
    squared = along.square().sum(-1, keepdim=True).clamp_min(1e-12)
    at = ((from_x * along[..., :1] + from_y * along[..., 1:]) / squared).clamp_(0, 1)
    distance = from_x.sub_(at * along[..., :1]).square_().add_(from_y.sub_(at * along[..., 1:]).square_())
    corner = middle.long() + MARGIN
    pixel = (corner[..., 1] * wide + corner[..., 0])[..., None] + (offset_y * wide + offset_x)
    pixel += (torch.arange(len(segments), device=segments.device) * wide * wide)[:, None, None]
    field = segments.new_full((len(segments) * wide * wide,), 1e4)
    field.scatter_reduce_(0, pixel.view(-1), distance.view(-1), "amin")
    field = field.view(-1, wide, wide)[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    return (pen[:, None, None] / 2 + 0.5 - field.sqrt()).clamp(0, 1)


def centre_of_mass(ink: Tensor) -> Tensor:
    """Mean pixel index of the ink, x then y: float [N, 2]; the middle for a blank image."""
    axis = torch.arange(ink.shape[-1], dtype=ink.dtype, device=ink.device)
    mass = ink.sum((1, 2))
    moments = torch.stack([(ink.sum(1) * axis).sum(1), (ink.sum(2) * axis).sum(1)], 1)
    centre = moments / mass.clamp_min(1e-9)[:, None]
    return torch.where(mass[:, None] > 0, centre, torch.full_like(centre, CENTRE))
