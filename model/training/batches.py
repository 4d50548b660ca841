"""What the network is shown: an epoch's images, mixed, augmented and brought to its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..datasets.augmentation import augment
from ..datasets.mnist import Labelled
from ..evaluation.metrics import predict_logits
from ..image import SIZE
from .config import TrainConfig


@dataclass(frozen=True, eq=False)
class Mixture:
    """All images to train on, one kind behind the other, on the training device."""

    data: Labelled
    real: int  # of the data set
    synthetic: int
    corrections: int

    @classmethod
    def of(cls, real: Labelled, synthetic: Labelled | None, corrections: Labelled | None) -> Mixture:
        kinds = [kind for kind in (real, synthetic, corrections) if kind is not None]
        data = Labelled(*map(torch.cat, zip(*kinds, strict=True))) if len(kinds) > 1 else real
        counts = (0 if kind is None else len(kind.labels) for kind in (real, synthetic, corrections))
        return cls(data, *counts)

    def to(self, device: torch.device) -> Mixture:
        return Mixture(self.data.to(device), self.real, self.synthetic, self.corrections)

    def base(self, config: TrainConfig) -> int:
        """Images of an epoch without its corrections: all real ones, and synthetic ones to their share."""
        return round(self.real / (1 - config.share)) if self.synthetic else self.real

    def repeats(self, config: TrainConfig) -> int:
        """Times that an epoch shows each correction: all of them at most a third as often as the rest."""
        if not self.corrections:
            return 0
        return max(1, min(config.repeats, self.base(config) // (3 * self.corrections)))

    def size(self, config: TrainConfig) -> int:
        """Images of an epoch."""
        return min(self.base(config), self.real + self.synthetic) + self.repeats(config) * self.corrections

    def steps(self, config: TrainConfig) -> int:
        """Batches of an epoch, for the schedule: more than there are where synthetic ones run short."""
        return (self.base(config) + self.repeats(config) * self.corrections) // config.batch_size


def batches(
    mixture: Mixture,
    config: TrainConfig,
    generator: torch.Generator,
    refine: bool = False,
    rank: int = 0,
    size: int = 1,
) -> Iterator[tuple[Tensor, Tensor]]:
    """One shuffled epoch of augmented images, float [B, 28, 28] in 0..255, and labels; whole batches.

    All real images take part; of the synthetic ones as many as their share asks for, each at most once;
    corrections several times, augmented anew each time. Of ``size`` processes that train together, each
    sees its ``rank``-th part of the same batches.

    ``refine`` leaves the real ones as they are: augmented, they are softer than those that will be read
    (He, Z. et al. 2019, arXiv:1909.09148: less-augmented data to refine). Drawings stay augmented, since
    they stand for hands that nobody has seen; that is our change.
    """
    images, labels = mixture.data
    device = labels.device
    real, first_correction = mixture.real, mixture.real + mixture.synthetic
    synthetic = torch.randperm(mixture.synthetic, generator=generator, device=device) + real
    corrections = torch.arange(first_correction, len(labels), device=device)
    chosen = torch.cat(
        [
            torch.arange(real, device=device),
            synthetic[: mixture.base(config) - real],
            corrections.repeat(mixture.repeats(config)),
        ]
    )
    order = chosen[torch.randperm(len(chosen), generator=generator, device=device)]
    if size > 1:  # the order is everybody's, what augmentation draws is each process's own
        generator = torch.Generator(device).manual_seed((generator.initial_seed() + 1) * 1009 + rank)
    for index in order.split(config.batch_size):
        if len(index) == config.batch_size:
            index = index.chunk(size)[rank]
            plain = images[index]
            if refine:
                shown, drawn = plain.float(), index >= real
                shown[drawn] = augment(plain[drawn], config.augmentation, generator)
            else:
                shown = augment(plain, config.augmentation, generator)
            yield shown, labels[index]


def resize(inputs: Tensor, size: int) -> Tensor:
    """Bilinear, as PIL and torchvision resize: float [N, 1, H, W] → [N, 1, size, size]."""
    if inputs.shape[-1] == size:
        return inputs
    return F.interpolate(inputs, (size, size), mode="bilinear", antialias=True)


def predict(net: nn.Module, images: Tensor, size: int) -> Tensor:
    """Logits, float32 [N, classes], of images uint8 [N, 28, 28] that ``net`` sees at ``size`` px."""
    if size == SIZE:
        return predict_logits(net, images)
    # Batches of as many pixels as a thousand images have at 28 px.
    return predict_logits(_AtSize(net, size), images, max(1, 1000 * SIZE**2 // size**2))


class _AtSize(nn.Module):
    def __init__(self, net: nn.Module, size: int) -> None:
        super().__init__()
        self.net, self.size = net, size
        self.training = net.training

    def forward(self, inputs: Tensor) -> Tensor:
        return self.net(resize(inputs, self.size))
