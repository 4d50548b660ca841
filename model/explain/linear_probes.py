"""Read at every depth: what the digit would be if the network ended there, and how it fares without a block.

    python -m model probes --data-dir data [--checkpoint checkpoints/mnist_resnet.safetensors]
    python -m model probes --data-dir data --record

The first fits the probes of a checkpoint and writes them beside it, to ``mnist_resnet.probes.safetensors``,
in about a minute on one core. They belong to the weights that they were fitted to, by their hash: after
another training they are refused until they are fitted again. The second measures the accuracy over
MNIST's test images with the branch of each block removed, and keeps it in the checkpoint's card.

A probe is a linear classifier of its own (Alain and Bengio 2016, "Understanding intermediate layers using
linear classifier probes"): the network's own does not fit a place with another number of channels. Like that
one it is given each channel's mean over the image. Probes are fitted to training images, and nothing but
validation images chooses how.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ..datasets.mnist import Labelled, load_mnist, split
from ..errors import CheckpointError, DataError
from ..graph.nodes import block_of
from ..graph.tracer import Step
from ..image import DIGITS
from ..inference.checkpoint import Card, read_file, record, save_checkpoint, weights_hash
from ..inference.provenance import commit, hardware, versions
from ..inference.reader import DigitReader
from .activations import Explainer

TRAINED_ON = 20_000  # images of the training part: all 55,000 would take more than twice as long
SEED = 20163
STRENGTHS = (1e-5, 1e-3, 1e-2)  # of the weight decay that validation chooses among
BATCH = 250


@dataclass(frozen=True, eq=False)
class Probe:
    """The classifier of one depth: ``weight`` float32 [10, C], ``bias`` float32 [10]; ``accuracy`` is its
    share of right answers over the validation images."""

    block: str
    weight: Tensor
    bias: Tensor
    accuracy: float


@dataclass(frozen=True, eq=False)
class LinearProbes:
    """A network's probes in the order that it runs, and the number of images that they were measured on."""

    probes: tuple[Probe, ...]
    n: int

    def read(self, known: dict[Step, Tensor]) -> Tensor:
        """Probabilities float32 [D, 10] after the stem and each block, from what ``Explainer.run`` gave for
        one image."""
        features = pooled(known)
        logits = [probe.weight @ features[probe.block][0] + probe.bias for probe in self.probes]
        return torch.stack(logits).softmax(1)


def depths(steps: Sequence[Step]) -> dict[str, Step]:
    """The stem and each block with the last of its steps, in the order they run."""
    last = {block_of(step): step for step in steps}
    return {block: step for block, step in last.items() if block not in ("image", "head")}


def pooled(known: dict[Step, Tensor]) -> dict[str, Tensor]:
    """Each channel's mean at every depth, float32 [N, C] on the CPU."""
    return {block: known[step].mean((2, 3)).float().cpu() for block, step in depths(list(known)).items()}


def settling(labels: Sequence[int], answer: int) -> tuple[int | None, int | None]:
    """The first of ``labels`` that is ``answer``, and the one from which on all are; None where none is."""
    right = [n for n, label in enumerate(labels) if label == answer]
    wrong = [n for n, label in enumerate(labels) if label != answer]
    settled = wrong[-1] + 1 if wrong else 0
    return (right[0] if right else None), (settled if settled < len(labels) else None)


