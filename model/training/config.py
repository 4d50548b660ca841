"""Training recipes by name. A recipe determines a run, except for its files and its device.

``python train_mnist.py --recipe NAME`` selects one. Flags override single values, and the checkpoint's card
records the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from ..datasets.augmentation import OFF, Augmentation
from ..datasets.mnist import DATASETS
from ..errors import InputError
from ..image import SIZE


@dataclass(frozen=True)
class TrainConfig:
    """A recipe. The defaults are those of the recipe "default"."""

    recipe: str = "default"
    dataset: str = "mnist"
    model: str = "mnist_resnet"
    size: int = SIZE  # px, side of the image that the network sees, resized from 28
    first_weights: Literal["he", "xavier"] = "he"  # "he": the network's own, with identity blocks
    epochs: int = 24
    batch_size: int = 512
    optimizer: Literal["sgd", "adam", "muon"] = "muon"
    lr: float = 0.15  # peak of the cycle, or constant
    schedule: Literal["one cycle", "constant"] = "one cycle"
    warmup: float = 0.15  # share of all steps in which the learning rate rises
    momentum: float = 0.6  # Nesterov momentum, of SGD and Muon
    weight_decay: float = 0.0  # of SGD and Adam; Muon fixes each kernel's norm
    label_smoothing: float = 0.05  # share of a digit's label that is spread over all ten
    ema_decay: float = 0.998  # per step, of weights and BatchNorm buffers; 0 for no average
    seed: int = 1
    synthetic: int = 200_000  # drawings, generated once; 0 trains on the data set alone, with ten classes
    share: float = 0.33  # of each epoch's images that are synthetic, chosen anew each epoch
    not_digits: float = 0.3  # share of the synthetic images that are non-digits
    repeats: int = 30  # how often an epoch has each correction with each pen width
    augmentation: Augmentation = field(default_factory=Augmentation)
    refine: float = 0.15  # share of the epochs, at the end, with the data set not augmented

    def __post_init__(self) -> None:
        if self.dataset not in DATASETS:
            raise InputError(f"There is no data set '{self.dataset}'. Choose from {', '.join(DATASETS)}.")
        if self.synthetic and self.dataset != "mnist":
            raise InputError(f"Synthetic drawings are digits: with {self.dataset}, synthetic must be 0.")

    def refines(self, epoch: int) -> bool:
        """Whether ``epoch``, counted from 0, does not augment the data set."""
        return self.refine > 0 and epoch >= round((1 - self.refine) * self.epochs)


# As in an introductory article: Adam and cross-entropy on the images as they are.
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
# 0.05, 10, 256 on Fashion-MNIST at 96 px, weights initialised as in its train_ch6. Two things differ:
# 5,000 of the book's 60,000 training images are used for validation, and inputs are normalised, where the
# book's are in 0..1. The BatchNorm after the first convolution cancels either scale.
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

# Seconds instead of minutes: a small network, MNIST alone. docs/training-notes.md lists what was tried,
# docs/race.json has the times (scripts/race.py).
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

# Continues from a trained checkpoint, with corrections among the images (``--extra``).
FINE_TUNING = replace(TrainConfig(), recipe="fine-tuning", epochs=2, lr=0.02)


def by_recipe(name: str) -> str:
    """The default of a field and the recipes with another value, for the help."""
    values = {recipe: getattr(config, name) for recipe, config in RECIPES.items()}
    default = values.pop("default")
    others = [f"{recipe}: {value}" for recipe, value in values.items() if value != default]
    return ", ".join([f"default: {default}", *others])
