"""One ResNet body: a stem, stages of residual blocks, global average pooling, a linear classifier."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor, nn

from .blocks import BasicBlock, ResidualBlock


class ResNet(nn.Module):
    """Residual network after He et al. 2016a, "Deep Residual Learning for Image Recognition".

    Args:
        stem: maps float [N, C, H, W] to the first stage's input.
        stem_channels: channels that the stem puts out.
        widths: ``channels`` of each stage's blocks; every stage but the first halves the image.
        depths: number of blocks of each stage.
        num_classes: number of logits.
        block: ``block(in_channels, channels, stride)`` makes one.
        downsample: ``downsample(in_channels, channels)`` makes what halves the image in front of a stage;
            without it the stage's first block does, by a stride of 2.

    ``forward`` takes float [N, C, H, W] and returns logits, float [N, num_classes].
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
            raise ValueError(f"{len(widths)} widths but {len(depths)} depths: one of each a stage")
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
                made = block(channels, width, stride)
                stage.append(made)
                channels, stride = made.out_channels, 1
            self.stages.append(stage)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, num_classes)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                # He et al. 2015, "Delving Deep into Rectifiers", eq. 10, in its backward form.
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif isinstance(module, ResidualBlock) and module.shortcut is not None:
                # Each block starts as its shortcut (Goyal et al. 2017, sec. 5.1); a plain one has none.
                module.zero_branch()

    def features(self, x: Tensor) -> Tensor:
        """The pooled features in front of the classifier, float [N, channels of the last stage]."""
        return self.pool(self.stages(self.stem(x))).flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.features(x))
