"""Lines of handwritten digits as strokes, before there is any paper.

The unit of length is the height of the writer's digits. x points right, y down. The digits are the project's
skeletons in one moderate handwriting per page: a writer has one or two forms of each digit and one slant.

    >>> page = write_page(rng, 12, style="lines", aspect=1.5)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch

from .skeletons import Skeleton, skeletons
from .synthetic import write

STYLES = ("line", "lines", "sloping", "curved", "grid", "mixed", "phone")
NEAT = 0.1, 0.8  # range of the sloppiness of `write`
MOST_IN_A_LINE = 12  # digits
MOST_SLOPE = 8.0  # degrees
LEAST_WIDTH = {0: 0.4, 2: 0.45, 3: 0.4, 4: 0.5, 5: 0.42, 7: 0.5}  # before the slant, relative to the height
BLOT = ""  # the label of a crossed-out digit

# Rarer forms, and those that some people read as another digit when they see them alone.
UNUSUAL = {
    0: {"two halves", "ended inside", "upright box", "tail over the top", "open at the top",
        "slashed past the ring", "slashed past the ring, backwards", "level bar", "small ring, long slash",
        "wide gap at the top", "long tail to the right"},
    1: {"bar leaning far", "flag", "flag bent out", "full upstroke", "upstroke bent out", "upstroke bent in",
        "rounded head", "drooping flag", "running out to the right", "upstroke running out", "foot",
        "hooked to the left", "foot apart", "flag and foot apart", "long flag and foot", "hook at its base",
        "flag and hook at its base", "flag to the right"},
    2: {"sharp like Z", "written like Z", "large loop"},
    3: {"angular", "shallow notch", "flat top, soft", "small below", "shallow waist"},
    4: {"lightning", "lightning, stem drawn up first", "lightning, two strokes", "long crossing", "closed",
        "closed in one stroke", "looped in one stroke", "short arm", "wide", "crossed low",
        "U top, short right arm", "low U, stem apart", "arching stem", "closed, arching stem",
        "like a fish"},
    5: {"bar missing", "flourished", "leaning", "like S", "curled tail", "angular", "bar above, apart",
        "like S, long bar"},
    6: {"stem bent back", "narrow", "loop drawn the other way", "open loop, hooked inside",
        "open loop, level end", "double loop", "begun with an upstroke"},
    7: {"flag falling", "running out", "upright", "stem bent out", "wavy top", "rounded corner", "wide",
        "crossed, bar climbing", "foot hooked back", "foot looped back", "foot looped back, crossed",
        "foot hooked back, crossed", "curled start", "curled start, crossed", "bowed",
        "pointed at the side"},
    8: {"hourglass", "large above", "open at the top, slanted", "open at the top", "waist apart",
        "open at the top, inside", "two rings apart", "two rings apart, leaning left",
        "two rings, the upper open"},
    9: {"like S, from the right", "tail bowed out", "tail bowed out from the loop's foot", "loop on a neck",
        "like g", "tail level at the foot", "overhanging, curved tail", "clockwise with a curved tail",
        "open loop", "open loop, hooked", "running out", "curled inside", "tiny loop",
        "tiny loop, curled tail", "wide tail", "wide tail, hooked up"},
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Glyph:
    """One digit, or a crossed-out one, where it is written."""

    label: str  # "0" to "9", or BLOT
    strokes: list[np.ndarray]  # float32 [P, 2] each
    size: float  # height


@dataclass(frozen=True, eq=False)
class Page:
    """Glyphs in the order of reading, line by line."""

    glyphs: list[Glyph]
    lines: list[str]  # the digits of each line
    pitch: float  # distance between the baselines
    cell: float | None  # distance between the columns of a grid
    box: np.ndarray  # float [4]: x0, y0, x1, y1 of all strokes


def write_page(
    rng: np.random.Generator, digits: int, style: str, aspect: float = 1.5, blots: int = 0
) -> Page:
    """``digits`` random digits laid out in a style of `STYLES`, about ``aspect`` times as wide as high.

    ``blots`` crossed-out digits stand between them. They are in no line of the result.
    """
    gap = float(rng.uniform(0.25, 0.9))
    pitch = float(rng.uniform(1.9, 2.5) if style == "mixed" else rng.uniform(1.45, 2.2))
    if style == "grid":
        gap, pitch = float(rng.uniform(0.5, 1.6)), float(rng.uniform(1.5, 2.4))
    rows = _rows(rng, digits, style, aspect * pitch / (0.62 + gap))
    lines = _contents(rng, rows)
    labels = [list(line) for line in lines]
    for _ in range(blots):
        row = labels[int(rng.integers(len(labels)))]
        row.insert(int(rng.integers(len(row) + 1)), BLOT)
    shapes = _write_labels(rng, [label for row in labels for label in row])

    cell = 0.62 + gap if style == "grid" else None
    slope = np.radians(rng.uniform(2, MOST_SLOPE) * rng.choice([-1, 1])) if style == "sloping" else 0.0
    slope += np.radians(rng.normal(0, 0.5))
    sag = float(rng.uniform(0.2, 0.6) * rng.choice([-1, 1])) if style == "curved" else 0.0
    ragged = 0.0 if cell else float(rng.choice([0.05, 0.5]))
    glyphs: list[Glyph] = []
    numbers = iter(range(len(shapes)))
    longest = max(len(row) for row in labels)
    for number, row in enumerate(labels):
        x, drift, group = float(rng.uniform(0, ragged)), 0.0, int(rng.integers(2, 5))
        for column, label in enumerate(row):
            strokes = shapes[next(numbers)]
            size = float(
                rng.uniform(0.6, 1.5) if style == "mixed" else np.clip(rng.normal(1, 0.05), 0.9, 1.1)
            )
            strokes = [stroke * size for stroke in strokes]
            low, high = _extent(strokes)
            drift = 0.9 * drift + float(rng.normal(0, 0.025))
            across = float(high[0] - low[0])
            left = (column + 0.5) * cell - across / 2 + float(rng.normal(0, 0.03)) if cell else x
            x = left + across + gap * float(rng.uniform(0.75, 1.25))
            if style == "phone":
                group -= 1
                if group == 0:
                    x, group = x + float(rng.uniform(0.8, 1.4)), int(rng.integers(2, 5))
            middle = left / (0.62 + gap) / longest - 0.5  # -0.5 to 0.5 along the line
            down = number * pitch + drift + sag * (4 * middle**2 - 0.3) * min(1.0, longest / 5)
            offset = np.array([left - low[0], down], np.float32)
            glyphs.append(Glyph(label, [stroke + offset for stroke in strokes], size))
    turn = np.array([[np.cos(slope), np.sin(slope)], [-np.sin(slope), np.cos(slope)]], np.float32)
    glyphs = [Glyph(g.label, [stroke @ turn for stroke in g.strokes], g.size) for g in glyphs]
    low, high = _extent([stroke for glyph in glyphs for stroke in glyph.strokes])
    return Page(glyphs, lines, pitch, cell, np.concatenate([low, high]).astype(float))


def _rows(rng: np.random.Generator, digits: int, style: str, ratio: float) -> list[int]:
    """How many digits each line has; ``ratio`` is that of columns to rows in a block of the wanted shape."""
    if style == "line" or (style in ("sloping", "curved", "phone") and digits <= MOST_IN_A_LINE):
        return [digits]
    columns = float(np.clip(round((digits * ratio * rng.uniform(0.7, 1.4)) ** 0.5), 1, max(1, digits)))
    rows = max(1, round(digits / columns))
    if style in ("lines", "mixed") and digits > 1:
        rows = max(2, rows)
    columns = -(-digits // rows)
    if style == "grid":
        return [min(columns, digits - start) for start in range(0, digits, columns)]
    cuts = np.linspace(0, digits, rows + 1)[1:-1] + rng.uniform(-0.25, 0.25, rows - 1) * digits / rows
    bounds = [0, *sorted({int(np.clip(round(cut), 1, digits - 1)) for cut in cuts}), digits]
    return [last - first for first, last in pairwise(bounds)]


def _contents(rng: np.random.Generator, rows: Sequence[int]) -> list[str]:
    """Random digits for each line; sometimes they count, or one digit is practised."""
    kind = rng.choice(["random", "counting", "repeated"], p=[0.7, 0.18, 0.12])
    total, start = sum(rows), int(rng.integers(10))
    if kind == "random":
        digits = rng.integers(0, 10, total)
    else:
        digits = (start + np.arange(total) * (kind == "counting")) % 10
    text = "".join(map(str, digits.tolist()))
    ends = np.cumsum(rows).tolist()
    return [text[end - count : end] for end, count in zip(ends, rows, strict=True)]


def _write_labels(rng: np.random.Generator, labels: list[str]) -> list[list[np.ndarray]]:
    """The strokes of each label, about 1 high, from y = -1 to 0, with the writer's slant."""
    slant = float(np.clip(rng.normal(0.06, 0.1), -0.15, 0.3))
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    wanted: dict[int, list[int]] = defaultdict(list)  # of each skeleton, the positions in the text
    own = _own_forms(rng)
    for position, label in enumerate(labels):
        forms = own[int(label) if label else int(rng.integers(10))]
        wanted[forms[int(rng.random() < 0.2)]].append(position)
    table = skeletons()
    shapes: list[list[np.ndarray]] = [[] for _ in labels]
    for number, positions in wanted.items():
        batch = write(table[number], len(positions), generator, NEAT).numpy()
        for position, segments in zip(positions, batch, strict=True):
            strokes = [stroke / 2 for stroke in split_strokes(segments)]
            low, high = _extent(strokes)
            least = LEAST_WIDTH.get(table[number].label, 0.0) * (high[1] - low[1])
            for stroke in strokes:
                stroke[:, 0] *= max(1.0, float(least / (high[0] - low[0])))
                stroke[:, 0] -= slant * stroke[:, 1]
            foot = _extent(strokes)[1][1]
            shapes[position] = [stroke - [0.0, foot] for stroke in strokes]
            if labels[position] == BLOT:
                shapes[position].append(_scribble(rng, *_extent(shapes[position])))
    return shapes