def fit(features: Tensor, labels: Tensor, strength: float) -> tuple[Tensor, Tensor]:
    """Softmax regression of ``labels`` int64 [N] on ``features`` float [N, C]: weight [10, C], bias [10].

    Minimises the mean cross-entropy plus ``strength`` / 2 times the weights' square, each feature measured
    in its standard deviations: a convex problem, which L-BFGS solves from zero.
    """
    mean, std = features.mean(0), features.std(0).clamp_min(1e-6)
    inputs = (features - mean) / std
    weight = torch.zeros(DIGITS, features.shape[1], dtype=features.dtype, requires_grad=True)
    bias = torch.zeros(DIGITS, dtype=features.dtype, requires_grad=True)
    solver = torch.optim.LBFGS([weight, bias], max_iter=150, history_size=20, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        solver.zero_grad()
        loss = F.cross_entropy(inputs @ weight.T + bias, labels) + strength / 2 * weight.square().sum()
        loss.backward()
        return loss

    solver.step(closure)
    weight, bias = weight.detach() / std, bias.detach()
    return weight, bias - weight @ mean


def features_of(taken_apart: Explainer, images: Tensor) -> dict[str, Tensor]:
    """``pooled`` for any number of images."""
    parts = [pooled(taken_apart.run(some)) for some in images.split(BATCH)]
    return {block: torch.cat([part[block] for part in parts]) for block in parts[0]}


def make(taken_apart: Explainer, training: Labelled, validation: Labelled) -> LinearProbes:
    """Fit a probe to every depth; of several strengths the one whose validation loss is least."""
    seen, held = (features_of(taken_apart, part.images) for part in (training, validation))
    probes = []
    for block, features in seen.items():
        tried = []
        for strength in STRENGTHS:
            weight, bias = fit(features, training.labels, strength)
            logits = held[block] @ weight.T + bias
            loss = F.cross_entropy(logits, validation.labels).item()
            right = (logits.argmax(1) == validation.labels).double().mean().item()
            tried.append((loss, Probe(block, weight, bias, right)))
        probes.append(min(tried, key=lambda each: each[0])[1])
    return LinearProbes(tuple(probes), len(validation.labels))


def subset(data: Labelled, count: int = TRAINED_ON) -> Labelled:
    """``count`` of the images, always the same ones."""
    chosen = torch.randperm(len(data.labels), generator=torch.Generator().manual_seed(SEED))[:count]
    return Labelled(data.images[chosen], data.labels[chosen])


def probes_path(checkpoint: Path) -> Path:
    """Where the probes of a checkpoint lie: beside it."""
    return checkpoint.with_suffix(".probes.safetensors")


def save_lens(path: Path, lens: LinearProbes, card: Card) -> None:
    tensors = {f"{probe.block}.weight": probe.weight for probe in lens.probes}
    tensors |= {f"{probe.block}.bias": probe.bias for probe in lens.probes}
    accuracies = {probe.block: probe.accuracy for probe in lens.probes}
    save_checkpoint(path, tensors, {**card, "n": lens.n, "accuracies": accuracies})


def load_linear_probes(path: Path, taken_apart: Explainer) -> LinearProbes:
    """The probes at ``path``, if they are of these weights; else CheckpointError with one sentence."""
    if not path.is_file():
        raise CheckpointError(f"There are no probes {path}; `python -m model probes` fits them.")
    tensors, card = read_file(path)
    if card.get("weights") != weights_hash(taken_apart.reader.net):
        raise CheckpointError(
            f"{path} holds probes of other weights; `python -m model probes` fits them anew."
        )
    wanted = {block: step.shape[0] for block, step in depths(taken_apart.steps).items()}
    accuracies = card.get("accuracies", {})
    probes = []
    for block, channels in wanted.items():
        weight, bias = (tensors.get(f"{block}.{part}", torch.empty(0)) for part in ("weight", "bias"))
        if weight.shape != (DIGITS, channels) or bias.shape != (DIGITS,) or block not in accuracies:
            raise CheckpointError(f"{path} does not hold a probe of {block} that fits.")
        probes.append(Probe(block, weight, bias, accuracies[block]))
    return LinearProbes(tuple(probes), card["n"])


def ablation(taken_apart: Explainer, data: Labelled) -> dict[str, Any]:
    """Accuracy with all blocks and without each one's branch: its skip is left, what it learnt is not added.

    Veit, Wilber and Belongie 2016, "Residual Networks Behave Like Ensembles of Relatively Shallow Networks",
    sec. 4.1. Plain blocks have no skip to leave, and are not among them.
    """
    blocks = [way.block for way in taken_apart.ways if way.skip is not None]
    right = dict.fromkeys(["", *blocks], 0)
    for images, labels in zip(data.images.split(BATCH), data.labels.split(BATCH), strict=True):
        for block in right:
            known = taken_apart.run(images, [block] if block else [])
            probabilities, _ = taken_apart.judge(known)
            right[block] += int((probabilities.argmax(1) == labels).sum())
    n = len(data.labels)
    whole = right.pop("") / n
    return {"n": n, "whole": whole, "without": {block: count / n for block, count in right.items()}}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m model probes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--checkpoint", type=Path, default=Path("checkpoints/mnist_resnet.safetensors"))
    add("--data-dir", type=Path, default=Path("data"), help="holds MNIST/raw")
    add(
        "--record", action="store_true", help="measure without each block instead, and write it into the card"
    )
    flags = parser.parse_args(arguments)
    try:
        taken_apart = Explainer(DigitReader.load(flags.checkpoint, "cpu"))
        if flags.record:
            figures = ablation(taken_apart, load_mnist(flags.data_dir, train=False))
            record(flags.checkpoint, {"ablation": figures})
            print(f"whole: {figures['whole']:.2%} of {figures['n']:,}")
            print("\n".join(f"without {block}: {share:.2%}" for block, share in figures["without"].items()))
            return 0
        training, validation = split(load_mnist(flags.data_dir, train=True))
        lens = make(taken_apart, subset(training), validation)
        about = {"weights": weights_hash(taken_apart.reader.net), "training": TRAINED_ON, "seed": SEED}
        made = {"commit": commit(), "versions": versions(), "hardware": hardware(torch.device("cpu"))}
        save_lens(probes_path(flags.checkpoint), lens, {**about, **made})
    except (CheckpointError, DataError, ValueError, OSError) as error:
        print(f"lens: {error}", file=sys.stderr)
        return 1
    for probe in lens.probes:
        print(f"after {probe.block}: {probe.accuracy:.2%} of {lens.n:,} validation images")
    print(f"→ {probes_path(flags.checkpoint)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
