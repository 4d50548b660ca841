"""The blocks compute what their papers define, for every change of shape."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model.networks.blocks import (
    BasicBlock,
    Bottleneck,
    DenseLayer,
    ResidualBlock,
    ShortcutFactory,
    Transition,
    ZeroPadding,
    bare_projection,
    no_shortcut,
    projection,
    zero_padding,
)

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


def skip_by_hand(block: ResidualBlock, x: Tensor, stride: int, training: bool) -> Tensor:
    if not len(list(block.shortcut.parameters())):
        return x
    kernel, norm = block.shortcut
    return batch_norm(F.conv2d(x, kernel.weight, stride=stride), norm, training)


def basic_by_hand(block: BasicBlock, x: Tensor, stride: int, training: bool) -> Tensor:
    branch = F.conv2d(x, block.conv1.weight, stride=stride, padding=1)
    branch = batch_norm(branch, block.bn1, training).clamp_min(0)
    branch = batch_norm(F.conv2d(branch, block.conv2.weight, padding=1), block.bn2, training)
    return (branch + skip_by_hand(block, x, stride, training)).clamp_min(0)


def bottleneck_by_hand(block: Bottleneck, x: Tensor, stride: int, training: bool) -> Tensor:
    """One group of channels after the other, as in fig. 3a of the ResNeXt paper."""
    branch = batch_norm(F.conv2d(x, block.conv1.weight), block.bn1, training).clamp_min(0)
    kernels = block.conv2.weight
    width = kernels.shape[1]
    paths = zip(branch.split(width, 1), kernels.split(width), strict=True)
    branch = torch.cat([F.conv2d(part, kernel, stride=stride, padding=1) for part, kernel in paths], 1)
    branch = batch_norm(branch, block.bn2, training).clamp_min(0)
    branch = batch_norm(F.conv2d(branch, block.conv3.weight), block.bn3, training)
    return (branch + skip_by_hand(block, x, stride, training)).clamp_min(0)


def dense_by_hand(layer: DenseLayer, x: Tensor, stride: int, training: bool) -> Tensor:
    new = F.conv2d(batch_norm(x, layer.bn1, training).clamp_min(0), layer.conv1.weight)
    new = F.conv2d(batch_norm(new, layer.bn2, training).clamp_min(0), layer.conv2.weight, padding=1)
    return torch.cat([x, new], 1)


def transition_by_hand(layer: Transition, x: Tensor, stride: int, training: bool) -> Tensor:
    x = F.conv2d(batch_norm(x, layer.norm, training).clamp_min(0), layer.conv.weight)
    height, width = (side // 2 * 2 for side in x.shape[2:])
    corners = [x[:, :, i:height:2, j:width:2] for i in (0, 1) for j in (0, 1)]
    return torch.stack(corners).mean(0)


resnext = partial(Bottleneck, groups=4, base_width=32)
FORMULAS = [
    *((BasicBlock, case, basic_by_hand) for case in CASES),
    *((Bottleneck, case, bottleneck_by_hand) for case in [(8, 4, 1), (16, 4, 1), (16, 4, 2), (6, 4, 2)]),
    *((resnext, case, bottleneck_by_hand) for case in [(32, 8, 1), (8, 8, 1), (32, 8, 2)]),
    (DenseLayer, (6, 4, 1), dense_by_hand),
    (Transition, (6, 3, 2), transition_by_hand),
]


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize(("build", "case", "formula"), FORMULAS)
def test_block_equals_its_formula(
    build: Callable[..., nn.Module],
    case: Shape,
    formula: Callable[[nn.Module, Tensor, int, bool], Tensor],
    training: bool,
    randomise: Callable[[nn.Module], None],
) -> None:
    torch.manual_seed(1)
    in_channels, channels, stride = case
    has_stride = build not in (DenseLayer, Transition)
    block = build(in_channels, channels, stride) if has_stride else build(in_channels, channels)
    randomise(block)
    block.train(training)
    x = torch.randn(4, in_channels, 9, 8)
    before = x.clone()
    expected = formula(block, x, stride, training)
    output = block(x)
    torch.testing.assert_close(output, expected, atol=1e-5, rtol=1e-4)
    assert output.shape[1] == block.out_channels
    assert torch.equal(x, before)  # no ReLU in place on the input


def test_the_bottlenecks_stride_is_in_its_3x3() -> None:
    block = Bottleneck(16, 4, 2)
    assert [layer.stride[0] for layer in (block.conv1, block.conv2, block.conv3)] == [1, 2, 1]


def test_groups_share_the_bottlenecks_width() -> None:
    block = Bottleneck(256, 128, groups=32, base_width=4)  # ResNeXt-50 32x4d, conv3 of its table 1
    assert block.conv2.weight.shape == (256, 8, 3, 3)
    assert block.out_channels == 512


class TextbookResidual(nn.Module):
    """The book's Residual block, with its layers in its order."""

    def __init__(self, in_channels: int, channels: int, use_1x1conv: bool, strides: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, padding=1, stride=strides)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = nn.Conv2d(in_channels, channels, 1, stride=strides) if use_1x1conv else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + self.shortcut(x))


