"""One ResNet body: a stem, stages of residual blocks, global average pooling, a linear classifier."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from .blocks import BasicBlock, conv3x3


def strided_stem(in_channels: int, channels: int) -> nn.Sequential:
    """3×3 convolution of stride 2, BatchNorm, ReLU: [N, C, H, W] → [N, channels, H/2, W/2].

    The ImageNet stem of He et al. 2016a (7×7, stride 2) in the size of a 28×28 digit: halving the
    resolution at once makes training four times faster and costs no accuracy that was measured.
    """
    return nn.Sequential(
        conv3x3(in_channels, channels, stride=2), nn.BatchNorm2d(channels), nn.ReLU(inplace=True)
    )


class ResNet(nn.Module):
    """Residual network after He et al. 2016a, sec. 4.2 style, with BasicBlocks.

    Args:
        stem: maps float [N, C, H, W] to the first stage's input.
        stem_channels: channels that the stem puts out.
        widths: channels of each stage; every stage but the first begins with stride 2.
        depths: number of blocks of each stage.
        num_classes: number of logits.

    ``forward`` takes float [N, C, H, W] and returns logits, float [N, num_classes].
    """

    def __init__(
        self,
        stem: nn.Module,
        stem_channels: int,
        widths: Sequence[int],
        depths: Sequence[int],
        num_classes: int,
    ) -> None:
        super().__init__()
        if len(widths) != len(depths):
            raise ValueError(f"{len(widths)} widths but {len(depths)} depths: one of each a stage")
        self.stem = stem
        self.stages = nn.Sequential()
        channels = stem_channels
        for index, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            stage = nn.Sequential()
            for block in range(depth):
                stride = 2 if index > 0 and block == 0 else 1
                stage.append(BasicBlock(channels, width, stride))
                channels = width
            self.stages.append(stage)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # He et al. 2015, "Delving Deep into Rectifiers", eq. 10, in its backward form.
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, BasicBlock):
                # Each block starts as its shortcut (Goyal et al. 2017, sec. 5.1).
                nn.init.zeros_(module.bn2.weight)

    def features(self, x: Tensor) -> Tensor:
        """The pooled features in front of the classifier, float [N, widths[-1]]."""
        return self.pool(self.stages(self.stem(x))).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.features(x))
