#!/usr/bin/env python
"""Plain and residual networks of equal depth: the training curves on the page's Inside tab.

    python scripts/degradation.py --data-dir data                  # all, a quarter of an hour on one core
    python scripts/degradation.py --data-dir data --seeds 2        # one more seed

The experiment of He et al. 2016a, sec. 4.2 and fig. 6, on MNIST and shortened to the first ``STEPS`` steps of
its recipe. Each run uses the training loop of `train_mnist.py`. No validation or test images are read,
because the result is the training loss: a deeper plain network can represent a shallower one, but fails to
learn it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from model.datasets.augmentation import OFF  # noqa: E402 - after the path is set
from model.datasets.mnist import load_mnist, split  # noqa: E402
from model.image import DIGITS  # noqa: E402
from model.inference.checkpoint import write_atomically  # noqa: E402
from model.inference.provenance import commit, hardware, versions  # noqa: E402
from model.training.batches import Mixture  # noqa: E402
from model.training.config import TrainConfig  # noqa: E402
from model.training.loop import Step, Trainer  # noqa: E402

RESULT = ROOT / "sketchpad" / "inside" / "degradation" / "degradation.json"
NETWORKS = ("plain20", "resnet20", "plain56", "resnet56")
STEPS = 200
BLOCK = 10  # steps per point of a curve
WINDOW = 50  # steps at either end over which gradient norms are averaged
# He et al. 2016a, sec. 4.2, with Nesterov momentum, and without crops and flips: digits are not symmetric.
# Xavier initialisation with all BatchNorm scales 1, as in the paper: our own initialisation makes each
# residual block the identity, so the skip connection would not be the only difference.
RECIPE = TrainConfig(
    recipe="degradation",
    first_weights="xavier",
    epochs=1,
    batch_size=128,
    optimizer="sgd",
    lr=0.1,
    schedule="constant",
    momentum=0.9,
    weight_decay=1e-4,
    label_smoothing=0.0,
    ema_decay=0.0,
    synthetic=0,
    augmentation=OFF,
)


def run(name: str, seed: int, data_dir: Path, steps: int = STEPS) -> dict[str, Any]:
    """The first ``steps`` steps of one network: its training curve, and gradient norms at start and end."""
    trainer = Trainer(replace(RECIPE, model=name, seed=seed), DIGITS, torch.device("cpu"))
    layers = [parameter for parameter in trainer.net.parameters() if parameter.ndim > 1]
    losses: list[float] = []
    accuracies: list[float] = []
    norms: list[Tensor] = []  # float [layers] per step: the norm of each kernel's gradient

    def on_step(step: Step) -> bool:
        losses.append(step.loss.item())
        accuracies.append((step.logits.argmax(1) == step.labels).double().mean().item())
        norms.append(torch.stack([layer.grad.norm() for layer in layers if layer.grad is not None]))
        return len(losses) == steps

    training, _ = split(load_mnist(data_dir, train=True))
    trainer.train_epoch(Mixture.of(training), 0, on_step)
    return {
        "seed": seed,
        "loss": block_means(losses),
        "accuracy": block_means(accuracies),
        "first": rounded(torch.stack(norms[:WINDOW]).mean(0).tolist()),
        "last": rounded(torch.stack(norms[-WINDOW:]).mean(0).tolist()),
    }


def block_means(values: list[float]) -> list[float]:
    """The means of consecutive blocks of ``BLOCK`` values."""
    return rounded([statistics.fmean(values[n : n + BLOCK]) for n in range(0, len(values), BLOCK)])


def rounded(values: list[float]) -> list[float]:
    """The values with four significant figures; the rest is noise."""
    return [float(f"{value:.4g}") for value in values]


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean, minimum and maximum over the seeds, at each point of each curve."""
    result: dict[str, Any] = {"seeds": [run["seed"] for run in runs]}
    for key in ("loss", "accuracy", "first", "last"):
        points = list(zip(*(run[key] for run in runs), strict=True))
        result[key] = {
            name: rounded([reduce(point) for point in points])
            for name, reduce in (("mean", statistics.fmean), ("low", min), ("high", max))
        }
    return result


def about() -> dict[str, Any]:
    """The settings and versions that all runs share."""
    shared = ("batch_size", "optimizer", "lr", "schedule", "momentum", "weight_decay")
    return {
        "steps": STEPS,
        "block": BLOCK,
        "window": WINDOW,
        "images": STEPS * RECIPE.batch_size,
        "recipe": {key: getattr(RECIPE, key) for key in shared},
        "commit": commit(),
        "versions": versions(),
        "hardware": hardware(torch.device("cpu")),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data-dir", type=Path, default=Path("data"), help="folder of MNIST/raw (default: %(default)s)"
    )
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1, 2, 3], help="seeds of the runs (default: 1 2 3)"
    )
    flags = parser.parse_args()
    kept = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    runs = kept.get("runs", {}) if kept.get("steps") == STEPS else {}
    for seed in flags.seeds:
        for name in NETWORKS:
            new = run(name, seed, flags.data_dir)
            others = [old for old in runs.get(name, []) if old["seed"] != seed]
            runs[name] = sorted([*others, new], key=lambda run: run["seed"])
            print(f"{name}, seed {seed}: training loss {new['loss'][-1]} after {STEPS} steps", flush=True)
        # Written after each seed, so that completed seeds are kept if the script is stopped.
        networks = {name: summary(some) for name, some in runs.items()}
        content = json.dumps({**about(), "networks": networks, "runs": runs})
        write_atomically(RESULT, (content + "\n").encode())


if __name__ == "__main__":
    main()
