"""DenseNet: a stem, stages of dense layers, global average pooling, a linear classifier."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from .blocks import DenseLayer, Transition
from .network import Network


class DenseNet(Network):
    """DenseNet-BC after Huang et al. 2017, "Densely Connected Convolutional Networks", table 1.

    Args:
        stem: maps float [N, C, H, W] to the first stage's input.
        stem_channels: output channels of the stem.
        growth: channels that each layer adds.
        depths: number of dense layers of each stage. Every stage but the first starts with a transition,
            which halves the image and the channels (compression θ = 0.5).
        num_classes: number of logits.
    """

    def __init__(
        self, stem: nn.Module, stem_channels: int, growth: int, depths: Sequence[int], num_classes: int
    ) -> None:
        super().__init__()
        self.stem = stem
        self.stages = nn.Sequential()
        channels = stem_channels
        for index, depth in enumerate(depths):
            stage = nn.Sequential()
            if index > 0:
                stage.append(Transition(channels, channels // 2))
                channels //= 2
            for _ in range(depth):
                stage.append(DenseLayer(channels, growth))
                channels += growth
            self.stages.append(stage)
        self.norm = nn.BatchNorm2d(channels)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # He et al. 2015, eq. 10, in its forward form: here the ReLU precedes the convolution.
                nn.init.kaiming_normal_(module.weight)
        nn.init.zeros_(self.fc.bias)

    def features(self, x: Tensor) -> Tensor:
        x = self.norm(self.stages(self.stem(x)))
        x = self.pool(F.relu(x, inplace=True))
        return x.flatten(1)
