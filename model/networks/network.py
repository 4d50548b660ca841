"""The base class of all networks: a stem, stages of blocks, pooled features, a linear classifier."""

from __future__ import annotations

from torch import Tensor, nn


class Network(nn.Module):
    """``forward`` takes float [N, C, H, W] and returns logits, float [N, num_classes].

    ``stages`` is a Sequential of stages, each a Sequential of blocks.
    """

    stem: nn.Module
    stages: nn.Sequential
    pool: nn.Module
    fc: nn.Linear

    def features(self, x: Tensor) -> Tensor:
        """The classifier's input, float [N, C]: each channel of the last stage, averaged over the image."""
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.features(x))
        return logits
