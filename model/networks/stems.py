"""Stems: the layers before a network's first block."""

from __future__ import annotations

from torch import nn

from .blocks import conv3x3


def imagenet_stem(in_channels: int, channels: int, *, bias: bool = False) -> nn.Sequential:
    """7×7 convolution of stride 2, BatchNorm, ReLU, 3×3 max-pooling of stride 2.

    float [N, C, H, W] → [N, channels, H/4, W/4]. He et al. 2016a, table 1; Huang et al. 2017, table 1.
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, channels, 7, stride=2, padding=3, bias=bias),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2, padding=1),
    )


def cifar_stem(in_channels: int, channels: int, *, bias: bool = False) -> nn.Sequential:
    """3×3 convolution, BatchNorm, ReLU, no pooling: float [N, C, H, W] → [N, channels, H, W].

    He et al. 2016a, sec. 4.2, for images of 32×32. It is also better for digits of 28×28: a network with a
    stem of stride 2 and as many multiply-adds misreads more strongly distorted ones (docs/training-notes.md).
    """
    return nn.Sequential(
        conv3x3(in_channels, channels, bias=bias), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
    )


def pooled_stem(in_channels: int, channels: int) -> nn.Sequential:
    """6×6 convolution of stride 2, BatchNorm, 2×2 max-pooling, ReLU.

    float [N, C, H, W] → [N, channels, H/4, W/4]. For training in seconds: the blocks and the ReLU run on a
    sixteenth of the image's pixels.
    """
    return nn.Sequential(
        nn.Conv2d(in_channels, channels, 6, stride=2, padding=2, bias=False),
        nn.BatchNorm2d(channels),
        nn.MaxPool2d(2),
        nn.ReLU(inplace=True),
    )
