"""Synthetic pen digits, and drawings that are none: hand-made skeletons, written by a made-up hand.

Every sample is one skeleton (``model/skeletons/``), written by a hand of its own: how neat, how
round or angular, how slanted and wide, how its strokes begin, end and meet. Up to the plane every
step is linear in the control points, so a whole group of samples of one skeleton is a few matrix
products. The drawing is laid out as model images as ``strokes.rasterise_digit`` lays it out.

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
from ..input.rasterizer import draw_centred
from .mnist import Labelled
from .skeletons import Skeleton, skeletons

SPACING = 0.9  # px between the points of a drawn path; a drawing may stretch it to 3 without a fault
CHUNK = 128  # samples drawn at a time: more leave the processor's cache
INVENTED = 16  # samples that share one random scribble or one pair of digits, each deformed anew
SCRIBBLES, PAIRS = 0.16, 0.07  # shares of what is no digit

Draw = Callable[..., Tensor]  # random numbers of the shape that it is called with


@dataclass(frozen=True)
class Hand:
    """How far the hands go. Lengths in hundredths of the figure's height unless said otherwise.

    Every figure above the sloppiness is a standard deviation (cut at two), for a hand of sloppiness 1.
    """

    jitter: float = 1.8  # each control point
    apart: float = 2.6  # each stroke as a whole, against the others
    ends: float = 3.6  # both ends of each stroke: longer, shorter, hooked
    warp: float = 2.8  # each of three smooth waves of the plane
    tremor: float = 0.6  # along the whole path
    belly: float = 0.13  # top against bottom half: their heights, and their widths
    rotation: float = 5.0  # degrees
    slant: float = 0.17  # across per down
    aspect: float = 0.17  # natural logarithm of width over height, beside the skeleton's own
    pen: float = 0.17  # natural logarithm
    sloppiness: tuple[float, float] = (0.25, 1.5)  # least and most; neat ones are the more frequent
    round: float = 0.65  # at most this share of the corners is rounded off
    angular: float = 0.35  # at most this share of the curves is straightened, in a third of the hands
    pens: tuple[float, float] = (1.5, 3.2)  # px
    median_pen: float = 2.15  # px


def generate(count: int, seed: int, not_digits: float = 0.3, hand: Hand | None = None) -> Labelled:
    """``count`` drawings, of which about the share ``not_digits`` is labelled NOT_A_DIGIT.

    The digits are equally frequent. The same ``count``, ``seed`` and shares give the same drawings.
    """
    hand = hand or Hand()
    generator = torch.Generator().manual_seed(seed)
    known = skeletons()
    labels = torch.tensor([skeleton.label for skeleton in known])
    weights = torch.tensor([skeleton.weight for skeleton in known])
    totals = torch.zeros(NOT_A_DIGIT + 1).index_add(0, labels, weights)
    is_digit = labels < NOT_A_DIGIT
    share = torch.where(is_digit, (1 - not_digits) / 10, not_digits * (1 - SCRIBBLES - PAIRS))
    invented = torch.tensor([not_digits * SCRIBBLES, not_digits * PAIRS])
    chances = torch.cat([share * weights / totals[labels], invented])
    chosen = torch.multinomial(chances, count, replacement=True, generator=generator)

    images = torch.zeros(count, SIZE, SIZE, dtype=torch.uint8)
    for number in chosen.unique().tolist():
        is_known = number < len(known)
        for part in (chosen == number).nonzero()[:, 0].split(CHUNK if is_known else INVENTED):
            if number == len(known) + 1:
                pieces = pair(len(part), hand, generator)
            else:
                skeleton = known[number] if is_known else scribble(generator)
                pieces = write(skeleton, len(part), hand, generator)
            images[part] = draw(pieces, pens(len(part), hand, generator))
    return Labelled(images, torch.cat([labels, torch.full((2,), NOT_A_DIGIT)])[chosen])


@dataclass(frozen=True, eq=False)
class Loom:
    """The matrices that take a skeleton's K control points to the P points of its path, [P, K]."""

    smooth: Tensor  # through the control points, on curves
    chords: Tensor  # through the control points, on straight lines
    rounded: Tensor  # the smooth path with its corners rounded off
    ends: Tensor  # [P, 2 × strokes]: how much a push at each stroke's start, or end, moves a point
    members: Tensor  # [P, strokes]: 1 where the point is on the stroke
    joined: Tensor  # int64 [S]: the points from which a piece goes to the next point


