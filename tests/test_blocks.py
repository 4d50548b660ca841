"""The residual block does what fig. 5 of its paper draws, whatever changes shape."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.blocks import BasicBlock, projection

Shape = tuple[int, int, int]
CASES = [(8, 8, 1), (8, 8, 2), (8, 16, 1), (8, 16, 2), (16, 8, 1)]  # in_channels, channels, stride


def batch_norm(x: Tensor, layer: nn.BatchNorm2d, training: bool) -> Tensor:
    """BatchNorm by its formula, Ioffe and Szegedy 2015, algorithm 1."""
    if training:
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    else:
        mean, variance = layer.running_mean, layer.running_var
    scaled = (x - mean.view(1, -1, 1, 1)) / (variance + layer.eps).sqrt().view(1, -1, 1, 1)
    return scaled * layer.weight.view(1, -1, 1, 1) + layer.bias.view(1, -1, 1, 1)


def by_hand(block: BasicBlock, x: Tensor, stride: int, training: bool) -> Tensor:
    branch = F.conv2d(x, block.conv1.weight, stride=stride, padding=1)
    branch = batch_norm(branch, block.bn1, training).clamp_min(0)
    branch = batch_norm(F.conv2d(branch, block.conv2.weight, padding=1), block.bn2, training)
    if len(list(block.shortcut.parameters())):
        kernel, norm = block.shortcut
        x = batch_norm(F.conv2d(x, kernel.weight, stride=stride), norm, training)
    return (branch + x).clamp_min(0)


@pytest.mark.parametrize("shape", CASES)
@pytest.mark.parametrize("training", [False, True])
def test_block_equals_its_formula(
    shape: Shape, training: bool, randomise: Callable[[nn.Module], None]
) -> None:
    torch.manual_seed(1)
    block = BasicBlock(*shape)
    randomise(block)
    block.train(training)
    x = torch.randn(4, shape[0], 9, 9)
    expected = by_hand(block, x, shape[2], training)
    torch.testing.assert_close(block(x), expected, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("side", [7, 8])
@pytest.mark.parametrize(("in_channels", "channels", "stride"), CASES)
def test_output_shape(in_channels: int, channels: int, stride: int, side: int) -> None:
    out = BasicBlock(in_channels, channels, stride)(torch.zeros(2, in_channels, side, side))
    assert out.shape == (2, channels, -(-side // stride), -(-side // stride))


@pytest.mark.parametrize(("in_channels", "channels", "stride"), CASES)
def test_shortcut_projects_where_stride_or_channels_change_and_nowhere_else(
    in_channels: int, channels: int, stride: int
) -> None:
    shortcut = projection(in_channels, channels, stride)
    if stride == 1 and in_channels == channels:
        assert isinstance(shortcut, nn.Identity)
    else:
        kernel = shortcut[0]
        assert kernel.kernel_size == (1, 1)
        assert kernel.stride == (stride, stride)
        assert kernel.bias is None
        assert isinstance(shortcut[1], nn.BatchNorm2d)


def test_a_branch_of_zeros_leaves_the_identity() -> None:
    block = BasicBlock(6, 6).eval()
    nn.init.zeros_(block.bn2.weight)
    x = torch.randn(3, 6, 5, 5)
    assert torch.equal(block(x), x.clamp_min(0))


def test_relu_comes_after_the_addition(randomise: Callable[[nn.Module], None]) -> None:
    torch.manual_seed(2)
    block = BasicBlock(6, 6).eval()
    randomise(block)
    x = torch.randn(3, 6, 5, 5)
    total = block.branch(x) + x
    assert (total < 0).any()
    assert (block.branch(x) < 0).any()  # no ReLU at the end of the branch
    assert torch.equal(block(x), total.clamp_min(0))


def test_input_is_left_as_it_was() -> None:
    x = torch.randn(2, 6, 5, 5)
    before = x.clone()
    BasicBlock(6, 6)(x)
    assert torch.equal(x, before)


@pytest.mark.parametrize("shape", CASES)
def test_gradient_reaches_every_parameter(shape: Shape, randomise: Callable[[nn.Module], None]) -> None:
    torch.manual_seed(3)
    block = BasicBlock(*shape)
    randomise(block)
    block(torch.randn(4, shape[0], 8, 8)).square().sum().backward()
    for name, parameter in block.named_parameters():
        assert parameter.grad.abs().sum() > 0, name