@pytest.mark.parametrize("case", [(8, 8, 1), (8, 16, 2), (8, 8, 2)])
def test_the_books_block_is_a_basic_block_with_biases(
    case: Shape, randomise: Callable[[nn.Module], None]
) -> None:
    in_channels, channels, stride = case
    torch.manual_seed(1)
    book = TextbookResidual(in_channels, channels, case != (8, 8, 1), stride).eval()
    randomise(book)
    block = BasicBlock(*case, shortcut=bare_projection, bias=True).eval()
    block.load_state_dict(book.state_dict())
    x = torch.randn(2, in_channels, 7, 7)
    torch.testing.assert_close(block(x), book(x))


@pytest.mark.parametrize("side", [6, 7])
@pytest.mark.parametrize("case", [(8, 8, 2), (8, 16, 1), (8, 16, 2)])
def test_option_a_subsamples_and_pads_with_zeros(case: Shape, side: int) -> None:
    in_channels, channels, stride = case
    shortcut = zero_padding(*case)
    assert isinstance(shortcut, ZeroPadding)
    assert not list(shortcut.parameters())
    x = torch.randn(2, in_channels, side, side)
    out = shortcut(x)
    assert out.shape == (2, channels, -(-side // stride), -(-side // stride))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            assert torch.equal(out[:, :in_channels, i, j], x[:, :, i * stride, j * stride])
    assert not out[:, in_channels:].any()


@pytest.mark.parametrize("shortcut", [projection, bare_projection, zero_padding])
def test_every_shortcut_is_the_identity_where_shapes_agree(shortcut: ShortcutFactory) -> None:
    assert isinstance(shortcut(8, 8, 1), nn.Identity)


def test_a_plain_block_is_its_branch_alone(randomise: Callable[[nn.Module], None]) -> None:
    block = BasicBlock(6, 6, shortcut=no_shortcut).eval()
    randomise(block)
    assert block.shortcut is None
    x = torch.randn(2, 6, 5, 5)
    assert torch.equal(block(x), block.branch(x).relu())


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


@pytest.mark.parametrize("build", [BasicBlock, lambda *case: Bottleneck(case[0], case[1] // 4, case[2])])
def test_a_branch_of_zeros_leaves_the_identity(
    build: Callable[..., ResidualBlock], randomise: Callable[[nn.Module], None]
) -> None:
    block = build(8, 8, 1).eval()
    randomise(block)
    block.zero_branch()
    x = torch.randn(3, 8, 5, 5)
    assert torch.equal(block(x), x.clamp_min(0))


def test_a_dense_layer_with_a_branch_of_zeros_adds_channels_of_zeros() -> None:
    layer = DenseLayer(6, 4).eval()
    layer.zero_branch()
    x = torch.randn(3, 6, 5, 5)
    out = layer(x)
    assert torch.equal(out[:, :6], x)
    assert not out[:, 6:].any()


def test_relu_comes_after_the_addition(randomise: Callable[[nn.Module], None]) -> None:
    torch.manual_seed(2)
    block = BasicBlock(6, 6).eval()
    randomise(block)
    x = torch.randn(3, 6, 5, 5)
    total = block.branch(x) + x
    assert (total < 0).any()
    assert (block.branch(x) < 0).any()  # no ReLU at the end of the branch
    assert torch.equal(block(x), total.clamp_min(0))


@pytest.mark.parametrize("shape", CASES)
def test_gradient_reaches_every_parameter(shape: Shape, randomise: Callable[[nn.Module], None]) -> None:
    torch.manual_seed(3)
    block = BasicBlock(*shape)
    randomise(block)
    block(torch.randn(4, shape[0], 8, 8)).square().sum().backward()
    for name, parameter in block.named_parameters():
        assert parameter.grad.abs().sum() > 0, name
