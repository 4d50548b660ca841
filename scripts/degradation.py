#!/usr/bin/env python
"""Plain against residual networks of one depth: what the page's Inside tab shows of their training.

    python scripts/degradation.py --data-dir data                  # all, a quarter of an hour on one core
    python scripts/degradation.py --data-dir data --seeds 2        # one more seed

The experiment of He et al. 2016a, sec. 4.2 and fig. 6, cut short: the first steps of the recipe there, on
MNIST. Every run is `train_mnist.py`'s own loop, watched from outside and stopped after ``STEPS`` steps; no
validation or test image is read. What counts is the training loss: a deeper plain network could do what a
shallower one does, and does not learn to.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim import Optimizer
from torch.optim.optimizer import register_optimizer_step_pre_hook
from torch.overrides import TorchFunctionMode

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from model import create_model  # noqa: E402 - the path is set above
from model.datasets.augmentation import OFF  # noqa: E402
from model.inference.checkpoint import write_atomically  # noqa: E402
from model.inference.provenance import commit, hardware, versions  # noqa: E402
from model.training.config import TrainConfig  # noqa: E402
from train_mnist import train  # noqa: E402

RESULT = ROOT / "sketchpad" / "inside" / "degradation" / "degradation.json"
NETWORKS = ("plain20", "resnet20", "plain56", "resnet56")
STEPS = 200
BLOCK = 10  # steps of which one point of a curve is the mean
WINDOW = 50  # steps at either end over which gradient norms are averaged
# He et al. 2016a, sec. 4.2, with Nesterov's momentum and without its crops and flips: digits have a side.
# First weights by Xavier's rule, whose BatchNorm scales are all 1 as in the paper: the zoo's own start each
# residual block as its shortcut, and then the shortcut would not be the only difference.
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


class Enough(Exception):  # noqa: N818 - no error: the run has done what was asked
    """The run has taken its steps."""


class Trackers(TorchFunctionMode):
    """Sees the training loop from outside: each step's loss and accuracy, and the gradients it leaves.

    While it is entered, ``losses`` and ``accuracies`` grow by a float a step, ``norms`` by a float
    [layers]: the 2-norm of the loss's gradient by each kernel and matrix, in the optimizer's order.
    """

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps
        self.losses: list[float] = []
        self.accuracies: list[float] = []
        self.norms: list[Tensor] = []
        self.shapes: list[torch.Size] = []

    def __enter__(self) -> Trackers:
        self._hook = register_optimizer_step_pre_hook(self._before_step)
        return super().__enter__()

    def __exit__(self, *error: object) -> None:
        self._hook.remove()
        super().__exit__(*error)

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - PyTorch's own signature
        given = func(*args, **(kwargs or {}))
        if func is F.cross_entropy and given.requires_grad:
            logits, goals = args  # what to answer, one row an image
            self.losses.append(given.item())
            self.accuracies.append((logits.argmax(1) == goals.argmax(1)).double().mean().item())
        return given

    def _before_step(self, optimizer: Optimizer, *_: object) -> None:
        kernels = [p for group in optimizer.param_groups for p in group["params"] if p.ndim > 1]
        self.shapes = [kernel.shape for kernel in kernels]
        self.norms.append(torch.stack([kernel.grad.norm() for kernel in kernels]))
        if len(self.norms) == self.steps:
            raise Enough


def run(name: str, seed: int, data_dir: Path, steps: int = STEPS) -> dict[str, Any]:
    """The first ``steps`` steps of one network: the training curve, and the gradients at both ends."""
    device = torch.device("cpu")
    layers = {n: p.shape for n, p in create_model(name).named_parameters() if p.ndim > 1}
    config = TrainConfig(**{**vars(RECIPE), "model": name, "seed": seed})
    with tempfile.TemporaryDirectory() as folder, Trackers(steps) as watch, contextlib.suppress(Enough):
        train(config, data_dir, device, Path(folder) / "run.safetensors")
    if watch.shapes != list(layers.values()):
        raise RuntimeError(f"the optimizer does not hold the layers of {name} in their order")
    norms = torch.stack(watch.norms)
    return {
        "seed": seed,
        "loss": means(watch.losses),
        "accuracy": means(watch.accuracies),
        "first": rounded(norms[:WINDOW].mean(0).tolist()),
        "last": rounded(norms[-WINDOW:].mean(0).tolist()),
    }


def means(values: list[float]) -> list[float]:
    """The mean of each ``BLOCK`` values."""
    return rounded([statistics.fmean(values[n : n + BLOCK]) for n in range(0, len(values), BLOCK)])


def rounded(values: list[float]) -> list[float]:
    """To four figures: more would be noise in a file that is kept."""
    return [float(f"{value:.4g}") for value in values]


def summary(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Mean, least and most over the seeds, at each point of each curve."""
    told: dict[str, Any] = {"seeds": [one["seed"] for one in runs]}
    for key in ("loss", "accuracy", "first", "last"):
        points = list(zip(*(one[key] for one in runs), strict=True))
        told[key] = {
            name: rounded([reduce(point) for point in points])
            for name, reduce in (("mean", statistics.fmean), ("low", min), ("high", max))
        }
    return told


def about() -> dict[str, Any]:
    """What all runs share."""
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
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    flags = parser.parse_args()
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    runs = known.get("runs", {}) if known.get("steps") == STEPS else {}
    for seed in flags.seeds:
        for name in NETWORKS:
            made = run(name, seed, flags.data_dir)
            others = [one for one in runs.get(name, []) if one["seed"] != seed]
            runs[name] = sorted([*others, made], key=lambda one: one["seed"])
            print(f"{name}, seed {seed}: training loss {made['loss'][-1]} after {STEPS} steps", flush=True)
        networks = {name: summary(some) for name, some in runs.items()}
        # After each seed: a run that is stopped keeps the seeds that are whole.
        content = json.dumps({**about(), "networks": networks, "runs": runs})
        write_atomically(RESULT, (content + "\n").encode())


if __name__ == "__main__":
    main()
