"""The sheet on a table: its corners, and the way back from the flattened sheet to the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from model.input.sheet import EDGE, edge_of, find_sheet, flatten, inside_of

CORNERS = np.array([[150, 70], [690, 120], [640, 560], [90, 500]], np.float32)  # clockwise


def photo(corners: np.ndarray = CORNERS, table: int = 60, paper: int = 225) -> np.ndarray:
    """A sheet with a large cross on a table with a grain: uint8 [620, 800]."""
    picture = np.random.default_rng(0).normal(table, 5, (620, 800)).clip(0, 255).astype(np.uint8)
    cv2.fillConvexPoly(picture, corners.round().astype(int), paper)
    middle = corners.mean(0)
    for corner in corners:
        inner = (middle + 0.5 * (corner - middle)).round().astype(int).tolist()
        cv2.line(picture, middle.round().astype(int).tolist(), inner, 255 - paper, 8)
    return picture


@pytest.mark.parametrize(("table", "paper"), [(60, 225), (200, 90)], ids=["dark table", "light table"])
def test_the_corners_are_found_clockwise_from_the_top_left(table: int, paper: int) -> None:
    found = find_sheet(photo(table=table, paper=paper))
    assert found is not None
    assert np.abs(found - CORNERS).max() < 6


def test_a_large_picture_has_its_corners_in_its_own_px() -> None:
    large = cv2.resize(photo(), None, fx=2.5, fy=2.5, interpolation=cv2.INTER_LINEAR)
    found = find_sheet(large)
    assert found is not None
    assert np.abs(found - 2.5 * CORNERS).max() < 2.5 * 6


def test_no_sheet_is_found_where_none_is() -> None:
    rng = np.random.default_rng(1)
    for picture in (
        np.full((620, 800), 220, np.uint8),
        rng.normal(120, 40, (620, 800)).clip(0, 255).astype(np.uint8),
        np.linspace(60, 230, 800)[None].repeat(620, 0).astype(np.uint8),
        photo(400 + 0.25 * (CORNERS - 400)),  # too small
        photo(table=225),  # no step at its edges
        np.full((30, 800), 220, np.uint8),
    ):
        assert find_sheet(picture) is None
    disc = np.full((620, 800), 60, np.uint8)
    cv2.circle(disc, (400, 310), 250, 225, -1)
    assert find_sheet(disc) is None


def test_a_shadow_is_no_sheet() -> None:
    """A soft one, with the same step in brightness; nor is a sharp one whose edge crosses the picture."""
    rows, columns = np.mgrid[:620, :800]
    corner = np.where((rows < 420) & (columns < 560), 220.0, 120.0)
    assert find_sheet(corner.astype(np.uint8)) is not None
    assert find_sheet(cv2.blur(corner, (81, 81)).astype(np.uint8)) is None
    across = np.where(columns < 400, 120.0, 220.0)
    assert find_sheet(across.astype(np.uint8)) is None


def test_two_sheets_side_by_side_are_not_one() -> None:
    picture = np.full((600, 1000), 60, np.uint8)
    picture[100:500, 50:450] = 225
    assert find_sheet(picture) is not None
    picture[100:500, 550:930] = 225
    assert find_sheet(picture) is None


def test_the_inside_of_a_sheet_leaves_out_its_rim_and_its_edge_is_a_band() -> None:
    inside = inside_of(CORNERS, (620, 800))
    assert (photo()[inside] != 60).mean() > 0.99
    whole = np.zeros((620, 800), np.uint8)
    cv2.fillConvexPoly(whole, CORNERS.round().astype(int), 1)
    assert not (inside & (whole == 0)).any()
    assert 0.9 < inside.sum() / whole.sum() < 0.98
    edge = edge_of(np.ones((20, 30), bool))
    assert edge.sum() == 20 * 30 - (20 - 2 * EDGE) * (30 - 2 * EDGE)
    assert not edge[EDGE:-EDGE, EDGE:-EDGE].any()


def test_the_matrix_leads_from_the_flat_sheet_back_to_the_picture() -> None:
    """Round marks on the sheet are where the matrix says, and the sheet is upright and without its rim."""
    grey = photo()
    marks = np.array([CORNERS.mean(0) + 0.8 * (corner - CORNERS.mean(0)) for corner in CORNERS])
    for x, y in marks.round().astype(int).tolist():
        cv2.circle(grey, (x, y), 8, 20, -1)
    flat, to_grey = flatten(grey, CORNERS)
    height, width = flat.shape
    assert width == pytest.approx(546, abs=25)  # means of opposite sides, without the rim
    assert height == pytest.approx(440, abs=25)
    assert flat[:, :3].min() > 200  # no table
    assert flat[-3:].min() > 200
    _, _, _, centres = cv2.connectedComponentsWithStats((flat < 60).astype(np.uint8))
    seen = [centre for centre in centres[1:] if np.abs(centre - (width / 2, height / 2)).min() > 60]
    assert len(seen) == 4
    back = cv2.perspectiveTransform(np.array([seen], np.float64), to_grey)[0]
    for mark in marks:
        assert np.linalg.norm(back - mark, axis=1).min() < 1.5