@lru_cache(maxsize=512)
def loom(skeleton: Skeleton) -> Loom:
    """Lay evenly spaced points on a skeleton's strokes, in the middle of its sliders' ranges."""
    middle = skeleton.middle
    unit = (BOX - 2) / float((middle.amax(0) - middle.amin(0)).amax().clamp_min(1.0))  # px
    smooth, chords, rounded, ends, members = [], [], [], [], []
    for own, curve, line in _strokes(skeleton, unit):
        length = _along(curve @ (middle[own] * unit))
        from_end = torch.stack([length, length[-1] - length], 1)
        ends.append((1 - from_end / (0.4 * length[-1]).clamp(1e-6, 5.0)).clamp_min(0).square())
        members.append(torch.ones(len(curve), 1))
        columns = torch.eye(len(skeleton.strokes))[own]
        smooth.append(curve @ columns)
        chords.append(line @ columns)
        rounded.append(_blur(length) @ curve @ columns)
    last = torch.tensor([len(part) for part in smooth]).cumsum(0) - 1
    joined = torch.ones(int(last[-1]) + 1, dtype=torch.bool).index_fill(0, last, False)
    return Loom(
        torch.cat(smooth),
        torch.cat(chords),
        torch.cat(rounded),
        torch.block_diag(*ends),
        torch.block_diag(*members),
        joined.nonzero()[:, 0],
    )


def _strokes(skeleton: Skeleton, unit: float) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """For each stroke the indices of its points, and ``_stroke``'s weights with ``unit`` px a hundredth."""
    for stroke in range(int(skeleton.strokes[-1]) + 1):
        own = (skeleton.strokes == stroke).nonzero()[:, 0]
        yield own, *_stroke(skeleton.middle[own] * unit, skeleton.corners[own])


def _stroke(points: Tensor, corners: Tensor) -> tuple[Tensor, Tensor]:
    """The weights [P, K] of a stroke's K points (px) in P evenly spaced ones: on curves, and on chords."""
    chord = points.diff(dim=0).norm(dim=1)
    knots = torch.cat([torch.zeros(1), chord.clamp_min(1e-3).sqrt().cumsum(0)])  # centripetal
    cuts = [0, *(corners[1:-1].nonzero()[:, 0] + 1).tolist(), len(points) - 1]
    curve, line = [], []
    for first, last in pairwise(cuts):
        own = torch.eye(len(points))[first : last + 1]
        at = torch.linspace(float(knots[first]), float(knots[last]), 24 * (last - first) + 1)
        length = _along(_spline(knots[first : last + 1], at) @ points[first : last + 1])
        steps = max(1, round(float(length[-1]) / SPACING))
        spaced = np.interp(np.linspace(0, float(length[-1]), steps + 1), length.numpy(), at.numpy())
        even = torch.from_numpy(spaced).float()
        keep = slice(0 if first == 0 else 1, None)
        curve.append((_spline(knots[first : last + 1], even) @ own)[keep])
        line.append((_spline(knots[first : last + 1], even, straight=True) @ own)[keep])
    return torch.cat(curve), torch.cat(line)


