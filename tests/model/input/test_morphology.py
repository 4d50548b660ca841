"""Connected components, Otsu's threshold and morphology, against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from model.input.morphology import close, connected_components, dilate, otsu_threshold


def flood_fill(mask: np.ndarray) -> np.ndarray:
    """The 8-connected components by flood fill from each pixel in reading order."""
    labels = np.zeros(mask.shape, np.int32)
    for y, x in np.argwhere(mask):
        if labels[y, x]:
            continue
        number = labels.max() + 1
        stack = [(y, x)]
        while stack:
            y, x = stack.pop()
            if 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1] and mask[y, x] and not labels[y, x]:
                labels[y, x] = number
                stack += [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
    return labels


@pytest.mark.parametrize("density", [0.0, 0.2, 0.4, 0.6, 1.0])
def test_components_are_those_of_a_flood_fill_in_the_same_order(density: float) -> None:
    mask = np.random.default_rng(0).random((40, 57)) < density
    labels, boxes = connected_components(mask)
    assert np.array_equal(labels, flood_fill(mask))
    assert len(boxes) == labels.max()
    for number, (x0, y0, x1, y1) in enumerate(boxes, 1):
        rows, columns = np.nonzero(labels == number)
        assert (x0, y0, x1, y1) == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)


def test_otsus_threshold_has_the_largest_variance_between_its_classes() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0.2, 0.1, 3_000), rng.normal(0.7, 0.1, 1_000)])
    values = values.clip(0, 1).astype(np.float32)
    levels = np.minimum(np.floor(values * 256), 255)

    def variance(threshold: float) -> float:
        high = levels >= threshold * 256
        share = high.mean()
        return share * (1 - share) * (levels[high].mean() - levels[~high].mean()) ** 2

    best = max((n / 256 for n in range(20, 240)), key=variance)
    assert otsu_threshold(values) == best
    assert 0.3 < best < 0.6


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.float32])
@pytest.mark.parametrize("radius", [1, 4])
def test_dilation_takes_the_maximum_of_a_square(dtype: type, radius: int) -> None:
    ink = (np.random.default_rng(2).random((23, 31)) ** 8 * (1 if dtype is np.float32 else 2)).astype(dtype)
    expected = np.zeros_like(ink)
    for y, x in np.ndindex(ink.shape):
        expected[y, x] = ink[max(y - radius, 0) : y + radius + 1, max(x - radius, 0) : x + radius + 1].max()
    dilated = dilate(ink, radius)
    assert dilated.dtype == ink.dtype
    assert np.array_equal(dilated, expected)


def test_closing_fills_narrow_gaps_and_keeps_wide_ones() -> None:
    paper = np.full((60, 60), 200, np.uint8)
    paper[:, 20:24] = 30
    paper[:, 40:58] = 30
    closed = close(paper, 3)
    assert (closed[:, :38] == 200).all()
    assert (closed[:, 44:54] == 30).all()
