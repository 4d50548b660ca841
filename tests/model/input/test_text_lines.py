"""Lines of digits: level, sloping and curved ones, wide gaps, and small marks beside digits."""

from __future__ import annotations

import numpy as np
import pytest

from model.input.parts import Part
from model.input.text_lines import find_lines

HEIGHT = 50.0


def digit(x: float, y: float, width: float = 30, height: float = HEIGHT) -> Part:
    """A digit whose middle is at (x, y)."""
    return Part([], (x - width / 2, y - height / 2, x + width / 2, y + height / 2))


def row(y: float, count: int = 9, slope: float = 0.0, sag: float = 0.0, start: float = 40) -> list[Part]:
    across = np.linspace(-1, 1, count)
    jitter = np.random.default_rng(int(y)).normal(0, 2, count)
    return [
        digit(start + 60 * n, y + 60 * n * slope + sag * HEIGHT * across[n] ** 2 + jitter[n])
        for n in range(count)
    ]


def check(rows: list[list[Part]], seed: int = 0) -> None:
    """The rows are found from their shuffled parts."""
    parts = [part for each in rows for part in each]
    order = np.random.default_rng(seed).permutation(len(parts))
    found = find_lines([parts[n] for n in order], HEIGHT)
    assert [[id(part) for part in line] for line in found] == [[id(part) for part in line] for line in rows]


@pytest.mark.parametrize("degrees", [-9, -4, 0, 5, 9])
@pytest.mark.parametrize("lines", [1, 2, 5])
def test_sloping_lines_are_told_apart(degrees: int, lines: int) -> None:
    slope = float(np.tan(np.radians(degrees)))
    check([row(100 + 85 * n, slope=slope) for n in range(lines)])


@pytest.mark.parametrize("sag", [-0.7, 0.7])
def test_curved_lines_are_followed(sag: float) -> None:
    check([row(100 + 90 * n, sag=sag) for n in range(3)])


def test_lines_of_different_length_and_start() -> None:
    check([row(100, 9), row(190, 3, start=250), row(280, 1, start=60), row(370, 6, start=120)])


def test_a_wide_gap_does_not_begin_a_line() -> None:
    line = row(100, 12)
    check([line[:3] + line[8:], row(190, 12)])


@pytest.mark.parametrize("degrees", [-8, 8])
def test_a_wide_gap_in_a_sloping_line_does_not_begin_a_line(degrees: int) -> None:
    """Two digits do not show their line's slope, but the page does."""
    slope = float(np.tan(np.radians(degrees)))
    rows = [row(150 + 85 * n, 12, slope) for n in range(4)]
    check([rows[0], rows[1][:2] + rows[1][9:], rows[2], rows[3][:1] + rows[3][8:]])


def test_a_small_mark_belongs_to_the_digit_beside_it() -> None:
    first, second = row(100), row(200)
    bar = digit(first[2].middle + 18, 77, 20, 6)  # the bar of a 5
    lines = find_lines([*second, bar, *first], HEIGHT)
    assert [len(line) for line in lines] == [10, 9]
    assert bar in lines[0]


def test_of_nothing_there_are_no_lines() -> None:
    assert find_lines([], HEIGHT) == []
    (line,) = find_lines([digit(90, 0, 5, 5), digit(10, 0, 5, 5)], HEIGHT)  # only small marks
    assert [part.middle for part in line] == [10, 90]
