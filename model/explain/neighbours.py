"""The nearest training digits: the training images most similar to a drawing.

    python -m model neighbours --data-dir data

writes the index to ``checkpoints/mnist_resnet.neighbours.safetensors`` in a few seconds.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..datasets.mnist import SPLIT_SEED, Labelled, load_mnist, split
from ..image import DIGITS, SIZE, to_input
from ..inference.checkpoint import load_checkpoint, save_checkpoint, weights_hash
from ..networks.network import Network
from .companion_files import (
    OTHER,
    CompanionError,
    add_common_arguments,
    companion_path,
    load_companion,
    shuffle,
)

# Images of each digit; the file has 2.3 MB. Compared with an index of 20,000 images, the nearest neighbour of
# a validation digit (median of 600) is 23 % farther away; 33 % with 100 of each digit, 14 % with 400. The
# labels hardly change: with each of the three, 99 % of the eight nearest have the validation digit's label.
EACH = 200
SEED = 20162
BATCH = 500


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A training image, uint8 [28, 28], its label, and the distance of its features to the drawing's."""

    image: Tensor
    label: int
    distance: float


@dataclass(frozen=True, eq=False)
class Neighbours:
    """An index of N training images.

    ``images`` uint8 [N, 28, 28], ``labels`` uint8 [N], ``features`` float32 [N, C]: the input of the
    network's classifier. ``typical_distance`` is the median distance from an image to the nearest other one.
    """

    images: Tensor
    labels: Tensor
    features: Tensor
    typical_distance: float

    def nearest(self, features: Tensor, count: int = 8) -> list[Neighbour]:
        """The ``count`` images nearest to features float [C] by Euclidean distance, the nearest first."""
        distances = (self.features - features).norm(dim=1)
        near = distances.topk(count, largest=False)
        return [
            Neighbour(self.images[n], int(self.labels[n]), distance)
            for n, distance in zip(near.indices.tolist(), near.values.tolist(), strict=True)
        ]


def index_path(checkpoint: Path) -> Path:
    """The path of a checkpoint's index."""
    return companion_path(checkpoint, "neighbours")


def subset(data: Labelled, each: int = EACH) -> Labelled:
    """``each`` images of every digit, always the same ones."""
    images, labels = shuffle(data, SEED)
    chosen = torch.cat([(labels == digit).nonzero()[:each, 0] for digit in range(DIGITS)])
    return Labelled(images[chosen], labels[chosen])


@torch.inference_mode()
def features_of(net: Network, images: Tensor) -> Tensor:
    """The classifier's input for model images: float32 [N, C] on the CPU."""
    device = next(net.parameters()).device
    batches = images.split(BATCH)
    return torch.cat([net.features(to_input(batch.to(device))).float().cpu() for batch in batches])


def build_index(net: Network, data: Labelled) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors of an index of ``data``, with features as float16, and its card."""
    features = features_of(net, data.images).half()
    distances = torch.cdist(features.float(), features.float()).fill_diagonal_(torch.inf)
    tensors = {"images": data.images, "labels": data.labels.to(torch.uint8), "features": features}
    typical = distances.amin(1).median().item()
    about = {"images": "MNIST training part", "split": SPLIT_SEED, "seed": SEED}
    return tensors, {"weights": weights_hash(net), "typical": typical, **about}


def load_neighbours(path: Path, net: nn.Module) -> Neighbours:
    """The index at ``path``. CompanionError if it does not belong to the weights of ``net``."""
    tensors, card = load_companion(path, net, "neighbours")
    images, labels, features = (
        tensors.get(name, torch.empty(0)) for name in ("images", "labels", "features")
    )
    if (
        images.dtype != torch.uint8
        or images.shape[1:] != (SIZE, SIZE)
        or labels.dtype != torch.uint8
        or features.ndim != 2
        or not len(images) == len(labels) == len(features) > 0
        or not isinstance(card.get("typical"), float)
    ):
        raise CompanionError(OTHER, f"{path} does not have images, labels and features of equal length.")
    return Neighbours(images, labels, features.float(), card["typical"])


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    add_common_arguments(parser)


def run(flags: argparse.Namespace) -> int:
    """Index the training images with the network of ``--checkpoint``."""
    net, _ = load_checkpoint(flags.checkpoint)
    training, _ = split(load_mnist(flags.data_dir, train=True))
    tensors, card = build_index(net, subset(training))
    path = index_path(flags.checkpoint)
    save_checkpoint(path, tensors, card)
    size = path.stat().st_size / 1e6
    print(f"{path}: {len(tensors['labels']):,} images, {size:.1f} MB; nearest at {card['typical']:.2f}")
    return 0
