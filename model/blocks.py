"""The residual blocks. They know nothing of the networks they are put into."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional as F


def conv3x3(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    """3×3 convolution, padding 1, no bias: the BatchNorm behind it has one."""
    return nn.Conv2d(in_channels, out_channels, 3, stride, padding=1, bias=False)


def projection(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """The shortcut of a block: the identity where shapes agree, else a 1×1 convolution and BatchNorm.

    Option B of He et al. 2016a, sec. 3.3 and 4.1. A stride alone changes the shape too, so it asks for
    the projection even where the channels stay the same.
    """
    if stride == 1 and in_channels == out_channels:
        return nn.Identity()
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
    )


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a skip: ``relu(branch(x) + shortcut(x))``.

    He et al. 2016a, "Deep Residual Learning for Image Recognition", fig. 5 left. The stride is in the
    first convolution; the second ReLU comes after the addition.

    Input float [N, in_channels, H, W]; output float [N, channels, ceil(H / stride), ceil(W / stride)].
    """

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = conv3x3(in_channels, channels, stride)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = conv3x3(channels, channels)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut = projection(in_channels, channels, stride)

    def branch(self, x: Tensor) -> Tensor:
        """The residual function F(x): what the block adds to its shortcut."""
        return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)), inplace=True)))

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.branch(x) + self.shortcut(x), inplace=True)
