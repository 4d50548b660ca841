"""Synthetic pen drawings of digits and non-digits: hand-made skeletons in random handwriting.

Each sample is one skeleton (``skeletons/``) in a random handwriting: more or less neat, round or angular,
slanted and wide, with strokes that start, end and meet in different places. All steps before ``_distort`` are
linear in the control points, so all samples of one skeleton are a few matrix products. A drawing becomes a
model image as in ``rasterizer.rasterise_digit``.

    >>> images, labels = generate(60_000, seed=1)    # about seven seconds on one core
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from ..image import BOX, CENTRE, NOT_A_DIGIT, SIZE
from ..input.rasterizer import draw_centred, stretch
from .mnist import Labelled
from .skeletons import Skeleton, skeletons

SPACING = 0.9  # px between the points of a path; the rasteriser allows 3, after distortion
CHUNK = 128  # samples drawn at a time; more do not fit into the CPU's cache
RANDOM_CHUNK = 16  # samples of one random scribble or one pair of digits, each in its own handwriting
SCRIBBLES, PAIRS = 0.16, 0.07  # shares of the non-digits
# Shares of all drawings: as tall or wide as one draws in a table's cell or across a whole screen; with
# straight lines only; and on the coarse grid of an old or small device.
STRETCHED, POLYGONS, COARSE = 0.12, 0.05, 0.1
ASPECTS = 0.18, 3.2  # least and largest width over height of stretched drawings
MOST_STRETCH = 3.5, 5.5  # narrower and wider; a 1 without a foot is not drawn wider, since it would be a 7
GRID = 0.01, 0.04  # finest and coarsest step relative to the drawing's longer side

Random = Callable[..., Tensor]  # random numbers of a shape


# The variation of handwriting. Lengths are in hundredths of the figure's height unless noted. The values up
# to PEN_SPREAD are standard deviations at a sloppiness of 1; random numbers are clamped at two of them.
JITTER = 1.8  # of each control point
APART = 2.6  # of each stroke as a whole
ENDS = 3.6  # of both ends of each stroke: longer, shorter, hooked
WARP = 2.8  # of each of three smooth waves of the plane
TREMOR = 0.6  # along the whole path
BELLY = 0.13  # difference in height and width between the top half and the bottom half
ROTATION = 5.0  # degrees
SLANT = 0.17  # horizontal per vertical
ASPECT = 0.17  # natural logarithm of width over height, relative to the skeleton's
PEN_SPREAD = 0.17  # natural logarithm of the pen width
SLOPPINESS = 0.25, 1.5  # minimum and maximum; neat handwriting is more frequent
ROUNDED = 0.65  # largest weight of the path with rounded corners
ANGULAR = 0.35  # largest weight of the path with straight lines, which a third of the samples have
MEDIAN_PEN, LEAST_PEN, MOST_PEN = 2.15, 1.5, 3.2  # px


def generate(count: int, seed: int, not_digits: float = 0.3) -> Labelled:
    """``count`` drawings as model images. A share of about ``not_digits`` has the label NOT_A_DIGIT.

    The digits are equally frequent. The same arguments give the same drawings.
    """
    generator = torch.Generator().manual_seed(seed)
    table = skeletons()
    labels = torch.tensor([skeleton.label for skeleton in table])
    weights = torch.tensor([skeleton.weight for skeleton in table])
    totals = torch.zeros(NOT_A_DIGIT + 1).index_add(0, labels, weights)
    is_digit = labels < NOT_A_DIGIT
    share = torch.where(is_digit, (1 - not_digits) / 10, not_digits * (1 - SCRIBBLES - PAIRS))
    random_shares = torch.tensor([not_digits * SCRIBBLES, not_digits * PAIRS])
    probabilities = torch.cat([share * weights / totals[labels], random_shares])
    chosen = torch.multinomial(probabilities, count, replacement=True, generator=generator)

    images = torch.zeros(count, SIZE, SIZE, dtype=torch.uint8)
    for number in chosen.unique().tolist():
        is_skeleton = number < len(table)
        for part in (chosen == number).nonzero()[:, 0].split(CHUNK if is_skeleton else RANDOM_CHUNK):
            if number == len(table) + 1:
                segments = write_pair(len(part), generator)
            else:
                skeleton = table[number] if is_skeleton else make_scribble(generator)
                segments = write(skeleton, len(part), generator)
                segments = stretched(segments, STRETCHED, generator, is_widened=can_be_wide(skeleton))
            segments = coarsened(segments, generator)
            images[part] = draw(segments, pen_widths(len(part), generator))
    return Labelled(images, torch.cat([labels, torch.full((2,), NOT_A_DIGIT)])[chosen])


@dataclass(frozen=True, eq=False)
class PathBasis:
    """The matrices [P, K] from a skeleton's K control points to the P points of its path."""

    smooth: Tensor  # curves through the control points
    chords: Tensor  # straight lines through the control points
    rounded: Tensor  # the smooth path with its corners rounded
    ends: Tensor  # [P, 2 × strokes]: how far a displacement of a stroke's start or end moves each point
    members: Tensor  # [P, strokes]: 1 where the point is on the stroke
    joined: Tensor  # int64 [S]: the points that have a next point on the same stroke


