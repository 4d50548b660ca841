"""The smallest change to another digit against the reader, and its steps against brute force."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest
import torch
from torch import Tensor

from model import DigitReader, InputError
from model.explain.attack import Attacker, cross
from tests.model.explain.test_arithmetic import trained_image


def check(reader: DigitReader, image: Tensor, target: int | None) -> float:
    """An attack holds for the reader; returns its size."""
    before, _ = reader.read_batch(image[None])
    attack = Attacker(reader).attack(image, target)
    assert attack.image is not None
    assert attack.image.dtype == torch.uint8
    after, (verdict,) = reader.read_batch(attack.image[None])
    assert int(after.argmax()) == attack.target != int(before.argmax())
    assert verdict != "not a digit"
    assert attack.size == pytest.approx(float((attack.image.double() / 255 - image.double() / 255).norm()))
    return attack.size


def test_the_changed_image_is_read_as_the_target(trained: DigitReader) -> None:
    (image,) = trained_image(trained)
    kept = image.clone()
    (runner_up,) = trained.read_batch(image[None])[0].topk(2).indices[:, 1].tolist()
    nearest = Attacker(trained).attack(image)
    assert nearest.target == runner_up
    assert check(trained, image, None) == nearest.size
    likeliest = int(trained.read_batch(image[None])[0].argmax())
    assert Attacker(trained).attack(image, likeliest).target == runner_up
    far = next(digit for digit in range(10) if digit not in (runner_up, likeliest))
    assert check(trained, image, far) < 8
    assert torch.equal(image, kept)
    assert not any(p.grad is not None for p in trained.net.parameters())


def test_the_step_is_the_nearest_point_within_the_range() -> None:
    draw = torch.Generator().manual_seed(5)
    for amount in (0.01, 0.5, 2.0):
        x = torch.rand(30, generator=draw).round(decimals=1)
        gradient = torch.randn(30, generator=draw)
        y = cross(x, gradient, amount)
        assert float(y.min()) >= 0
        assert float(y.max()) <= 1
        assert float(gradient @ (x - y)) == pytest.approx(amount, abs=1e-5)
        # Bisection of the multiplier, which is monotonous.
        low, high = 0.0, 100.0
        for _ in range(60):
            scale = (low + high) / 2
            fallen = float(gradient @ (x - (x - scale * gradient).clamp(0, 1)))
            low, high = (scale, high) if fallen < amount else (low, scale)
        torch.testing.assert_close(y, (x - high * gradient).clamp(0, 1), atol=1e-5, rtol=0)
    ends = cross(torch.tensor([0.5, 0.5]), torch.tensor([1.0, -1.0]), 5.0)  # more than there is room for
    assert ends.tolist() == [0, 1]


@pytest.mark.parametrize("target", [10, -1, 1.0, True, "3", [3]], ids=str)
def test_a_target_that_is_no_digit_is_refused(untrained: DigitReader, target: object) -> None:
    with pytest.raises(InputError, match="whole number from 0 to 9"):
        Attacker(untrained).attack(torch.zeros(28, 28, dtype=torch.uint8), target)


@pytest.mark.slow
def test_nearly_every_test_digit_can_be_changed(trained: DigitReader, mnist_root: Path) -> None:
    from model.datasets.mnist import load_mnist

    attacker = Attacker(trained)
    images = load_mnist(mnist_root, train=False).images[:200]
    attacks = [attacker.attack(image) for image in images]
    assert sum(attack.image is not None for attack in attacks) >= 190
    assert median(attack.size for attack in attacks) < 1.6
