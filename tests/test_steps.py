"""The steps shown on the page are the steps taken, and the plain resize is what it says."""

from __future__ import annotations

import numpy as np
import pytest

from model.steps import plain_resize, restroke_steps
from model.strokes import BOX, CENTRE, restroke

SEVEN = [np.array([[20.0, 30.0], [60.0, 32.0], [40.0, 130.0]])]


def test_the_fitted_drawing_moved_is_the_restroked_one() -> None:
    fitted, scale, (right, down) = restroke_steps(SEVEN, pen=2.0)
    assert scale == pytest.approx((BOX - 2.0) / 100)
    # Its own centre of mass, moved by the shift, is where the seam has it.
    y, x = np.indices(fitted.shape)
    fitted = fitted.astype(float)
    mass = fitted.sum()
    assert (x * fitted).sum() / mass + right == pytest.approx(CENTRE, abs=0.02)
    assert (y * fitted).sum() / mass + down == pytest.approx(CENTRE, abs=0.02)
    assert restroke(SEVEN, 2.0).sum() == pytest.approx(mass, rel=0.02)


def test_a_dot_has_no_scale() -> None:
    fitted, scale, _ = restroke_steps([np.array([[5.0, 5.0]])])
    assert scale == 0
    assert fitted.max() == 255


def test_a_plain_resize_keeps_place_size_and_pen() -> None:
    line = [np.array([[200.0, 40.0], [200.0, 80.0]])]
    image = plain_resize(line, [20.0], 280.0)
    rows, columns = np.nonzero(image > 127)
    assert (columns.min(), columns.max()) == (19, 20)
    assert (rows.min(), rows.max()) == (3, 8)
    thick = plain_resize(line, [40.0], 280.0)
    assert thick.sum() > 1.8 * image.sum()
    assert plain_resize([], [], 280.0).max() == 0


def test_each_stroke_keeps_its_own_pen() -> None:
    left, right = (np.array([[x, 40.0], [x, 240.0]]) for x in (60.0, 200.0))
    image = plain_resize([left, right], [10.0, 30.0], 280.0)
    assert image[:, 14:].sum() > 2.5 * image[:, :14].sum()
