"""Synthetic drawings: repeatable, laid out as model images, with the right labels."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from model.datasets.mnist import Labelled
from model.datasets.skeletons import parse, skeletons
from model.datasets.synthetic import (
    ASPECTS,
    NOT_A_DIGIT,
    can_be_wide,
    coarsened,
    draw,
    generate,
    stretched,
    write,
)
from model.image import BOX, CENTRE
from model.input.rasterizer import centre_of_mass

COUNT = 1500
# The sum of the ink of 24 drawings, and its variance across, px².
INK = [
    32400, 29343, 17743, 16118, 30908, 23314, 17698, 31554, 27420, 28988, 21388, 33752,
    22103, 20150, 35123, 13519, 29060, 16318, 39966, 18255, 20834, 25414, 24393, 26809,
]  # fmt: skip
SPREAD = [
    8.18, 14.01, 4.33, 9.93, 23.2, 17.54, 3.93, 8.38, 11.18, 18.58, 7.97, 18.68,
    9.47, 10.24, 16.18, 3.93, 13.88, 8.4, 13.13, 21.73, 22.96, 22.51, 22.81, 14.68,
]  # fmt: skip


@pytest.fixture(scope="module")
def drawn() -> Labelled:
    return generate(COUNT, seed=7)


def test_shapes_types_and_labels(drawn: Labelled) -> None:
    assert drawn.images.shape == (COUNT, 28, 28)
    assert drawn.images.dtype == torch.uint8
    assert drawn.labels.dtype == torch.int64
    counts = drawn.labels.bincount(minlength=11)
    assert len(counts) == 11
    assert (counts[:10] > 0.05 * COUNT).all()
    assert 0.25 * COUNT < counts[NOT_A_DIGIT] < 0.35 * COUNT


def test_the_seed_determines_the_drawings(drawn: Labelled) -> None:
    again, other = generate(COUNT, seed=7), generate(COUNT, seed=8)
    assert torch.equal(again.images, drawn.images)
    assert torch.equal(again.labels, drawn.labels)
    assert not torch.equal(other.images, drawn.images)


def test_the_drawings_of_a_seed_stay_what_they_are() -> None:
    """A change of the generator changes every later training."""
    drawings = generate(24, seed=3, not_digits=0.5)
    ink = drawings.images.float()
    mass = ink.sum((1, 2))
    assert mass.tolist() == pytest.approx(INK, rel=2e-3)
    spread = (ink * (torch.arange(28.0) - CENTRE) ** 2).sum((1, 2)) / mass
    assert spread.tolist() == pytest.approx(SPREAD, rel=1e-2)


def test_the_share_of_non_digits() -> None:
    assert (generate(200, seed=1, not_digits=0.0).labels < NOT_A_DIGIT).all()
    assert (generate(200, seed=1, not_digits=1.0).labels == NOT_A_DIGIT).all()


def test_drawings_are_laid_out_as_model_images(drawn: Labelled) -> None:
    ink = drawn.images.float() / 255
    assert abs(centre_of_mass(ink.numpy()) - CENTRE).max() < 0.6
    # The sum over a side measures where the ink ends to a fraction of a pixel.
    across, down = ((ink.amax(axis)).sum(1) for axis in (1, 2))
    longer = torch.maximum(across, down)
    assert longer.max() < BOX + 1
    assert longer.median() == pytest.approx(BOX, abs=0.7)


def sides(segments: Tensor) -> tuple[Tensor, Tensor]:
    """Width and height of each drawing, float [N]."""
    points = segments.reshape(len(segments), -1, 2)
    width, height = (points.amax(1) - points.amin(1)).unbind(1)
    return width, height


def test_drawings_are_stretched_to_any_aspect() -> None:
    generator = torch.Generator().manual_seed(1)
    three = next(each for each in skeletons() if each.label == 3)
    segments = write(three, 200, generator)
    width, height = sides(stretched(segments, 1.0, generator))
    aspect = width / height
    least, most = ASPECTS
    assert least < aspect.min() < 0.25
    assert 2.5 < aspect.max() < most
    assert torch.equal(height, sides(segments)[1])
    assert torch.equal(stretched(segments, 0.0, generator), segments)


def test_a_1_without_a_foot_is_not_drawn_wider() -> None:
    generator = torch.Generator().manual_seed(1)
    flag, foot = (next(s for s in skeletons() if (s.label, s.name) == (1, n)) for n in ("flag", "foot"))
    assert can_be_wide(foot)
    assert not can_be_wide(flag)
    segments = write(flag, 100, generator)
    narrower = sides(stretched(segments, 1.0, generator, can_be_wide(flag)))[0] / sides(segments)[0]
    assert narrower.max() <= 1
    assert narrower.min() < 0.8


def test_some_drawings_lie_on_a_coarse_grid() -> None:
    generator = torch.Generator().manual_seed(1)
    segments = write(skeletons()[0], 400, generator)
    drawn = coarsened(segments, generator)
    coarse = drawn[(drawn != segments).flatten(1).any(1)]
    assert 0.05 < len(coarse) / len(drawn) < 0.15
    finest = 0.01 * torch.maximum(*sides(coarse))
    steps = torch.stack([one.unique().diff().min() for one in coarse])  # between different coordinates
    assert (steps > 0.99 * finest).all()


def test_a_dot_is_drawn() -> None:
    image = draw(torch.zeros(1, 3, 4), torch.tensor([2.0]))
    assert 200 < image.sum() / 255 * 100 < 500


def test_every_skeleton_draws_within_the_image() -> None:
    for skeleton in skeletons():
        image = draw(write(skeleton, 2, torch.Generator().manual_seed(0)), torch.tensor([1.5, 3.2])).float()
        assert (image.amax((1, 2)) > 200).all(), skeleton.name


def test_poses_with_different_points_are_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        parse("1 bar 2", ["0,0 0,100", "0,0! 0,100"])