def _spline(knots: Tensor, at: Tensor, straight: bool = False) -> Tensor:
    """The weights [P, K] of K points in the Catmull-Rom curve through them, or the straight lines."""
    points = torch.eye(len(knots))
    span = knots.diff()
    piece = (torch.searchsorted(knots, at.contiguous(), right=True) - 1).clamp(0, len(span) - 1)
    share = ((at - knots[piece]) / span[piece]).clamp(0, 1)[:, None]
    here, there = points[piece], points[piece + 1]
    if straight:
        return here + share * (there - here)
    slope = points.diff(dim=0) / span[:, None]
    tangent = torch.empty_like(points)
    before, after = span[:-1, None], span[1:, None]
    tangent[1:-1] = (slope[:-1] * after + slope[1:] * before) / (before + after)
    tangent[0] = 1.5 * slope[0] - 0.5 * tangent[1] if len(span) > 1 else slope[0]
    tangent[-1] = 1.5 * slope[-1] - 0.5 * tangent[-2] if len(span) > 1 else slope[0]
    leave, arrive = (tangent[piece + k] * span[piece, None] for k in (0, 1))
    rise = share**2 * (3 - 2 * share)
    bend = share * (1 - share)
    return here + rise * (there - here) + bend * ((1 - share) * leave - share * arrive)


def _along(points: Tensor) -> Tensor:
    """How far along the line each of its points lies: float [P]."""
    return torch.cat([torch.zeros(1), points.diff(dim=0).norm(dim=1).cumsum(0)])


def _blur(length: Tensor, width: float = 1.6) -> Tensor:
    """A Gaussian [P, P] over a path, ``width`` px wide, narrower near the ends so that they stay."""
    room = torch.minimum(length, length[-1] - length)
    reach = torch.minimum(room / 2, torch.tensor(width)).clamp_min(1e-3)
    weight = torch.exp(-0.5 * ((length[:, None] - length) / reach[:, None]).square())
    return weight / weight.sum(1, keepdim=True)


def write(skeleton: Skeleton, count: int, hand: Hand, generator: torch.Generator) -> Tensor:
    """One skeleton by ``count`` hands: straight pieces, float [count, S, 4] of x0, y0, x1, y1."""

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator).clamp_(-2, 2)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    frame = loom(skeleton)
    least, most = hand.sloppiness
    sloppiness = least + (most - least) * uniform(count, 1, 1) ** 1.7
    sliders = skeleton.poses[1:] - skeleton.poses[0]
    points = skeleton.poses[0] + torch.einsum("ns,skd->nkd", uniform(count, len(sliders)), sliders)
    points = points + sloppiness * hand.jitter * normal(*points.shape)

    angular = hand.angular * (uniform(count, 1, 1) * 3 - 2).clamp_min(0)
    rounded = hand.round * uniform(count, 1, 1) ** 2
    path = (1 - angular - rounded) * (frame.smooth @ points)
    path += angular * (frame.chords @ points) + rounded * (frame.rounded @ points)
    path += frame.ends @ (sloppiness * hand.ends * normal(count, frame.ends.shape[1], 2))
    if frame.members.shape[1] > 1:
        path += frame.members @ (sloppiness * hand.apart * normal(count, frame.members.shape[1], 2))
    tremor = normal(*path.shape)
    tremor = tremor[:, :-2] + 2 * tremor[:, 1:-1] + tremor[:, 2:]
    path[:, 1:-1] += sloppiness * (hand.tremor / 6**0.5) * tremor

    path = _plane(path, sloppiness, hand, normal, uniform)
    return torch.cat([path[:, frame.joined], path[:, frame.joined + 1]], 2)


def trace(skeleton: Skeleton, spacing: float) -> list[Tensor]:
    """The skeleton itself, by no hand: its strokes, float [P, 2] each, in a box 100 high.

    Every slider is half way, and the points lie about ``spacing`` apart.
    """
    return [curve @ skeleton.middle[own] for own, curve, _ in _strokes(skeleton, SPACING / spacing)]


