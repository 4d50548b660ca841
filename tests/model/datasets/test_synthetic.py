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
