"""Small pictures in one PNG."""

from __future__ import annotations

import numpy as np

from sketchpad.inside.sprite_sheet import levels, sprite, square
from tests.sketchpad.inside.conftest import cut, decode_sprite


def test_a_sprite_holds_every_picture_in_its_box() -> None:
    numbers = np.random.default_rng(0)
    sizes = [(14, 14)] * 30 + [(7, 7), (28, 28), (1, 1), (3, 300)]
    pictures = [numbers.integers(1, 256, size, np.uint8) for size in sizes]
    url, boxes = sprite(pictures)
    sheet = decode_sprite(url)
    covered = np.zeros(sheet.shape, int)
    for picture, box in zip(pictures, boxes, strict=True):
        np.testing.assert_array_equal(cut(sheet, box), picture)
        left, top, width, height = box
        covered[top : top + height, left : left + width] += 1
    assert covered.max() == 1  # no two overlap


def test_levels_have_zero_in_the_middle_and_end_at_the_limit() -> None:
    values = np.array([-9, -2, -1, 0, 0.004, 1, 2, 9], np.float32)
    assert levels(values, 2.0).tolist() == [1, 1, 64, 128, 128, 192, 255, 255]
    assert square(np.arange(1, 6)).tolist() == [[1, 2, 3], [4, 5, 0], [0, 0, 0]]
