"""Synthetic drawings: repeatable, laid out as model images, with the right labels."""

from __future__ import annotations

import pytest
import torch

from model.datasets.mnist import Labelled
from model.datasets.skeletons import parse, skeletons
from model.datasets.synthetic import NOT_A_DIGIT, draw, generate, write
from model.image import BOX, CENTRE
from model.input.rasterizer import centre_of_mass

COUNT = 1500
# The sum of the ink of 24 drawings, and its variance across, px².
INK = [
    36024, 32421, 19560, 23812, 24159, 21013, 13303, 22243, 33326, 36341, 22336, 23490,
    31223, 22037, 29675, 12285, 20836, 19836, 30442, 18778, 19671, 23020, 29151, 17021,
]  # fmt: skip
SPREAD = [
    24.61, 20.41, 7.96, 8.48, 19.41, 28.63, 7.12, 9.55, 12.49, 31.59, 8.93, 12.67,
    9.62, 17.09, 31.86, 2.56, 9.87, 13.82, 25.11, 21.91, 8.7, 11.93, 20.07, 12.67,
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
