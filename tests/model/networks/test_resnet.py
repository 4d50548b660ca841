"""The ResNet: its forward pass written a second time, its stages, its initialisation."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model import create_model
from model.networks.blocks import BasicBlock, Bottleneck, conv3x3, no_shortcut
from model.networks.resnet import ResNet


def small(num_classes: int = 10) -> ResNet:
    torch.manual_seed(0)
    return ResNet(conv3x3(1, 4), 4, (4, 8, 16), (1, 2, 1), num_classes)


def by_hand(net: ResNet, x: Tensor) -> Tensor:
    """The network in eval mode from its weights alone, except for the stem."""

    def convolve(x: Tensor, kernel: nn.Conv2d, norm: nn.BatchNorm2d, stride: int) -> Tensor:
        x = F.conv2d(x, kernel.weight, stride=stride, padding=kernel.weight.shape[-1] // 2)
        return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias)

    x = net.stem(x)
    for stage, blocks in enumerate(net.stages):
        for index, block in enumerate(blocks):
            stride = 2 if stage and not index else 1
            changes = stride == 2 or x.shape[1] != block.conv1.weight.shape[0]
            skip = convolve(x, *block.shortcut, stride) if changes else x
            x = convolve(x, block.conv1, block.bn1, stride).relu()
            x = (convolve(x, block.conv2, block.bn2, 1) + skip).relu()
    return F.linear(x.mean((2, 3)), net.fc.weight, net.fc.bias)


@pytest.mark.parametrize("build", [small, lambda: create_model("mnist_resnet")])
def test_forward_equals_the_hand_written_one(
    build: Callable[[], ResNet], randomise: Callable[[nn.Module], None]
) -> None:
    torch.manual_seed(0)
    net = build()
    randomise(net)
    net.eval()
    x = torch.randn(3, 1, 28, 28)
    torch.testing.assert_close(net(x), by_hand(net, x), atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("num_classes", [2, 10, 11])
def test_there_is_one_logit_per_class(num_classes: int) -> None:
    assert small(num_classes)(torch.zeros(5, 1, 28, 28)).shape == (5, num_classes)


def test_every_stage_but_the_first_halves_the_image() -> None:
    sides = []
    net = small()
    for stage in net.stages:
        stage.register_forward_hook(lambda _m, _i, out: sides.append(out.shape[-1]))
    net(torch.zeros(2, 1, 28, 28))
    assert sides == [28, 14, 7]
    assert [len(stage) for stage in net.stages] == [1, 2, 1]


def test_features_are_the_input_of_the_classifier() -> None:
    net = small().eval()
    x = torch.randn(2, 1, 28, 28)
    assert net.features(x).shape == (2, 16)
    assert torch.equal(net(x), net.fc(net.features(x)))


@pytest.mark.parametrize("block", [BasicBlock, Bottleneck])
def test_every_block_starts_as_its_shortcut(block: type[BasicBlock | Bottleneck]) -> None:
    net = ResNet(conv3x3(1, 4), 4, (4, 8), (2, 1), 10, block).eval()
    for stage in net.stages:
        for each in stage:
            assert not each.branch(torch.randn(1, each.conv1.in_channels, 8, 8)).any()


def test_a_plain_block_does_not_start_at_zero() -> None:
    net = ResNet(conv3x3(1, 4), 4, (4, 8), (2, 1), 10, partial(BasicBlock, shortcut=no_shortcut)).eval()
    assert net.features(torch.randn(1, 1, 8, 8)).any()


def test_a_deeper_network_can_be_every_shallower_one(randomise: Callable[[nn.Module], None]) -> None:
    """Nested function classes: with the branches of the added blocks at zero the outputs are the same."""
    shallow = small().eval()
    randomise(shallow)
    deep = copy.deepcopy(shallow)
    for stage, width in zip(deep.stages, (4, 8, 16), strict=True):
        for _ in range(2):
            added = BasicBlock(width, width).eval()
            randomise(added)
            added.zero_branch()
            stage.append(added)
    x = torch.randn(3, 1, 28, 28)
    assert torch.equal(deep(x), shallow(x))


def test_a_downsample_halves_in_front_of_identity_blocks() -> None:
    net = ResNet(conv3x3(1, 4), 4, (4, 8), (1, 2), 10, downsample=partial(conv3x3, stride=2))
    assert [len(stage) for stage in net.stages] == [1, 3]
    assert isinstance(net.stages[1][0], nn.Conv2d)
    blocks = [module for module in net.modules() if isinstance(module, BasicBlock)]
    assert [type(block.shortcut) for block in blocks] == [nn.Identity] * 3
    assert net.stages(torch.zeros(1, 4, 9, 9)).shape == (1, 8, 5, 5)


def test_gradient_reaches_every_parameter(randomise: Callable[[nn.Module], None]) -> None:
    net = small()
    randomise(net)
    F.cross_entropy(net(torch.randn(8, 1, 28, 28)), torch.arange(8)).backward()
    for name, parameter in net.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_eval_outputs_do_not_depend_on_the_batch(net: nn.Module) -> None:
    x = torch.randn(6, 1, 28, 28)
    with torch.inference_mode():
        torch.testing.assert_close(net(x)[2:3], net(x[2:3]), atol=1e-4, rtol=1e-4)


def test_widths_and_depths_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="2 widths but 3 depths"):
        ResNet(conv3x3(1, 4), 4, (4, 8), (1, 1, 1), 10)
