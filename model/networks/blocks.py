"""The blocks of residual and dense networks.

A block has two paths: ``branch(x)``, its convolutions, and the module ``shortcut``, which carries the input
past them (None in a plain block). A residual block adds the two outputs, a dense layer concatenates them.
``out_channels`` is the number of channels of the output. ``zero_branch()`` sets weights to zero so that the
branch outputs zero.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# (in_channels, out_channels, stride) → the shortcut of a block, None for a plain block.
ShortcutFactory = Callable[[int, int, int], nn.Module | None]


def conv3x3(
    in_channels: int, out_channels: int, stride: int = 1, *, groups: int = 1, bias: bool = False
) -> nn.Conv2d:
    """3×3 convolution with padding 1. It has no bias by default, because the BatchNorm after it has one."""
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, groups=groups, bias=bias)


def conv1x1(in_channels: int, out_channels: int, stride: int = 1, *, bias: bool = False) -> nn.Conv2d:
    """1×1 convolution: a linear map of each pixel's channels."""
    return nn.Conv2d(in_channels, out_channels, 1, stride, bias=bias)


def keeps_shape(in_channels: int, out_channels: int, stride: int) -> bool:
    """Whether a block's branch has the shape of its input."""
    return stride == 1 and in_channels == out_channels


def projection(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The identity if shapes are equal, else a 1×1 convolution and BatchNorm.

    Option B of He et al. 2016a, sec. 3.3 and 4.1.
    """
    if keeps_shape(in_channels, out_channels, stride):
        return nn.Identity()
    return nn.Sequential(conv1x1(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels))


def bare_projection(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The identity if shapes are equal, else a 1×1 convolution with bias and no BatchNorm.

    ``use_1x1conv`` of Zhang et al., "Dive into Deep Learning", sec. 8.6.2.
    """
    if keeps_shape(in_channels, out_channels, stride):
        return nn.Identity()
    return conv1x1(in_channels, out_channels, stride, bias=True)


def zero_padding(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The identity if shapes are equal, else ``ZeroPadding``: a shortcut without parameters.

    Option A of He et al. 2016a, sec. 3.3 and 4.2.
    """
    if keeps_shape(in_channels, out_channels, stride):
        return nn.Identity()
    return ZeroPadding(out_channels - in_channels, stride)


def no_shortcut(in_channels: int, out_channels: int, stride: int) -> None:
    """None: the plain network of He et al. 2016a, sec. 4.1."""


class ZeroPadding(nn.Module):
    """Every ``stride``-th pixel, with ``channels`` channels of zeros appended.

    float [N, C, H, W] → [N, C + channels, ceil(H / stride), ceil(W / stride)].
    """

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.channels = channels
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.channels))

    def extra_repr(self) -> str:
        return f"channels={self.channels}, stride={self.stride}"


class ResidualBlock(nn.Module):
    """``relu(branch(x) + shortcut(x))``; without a shortcut ``relu(branch(x))``."""

    shortcut: nn.Module | None
    out_channels: int

    def branch(self, x: Tensor) -> Tensor:
        """The residual function F(x), which is added to the shortcut, without the ReLU after the addition."""
        raise NotImplementedError

    def zero_branch(self) -> None:
        """Set scale and shift of the branch's last BatchNorm to zero."""
        *_, norm = (layer for layer in self.children() if isinstance(layer, nn.BatchNorm2d))
        nn.init.zeros_(norm.weight)
        nn.init.zeros_(norm.bias)

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x)
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        return F.relu(y, inplace=True)


class BasicBlock(ResidualBlock):
    """Two 3×3 convolutions, each with BatchNorm. The first has the stride.

    He et al. 2016a, "Deep Residual Learning for Image Recognition", fig. 5 left. With ``bias`` the
    convolutions have a bias, as in textbooks. The BatchNorm after each cancels it, but it adds parameters.

    Input float [N, in_channels, H, W]; output float [N, channels, ceil(H / stride), ceil(W / stride)].
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        *,
        shortcut: ShortcutFactory = projection,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.out_channels = channels
        self.conv1 = conv3x3(in_channels, channels, stride, bias=bias)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = conv3x3(channels, channels, bias=bias)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = shortcut(in_channels, self.out_channels, stride)

    def branch(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = self.bn2(self.conv2(x))
        return x


class Bottleneck(ResidualBlock):
    """1×1 down, 3×3, 1×1 up to ``4 * channels``, each with BatchNorm.

    He et al. 2016a, fig. 5 right, with the stride in the 3×3 as in Goyal et al. 2017, sec. 5.1, and in
    torchvision ("ResNet v1.5"), for which current figures are published. With the stride in the first 1×1, as
    in the paper, a ResNet-50 has 6 % fewer multiply-adds. With ``groups`` of ``base_width`` channels each (at
    64 ``channels``) it is the block of Xie et al. 2017, "Aggregated Residual Transformations", fig. 3c.

    Input float [N, in_channels, H, W]; output float [N, 4 * channels, ceil(H / stride), ceil(W / stride)].
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        *,
        shortcut: ShortcutFactory = projection,
        groups: int = 1,
        base_width: int = 64,
    ) -> None:
        super().__init__()
        self.out_channels = 4 * channels
        width = channels * base_width // 64 * groups
        self.conv1 = conv1x1(in_channels, width)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = conv3x3(width, width, stride, groups=groups)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = conv1x1(width, self.out_channels)
        self.bn3 = nn.BatchNorm2d(self.out_channels)
        self.shortcut = shortcut(in_channels, self.out_channels, stride)

    def branch(self, x: Tensor) -> Tensor:
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.relu(self.bn2(self.conv2(x)), inplace=True)
        x = self.bn3(self.conv3(x))
        return x


class DenseLayer(nn.Module):
    """``cat(shortcut(x), branch(x))``: appends ``growth`` new channels to its input.

    Huang et al. 2017, "Densely Connected Convolutional Networks", sec. 3: H(x) of DenseNet-B, that is
    BatchNorm, ReLU, 1×1 to ``4 * growth``, BatchNorm, ReLU, 3×3 to ``growth``.

    Input float [N, in_channels, H, W]; output float [N, in_channels + growth, H, W].
    """

    def __init__(self, in_channels: int, growth: int) -> None:
        super().__init__()
        self.out_channels = in_channels + growth
        self.bn1 = nn.BatchNorm2d(in_channels)
        self.conv1 = conv1x1(in_channels, 4 * growth)
        self.bn2 = nn.BatchNorm2d(4 * growth)
        self.conv2 = conv3x3(4 * growth, growth)
        self.shortcut = nn.Identity()

    def branch(self, x: Tensor) -> Tensor:
        """The new channels, float [N, growth, H, W]."""
        x = self.conv1(F.relu(self.bn1(x), inplace=True))
        x = self.conv2(F.relu(self.bn2(x), inplace=True))
        return x

    def zero_branch(self) -> None:
        """Set the last convolution to zero."""
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.shortcut(x), self.branch(x)], 1)


class Transition(nn.Module):
    """Between two dense blocks: BatchNorm, ReLU, 1×1 convolution, 2×2 average pooling.

    Huang et al. 2017, sec. 3, "Pooling layers", and "Compression" where ``channels`` < ``in_channels``.

    Input float [N, in_channels, H, W]; output float [N, channels, H // 2, W // 2].
    """

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.out_channels = channels
        self.norm = nn.BatchNorm2d(in_channels)
        self.conv = conv1x1(in_channels, channels)
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(F.relu(self.norm(x), inplace=True))
        x = self.pool(x)
        return x
