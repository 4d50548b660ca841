"""Ruled lines, table lines and frames are removed; what crosses them stays in one piece."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from model.input.rules import without_rules


def strokes() -> np.ndarray:
    """A 4 and a round 0, drawn with a pen of 9 px."""
    mask = np.zeros((500, 700), np.uint8)
    cv2.polylines(mask, [np.array([[150, 180], [130, 260], [220, 260]])], False, 1, 9)
    cv2.line(mask, (205, 170), (195, 330), 1, 9)
    cv2.ellipse(mask, (400, 250), (45, 80), 0, 0, 360, 1, 9)
    return mask.astype(bool)


def lines(degrees: float = 0.0, pitch: int = 60, columns: bool = False, width: int = 3) -> np.ndarray:
    mask = np.zeros((500, 700), np.uint8)
    slope = np.tan(np.radians(degrees))
    for at in range(20, 700, pitch):
        cv2.line(mask, (0, at), (699, round(at + 699 * slope)), 1, width)
        if columns:
            cv2.line(mask, (at, 0), (round(at - 499 * slope), 499), 1, width)
    return mask.astype(bool)


def pieces(mask: np.ndarray) -> int:
    """The number of connected pieces of at least 100 px."""
    areas = cv2.connectedComponentsWithStats(mask.view(np.uint8))[2][1:, cv2.CC_STAT_AREA]
    return int((areas >= 100).sum())


@pytest.mark.parametrize("degrees", [-3.0, 0.0, 2.0])
@pytest.mark.parametrize("columns", [False, True], ids=["ruled", "squared"])
def test_lines_go_and_the_strokes_across_them_stay_whole(degrees: float, columns: bool) -> None:
    ink, rules = strokes(), lines(degrees, columns=columns)
    left = without_rules(ink | rules, 250)
    assert pieces(left) == 2
    assert left[ink].mean() > (0.75 if columns else 0.94)  # a line along a stroke takes some of its edge
    assert left[rules & ~ink].mean() < 0.06  # the crossings of two lines may remain
    assert not (left & ~(ink | rules)).any()  # nothing is added


def test_a_frame_goes() -> None:
    frame = np.zeros((500, 700), np.uint8)
    cv2.rectangle(frame, (60, 90), (640, 420), 1, 4)
    left = without_rules(strokes() | frame.astype(bool), 250)
    assert pieces(left) == 2
    assert np.array_equal(left & strokes(), strokes())


def test_shorter_lines_than_asked_for_and_other_ink_stay() -> None:
    ink = strokes()
    assert np.array_equal(without_rules(ink, 250), ink)
    ink[400:403, 100:300] = True
    assert np.array_equal(without_rules(ink, 250), ink)
    assert not without_rules(ink, 120)[400:403, 110:290].any()


def test_the_mask_is_not_changed() -> None:
    mask = strokes() | lines()
    before = mask.copy()
    without_rules(mask, 250)
    assert np.array_equal(mask, before)
