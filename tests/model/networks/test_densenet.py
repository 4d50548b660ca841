"""The DenseNet: the input of each layer, of each transition and of the classifier."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from model.networks.blocks import DenseLayer, Transition, conv3x3
from model.networks.densenet import DenseNet


def small() -> DenseNet:
    torch.manual_seed(0)
    return DenseNet(conv3x3(1, 8), 8, 4, (2, 3, 1), 10).eval()


def test_every_layer_gets_all_channels_before_it() -> None:
    layers = [[layer for layer in stage if isinstance(layer, DenseLayer)] for stage in small().stages]
    channels = [[layer.conv1.in_channels for layer in stage] for stage in layers]
    assert channels == [[8, 12], [8, 12, 16], [10]]  # 8 + 2·4 halves to 8, 8 + 3·4 to 10


def test_every_stage_but_the_first_starts_with_a_transition_that_halves_image_and_channels() -> None:
    net = small()
    assert [isinstance(stage[0], Transition) for stage in net.stages] == [False, True, True]
    shapes: list[tuple[int, ...]] = []
    for stage in net.stages:
        stage.register_forward_hook(lambda _m, _i, out: shapes.append(tuple(out.shape[1:])))
    net(torch.zeros(1, 1, 13, 12))
    assert shapes == [(16, 13, 12), (20, 6, 6), (14, 3, 3)]


def test_the_channels_of_a_layer_reach_the_end_of_its_stage_unchanged() -> None:
    stage = small().stages[0]
    x = torch.randn(2, 8, 6, 6)
    outputs: list[Tensor] = [x]
    for layer in stage:
        outputs.append(layer(outputs[-1]))
    for index, layer in enumerate(stage):
        new = slice(layer.out_channels - 4, layer.out_channels)
        assert torch.equal(outputs[-1][:, new], layer.branch(outputs[index]))
    assert torch.equal(outputs[-1][:, :8], x)


def test_features_are_the_input_of_the_classifier(randomise: Callable[[nn.Module], None]) -> None:
    net = small()
    randomise(net)
    x = torch.randn(2, 1, 16, 16)
    by_hand = net.norm(net.stages(net.stem(x))).clamp_min(0).mean((2, 3))
    torch.testing.assert_close(net.features(x), by_hand)
    assert torch.equal(net(x), net.fc(net.features(x)))


@pytest.mark.parametrize("num_classes", [2, 11])
def test_there_is_one_logit_per_class(num_classes: int) -> None:
    assert DenseNet(conv3x3(1, 8), 8, 4, (1, 1), num_classes)(torch.zeros(5, 1, 8, 8)).shape == (
        5,
        num_classes,
    )
