"""The images of an epoch: real, synthetic and corrections mixed, shuffled, augmented, resized."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
    """All training images, in this order: from the data set, synthetic, corrections."""

    data: Labelled
    real: int  # number of images from the data set
    synthetic: int
    corrections: int

    @classmethod
    def of(
        cls, real: Labelled, synthetic: Labelled | None = None, corrections: Labelled | None = None
    ) -> Mixture:
        kinds = (real, synthetic, corrections)
        counts = (len(kind.labels) if kind else 0 for kind in kinds)
        return cls(joined(*filter(None, kinds)), *counts)

    def to(self, device: torch.device) -> Mixture:
        return replace(self, data=self.data.to(device))

    def counts(self) -> dict[str, int]:
        """Images of each kind, as a card records them."""
        return {"real": self.real, "synthetic": self.synthetic, "corrections": self.corrections}

    def base(self, config: TrainConfig) -> int:
        """Images of an epoch without corrections: all real ones and a share of synthetic ones."""
        return round(self.real / (1 - config.share)) if self.synthetic else self.real

    def repeats(self, config: TrainConfig) -> int:
        """Repetitions of each correction in an epoch: at most a third as many images as the others."""
        if not self.corrections:
            return 0
        return max(1, min(config.repeats, self.base(config) // (3 * self.corrections)))

    def size(self, config: TrainConfig) -> int:
        """Images of an epoch."""
        return min(self.base(config), self.real + self.synthetic) + self.repeats(config) * self.corrections

    def steps(self, config: TrainConfig) -> int:
        """Batches of an epoch for the schedule. The epoch has fewer if there are too few synthetic images."""
        return (self.base(config) + self.repeats(config) * self.corrections) // config.batch_size


def joined(*parts: Labelled) -> Labelled:
    """The images of several sets, one after the other."""
    return Labelled(*map(torch.cat, zip(*parts, strict=True))) if len(parts) > 1 else parts[0]


def batches(
    mixture: Mixture,
    config: TrainConfig,
    generator: torch.Generator,
    refine: bool = False,
    rank: int = 0,
    size: int = 1,
) -> Iterator[tuple[Tensor, Tensor]]:
    """One shuffled epoch of augmented images, float [B, 28, 28] in 0..255, and labels; whole batches only.

    An epoch has all real images, the configured share of synthetic ones (each at most once) and each
    correction several times, augmented anew each time. With ``size`` processes, each gets its
    ``rank``-th part of the same batches.

    With ``refine`` the real images are not augmented, because augmentation makes them softer than the images
    that will be read (He, Z. et al. 2019, arXiv:1909.09148: less-augmented data to refine). Drawings are
    still augmented, because they represent unseen writers; that is our change.
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
    if size > 1:  # all processes share the order, but each draws its own augmentation
        generator = torch.Generator(device).manual_seed((generator.initial_seed() + 1) * 1009 + rank)
    for first in range(0, len(order) - config.batch_size + 1, config.batch_size):
        index = order[first : first + config.batch_size].chunk(size)[rank]
        plain = images[index]
        if refine:
            augmented, is_drawing = plain.float(), index >= real
            augmented[is_drawing] = augment(plain[is_drawing], config.augmentation, generator)
        else:
            augmented = augment(plain, config.augmentation, generator)
        yield augmented, labels[index]


def resize(inputs: Tensor, size: int) -> Tensor:
    """Float [N, 1, H, W] → [N, 1, size, size], bilinear with antialiasing, as PIL and torchvision do."""
    if inputs.shape[-1] == size:
        return inputs
    return F.interpolate(inputs, (size, size), mode="bilinear", antialias=True)


def predict(net: nn.Module, images: Tensor, size: int) -> Tensor:
    """Logits, float32 [N, classes], of images uint8 [N, 28, 28] that ``net`` sees at ``size`` px."""
    if size == SIZE:
        return predict_logits(net, images)
    # A batch has as many pixels as a thousand images of 28 px.
    return predict_logits(_AtSize(net, size), images, max(1, 1000 * SIZE**2 // size**2))


class _AtSize(nn.Module):
    def __init__(self, net: nn.Module, size: int) -> None:
        super().__init__()
        self.net, self.size = net, size
        self.training = net.training

    def forward(self, inputs: Tensor) -> Tensor:
        logits: Tensor = self.net(resize(inputs, self.size))
        return logits
