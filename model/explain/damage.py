"""A network with noise in its weights, or with one node that outputs zeros. The original is not changed."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor, nn

from ..errors import InputError
from ..graph.nodes import Node
from ..graph.tracer import TracedOp
from .activations import Activations, Explainer
from .neighbours import Neighbours

PER_DIGIT = 15  # stored training images of each digit that the accuracy is measured on: 150 take about 0.1 s
BATCH = 30  # more at once are slower: their maps do not fit into the cache
# Nodes that can be zero. Without an addition, the pooling or the classifier no signal would be left.
LAYERS = ("stem", "between", "first", "middle", "last", "grown", "identity", "projection", "bare", "zeros")


@dataclass(frozen=True)
class Damage:
    """``noise`` 0..1 is the standard deviation of the noise in each filter, as a share of the filter's own; a
    filter is the weights of one output channel. ``seed`` makes the noise. ``off`` is the node that outputs
    zeros, "" for none."""

    noise: float = 0.0
    seed: int = 0
    off: str = ""


class DamagedNetwork:
    """Runs the network of an explainer with damage. Thread-safe.

    ``digits`` has the images that accuracy is measured on; ``count`` is their number.
    """

    def __init__(self, explainer: Explainer, digits: Neighbours | None) -> None:
        self._explainer = explainer
        labels = digits.labels if digits else torch.empty(0)
        first = [(labels == digit).nonzero()[:PER_DIGIT, 0] for digit in labels.unique()]
        self._images, self._labels = (
            (digits.images[torch.cat(first)], labels[torch.cat(first)]) if digits else (labels, labels)
        )
        self.count = len(self._images)
        self._accuracy = lru_cache(maxsize=64)(self._measure)

    def check(self, noise: object, seed: object, off: object) -> Damage:
        """The damage of a request. InputError for what is out of range."""
        if type(noise) not in (int, float) or not 0 <= noise <= 1:  # type: ignore[operator] # NaN too
            raise InputError("The noise must be a number from 0 to 1.")
        if type(seed) is not int or not 0 <= seed < 2**31:
            raise InputError("The seed must be a whole number from 0 to 2,147,483,647.")
        if off != "" and off not in [node.name for node in removable(self._explainer)]:
            raise InputError(f"The network has no layer '{str(off)[:60]}' that can be set to zero.")
        return Damage(float(noise), seed, str(off))  # type: ignore[arg-type] # a number

    def run(self, images: Tensor, damage: Damage) -> Activations:
        """`Explainer.run` of the damaged network."""
        layers = noisy_layers(self._explainer.operations, damage.noise, damage.seed)
        return self._explainer.run(images, [damage.off], layers)

    def accuracy(self, damage: Damage) -> float | None:
        """The share of the stored digits whose likeliest label is right; None without any."""
        return self._accuracy(damage) if self.count else None

    def _measure(self, damage: Damage) -> float:
        layers = noisy_layers(self._explainer.operations, damage.noise, damage.seed)
        correct = 0
        for images, labels in zip(self._images.split(BATCH), self._labels.split(BATCH), strict=True):
            activations = self._explainer.run(images, [damage.off], layers)
            probabilities, _ = self._explainer.classify(activations)
            correct += int((probabilities.argmax(1) == labels).sum())
        return correct / self.count


def removable(explainer: Explainer) -> list[Node]:
    """The nodes that can output zeros: convolutions, and the shortcuts of blocks."""
    return [node for node in explainer.nodes if node.role in LAYERS]


def noisy_layers(operations: list[TracedOp], noise: float, seed: int) -> dict[TracedOp, nn.Module]:
    """Copies of convolutions and linear layers with Gaussian noise in the weights; none if ``noise`` is 0.

    With the same seed, more noise is the same noise in a larger amount.
    """
    draw = torch.Generator().manual_seed(seed)
    layers: dict[TracedOp, nn.Module] = {}
    for op in operations if noise else ():
        if isinstance(op.layer, (nn.Conv2d, nn.Linear)):
            layer = copy.deepcopy(op.layer).requires_grad_(False)
            filters = layer.weight.flatten(1)
            random = torch.randn(filters.shape, generator=draw).to(filters.device)
            layer.weight += (noise * filters.std(1, keepdim=True) * random).view_as(layer.weight)
            layers[op] = layer
    return layers