def _plane(path: Tensor, sloppiness: Tensor, hand: Hand, normal: Draw, uniform: Draw) -> Tensor:
    """Bend, stretch, slant and turn the paper under a path [N, P, 2], in hundredths of its height."""
    count = len(path)
    middle = (path.amax(1, keepdim=True) + path.amin(1, keepdim=True)) / 2
    path = (path - middle) / 50
    wave = 1.2 * normal(count, 2, 3).clamp(-1.5, 1.5)  # radians per half height
    phase = 2 * torch.pi * uniform(count, 1, 3)
    height = sloppiness * (hand.warp / 50) * normal(count, 3, 2).clamp(-1.5, 1.5)
    path = path + torch.sin(path @ wave + phase) @ height
    belly = (sloppiness * hand.belly * normal(count, 1, 2)).clamp(-0.3, 0.3)
    x, y = path[..., :1], path[..., 1:]
    x = x * (1 + belly[..., :1] * y)
    y = y + belly[..., 1:] * (1 - y * y)
    spread = 0.5 + 0.5 * sloppiness
    x = x * torch.exp(spread * hand.aspect * normal(count, 1, 1))
    x = x - spread * hand.slant * normal(count, 1, 1) * y
    angle = spread * (hand.rotation * torch.pi / 180) * normal(count, 1, 1)
    return torch.cat([angle.cos() * x - angle.sin() * y, angle.sin() * x + angle.cos() * y], 2)


def scribble(generator: torch.Generator) -> Skeleton:
    """A random line or two, smooth, cornered or both: the skeleton of a doodle, labelled NOT_A_DIGIT."""
    walks, corners, parts = torch.rand(3, generator=generator).tolist()
    count = int(torch.randint(7, 19, (), generator=generator)) + 7 * (walks < 0.25)
    points = torch.rand(2, count, 2, generator=generator) * 100  # a cloud
    if walks < 0.25:  # a short walk might well be a 1, 2 or 3
        points = (points - 50).cumsum(1)
        points = points * (100 / (points.amax(1, keepdim=True) - points.amin(1, keepdim=True)).amax())
    is_corner = torch.rand(count, generator=generator) < corners * 2 - 0.8
    strokes = (torch.arange(count) >= count // 2).long() * (parts < 0.25)
    return Skeleton(NOT_A_DIGIT, "scribble", 1.0, torch.lerp(points[:1], points, 0.3), is_corner, strokes)


def pair(count: int, hand: Hand, generator: torch.Generator) -> Tensor:
    """Two different digits, 1 apart, one upon the other or pushed together: as ``write``."""
    digits = [skeleton for skeleton in skeletons() if skeleton.label not in (1, NOT_A_DIGIT)]
    first, second = 0, 0
    while digits[first].label == digits[second].label:
        first, second = torch.randint(len(digits), (2,), generator=generator).tolist()
    left, right = (write(digits[k], count, hand, generator) for k in (first, second))
    aside = 0.45 + 0.95 * torch.rand(count, 1, 1, generator=generator)
    return torch.cat([left, right + aside * torch.tensor([1.0, 0.0, 1.0, 0.0])], 1)


def pens(count: int, hand: Hand, generator: torch.Generator) -> Tensor:
    """Pen widths, float [count] in px."""
    return (hand.median_pen * torch.exp(hand.pen * torch.randn(count, generator=generator))).clamp(*hand.pens)


def draw(pieces: Tensor, pen: Tensor) -> Tensor:
    """Fit to the box, draw, put the centre of mass on its pixel: uint8 [N, 28, 28].

    ``pieces`` float [N, S, 4] in any unit, ``pen`` float [N] in px.
    """
    points = torch.cat([pieces[..., :2], pieces[..., 2:]], 1)
    low, high = points.amin(1), points.amax(1)
    scale = (BOX - pen) / (high - low).amax(1).clamp_min(1e-3)
    middle = ((low + high) / 2).repeat(1, 2)
    pieces = (pieces - middle[:, None]) * scale[:, None, None] + CENTRE
    return draw_centred(pieces, pen)
