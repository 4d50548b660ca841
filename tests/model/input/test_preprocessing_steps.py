"""The steps shown on the page are those that are taken, and the plain resize changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from model.image import BOX, CENTRE
from model.input.ink import components_of, even_ink
from model.input.model_images import model_images_of_ink
from model.input.preprocessing_steps import picture_steps, plain_resize, plain_shrink, rasterise_steps
from model.input.rasterizer import rasterise_digit

SEVEN = [np.array([[20.0, 30.0], [60.0, 32.0], [40.0, 130.0]])]


def test_the_fitted_drawing_moved_is_the_model_image() -> None:
    fitted, scale, (right, down) = rasterise_steps(SEVEN, pen=2.0)
    assert scale == pytest.approx((BOX - 2.0) / 100)
    # Its own centre of mass, moved by the shift, is that of the model image.
    y, x = np.indices(fitted.shape)
    fitted = fitted.astype(float)
    mass = fitted.sum()
    assert (x * fitted).sum() / mass + right == pytest.approx(CENTRE, abs=0.02)
    assert (y * fitted).sum() / mass + down == pytest.approx(CENTRE, abs=0.02)
    assert rasterise_digit(SEVEN, 2.0).sum() == pytest.approx(mass, rel=0.02)


def test_a_dot_has_no_scale() -> None:
    fitted, scale, _ = rasterise_steps([np.array([[5.0, 5.0]])])
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


def picture(width: int) -> Image.Image:
    """A 7 and a 1 on white paper."""
    image = Image.new("L", (400, 300), 255)
    ImageDraw.Draw(image).line([(40, 50), (140, 50), (70, 250)], fill=0, width=width)
    ImageDraw.Draw(image).line([(300, 50), (300, 250)], fill=0, width=width)
    return image


@pytest.mark.parametrize(("width", "corrected"), [(20, False), (4, True), (80, True)])
def test_the_steps_of_a_picture_end_at_the_model_image(width: int, corrected: bool) -> None:
    ink = even_ink(np.asarray(picture(width)))
    seven = min(components_of(ink.mask), key=lambda component: component.x)
    steps = picture_steps(ink, [seven])
    (image,) = model_images_of_ink(ink, [[seven]])
    right, down = steps.shift
    assert np.array_equal(np.roll(steps.fitted, (down, right), (0, 1)), image)
    before, after = steps.pen
    assert before == pytest.approx(width * 20 / max(steps.size), rel=0.25)
    assert (before != after) is corrected
    assert steps.size[0] == pytest.approx(100 + width / 2, abs=width)
    assert 0.5 < after < 6
    assert steps.ink.shape == (112, 112)
    assert steps.ink.max() == 255
    assert steps.ink[:, :14].max() == 0  # the ink alone, in its margin


def test_a_plain_shrink_is_light_on_dark_and_keeps_the_layout() -> None:
    plain = plain_shrink(picture(20))
    inverse = plain_shrink(Image.eval(picture(20), lambda v: 255 - v))
    assert np.abs(plain.astype(int) - inverse).max() <= 1
    assert np.median(plain) == 0
    assert plain[:, 20:22].max() > 100  # the 1 has stayed where it was
    assert plain_shrink(Image.new("RGBA", (50, 50))).max() == 0
