"""The nearest training digits: what the network finds most like a drawing, among images it was trained on.

    python -m model neighbours --data-dir data [--checkpoint checkpoints/mnist_resnet.safetensors]

writes the index ``checkpoints/mnist_resnet.neighbours.safetensors`` in a few seconds. It belongs to the
weights that it was made with, by their hash: after another training it is refused until it is made again.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..datasets.mnist import SPLIT_SEED, Labelled, load_mnist, split
from ..errors import CheckpointError, DataError
from ..image import DIGITS, SIZE, to_input
from ..inference.checkpoint import load_checkpoint, read_file, save_checkpoint, weights_hash

# Images of each digit, 2.3 MB together. The nearest one of a validation digit (600 of them, median) is 23 %
# farther away than among 20,000; with 100 of each 33 %, with 400 14 %. Which digits are near hardly depends
# on it: 99 % of the eight nearest have the validation digit's label with any of the three.
EACH = 200
SEED = 20162
MISSING, OTHER = "missing", "other"  # why there is no index


class NoIndexError(CheckpointError):
    """There is no index for these weights; ``kind`` is MISSING, or OTHER for one that does not fit them."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A training image, uint8 [28, 28], its label, and how far its features lie from the drawing's."""

    image: Tensor
    label: int
    distance: float


@dataclass(frozen=True, eq=False)
class Neighbours:
    """N training images as a network sees them.

    ``images`` uint8 [N, 28, 28], ``labels`` uint8 [N], ``features`` float32 [N, C]: what its classifier is
    given. ``typical`` is the distance from one of the images to the nearest other one, median.
    """

    images: Tensor
    labels: Tensor
    features: Tensor
    typical: float

    def nearest(self, features: Tensor, count: int = 8) -> list[Neighbour]:
        """The ``count`` nearest to features float [C], by Euclidean distance, the nearest first."""
        distances = (self.features - features).norm(dim=1)
        near = distances.topk(count, largest=False)
        return [
            Neighbour(self.images[n], int(self.labels[n]), distance)
            for n, distance in zip(near.indices.tolist(), near.values.tolist(), strict=True)
        ]


def index_path(checkpoint: Path) -> Path:
    """Where the index of a checkpoint lies: beside it."""
    return checkpoint.with_suffix(".neighbours.safetensors")


def subset(data: Labelled, each: int = EACH) -> Labelled:
    """``each`` images of every digit, always the same ones."""
    order = torch.randperm(len(data.labels), generator=torch.Generator().manual_seed(SEED))
    chosen = torch.cat([order[data.labels[order] == digit][:each] for digit in range(DIGITS)])
    return Labelled(data.images[chosen], data.labels[chosen])


@torch.inference_mode()
def features_of(net: nn.Module, images: Tensor) -> Tensor:
    """What the classifier is given for model images: float32 [N, C] on the CPU."""
    device = next(net.parameters()).device
    return torch.cat([net.features(to_input(some.to(device))).float().cpu() for some in images.split(500)])


def make(net: nn.Module, data: Labelled) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors of an index of ``data``, features as float16, and the card that goes with them."""
    features = features_of(net, data.images).half()
    distances = torch.cdist(features.float(), features.float()).fill_diagonal_(torch.inf)
    tensors = {"images": data.images, "labels": data.labels.to(torch.uint8), "features": features}
    typical = distances.amin(1).median().item()
    about = {"images": "MNIST training part", "split": SPLIT_SEED, "seed": SEED}
    return tensors, {"weights": weights_hash(net), "typical": typical, **about}


def load_neighbours(path: Path, net: nn.Module) -> Neighbours:
    """The index at ``path``, if it is of these weights; else NoIndexError with one sentence."""
    if not path.is_file():
        raise NoIndexError(MISSING, f"There is no index {path}; `python -m model neighbours` makes one.")
    try:
        tensors, card = read_file(path)
    except CheckpointError as error:
        raise NoIndexError(OTHER, str(error)) from error
    if card.get("weights") != weights_hash(net):
        raise NoIndexError(
            OTHER, f"{path} is an index of other weights; `python -m model neighbours` makes it anew."
        )
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
        raise NoIndexError(OTHER, f"{path} does not hold images, labels and features of one length.")
    return Neighbours(images, labels, features.float(), card["typical"])


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m model neighbours",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--checkpoint", type=Path, default=Path("checkpoints/mnist_resnet.safetensors"))
    add("--data-dir", type=Path, default=Path("data"), help="holds MNIST/raw")
    flags = parser.parse_args(arguments)
    try:
        net, _ = load_checkpoint(flags.checkpoint)
        training, _ = split(load_mnist(flags.data_dir, train=True))
        tensors, card = make(net, subset(training))
        path = index_path(flags.checkpoint)
        save_checkpoint(path, tensors, card)
    except (CheckpointError, DataError, OSError) as error:
        print(f"neighbours: {error}", file=sys.stderr)
        return 1
    size = path.stat().st_size / 1e6
    print(f"{path}: {len(tensors['labels']):,} images, {size:.1f} MB; nearest at {card['typical']:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
