"""ResNet: a stem, stages of residual blocks, global average pooling, a linear classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from .blocks import BasicBlock, ResidualBlock
from .network import Network


class ResNet(Network):
    """Residual network after He et al. 2016a, "Deep Residual Learning for Image Recognition".

    Args:
        stem: maps float [N, C, H, W] to the first stage's input.
        stem_channels: output channels of the stem.
        widths: ``channels`` of each stage's blocks. Every stage but the first halves the image.
        depths: number of blocks of each stage.
        num_classes: number of logits.
        block: ``block(in_channels, channels, stride)`` creates a block.
        downsample: ``downsample(in_channels, channels)`` creates a layer that halves the image before a
            stage. Without it the stage's first block has a stride of 2.
    """

    def __init__(
        self,
        stem: nn.Module,
        stem_channels: int,
        widths: Sequence[int],
        depths: Sequence[int],
        num_classes: int,
        block: Callable[[int, int, int], ResidualBlock] = BasicBlock,
        downsample: Callable[[int, int], nn.Module] | None = None,
    ) -> None:
        super().__init__()
        if len(widths) != len(depths):
            raise ValueError(f"{len(widths)} widths but {len(depths)} depths: each stage needs one of each")
        self.stem = stem
        self.stages = nn.Sequential()
        channels = stem_channels
        for index, (width, depth) in enumerate(zip(widths, depths, strict=True)):
            stage = nn.Sequential()
            stride = 2 if index > 0 else 1
            if stride == 2 and downsample is not None:
                stage.append(downsample(channels, width))
                channels, stride = width, 1
            for _ in range(depth):
                layer = block(channels, width, stride)
                stage.append(layer)
                channels, stride = layer.out_channels, 1
            self.stages.append(stage)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # He et al. 2015, "Delving Deep into Rectifiers", eq. 10, in its backward form.
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, ResidualBlock) and module.shortcut is not None:
                # Each block initially computes its shortcut only (Goyal et al. 2017, sec. 5.1).
                module.zero_branch()

    def features(self, x: Tensor) -> Tensor:
        x = self.pool(self.stages(self.stem(x)))
        return x.flatten(1)