@lru_cache(maxsize=512)
def path_basis(skeleton: Skeleton) -> PathBasis:
    """The basis for evenly spaced points on a skeleton's strokes, with every slider half way."""
    middle = skeleton.middle
    unit = (BOX - 2) / float((middle.amax(0) - middle.amin(0)).amax().clamp_min(1.0))  # px
    smooth, chords, rounded, ends, members = [], [], [], [], []
    for indices, curve, line in _strokes(skeleton, unit):
        length = _cumulative_length(curve @ (middle[indices] * unit))
        from_end = torch.stack([length, length[-1] - length], 1)
        ends.append((1 - from_end / (0.4 * length[-1]).clamp(1e-6, 5.0)).clamp_min(0).square())
        members.append(torch.ones(len(curve), 1))
        columns = torch.eye(len(skeleton.strokes))[indices]
        smooth.append(curve @ columns)
        chords.append(line @ columns)
        rounded.append(_gaussian_filter(length) @ curve @ columns)
    last = torch.tensor([len(part) for part in smooth]).cumsum(0) - 1
    joined = torch.ones(int(last[-1]) + 1, dtype=torch.bool).index_fill(0, last, False)
    return PathBasis(
        torch.cat(smooth),
        torch.cat(chords),
        torch.cat(rounded),
        torch.block_diag(*ends),
        torch.block_diag(*members),
        joined.nonzero()[:, 0],
    )


def _strokes(skeleton: Skeleton, unit: float) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """For each stroke its points' indices and the weights of `_stroke`; ``unit`` is px per hundredth."""
    for stroke in range(int(skeleton.strokes[-1]) + 1):
        indices = (skeleton.strokes == stroke).nonzero()[:, 0]
        yield indices, *_stroke(skeleton.middle[indices] * unit, skeleton.corners[indices])


def _stroke(points: Tensor, corners: Tensor) -> tuple[Tensor, Tensor]:
    """The weights [P, K] from a stroke's K points (px) to P evenly spaced ones: on curves, and on chords."""
    chord = points.diff(dim=0).norm(dim=1)
    knots = torch.cat([torch.zeros(1), chord.clamp_min(1e-3).sqrt().cumsum(0)])  # centripetal
    cuts = [0, *(corners[1:-1].nonzero()[:, 0] + 1).tolist(), len(points) - 1]
    curve, line = [], []
    for first, last in pairwise(cuts):
        part, columns = slice(first, last + 1), torch.eye(len(points))[first : last + 1]
        at = torch.linspace(float(knots[first]), float(knots[last]), 24 * (last - first) + 1)
        length = _cumulative_length(_spline(knots[part], at) @ points[part])
        steps = max(1, round(float(length[-1]) / SPACING))
        spaced = np.interp(np.linspace(0, float(length[-1]), steps + 1), length.numpy(), at.numpy())
        even = torch.from_numpy(spaced).float()
        keep = slice(0 if first == 0 else 1, None)
        curve.append((_spline(knots[part], even) @ columns)[keep])
        line.append((_spline(knots[part], even, straight=True) @ columns)[keep])
    return torch.cat(curve), torch.cat(line)


def _spline(knots: Tensor, at: Tensor, straight: bool = False) -> Tensor:
    """The weights [P, K] of the Catmull-Rom curve, or straight lines, through K points, at parameters [P]."""
    points = torch.eye(len(knots))
    span = knots.diff()
    piece = (torch.searchsorted(knots, at.contiguous(), right=True) - 1).clamp(0, len(span) - 1)
    share = ((at - knots[piece]) / span[piece]).clamp(0, 1)[:, None]
    start, end = points[piece], points[piece + 1]
    if straight:
        return start + share * (end - start)
    slope = points.diff(dim=0) / span[:, None]
    tangent = torch.empty_like(points)
    before, after = span[:-1, None], span[1:, None]
    tangent[1:-1] = (slope[:-1] * after + slope[1:] * before) / (before + after)
    tangent[0] = 1.5 * slope[0] - 0.5 * tangent[1] if len(span) > 1 else slope[0]
    tangent[-1] = 1.5 * slope[-1] - 0.5 * tangent[-2] if len(span) > 1 else slope[0]
    start_tangent, end_tangent = (tangent[piece + k] * span[piece, None] for k in (0, 1))
    bend = share * (1 - share) * ((1 - share) * start_tangent - share * end_tangent)
    return start + share**2 * (3 - 2 * share) * (end - start) + bend  # cubic Hermite interpolation


