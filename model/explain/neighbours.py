"""The nearest training digits: the training images most similar to a drawing, and a map of them.

    python -m model neighbours --data-dir data

writes the index with its map to ``checkpoints/mnist_resnet.neighbours.safetensors`` in about a minute.
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
from .tsne import tsne

# Images of each digit; the file has 2.3 MB. Compared with an index of 20,000 images, the nearest neighbour of
# a validation digit (median of 600) is 23 % farther away; 33 % with 100 of each digit, 14 % with 400. The
# labels hardly change: with each of the three, 99 % of the eight nearest have the validation digit's label.
EACH = 200
SEED = 20162
BATCH = 500
PLACED_BY = 10  # nearest digits that a drawing's place on the map is the mean of


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A training image, uint8 [28, 28], its number in the index, its label, and the distance of its features
    to the drawing's."""

    index: int
    image: Tensor
    label: int
    distance: float


@dataclass(frozen=True, eq=False)
class Neighbours:
    """An index of N training images.

    ``images`` uint8 [N, 28, 28], ``labels`` uint8 [N], ``features`` float32 [N, C]: the input of the
    network's classifier. ``typical_distance`` is the median distance from an image to the nearest other one.
    ``positions`` float32 [N, 2] are the images' places on a map of 1 x 1, None in an index without a map.
    """

    images: Tensor
    labels: Tensor
    features: Tensor
    typical_distance: float
    positions: Tensor | None = None

    def nearest(self, features: Tensor, count: int = 8) -> list[Neighbour]:
        """The ``count`` images nearest to features float [C] by Euclidean distance, the nearest first."""
        distances = (self.features - features).norm(dim=1)
        near = distances.topk(count, largest=False)
        return [
            Neighbour(n, self.images[n], int(self.labels[n]), distance)
            for n, distance in zip(near.indices.tolist(), near.values.tolist(), strict=True)
        ]

    def place(self, features: Tensor) -> tuple[Tensor, list[Neighbour]]:
        """The place of features float [C] on the map, float32 [2], and the nearest images, the nearest first.

        The mean of the places of the PLACED_BY nearest images, weighted by the inverse distance: Shepard's
        interpolation (1968) with the weights of Franke and Nielson (1980, "Smooth interpolation of large
        sets of scattered data"), which are zero at the distance of the next image. The place moves
        continuously with the features, and an image of the index is at its own place.
        """
        assert self.positions is not None
        *near, next_image = self.nearest(features, PLACED_BY + 1)
        radius = max(next_image.distance, 1e-6)
        distances = torch.tensor([each.distance for each in near]).clamp_min(1e-6 * radius)
        weights = ((radius - distances) / distances).square() + 1e-12  # all images may be equally far
        places = self.positions[[each.index for each in near]]
        return weights @ places / weights.sum(), near


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
    """The tensors of an index of ``data`` with a map, the features as float16, and its card."""
    features = features_of(net, data.images).half()
    distances = torch.cdist(features.float(), features.float()).fill_diagonal_(torch.inf)
    tensors = {"images": data.images, "labels": data.labels.to(torch.uint8), "features": features}
    tensors["map"] = in_unit_square(tsne(features.float()))
    typical = distances.amin(1).median().item()
    about = {"images": "MNIST training part", "split": SPLIT_SEED, "seed": SEED}
    return tensors, {"weights": weights_hash(net), "typical": typical, **about}


def in_unit_square(positions: Tensor) -> Tensor:
    """The same arrangement, float [N, 2], in the middle of a square of 1 x 1, as large as fits."""
    low, high = positions.amin(0), positions.amax(0)
    return (positions - (low + high) / 2) / (high - low).max() + 0.5


def load_neighbours(path: Path, net: nn.Module) -> Neighbours:
    """The index at ``path``, which may have no map. CompanionError if it does not belong to the weights of
    ``net``."""
    tensors, card = load_companion(path, net, "neighbours")
    images, labels, features = (
        tensors.get(name, torch.empty(0)) for name in ("images", "labels", "features")
    )
    positions = tensors.get("map")
    if (
        images.dtype != torch.uint8
        or images.shape[1:] != (SIZE, SIZE)
        or labels.dtype != torch.uint8
        or features.ndim != 2
        or not len(images) == len(labels) == len(features) > 0
        or not isinstance(card.get("typical"), float)
        or (positions is not None and positions.shape != (len(images), 2))
    ):
        raise CompanionError(OTHER, f"{path} does not have images, labels and features of equal length.")
    return Neighbours(images, labels, features.float(), card["typical"], positions)


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
