"""Strokes to model images: the same for any size, place and canvas, drawn with an exact round pen."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from model import DigitReader
from model.image import BOX, CENTRE, PEN, SIZE
from model.input.rasterizer import centre_of_mass, rasterise, rasterise_digit, rasterise_digits, to_segments

# Drawings in 0..1: a crossed 7 in two strokes, a loop, a bar across, a zigzag.
SEVEN = [
    [[0.1, 0.0], [0.6, 0.02], [0.35, 1.0]],
    [[0.2, 0.5], [0.55, 0.45]],
]
TURN = np.linspace(0, 2 * math.pi, 50)
LOOP = [np.stack([0.5 + 0.3 * np.cos(TURN), 0.5 + 0.5 * np.sin(TURN)], 1).tolist()]
BAR = [[[0.0, 0.5], [1.0, 0.52]]]
ZIGZAG = [[[0, 0], [1, 0.1], [0.1, 0.5], [0.9, 0.6], [0, 1]]]
DRAWINGS = {"seven": SEVEN, "loop": LOOP, "bar": BAR, "zigzag": ZIGZAG}


def place(strokes: list, size: float, x: float, y: float) -> list[np.ndarray]:
    return [np.array(stroke, float) * size + (x, y) for stroke in strokes]


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("canvas", [28, 280, 1920, 20_000])
def test_the_image_does_not_depend_on_size_place_or_canvas(name: str, canvas: float) -> None:
    reference = rasterise_digit(place(DRAWINGS[name], 1, 0, 0)).astype(int)
    assert reference.max() > 200
    for share in (0.1, 0.5, 0.9):
        room = 1 - share
        for x, y in [(0, 0), (room, 0), (0, room), (room, room), (room / 2, room / 3)]:
            drawn = rasterise_digit(place(DRAWINGS[name], share * canvas, x * canvas, y * canvas))
            assert np.abs(drawn.astype(int) - reference).max() <= 1


def test_the_image_does_not_depend_on_the_number_of_points() -> None:
    coarse = rasterise_digit(place([[[0, 0], [0.5, 1]]], 100, 0, 0)).astype(int)
    fine = np.linspace((0, 0), (0.5, 1), 5_000)
    assert np.abs(rasterise_digit([fine * 100]).astype(int) - coarse).max() <= 1


def test_the_readers_image_does_not_depend_on_the_place(untrained: DigitReader) -> None:
    def image(size: float, x: float, y: float) -> np.ndarray:
        strokes = [stroke.tolist() for stroke in place(LOOP, size, x, y)]
        return untrained.read_strokes(strokes).digits[0].image.astype(int)

    reference = image(140, 70, 70)
    for size, x, y in [(28, 0, 0), (28, 252, 252), (252, 14, 28), (3, 270, 1), (4_000, 9, -300)]:
        assert np.abs(image(size, x, y) - reference).max() <= 1


@pytest.mark.parametrize("name", DRAWINGS)
def test_the_ink_fills_its_box_around_its_centre_of_mass(name: str) -> None:
    image = rasterise_digit(place(DRAWINGS[name], 100, 30, 60))
    assert image.shape == (SIZE, SIZE)
    assert image.dtype == np.uint8
    centre = centre_of_mass(image[None].astype(np.float32))[0]
    assert centre == pytest.approx([CENTRE, CENTRE], abs=0.05)
    rows, columns = np.flatnonzero((image > 127).any(1)), np.flatnonzero((image > 127).any(0))
    longer = max(np.ptp(rows), np.ptp(columns)) + 1
    assert abs(longer - BOX) <= 1


@pytest.mark.parametrize(
    ("width", "height", "drawn"),  # the drawing's sides, and its image's width over height without the pen
    [(0.5, 1, 0.5), (1, 0.8, 1.25), (0.25, 1, 0.36), (0.1, 1, 0.17), (1, 0.4, 1.5), (1, 0.2, 2)],
)
def test_the_aspect_ratio_is_kept_unless_it_is_extreme(width: float, height: float, drawn: float) -> None:
    box = [[[0, 0], [width, 0], [width, height], [0, height], [0, 0]]]
    image = rasterise_digit(place(box, 200, 0, 0))
    across, down = (np.ptp(np.flatnonzero((image > 127).any(axis))) + 1 - PEN for axis in (0, 1))
    assert max(across, down) == pytest.approx(BOX - PEN, abs=1)
    shorter = min(drawn, 1 / drawn) * (BOX - PEN)
    assert (across if drawn < 1 else down) == pytest.approx(shorter, abs=1)


@pytest.mark.parametrize("strokes", [[[[5, 5]]], [[[5, 5], [5, 5], [5, 5]]], [[[5, 5]], [[5, 5]]]])
def test_a_dot_is_as_wide_as_the_pen(strokes: list) -> None:
    image = rasterise_digit(place(strokes, 1, 0, 0)) / 255
    assert image.sum() == pytest.approx(math.pi * (PEN / 2) ** 2, rel=0.25)
    assert image[14, 14] > 0.9
    assert not image[:11].any()
    assert not image[18:].any()


def test_no_strokes_give_a_blank_image() -> None:
    assert not rasterise_digit([]).any()


def draw_all(segments: torch.Tensor, pens: torch.Tensor) -> torch.Tensor:
    """The ink [N, 28, 28] of N images with S segments each, float [N, S, 4]."""
    count, each, _ = segments.shape
    columns = segments.reshape(-1, 4).numpy().T.copy()
    return torch.from_numpy(rasterise(columns, np.full(count, each), pens.numpy()))


def supersampled(segments: np.ndarray, pen: float, factor: int = 12) -> np.ndarray:
    """Share of each pixel's ``factor``² points that lie within half a pen of any segment."""
    axis = (np.arange(SIZE * factor) + 0.5) / factor - 0.5
    x, y = np.meshgrid(axis, axis)
    inside = np.zeros_like(x, bool)
    for x0, y0, x1, y1 in segments.T:
        dx, dy = x1 - x0, y1 - y0
        squared = dx * dx + dy * dy
        at = np.clip(((x - x0) * dx + (y - y0) * dy) / squared, 0, 1) if squared else 0.0
        inside |= np.hypot(x - x0 - at * dx, y - y0 - at * dy) <= pen / 2
    return inside.reshape(SIZE, factor, SIZE, factor).mean((1, 3))


