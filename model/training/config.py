"""The recipes of training, by name: everything that decides a run but its files and its device.

``python train_mnist.py --recipe NAME`` takes one; flags override single values, and the checkpoint's card
records what came of it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Literal

import torch

from ..datasets.augmentation import OFF, Augmentation
from ..datasets.mnist import DATASETS, SPLIT_SEED
from ..errors import InputError
from ..image import PREPROCESSING, SIZE
from ..inference.checkpoint import Card
from ..inference.provenance import commit, hardware, versions


@dataclass(frozen=True)
class TrainConfig:
    """A recipe. The values that stand here are those of the default."""

    recipe: str = "default"
    dataset: str = "mnist"
    model: str = "mnist_resnet"
    size: int = SIZE  # px, of the image that the network sees: bilinear from 28
    first_weights: Literal["he", "xavier"] = "he"  # He's are the network's own, each block its shortcut
    epochs: int = 21
    batch_size: int = 512
    optimizer: Literal["sgd", "adam", "muon"] = "muon"
    lr: float = 0.15  # peak of the cycle, or the constant
    schedule: Literal["one cycle", "constant"] = "one cycle"
    warmup: float = 0.15  # share of all steps in which the cycle rises
    momentum: float = 0.6  # Nesterov's, of SGD and Muon
    weight_decay: float = 0.0  # of SGD and Adam: Muon keeps each kernel's length
    label_smoothing: float = 0.05  # share of each digit's label that is spread over all ten
    ema_decay: float = 0.998  # per step; of weights and BatchNorm buffers; 0 keeps the weights themselves
    seed: int = 1
    synthetic: int = 200_000  # drawings that are generated once; 0 trains on the data set alone, ten classes
    share: float = 0.33  # of each epoch's images that are synthetic, drawn anew from them
    not_digits: float = 0.3  # of the synthetic images that are no digit
    repeats: int = 30  # times that an epoch shows each correction in each pen, if it has any
    augmentation: Augmentation = field(default_factory=Augmentation)
    refine: float = 0.15  # share of the epochs, the last ones, that show the data set without augmentation

    def __post_init__(self) -> None:
        if self.dataset not in DATASETS:
            raise InputError(f"There is no data set '{self.dataset}'. There are {', '.join(DATASETS)}.")
        if self.synthetic and self.dataset != "mnist":
            raise InputError(f"Synthetic drawings are digits: with {self.dataset}, synthetic must be 0.")

    def refines(self, epoch: int) -> bool:
        """Whether an epoch, counted from 0, is one of those that show the data set without augmentation."""
        return epoch >= round((1 - self.refine) * self.epochs)


# What an introductory article trains: Adam and cross-entropy on the images as they are.
PLAIN = TrainConfig(
    recipe="plain",
    model="resnet18_cifar",
    epochs=5,
    batch_size=128,
    optimizer="adam",
    lr=1e-3,
    schedule="constant",
    label_smoothing=0.0,
    ema_decay=0.0,
    synthetic=0,
    augmentation=OFF,
)

# Zhang et al., "Dive into Deep Learning", sec. 7.6 of its first edition: lr, num_epochs, batch_size =
# 0.05, 10, 256 on Fashion-MNIST at 96 px, first weights as its train_ch6 draws them. Two things are ours:
# 5,000 of the book's 60,000 training images are kept for validation, and inputs are normalised as
# everywhere here, where the book feeds 0..1: the BatchNorm behind the first convolution undoes either.
D2L = TrainConfig(
    recipe="d2l",
    dataset="fashion",
    model="d2l_resnet18",
    size=96,
    first_weights="xavier",
    epochs=10,
    batch_size=256,
    optimizer="sgd",
    lr=0.05,
    schedule="constant",
    momentum=0.0,
    label_smoothing=0.0,
    ema_decay=0.0,
    synthetic=0,
    augmentation=OFF,
)

# In seconds instead of minutes: a small network, MNIST alone. What was tried for it stands in
# docs/training-notes.md, how long it takes in docs/race.json (scripts/race.py).
FAST = TrainConfig(
    recipe="fast",
    model="mnist_resnet_fast",
    epochs=12,
    warmup=0.1,
    ema_decay=0.99,
    synthetic=0,
    augmentation=Augmentation(thickness=0.0, contrast=0.0),
    refine=0.0,
)

RECIPES = {recipe.recipe: recipe for recipe in (TrainConfig(), FAST, PLAIN, D2L)}
ABOUT = {
    "default": "the project's own: Muon in one cycle, augmentation, synthetic drawings, averaged weights",
    "fast": "in seconds: a small network, MNIST with augmentation; one epoch is enough for 99 %",
    "plain": "an article's first loop: Adam and cross-entropy on MNIST's images as they are",
    "d2l": "Dive into Deep Learning, sec. 7.6: Fashion-MNIST at 96 px, SGD at a constant rate",
}

# Going on from a trained checkpoint, with somebody's corrections among the images (``--extra``).
FINE_TUNING = replace(TrainConfig(), recipe="fine-tuning", epochs=2, lr=0.02)


def by_recipe(name: str) -> str:
    """The default of a field, and the recipes that have another value, in words."""
    values = {recipe: getattr(config, name) for recipe, config in RECIPES.items()}
    default = values.pop("default")
    others = [f"{recipe}: {value}" for recipe, value in values.items() if value != default]
    return ", ".join([f"default: {default}", *others])


def new_card(config: TrainConfig, device: torch.device, labels: list[str], processes: int = 1) -> Card:
    """The card as it stands before the first epoch; ``processes`` train together, a device each."""
    return {
        "arch": {"name": config.model, "in_channels": 1, "num_classes": len(labels)},
        "preprocessing": PREPROCESSING,
        "size": config.size,  # px, to which an image of the preprocessing's size is brought
        "labels": labels,
        "config": asdict(config),
        "split": {"seed": SPLIT_SEED, "training": 55_000, "validation": 5_000},
        "seed": config.seed,
        "commit": commit(),
        "versions": versions(),
        "hardware": hardware(device, processes),
        "history": [],
        "figures": {},
        "calibration": {"temperature": 1.0, "not_digit": 0.5, "unsure": 0.7},
    }
