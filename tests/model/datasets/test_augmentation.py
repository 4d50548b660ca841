"""Augmentation: seeded, within its range, and each part does what its name says."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from model.datasets.augmentation import OFF, Augmentation, _bicubic, _thicken, augment
from model.input.rasterizer import centre_of_mass

PARTS = [field.name for field in fields(Augmentation)]


def bars(count: int = 64) -> Tensor:
    """Upright bars of 4 px with soft edges."""
    images = torch.zeros(count, 28, 28, dtype=torch.uint8)
    images[:, 5:23, 12:16] = 200
    return images


def centres(images: Tensor) -> Tensor:
    return torch.from_numpy(centre_of_mass(images.numpy()))


def run(config: Augmentation, seed: int = 0, count: int = 64) -> Tensor:
    return augment(bars(count), config, torch.Generator().manual_seed(seed))


def test_all_switched_off_changes_nothing() -> None:
    torch.testing.assert_close(run(OFF), bars().float(), atol=0.01, rtol=0)


def test_the_result_depends_only_on_the_generator() -> None:
    torch.manual_seed(1)
    first = run(Augmentation(), seed=5)
    torch.manual_seed(2)
    assert torch.equal(first, run(Augmentation(), seed=5))
    assert not torch.equal(first, run(Augmentation(), seed=6))


def test_ink_stays_in_range_and_every_image_differs() -> None:
    out = run(Augmentation(erase=0.5))
    assert out.shape == (64, 28, 28)
    assert out.dtype == torch.float32
    assert out.min() >= 0
    assert out.max() <= 255
    assert len({tuple(image.flatten().tolist()) for image in out}) == 64


def test_the_input_is_not_changed() -> None:
    images = bars()
    augment(images, Augmentation(erase=0.5), torch.Generator().manual_seed(0))
    assert torch.equal(images, bars())


@pytest.mark.parametrize("part", PARTS)
def test_each_part_does_something_alone(part: str) -> None:
    default = getattr(Augmentation(), part) or 0.5
    changed = (run(replace(OFF, **{part: default})) - bars().float()).abs().amax((1, 2))
    assert (changed > 1).float().mean() > 0.2


def test_shifts_reach_their_limit_and_no_further() -> None:
    moved = centres(run(replace(OFF, shift=2.0), count=500)) - centres(bars(500).float())
    assert 1.9 < moved.abs().max() <= 2.01
    torch.testing.assert_close(moved.mean(0), torch.zeros(2), atol=0.15, rtol=0)


def test_rotation_scale_and_shear_keep_the_middle() -> None:
    out = run(replace(OFF, rotation=30.0, scale=0.3, shear=0.3), count=200)
    torch.testing.assert_close(centres(out), torch.full((200, 2), 13.5), atol=0.3, rtol=0)


@pytest.mark.parametrize("limit", [0.2, 0.5])
def test_thickness_changes_only_the_edges(limit: float) -> None:
    change = run(replace(OFF, thickness=limit)) - bars().float()
    assert change.max() <= limit * 200 + 0.1
    assert change.min() >= -limit * 200 - 0.1
    assert not change[:, 10:18, 13:15].abs().gt(0.1).any()
    assert (change.sum((1, 2)) > 0).any()
    assert (change.sum((1, 2)) < 0).any()


def test_dilation_and_erosion_equal_max_pooling() -> None:
    ink = torch.rand(9, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    wide = F.max_pool2d(ink, 3, stride=1, padding=1)
    thin = -F.max_pool2d(-ink, 3, stride=1, padding=1)
    assert torch.equal(_thicken(ink, torch.ones(9, 1, 1, 1)), ink + (wide - ink))
    assert torch.equal(_thicken(ink, -torch.ones(9, 1, 1, 1)), ink - (ink - thin))


def test_the_elastic_displacement_equals_bicubic_interpolation() -> None:
    coarse = torch.randn(3, 2, 5, 5, generator=torch.Generator().manual_seed(0))
    across = _bicubic(5, 28)
    smooth = F.interpolate(coarse, (28, 28), mode="bicubic", align_corners=True)
    torch.testing.assert_close(across @ coarse @ across.t(), smooth, atol=1e-5, rtol=0)
