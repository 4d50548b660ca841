"""Linear probes: the prediction if the network ended after a block. Also the accuracy without each block.

    python -m model probes --data-dir data             # fit the probes of a checkpoint
    python -m model probes --data-dir data --record    # measure the accuracy without each block

The first writes ``checkpoints/mnist_resnet.probes.safetensors`` in about a minute on one core. The second
measures over MNIST's test images with the branch of each block switched off, and writes the figures into the
checkpoint's card.

A probe is a separate linear classifier (Alain and Bengio 2016, "Understanding intermediate layers using
linear classifier probes"), because the network's own classifier expects the channels of the last block. The
input of both is each channel's mean over the image. Probes are fitted on training images; their weight decay
is chosen on validation images.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ..datasets.mnist import Labelled, load_mnist, split
from ..graph.tracer import TracedOp
from ..image import DIGITS
from ..inference.checkpoint import Card, save_checkpoint, update_figures, weights_hash
from ..inference.provenance import commit, hardware, versions
from ..inference.reader import DigitReader
from .activations import Activations, Explainer
from .companion_files import (
    OTHER,
    CompanionError,
    add_common_arguments,
    companion_path,
    load_companion,
    shuffle,
)

TRAINED_ON = 20_000  # images of the training part; all 55,000 would take more than twice as long
SEED = 20163
WEIGHT_DECAYS = (1e-5, 1e-3, 1e-2)  # chosen by the validation loss
BATCH = 250


@dataclass(frozen=True, eq=False)
class Probe:
    """The classifier after one block: ``weight`` float32 [10, C], ``bias`` float32 [10]. ``accuracy`` is over
    the validation images, in 0..1."""

    block: str
    weight: Tensor
    bias: Tensor
    accuracy: float


@dataclass(frozen=True, eq=False)
class LinearProbes:
    """A network's probes in the order its blocks run, and ``n``, the number of validation images."""

    probes: tuple[Probe, ...]
    n: int

    def predict(self, activations: Activations) -> Tensor:
        """Probabilities float32 [D, 10] after the stem and each block, for activations of one image."""
        features = pooled_outputs(activations)
        logits = [probe.weight @ features[probe.block][0] + probe.bias for probe in self.probes]
        return torch.stack(logits).softmax(1)


def block_outputs(operations: Sequence[TracedOp]) -> dict[str, TracedOp]:
    """The last operation of the stem and of each block, in the order they run."""
    last = {op.block: op for op in operations}
    return {block: op for block, op in last.items() if block not in ("image", "head")}


def pooled_outputs(activations: Activations) -> dict[str, Tensor]:
    """Each channel's mean over the image after the stem and each block, float32 [N, C] on the CPU."""
    outputs = block_outputs(list(activations))
    return {block: activations[op].mean((2, 3)).float().cpu() for block, op in outputs.items()}


def settling_depths(labels: Sequence[int], answer: int) -> tuple[int | None, int | None]:
    """The first index at which ``labels`` is ``answer``, and the index from which all are; None for never."""
    right = [n for n, label in enumerate(labels) if label == answer]
    wrong = [n for n, label in enumerate(labels) if label != answer]
    settled = wrong[-1] + 1 if wrong else 0
    return (right[0] if right else None), (settled if settled < len(labels) else None)


