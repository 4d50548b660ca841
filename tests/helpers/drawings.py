"""Drawings of every kind, for comparing readers: digits, rows, lines, scribbles, dots and edge cases."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch

from model.datasets.handwriting import split_strokes
from model.datasets.skeletons import skeletons
from model.datasets.stroke_files import Drawing, load_drawings
from model.datasets.synthetic import make_scribble, write
from model.evaluation.evaluate import moved, row_of
from tests.browser.hand import DIGITS, LETTER_A
from tests.helpers.paths import ROOT

Strokes = list[list[list[float]]]
EDGES: list[Strokes] = [
    [],
    [[]],
    [[[140, 140]]],
    [[[140, 140]], [[160, 140]]],
    [[[10, 10], [10, 10], [10, 10]]],
    [[[0, 0], [1e9, 1e9]]],
    [[[140, 20], [140, 260]]],
    [[[20, 140], [260, 140]]],
    [[[20, 20], [140, 260]], [[21, 20], [141, 260]], [[200, 100]]],
    [
        [[float(7 * n % 280), float(11 * n % 280)] for n in range(9000)]
    ],  # longer than the rasteriser's finest cut
    [[[2.0 * n, 100.0], [2.0 * n, 140.0]] for n in range(120)],
]


def made_drawings(count: int, seed: int) -> list[Strokes]:
    """``count`` drawings from the skeletons, and the hand-made ones."""
    generator, rng = torch.Generator().manual_seed(seed), random.Random(seed)
    table = skeletons()
    singles = []
    for _ in range(count):
        skeleton = make_scribble(generator) if rng.random() < 0.1 else rng.choice(table)
        strokes = split_strokes(write(skeleton, 1, generator)[0].numpy())
        singles.append(Drawing("", str(skeleton.label), [np.round(each, 4).tolist() for each in strokes]))
    hand = [drawing for ways in DIGITS.values() for drawing in ways.values()]
    return [*EDGES, *map(as_lists, [*hand, LETTER_A]), *placed(singles, rng)]


def placed(singles: list[Drawing], rng: random.Random) -> list[Strokes]:
    """Most of the drawings alone on the pad, the others in rows of up to ten, in one to three lines."""
    drawings, rest = singles[: len(singles) * 3 // 4], singles[len(singles) * 3 // 4 :]
    found = [moved(drawing, rng).strokes for drawing in drawings]
    while rest:
        length = rng.choice([1, 2, 2, 3, 4, 6, 10])
        row, rest = rest[:length], rest[length:]
        lines = rng.choice([1, 1, 2, 3])
        strokes: Strokes = []
        for number in range(lines):
            part = row[number::lines]
            if part:
                line = row_of(part, rng).strokes
                strokes += [[[x, y + 140 * number] for x, y in stroke] for stroke in line]
        found.append(strokes)
    return found


def written_drawings(most: int, seed: int) -> list[Strokes]:
    """Up to ``most`` drawings by people, from ../shared/strokes; none where that folder does not exist."""
    rng = random.Random(seed)
    drawings: list[Drawing] = []
    for path in sorted(Path(ROOT.parent / "shared" / "strokes").glob("*_dev.jsonl")):
        drawings += load_drawings(path)
    chosen = rng.sample(drawings, min(most, len(drawings)))
    return placed(chosen, rng)


def as_lists(drawing: object) -> Strokes:
    """A drawing of tuples as JSON has it."""
    return [[list(point) for point in stroke] for stroke in drawing]  # type: ignore[attr-defined]