def _cumulative_length(points: Tensor) -> Tensor:
    """Length of the line up to each of its points: float [P]."""
    return torch.cat([torch.zeros(1), points.diff(dim=0).norm(dim=1).cumsum(0)])


def _gaussian_filter(length: Tensor, sigma: float = 1.6) -> Tensor:
    """A Gaussian filter [P, P] along a path, ``sigma`` in px, smaller near the ends to keep them in place."""
    to_end = torch.minimum(length, length[-1] - length)
    sigmas = torch.minimum(to_end / 2, torch.tensor(sigma)).clamp_min(1e-3)
    weight = torch.exp(-0.5 * ((length[:, None] - length) / sigmas[:, None]).square())
    return weight / weight.sum(1, keepdim=True)


def write(
    skeleton: Skeleton,
    count: int,
    generator: torch.Generator,
    sloppiness_range: tuple[float, float] = SLOPPINESS,
) -> Tensor:
    """One skeleton in ``count`` handwritings: segments float [count, S, 4] of x0, y0, x1, y1.

    The skeleton's box, 100 high, becomes about -1 to 1. Neat handwriting is more frequent.
    """

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).clamp_(-2, 2)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    basis = path_basis(skeleton)
    least, most = sloppiness_range
    sloppiness = least + (most - least) * uniform(count, 1, 1) ** 1.7
    sliders = skeleton.poses[1:] - skeleton.poses[0]
    points = skeleton.poses[0] + torch.einsum("ns,skd->nkd", uniform(count, len(sliders)), sliders)
    points = points + sloppiness * JITTER * normal(*points.shape)

    angular = ANGULAR * (uniform(count, 1, 1) * 3 - 2).clamp_min(0)
    rounded = ROUNDED * uniform(count, 1, 1) ** 2
    is_polygon = uniform(count, 1, 1) < POLYGONS
    angular, rounded = angular.masked_fill(is_polygon, 1.0), rounded.masked_fill(is_polygon, 0.0)
    path = (1 - angular - rounded) * (basis.smooth @ points)
    path += angular * (basis.chords @ points) + rounded * (basis.rounded @ points)
    path += basis.ends @ (sloppiness * ENDS * normal(count, basis.ends.shape[1], 2))
    if basis.members.shape[1] > 1:
        path += basis.members @ (sloppiness * APART * normal(count, basis.members.shape[1], 2))
    tremor = normal(*path.shape)
    tremor = tremor[:, :-2] + 2 * tremor[:, 1:-1] + tremor[:, 2:]
    path[:, 1:-1] += sloppiness * (TREMOR / 6**0.5) * tremor

    path = _distort(path, sloppiness, normal, uniform)
    return torch.cat([path[:, basis.joined], path[:, basis.joined + 1]], 2)


def trace(skeleton: Skeleton, spacing: float) -> list[Tensor]:
    """The skeleton without any variation: its strokes float [P, 2], in a box 100 high.

    Every slider is half way. The points are about ``spacing`` apart.
    """
    return [curve @ skeleton.middle[indices] for indices, curve, _ in _strokes(skeleton, SPACING / spacing)]


def _distort(path: Tensor, sloppiness: Tensor, normal: Random, uniform: Random) -> Tensor:
    """Bend, stretch, slant and rotate the plane of paths [N, P, 2], in hundredths of their height."""
    count = len(path)
    middle = (path.amax(1, keepdim=True) + path.amin(1, keepdim=True)) / 2
    path = (path - middle) / 50
    wave = 1.2 * normal(count, 2, 3).clamp(-1.5, 1.5)  # radians per half height
    phase = 2 * torch.pi * uniform(count, 1, 3)
    height = sloppiness * (WARP / 50) * normal(count, 3, 2).clamp(-1.5, 1.5)
    path = path + torch.sin(path @ wave + phase) @ height
    belly = (sloppiness * BELLY * normal(count, 1, 2)).clamp(-0.3, 0.3)
    x, y = path[..., :1], path[..., 1:]
    x = x * (1 + belly[..., :1] * y)
    y = y + belly[..., 1:] * (1 - y * y)
    spread = 0.5 + 0.5 * sloppiness
    x = x * torch.exp(spread * ASPECT * normal(count, 1, 1))
    x = x - spread * SLANT * normal(count, 1, 1) * y
    angle = spread * (ROTATION * torch.pi / 180) * normal(count, 1, 1)
    return torch.cat([angle.cos() * x - angle.sin() * y, angle.sin() * x + angle.cos() * y], 2)