@pytest.mark.parametrize("pen", [1.6, PEN, 4.0])
@pytest.mark.parametrize("name", DRAWINGS)
def test_rasterise_is_close_to_supersampling(name: str, pen: float) -> None:
    segments = to_segments(place(DRAWINGS[name], 17.3, 5.2, 4.9))
    (drawn,) = rasterise(segments, np.array([segments.shape[1]]), np.array([pen], np.float32))
    expected = supersampled(segments, pen)
    # In the narrow corner between two strokes only the nearer one counts for a pixel.
    assert np.abs(drawn - expected).max() < (0.4 if name == "zigzag" else 0.2)
    assert np.abs(drawn - expected).mean() < 0.01
    assert drawn.sum() == pytest.approx(expected.sum(), rel=0.03)


def test_a_line_along_the_pixels_is_exact() -> None:
    ink = draw_all(torch.tensor([[[-10.0, 13.75, 40.0, 13.75]]]), torch.tensor([2.0]))[0]
    column = ink[:, 14].tolist()  # ink from 12.75 to 14.75; pixel n covers n - 0.5 to n + 0.5
    assert column[12:17] == pytest.approx([0, 0.75, 1, 0.25, 0], abs=1e-5)


def test_a_batch_equals_its_members_drawn_alone() -> None:
    torch.manual_seed(0)
    segments, pens = torch.rand(5, 7, 4) * 27, torch.tensor([1.5, 2, 2.5, 3, 1.7])
    together = draw_all(segments, pens)
    for n in range(5):
        torch.testing.assert_close(together[n], draw_all(segments[n : n + 1], pens[n : n + 1])[0])


@pytest.mark.parametrize("pen", [1.2, PEN, 2.9, 4.0])
def test_every_pixel_within_the_pen_is_inked(pen: float) -> None:
    """The ink equals that computed for all pixels instead of those around each segment."""
    torch.manual_seed(0)
    start = torch.rand(40, 1, 2) * 40 - 6
    angle, length = torch.rand(40, 1) * 2 * math.pi, torch.rand(40, 1) * 3
    along = length[..., None] * torch.stack([angle.cos(), angle.sin()], -1)
    drawn = draw_all(torch.cat([start, start + along], -1), torch.full((40,), pen))
    y, x = torch.meshgrid(*[torch.arange(SIZE).double()] * 2, indexing="ij")
    away = torch.stack([x, y], -1) - start.double()[:, :, None]
    at = (away * along[:, :, None]).sum(-1) / along.square().sum(-1).clamp_min(1e-12)[..., None]
    nearest = away - at.clamp(0, 1)[..., None] * along[:, :, None]
    expected = (pen / 2 + 0.5 - nearest.norm(dim=-1)).clamp(0, 1)
    torch.testing.assert_close(drawn, expected.float(), atol=1e-5, rtol=0)
    assert (drawn.sum((1, 2)) > 0).sum() > 20


def test_digits_drawn_together_equal_digits_drawn_alone() -> None:
    digits = [place(drawing, 50 + 30 * n, n, -n) for n, drawing in enumerate(DRAWINGS.values())]
    digits += [[], place([[[0, 0]]], 1, 3, 3), digits[0] + digits[1], []]
    blot = np.random.default_rng(0).uniform(0, 1, (3_000, 2))  # more than one chunk
    digits.append([blot])
    together = rasterise_digits(digits)
    for image, digit in zip(together, digits, strict=True):
        np.testing.assert_array_equal(image, rasterise_digit(digit))
