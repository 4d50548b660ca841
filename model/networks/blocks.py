"""The blocks that residual and dense networks are made of. They know nothing of the networks.

Every block shows its two ways alike: ``branch(x)`` is what it learns, ``shortcut`` the module that
carries its input past the branch, None in a plain block. A residual block adds the two, a dense layer
puts them side by side. ``out_channels`` is what the next block gets; ``zero_branch()`` makes the branch
answer zero, and with it the block its shortcut.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

# (in_channels, out_channels, stride) → what carries a block's input past its branch; None is a plain block.
FastPath = Callable[[int, int, int], nn.Module | None]


def conv3x3(
    in_channels: int, out_channels: int, stride: int = 1, *, groups: int = 1, bias: bool = False
) -> nn.Conv2d:
    """3×3 convolution, padding 1; no bias unless asked for: the BatchNorm behind it has one."""
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, groups=groups, bias=bias)


def conv1x1(in_channels: int, out_channels: int, stride: int = 1, *, bias: bool = False) -> nn.Conv2d:
    """1×1 convolution: a linear map of each pixel's channels."""
    return nn.Conv2d(in_channels, out_channels, 1, stride, bias=bias)


def keeps_shape(in_channels: int, out_channels: int, stride: int) -> bool:
    """Whether a block's input can be added to its branch as it is; a stride alone changes the shape too."""
    return stride == 1 and in_channels == out_channels


def projection(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The identity where shapes agree, else a 1×1 convolution and BatchNorm.

    Option B of He et al. 2016a, sec. 3.3 and 4.1.
    """
    if keeps_shape(in_channels, out_channels, stride):
        return nn.Identity()
    return nn.Sequential(conv1x1(in_channels, out_channels, stride), nn.BatchNorm2d(out_channels))


def bare_projection(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The identity where shapes agree, else a 1×1 convolution with bias and no BatchNorm.

    ``use_1x1conv`` of Zhang et al., "Dive into Deep Learning", sec. 8.6.2.
    """
    if keeps_shape(in_channels, out_channels, stride):
        return nn.Identity()
    return conv1x1(in_channels, out_channels, stride, bias=True)


def zero_padding(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The identity where shapes agree, else ``ZeroPadding``: a shortcut without parameters.

    Option A of He et al. 2016a, sec. 3.3 and 4.2.
    """
    if keeps_shape(in_channels, out_channels, stride):
        return nn.Identity()
    return ZeroPadding(out_channels - in_channels, stride)


def no_shortcut(in_channels: int, out_channels: int, stride: int) -> None:
    """Nothing passes the branch: the plain network that He et al. 2016a, sec. 4.1, compare with."""


class ZeroPadding(nn.Module):
    """Every ``stride``-th pixel, and ``channels`` more channels of zeros behind the old ones.

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
        """The residual function F(x): what the block adds to its shortcut. The ReLU comes after it."""
        raise NotImplementedError

    def zero_branch(self) -> None:
        """Zero the last BatchNorm's scale and shift."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        y = self.branch(x)
        if self.shortcut is not None:
            y = y + self.shortcut(x)
        return F.relu(y, inplace=True)


class BasicBlock(ResidualBlock):
    """Two 3×3 convolutions, each with BatchNorm; the stride is in the first.

    He et al. 2016a, "Deep Residual Learning for Image Recognition", fig. 5 left. ``bias`` gives the
    convolutions one, which the BatchNorm behind each takes out again: textbooks leave it in, and it
    counts among their parameters.

    Input float [N, in_channels, H, W]; output float [N, channels, ceil(H / stride), ceil(W / stride)].
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        *,
        shortcut: FastPath = projection,
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
        return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))

    def zero_branch(self) -> None:
        nn.init.zeros_(self.bn2.weight)
        nn.init.zeros_(self.bn2.bias)


class Bottleneck(ResidualBlock):
    """1×1 down, 3×3, 1×1 up to ``4 * channels``, each with BatchNorm.

    He et al. 2016a, fig. 5 right, with the stride in the 3×3 as in Goyal et al. 2017, sec. 5.1, and in
    torchvision: the published figures of today are for this form ("ResNet v1.5"); the paper's stride in
    the first 1×1 costs 6 % fewer multiply-adds in a ResNet-50. With ``groups`` of ``base_width`` channels
    each (at 64 ``channels``) it is the block of Xie et al. 2017, "Aggregated Residual Transformations",
    fig. 3c.

    Input float [N, in_channels, H, W]; output float [N, 4 * channels, ceil(H / stride), ceil(W / stride)].
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int = 1,
        *,
        shortcut: FastPath = projection,
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
        return self.bn3(self.conv3(x))

    def zero_branch(self) -> None:
        nn.init.zeros_(self.bn3.weight)
        nn.init.zeros_(self.bn3.bias)


class DenseLayer(nn.Module):
    """``cat(shortcut(x), branch(x))``: what was there stays, and ``growth`` channels come to it.

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
        return self.conv2(F.relu(self.bn2(x), inplace=True))

    def zero_branch(self) -> None:
        """Zero the last convolution."""
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.shortcut(x), self.branch(x)], 1)


class Transition(nn.Module):
    """Between two dense blocks: BatchNorm, ReLU, 1×1 convolution, 2×2 average pooling.

    Huang et al. 2017, sec. 3, "Pooling layers" and, for fewer ``channels`` than came in, "Compression".

    Input float [N, in_channels, H, W]; output float [N, channels, H // 2, W // 2].
    """

    def __init__(self, in_channels: int, channels: int) -> None:
        super().__init__()
        self.out_channels = channels
        self.norm = nn.BatchNorm2d(in_channels)
        self.conv = conv1x1(in_channels, channels)
        self.pool = nn.AvgPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.pool(self.conv(F.relu(self.norm(x), inplace=True)))