def _own_forms(rng: np.random.Generator) -> list[tuple[int, int]]:
    """One writer's usual and second form of each digit, as numbers of skeletons."""
    table = skeletons()
    forms = []
    for label in range(10):
        allowed = [k for k, each in enumerate(table) if each.label == label and _is_plain(each)]
        weights = np.sqrt([table[k].weight for k in allowed])
        first, second = rng.choice(allowed, 2, p=weights / weights.sum()).tolist()
        forms.append((first, second))
    return forms


def _is_plain(skeleton: Skeleton) -> bool:
    return skeleton.name not in UNUSUAL[skeleton.label]


def split_strokes(segments: np.ndarray) -> list[np.ndarray]:
    """Segments float [S, 4] of `write` as smooth strokes [P, 2]."""
    breaks = np.flatnonzero((segments[1:, :2] != segments[:-1, 2:]).any(1)) + 1
    parts = np.split(segments, breaks)
    return [_smooth(np.concatenate([part[:, :2], part[-1:, 2:]])) for part in parts]


def _smooth(points: np.ndarray) -> np.ndarray:
    """Chaikin's corner cutting, twice; both ends stay."""
    for _ in range(2):
        start, end = points[:-1], points[1:]
        cut = np.stack([0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end], 1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut, points[-1:]])
    return points


def _scribble(rng: np.random.Generator, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """A dense zigzag over a box, float32 [P, 2]."""
    count = 26
    x = np.where(np.arange(count) % 2, high[0] + 0.1, low[0] - 0.1) + rng.normal(0, 0.06, count)
    y = np.linspace(low[1], high[1], count) + rng.normal(0, 0.06, count)
    return _smooth(np.stack([x, y], 1).astype(np.float32))


def _extent(strokes: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate(strokes)
    return points.min(0), points.max(0)
