"""The only normalisation in the project."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.datasets.mnist import load_mnist
from model.image import MEAN, STD, to_input


def test_mnist_has_mean_zero_and_deviation_one(mnist_root: Path) -> None:
    inputs = to_input(load_mnist(mnist_root, train=True).images)
    assert inputs.shape == (60_000, 1, 28, 28)
    assert inputs.dtype == torch.float32
    assert inputs.mean() == pytest.approx(0, abs=1e-3)
    assert inputs.std() == pytest.approx(1, abs=1e-3)


def test_bytes_and_floats_in_the_same_range_give_the_same_input() -> None:
    images = torch.randint(0, 256, (3, 28, 28), dtype=torch.uint8)
    assert torch.equal(to_input(images), to_input(images.float()))
    assert to_input(images)[0, 0, 5, 5] == pytest.approx((images[0, 5, 5].item() / 255 - MEAN) / STD)
