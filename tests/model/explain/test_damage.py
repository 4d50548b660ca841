"""Damaged networks against networks whose weights are changed in place, in a copy."""

from __future__ import annotations

import copy
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor, nn

from model import DigitReader, InputError
from model.explain.activations import Explainer
from model.explain.damage import Damage, DamagedNetwork, noisy_layers, removable
from model.explain.neighbours import Neighbours
from model.image import to_input
from model.inference.checkpoint import weights_hash


@pytest.fixture
def digits() -> Neighbours:
    draw = torch.Generator().manual_seed(6)
    images = torch.randint(0, 256, (60, 28, 28), dtype=torch.uint8, generator=draw)
    return Neighbours(images, (torch.arange(60) % 10).byte(), torch.zeros(60, 4), 1.0)


def logits(network: DamagedNetwork, images: Tensor, damage: Damage) -> Tensor:
    return list(network.run(images, damage).values())[-1]


@torch.inference_mode()
def test_noise_is_that_of_a_copy_with_noisy_layers(untrained: DigitReader, digits: Neighbours) -> None:
    explainer = Explainer(untrained)
    before = weights_hash(untrained.net)
    network = DamagedNetwork(explainer, digits)
    net = copy.deepcopy(untrained.net)
    for op, layer in noisy_layers(explainer.operations, 0.3, 7).items():
        net.get_submodule(op.name).weight.copy_(layer.weight)
    wanted = net(to_input(digits.images))
    torch.testing.assert_close(logits(network, digits.images, Damage(0.3, 7)), wanted, rtol=1e-4, atol=1e-4)
    accuracy = (wanted[:, :10].argmax(1) == digits.labels).float().mean().item()
    assert network.accuracy(Damage(0.3, 7)) == pytest.approx(accuracy)
    assert weights_hash(untrained.net) == before


def test_noise_is_relative_to_each_filter_and_grows_with_the_same_seed(untrained: DigitReader) -> None:
    operations = Explainer(untrained).operations
    half, whole = noisy_layers(operations, 0.5, 1), noisy_layers(operations, 1.0, 1)
    assert len(half) == sum(isinstance(op.layer, (nn.Conv2d, nn.Linear)) for op in operations)
    for op, layer in whole.items():
        own = op.layer.weight.detach().flatten(1)
        noise = layer.weight.flatten(1) - own
        torch.testing.assert_close(2 * (half[op].weight.flatten(1) - own), noise, rtol=1e-3, atol=1e-5)
        if own.shape[1] > 200:
            torch.testing.assert_close(noise.std(1), own.std(1), rtol=0.25, atol=0)
    other = noisy_layers(operations, 1.0, 2)[operations[1]]
    assert not torch.equal(whole[operations[1]].weight, other.weight)
    assert noisy_layers(operations, 0.0, 1) == {}


@torch.inference_mode()
def test_a_layer_at_zero_is_one_whose_output_is_multiplied_by_zero(
    untrained: DigitReader, digits: Neighbours
) -> None:
    explainer = Explainer(untrained)
    network = DamagedNetwork(explainer, digits)
    images = digits.images[:4]
    for paths in explainer.block_paths:  # a block's last convolution at zero is its branch switched off
        branch = next(node for node in explainer.nodes if node.output is paths.branch)
        off = explainer.run(images, [paths.block])[explainer.operations[-1]]
        assert torch.equal(logits(network, images, Damage(off=branch.name)), off)
    net = copy.deepcopy(untrained.net)
    net.stages[1][0].shortcut[1].weight.zero_()
    net.stages[1][0].shortcut[1].bias.zero_()
    net.stages[1][0].shortcut[1].running_mean.zero_()
    wanted = net(to_input(images))
    damage = Damage(off="stages.1.0.shortcut")
    torch.testing.assert_close(logits(network, images, damage), wanted, rtol=1e-4, atol=1e-4)


def test_other_visitors_do_not_get_the_damage(untrained: DigitReader, digits: Neighbours) -> None:
    explainer = Explainer(untrained)
    network = DamagedNetwork(explainer, digits)
    end = explainer.operations[-1]
    whole = explainer.run(digits.images[:1])[end]

    def ask(n: int) -> Tensor:
        damage = Damage(0.5 * (n % 2), n)
        return network.run(digits.images[:1], damage)[end] if n % 2 else explainer.run(digits.images[:1])[end]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(24)))
    assert all(torch.equal(answer, whole) == (n % 2 == 0) for n, answer in enumerate(answers))


def test_without_stored_digits_there_is_no_accuracy(untrained: DigitReader) -> None:
    network = DamagedNetwork(Explainer(untrained), None)
    assert network.count == 0
    assert network.accuracy(Damage()) is None


def test_damage_out_of_range_is_refused(untrained: DigitReader, digits: Neighbours) -> None:
    explainer = Explainer(untrained)
    network = DamagedNetwork(explainer, digits)
    assert network.check(1, 3, "stem.0") == Damage(1.0, 3, "stem.0")
    for noise in (-0.1, 1.1, float("nan"), float("inf"), "0.5", None, True):
        with pytest.raises(InputError, match="number from 0 to 1"):
            network.check(noise, 0, "")
    for seed in (-1, 2**31, 0.5, None, True):
        with pytest.raises(InputError, match="whole number"):
            network.check(0, seed, "")
    for off in ("pool", "fc", "stages.0.0.add", "image", "stages.0.0", None, ["stem.0"], 7):
        with pytest.raises(InputError, match="set to zero"):
            network.check(0, 0, off)
    assert {"stem.0", "stages.1.0.shortcut"} <= {node.name for node in removable(explainer)}
