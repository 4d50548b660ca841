"""Strokes and ink to digits: geometry proposes, a given likeness decides."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from model import DigitReader
from model.input.ink import Component, components_of
from model.input.parts import Part, cut_apart
from model.input.segmentation import (
    Lattice,
    best_path,
    find_layouts,
    find_runs,
    join_marks,
    parts_of_strokes,
)
from tests.browser.hand import DIGITS, moved


def line(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, float)


def bar(x: float, top: float = 0, bottom: float = 100) -> np.ndarray:
    return line(*((x, y) for y in np.linspace(top, bottom, 20)))


def level(y: float, left: float, right: float) -> np.ndarray:
    return line(*((x, y) for x in np.linspace(left, right, 20)))


def chosen(lattice: Lattice, likeness: list[float]) -> list[int]:
    """The indices of the chosen runs, line by line."""
    return [n for line in lattice.best(likeness) for n in line]


def digits(strokes: list[np.ndarray], likeness: float = 0.9) -> list[int]:
    """The number of strokes of each digit if all candidates are equally likely."""
    lattice = Lattice(parts_of_strokes(strokes))
    return [len(lattice.runs[n].whole.items) for n in chosen(lattice, [likeness] * len(lattice.runs))]


def test_strokes_that_touch_and_overlap_are_one_part() -> None:
    crossed_seven = [line((0, 0), (60, 0), (20, 100)), level(50, 20, 60)]
    assert len(parts_of_strokes(crossed_seven)) == 1
    assert len(parts_of_strokes([bar(0), bar(60)])) == 2


def test_touching_neighbours_stay_two_parts() -> None:
    # They meet at a corner and their boxes hardly overlap, so the network decides.
    assert len(parts_of_strokes([line((0, 0), (50, 100)), line((50, 100), (100, 0))])) == 2


@pytest.mark.parametrize(("gap", "sizes"), [(2, [2]), (25, [1, 1])])
def test_a_small_gap_joins_and_a_wide_one_parts(gap: float, sizes: list[int]) -> None:
    assert digits([bar(0), bar(gap)]) == sizes


def test_the_network_can_override_the_gap() -> None:
    lattice = Lattice(parts_of_strokes([bar(0), bar(2)]))
    apart = [0.999 if run.parts == 1 else 1e-4 for run in lattice.runs]
    assert [lattice.runs[n].parts for n in chosen(lattice, apart)] == [1, 1]


def test_a_row_is_read_left_to_right_whatever_the_order_of_drawing() -> None:
    strokes = [bar(200), bar(0), bar(100)]
    lattice = Lattice(parts_of_strokes(strokes))
    boxes = [lattice.runs[n].whole.box[0] for n in chosen(lattice, [0.9] * len(lattice.runs))]
    assert boxes == [0, 100, 200]


@pytest.mark.parametrize("lines", [2, 3, 4])
def test_lines_that_nearly_touch_stay_apart(lines: int) -> None:
    """The distance that counts as touching depends on the tallest stroke, not on the whole drawing."""
    strokes = [bar(x, 110 * n, 110 * n + 100) for n in range(lines) for x in (0, 60)]
    assert len(parts_of_strokes(strokes)) == 2 * lines
    assert digits(strokes) == [1] * (2 * lines)


def test_two_lines_are_read_top_to_bottom() -> None:
    strokes = [bar(100, 200, 300), bar(0), bar(100), bar(0, 200, 300)]
    lattice = Lattice(parts_of_strokes(strokes))
    lines = lattice.best([0.9 if run.parts == 1 else 0.1 for run in lattice.runs])
    corners = [[lattice.runs[n].whole.box[:2] for n in line] for line in lines]
    assert corners == [[(0, 0), (100, 0)], [(0, 200), (100, 200)]]


def test_a_bar_above_is_no_line_of_its_own() -> None:
    five = [level(0, 20, 60), line((20, 15), (20, 50), (60, 70), (20, 100))]
    assert [len(lines) for lines in find_layouts(parts_of_strokes(five))] == [1]


@pytest.mark.parametrize("together", [False, True])
def test_the_network_distinguishes_small_writing_from_bars_of_the_line_below(together: bool) -> None:
    strokes = [bar(x, *ends) for ends in ((0, 20), (40, 140)) for x in (0, 100)]
    lattice = Lattice(parts_of_strokes(strokes))
    likeness = [0.99 if (run.parts == 2) == together else 0.2 for run in lattice.runs]
    assert [lattice.runs[n].parts for n in chosen(lattice, likeness)] == ([2, 2] if together else [1] * 4)


@pytest.mark.parametrize("small_first", [True, False])
def test_a_row_of_small_digits_is_read_beside_a_row_of_large_ones(
    trained: DigitReader, small_first: bool
) -> None:
    def row(ways: list[tuple[int, str]], scale: float, top: float) -> list:
        return [s for n, (d, way) in enumerate(ways) for s in moved(DIGITS[d][way], scale, 70 * n, top)]

    large, small = [(2, "swan"), (5, "hat last"), (6, "round")], [(3, "round"), (1, "plain"), (5, "hat last")]
    strokes = row(small, 0.2, 0 if small_first else 230) + row(large, 0.7, 60 if small_first else 0)
    assert trained.read_strokes(strokes).text == ("315256" if small_first else "256315")


def test_a_low_line_is_joined_to_the_nearer_one_alone() -> None:
    rows = [bar(x, y, y + 100) for y in (0, 200) for x in (0, 100, 200)]
    hat = level(170, 0, 40)  # above the second row's first
    (lines,) = find_layouts(parts_of_strokes([*rows, hat]))
    assert [len(line) for line in lines] == [3, 4]
    separate, joined = find_layouts(parts_of_strokes([*rows, hat, level(170, 100, 140)]))
    assert [len(line) for line in separate] == [3, 2, 3]
    assert [len(line) for line in joined] == [3, 5]


def test_the_halves_of_one_digit_may_lie_one_above_the_other() -> None:
    upper, lower = bar(0, 0, 45), bar(0, 55, 100)
    lattice = Lattice(parts_of_strokes([upper, lower]))
    whole = [0.99 if run.parts == 2 else 0.2 for run in lattice.runs]
    assert [lattice.runs[n].parts for n in chosen(lattice, whole)] == [2]


def ring(x: float, top: float, width: float = 70, height: float = 70) -> np.ndarray:
    turn = np.linspace(0, 2 * np.pi, 30)
    return np.stack([x + width / 2 * np.sin(turn), top + height / 2 * (1 - np.cos(turn))], 1)


@pytest.mark.parametrize("eights", [1, 2, 5])
def test_rings_that_lie_one_under_the_other_are_eights(eights: int) -> None:
    strokes = [ring(120 * n + 8 * (top > 0), top) for n in range(eights) for top in (0, 85)]
    assert digits(strokes) == [2] * eights
    other = [*strokes, ring(120 * eights, 0)]  # a 0 without another below
    assert digits(other) == [1] * len(other)


def test_noughts_that_are_high_or_far_below_are_two_lines() -> None:
    assert digits([ring(0, 0, height=150), ring(0, 180, height=150)]) == [1, 1]
    assert digits([ring(0, 0), ring(0, 120)]) == [1, 1]
    assert digits([ring(0, 0), ring(50, 80)]) == [1, 1]


def test_a_dot_joins_what_it_touches_and_is_dropped_far_away() -> None:
    near, far = line((12, 50), (12, 50)), line((400, 50), (400, 50))
    assert [len(part.items) for part in parts_of_strokes([bar(0), near])] == [2]
    assert [len(part.items) for part in parts_of_strokes([bar(0), far])] == [1]
    assert len(parts_of_strokes([far])) == 1  # alone it is all there is


def test_many_strokes_are_one_drawing() -> None:
    generator = np.random.default_rng(0)
    strokes = [generator.uniform(0, 300, (4, 2)) for _ in range(500)]
    assert len(parts_of_strokes(strokes)) == 1


def test_the_best_path_is_the_best_of_all() -> None:
    """Against trying every way to cut the line."""
    generator = np.random.default_rng(1)
    parts = [Part([], (x, 0.0, x + 30.0, 100.0)) for x in (0.0, 34.0, 66.0, 90.0, 128.0)]
    runs = find_runs(parts)
    for _ in range(20):
        likeness = generator.uniform(0.01, 1, len(runs)).tolist()
        cost = {(r.first, r.last): r.cost - r.parts * np.log(q) for r, q in zip(runs, likeness, strict=True)}

        def ways(first: int, cost: dict = cost) -> list[float]:
            if first == len(parts):
                return [0.0]
            here = [(a, b) for a, b in cost if a == first]
            return [cost[way] + rest for way in here for rest in ways(way[1] + 1)]

        assert best_path(parts, runs, likeness)[1] == pytest.approx(min(ways(0)))


def box(x0: float, y0: float, x1: float, y1: float) -> Part:
    return Part([np.zeros(0)], (x0, y0, x1, y1))


def test_a_stray_mark_beside_a_digit_is_dropped_or_joined() -> None:
    digit, far, near = box(0, 0, 60, 100), box(80, 40, 90, 65), box(64, 80, 80, 100)
    assert join_marks([digit, far]) == [digit]
    (joined,) = join_marks([digit, far, near])
    assert joined.box == (0, 0, 80, 100)


def test_digits_beside_digits_lines_and_edges_are_not_marks() -> None:
    row = [box(0, 0, 60, 100), box(80, 60, 110, 100), box(130, 0, 190, 100)]
    assert join_marks(row) == row
    lines = [box(0, 120 * n, 60, 120 * n + 100) for n in range(6)]
    assert join_marks(lines) == lines
    ruled = [box(0, 0, 10, 800), box(40, 300, 100, 400)]
    assert join_marks(ruled) == ruled
    assert join_marks([]) == []


GAP = 10  # px


def rings(*widths: int) -> Component:
    """Zeros of these widths, up to 100 px tall, joined by bars ``GAP`` px long, as one component of ink."""
    mask = np.zeros((120, sum(widths) + 100), np.uint8)
    right = 20
    for n, width in enumerate(widths):
        cv2.ellipse(mask, (right + width // 2, 60), (width // 2, 50 - 5 * n), 0, 0, 360, 1, 5)
        right += width + GAP
    cv2.line(mask, (20 + widths[0], 60), (right - GAP - widths[-1], 60), 1, 5)
    for start, width in zip(np.cumsum((20, *(w + GAP for w in widths))), widths, strict=False):
        mask[57:64, start + 4 : start + width - 3] = 0  # no bar inside
    (component,) = components_of(mask.astype(bool))
    return component


@pytest.mark.parametrize("widths", [(50, 50), (66, 40), (40, 66), (50, 44, 56)])
def test_touching_digits_are_cut_where_they_meet(widths: tuple[int, ...]) -> None:
    ink = rings(*widths)
    down, across = ink.mask.shape
    pieces = cut_apart(Part([ink], (ink.x, ink.y, ink.x + across, ink.y + down)), 100)
    assert len(pieces) == len(widths)
    for n, piece in enumerate(pieces[:-1]):
        middle = 20 + sum(widths[: n + 1]) + (n + 0.5) * GAP
        assert piece.box[2] == pytest.approx(middle, abs=GAP / 2)
    # The pieces are the ink, each where it was.
    again = np.zeros((ink.y + down, ink.x + across), int)
    for piece in pieces:
        (item,) = piece.items
        height, width = item.mask.shape
        assert piece.box == (item.x, item.y, item.x + width, item.y + height)
        assert item.area == item.mask.sum()
        again[item.y : item.y + height, item.x : item.x + width] += item.mask
    assert np.array_equal(again[ink.y :, ink.x :], ink.mask)


def test_one_digit_a_blot_and_pieces_already_joined_are_not_cut() -> None:
    ink = rings(50)
    assert len(cut_apart(Part([ink], (ink.x, ink.y, ink.x + 65, ink.y + 105)), 100)) == 1
    two = rings(50, 50)
    box = two.x, two.y, two.x + two.mask.shape[1], two.y + two.mask.shape[0]
    assert len(cut_apart(Part([two, ink], box), 100)) == 1
    blot = Component(np.ones_like(two.mask), two.x, two.y, two.mask.size)
    assert len(cut_apart(Part([blot], box), 100)) == 1
    assert len(cut_apart(Part([two], box), 400)) == 1  # the digits of this line are larger