def fit_probe(features: Tensor, labels: Tensor, weight_decay: float) -> tuple[Tensor, Tensor]:
    """Softmax regression of ``labels`` int64 [N] on ``features`` float [N, C]: weight [10, C], bias [10].

    Minimises the mean cross-entropy plus ``weight_decay`` / 2 times the squared norm of the weights, on
    standardised features. The problem is convex; L-BFGS starts at zero.
    """
    mean, std = features.mean(0), features.std(0).clamp_min(1e-6)
    inputs = (features - mean) / std
    weight = torch.zeros(DIGITS, features.shape[1], dtype=features.dtype, requires_grad=True)
    bias = torch.zeros(DIGITS, dtype=features.dtype, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=150, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> float:
        solver.zero_grad()
        loss = F.cross_entropy(inputs @ weight.T + bias, labels) + weight_decay / 2 * weight.square().sum()
        torch.autograd.backward(loss)
        return loss.item()

    solver.step(closure)
    weight, bias = weight.detach() / std, bias.detach()
    return weight, bias - weight @ mean


def batches_of(data: Labelled) -> list[Labelled]:
    """``data`` in batches of BATCH images."""
    parts = (tensor.split(BATCH) for tensor in data)
    return [Labelled(*part) for part in zip(*parts, strict=True)]


def features_of(explainer: Explainer, data: Labelled) -> dict[str, Tensor]:
    """``pooled_outputs`` for any number of images."""
    parts = [pooled_outputs(explainer.run(batch.images)) for batch in batches_of(data)]
    return {block: torch.cat([part[block] for part in parts]) for block in parts[0]}


def fit_probes(explainer: Explainer, training: Labelled, validation: Labelled) -> LinearProbes:
    """Fit a probe after the stem and each block, with the weight decay of lowest validation loss."""
    training_features, held_out = features_of(explainer, training), features_of(explainer, validation)
    probes = []
    for block, features in training_features.items():
        candidates = []
        for weight_decay in WEIGHT_DECAYS:
            weight, bias = fit_probe(features, training.labels, weight_decay)
            logits = held_out[block] @ weight.T + bias
            loss = F.cross_entropy(logits, validation.labels).item()
            accuracy = (logits.argmax(1) == validation.labels).double().mean().item()
            candidates.append((loss, Probe(block, weight, bias, accuracy)))
        probes.append(min(candidates, key=lambda candidate: candidate[0])[1])
    return LinearProbes(tuple(probes), len(validation.labels))


def probes_path(checkpoint: Path) -> Path:
    """The path of a checkpoint's probes."""
    return companion_path(checkpoint, "probes")


def save_linear_probes(path: Path, probes: LinearProbes, card: Card) -> None:
    """Write the probes to ``path``, with their accuracies in the card."""
    tensors = {f"{probe.block}.weight": probe.weight for probe in probes.probes}
    tensors |= {f"{probe.block}.bias": probe.bias for probe in probes.probes}
    accuracies = {probe.block: probe.accuracy for probe in probes.probes}
    save_checkpoint(path, tensors, {**card, "n": probes.n, "accuracies": accuracies})


def load_linear_probes(path: Path, explainer: Explainer) -> LinearProbes:
    """The probes at ``path``. CompanionError if they do not belong to the explainer's weights."""
    tensors, card = load_companion(path, explainer.reader.net, "probes")
    accuracies = card.get("accuracies", {})
    probes = []
    for block, op in block_outputs(explainer.operations).items():
        weight, bias = (tensors.get(f"{block}.{part}", torch.empty(0)) for part in ("weight", "bias"))
        if weight.shape != (DIGITS, op.shape[0]) or bias.shape != (DIGITS,) or block not in accuracies:
            raise CompanionError(OTHER, f"{path} has no probe of {block} with the right shape.")
        probes.append(Probe(block, weight, bias, accuracies[block]))
    return LinearProbes(tuple(probes), card["n"])


def ablation(explainer: Explainer, data: Labelled) -> dict[str, Any]:
    """Accuracy of the whole network, and with the branch of one block at a time switched off.

    Veit, Wilber and Belongie 2016, "Residual Networks Behave Like Ensembles of Relatively Shallow Networks",
    sec. 4.1. Plain blocks have no shortcut and are skipped.
    """
    blocks = [paths.block for paths in explainer.block_paths if paths.shortcut is not None]
    correct = dict.fromkeys(["", *blocks], 0)  # "" for the whole network
    for images, labels in batches_of(data):
        for block in correct:
            probabilities, _ = explainer.classify(explainer.run(images, [block] if block else []))
            correct[block] += int((probabilities.argmax(1) == labels).sum())
    n = len(data.labels)
    whole = correct.pop("") / n
    return {"n": n, "whole": whole, "without": {block: count / n for block, count in correct.items()}}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    add_common_arguments(parser)
    parser.add_argument(
        "--record", action="store_true", help="instead, measure the accuracy without each block"
    )


def run(flags: argparse.Namespace) -> int:
    """Fit the probes of ``--checkpoint`` or, with ``--record``, measure its accuracy without each block."""
    explainer = Explainer(DigitReader.load(flags.checkpoint, "cpu"))
    if flags.record:
        figures = ablation(explainer, load_mnist(flags.data_dir, train=False))
        update_figures(flags.checkpoint, {"ablation": figures})
        print(f"whole: {figures['whole']:.2%} of {figures['n']:,}")
        print("\n".join(f"without {block}: {share:.2%}" for block, share in figures["without"].items()))
        return 0
    training, validation = split(load_mnist(flags.data_dir, train=True))
    subset = Labelled(*(tensor[:TRAINED_ON] for tensor in shuffle(training, SEED)))
    probes = fit_probes(explainer, subset, validation)
    card = {
        "weights": weights_hash(explainer.reader.net),
        "training": TRAINED_ON,
        "seed": SEED,
        "commit": commit(),
        "versions": versions(),
        "hardware": hardware(torch.device("cpu")),
    }
    path = probes_path(flags.checkpoint)
    save_linear_probes(path, probes, card)
    for probe in probes.probes:
        print(f"after {probe.block}: {probe.accuracy:.2%} of {probes.n:,} validation images")
    print(f"→ {path}")
    return 0