def can_be_wide(skeleton: Skeleton) -> bool:
    """Whether a figure is the same figure if it is drawn much wider."""
    return skeleton.label != 1 or "foot" in skeleton.name


def stretched(segments: Tensor, share: float, generator: torch.Generator, is_widened: bool = True) -> Tensor:
    """A ``share`` of the drawings made narrower or wider, to any of ``ASPECTS``."""
    count = len(segments)
    low, high = (torch.tensor(aspect).log() for aspect in ASPECTS)
    aspect = (low + (high - low) * torch.rand(count, generator=generator)).exp()
    is_stretched = torch.rand(count, generator=generator) < share
    points = segments.view(count, -1, 2)
    width, height = (points.amax(1) - points.amin(1)).clamp_min(1e-3).unbind(1)
    narrower, wider = MOST_STRETCH
    factor = (aspect * height / width).clamp(1 / narrower, wider if is_widened else 1.0)
    factor = torch.where(is_stretched, factor, 1.0)
    return segments * torch.stack([factor, torch.ones(count)], 1).repeat(1, 2)[:, None]


def coarsened(segments: Tensor, generator: torch.Generator) -> Tensor:
    """A share of ``COARSE`` of the drawings with their points on a coarse grid."""
    count = len(segments)
    finest, coarsest = GRID
    points = segments.view(count, -1, 2)
    side = (points.amax(1) - points.amin(1)).amax(1)
    step = (side * (finest + (coarsest - finest) * torch.rand(count, generator=generator))).clamp_min(1e-6)
    is_coarse = torch.rand(count, generator=generator) < COARSE
    on_grid = (segments / step[:, None, None]).round() * step[:, None, None]
    return torch.where(is_coarse[:, None, None], on_grid, segments)


def make_scribble(generator: torch.Generator) -> Skeleton:
    """The skeleton of a doodle: one or two random lines, smooth, cornered or both, labelled NOT_A_DIGIT."""
    for_walk, for_corners, for_strokes = torch.rand(3, generator=generator).tolist()
    is_walk, has_two_strokes = for_walk < 0.25, for_strokes < 0.25
    count = int(torch.randint(7, 19, (), generator=generator)) + 7 * is_walk
    points = torch.rand(2, count, 2, generator=generator) * 100  # independent points
    if is_walk:  # a longer random walk, because a short one might look like a 1, 2 or 3
        points = (points - 50).cumsum(1)
        points = points * (100 / (points.amax(1, keepdim=True) - points.amin(1, keepdim=True)).amax())
    is_corner = torch.rand(count, generator=generator) < for_corners * 2 - 0.8
    strokes = (torch.arange(count) >= count // 2).long() * has_two_strokes
    return Skeleton(NOT_A_DIGIT, "scribble", 1.0, torch.lerp(points[:1], points, 0.3), is_corner, strokes)


def write_pair(count: int, generator: torch.Generator) -> Tensor:
    """Segments like `write`'s, of two different digits other than 1, side by side or overlapping."""
    digits = [skeleton for skeleton in skeletons() if skeleton.label not in (1, NOT_A_DIGIT)]
    first, second = 0, 0
    while digits[first].label == digits[second].label:
        first, second = torch.randint(len(digits), (2,), generator=generator).tolist()
    left, right = (write(digits[k], count, generator) for k in (first, second))
    distance = 0.45 + 0.95 * torch.rand(count, 1, 1, generator=generator)
    return torch.cat([left, right + distance * torch.tensor([1.0, 0.0, 1.0, 0.0])], 1)


def pen_widths(count: int, generator: torch.Generator) -> Tensor:
    """Random pen widths, float [count] in px."""
    return (MEDIAN_PEN * torch.exp(PEN_SPREAD * torch.randn(count, generator=generator))).clamp(
        LEAST_PEN, MOST_PEN
    )


def draw(segments: Tensor, pen: Tensor) -> Tensor:
    """Segments float [N, S, 4], in any unit, as model images uint8 [N, 28, 28].

    ``pen`` float [N] are the pen widths in px.
    """
    points = torch.cat([segments[..., :2], segments[..., 2:]], 1)
    low, high = points.amin(1), points.amax(1)
    scale = (BOX - pen) / (high - low).amax(1).clamp_min(1e-3)
    middle = ((low + high) / 2).repeat(1, 2)
    factors = scale[:, None] * torch.from_numpy(stretch((high - low).T.numpy())).T
    segments = (segments - middle[:, None]) * factors.repeat(1, 2)[:, None] + CENTRE
    columns = segments.reshape(-1, 4).numpy().T.copy()
    return torch.from_numpy(draw_centred(columns, np.full(len(pen), segments.shape[1]), pen.numpy()))
