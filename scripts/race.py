#!/usr/bin/env python
"""Training time on MNIST, compared with published scripts of others.

    python scripts/race.py --data-dir data                       # our rows and the fast CNN: minutes
    python scripts/race.py --data-dir data --rows example        # PyTorch's own example: half an hour

Each run is a separate process. Its time starts after the imports and ends after the test: it includes loading
and checking the files, training, validation, writing the checkpoint, and the test. The rows take turns, seed
by seed, so a busy machine slows all of them equally. Results are written to docs/race.json, where a new one
replaces the old one of its row, and `make readme` writes them into the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402 - after the path is set
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from model.datasets.mnist import load_mnist, split  # noqa: E402
from model.device import resolve_device  # noqa: E402
from model.image import DIGITS, MEAN, STD  # noqa: E402 - the published scripts normalise by them too
from model.inference.checkpoint import write_atomically  # noqa: E402
from model.inference.provenance import commit, hardware, versions  # noqa: E402
from model.training.batches import Mixture  # noqa: E402
from model.training.config import FAST, TrainConfig  # noqa: E402
from model.training.loop import Trainer, train  # noqa: E402

RACE = ROOT / "docs" / "race.json"
TESTED = 10_000  # test images
OURS = {"ours, 1 epoch": replace(FAST, epochs=1), f"ours, {FAST.epochs} epochs": FAST}


def fast_cnn_network() -> nn.Module:
    """The network of "Training a NN to 99% accuracy on MNIST in 0.76 seconds" (tuomaso/train_mnist_fast)."""
    convolutions = [nn.Conv2d(1, 24, 5), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(24, 32, 3), nn.MaxPool2d(2)]
    head = [nn.ReLU(), nn.Flatten(), nn.Linear(800, 256), nn.ReLU(), nn.Linear(256, DIGITS)]
    return nn.Sequential(*convolutions, *head)


def example_network() -> nn.Module:
    """The network of PyTorch's examples/mnist."""
    convolutions = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2)]
    head = [nn.Dropout(0.25), nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(*convolutions, *head, nn.Linear(128, DIGITS))


def ours(config: TrainConfig, seed: int, data_dir: Path, device: torch.device) -> int:
    """This project's complete training, with validation, calibration and checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        card = train(replace(config, seed=seed), data_dir, device, Path(folder) / "race.safetensors")
    correct: int = card["figures"]["test"]["correct"]
    return correct


def fast_cnn(seed: int, data_dir: Path, device: torch.device) -> int:
    """One epoch as published: all images in memory, batches of 256, Adam in one cycle to 0.01."""
    torch.manual_seed(seed)
    parts = []
    for train_part in (True, False):
        data = load_mnist(data_dir, train_part).to(device)
        parts.append(((data.images.float()[:, None] / 255 - MEAN) / STD, data.labels))
    (images, labels), test = parts
    order = torch.randperm(len(labels), device=device)  # the published files are shuffled once as well
    net = fast_cnn_network().to(device)
    optimizer = torch.optim.Adam(net.parameters(), 0.01, betas=(0.7, 0.9))
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 0.01, total_steps=-(-len(labels) // 256), cycle_momentum=False
    )
    images, labels = images[order], labels[order]
    for first in range(0, len(labels), 256):
        optimizer.zero_grad()
        F.cross_entropy(net(images[first : first + 256]), labels[first : first + 256]).backward()
        optimizer.step()
        schedule.step()
    test_batches = [tuple(part[n : n + 2000] for part in test) for n in range(0, TESTED, 2000)]
    return count_correct(net, test_batches)


def example(seed: int, data_dir: Path, device: torch.device, epochs: int = 4) -> int:
    """PyTorch's example with its own settings and loaders. As in the original, it tests each epoch."""
    from torchvision import datasets, transforms

    torch.manual_seed(seed)
    steps = [transforms.ToTensor(), transforms.Normalize((MEAN,), (STD,))]
    sets = [datasets.MNIST(data_dir, part, transforms.Compose(steps)) for part in (True, False)]
    training = torch.utils.data.DataLoader(sets[0], batch_size=64, shuffle=True)
    testing = torch.utils.data.DataLoader(sets[1], batch_size=1000)
    net = example_network().to(device)
    optimizer = torch.optim.Adadelta(net.parameters(), 1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.7)
    correct = 0
    for _ in range(epochs):
        net.train()
        for images, labels in training:
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        correct = count_correct(net, [(images.to(device), labels.to(device)) for images, labels in testing])
        schedule.step()
    return correct


@torch.no_grad()
def count_correct(net: nn.Module, batches: Sequence[tuple[Tensor, ...]]) -> int:
    """The number of images that ``net`` classifies correctly, over batches of images and labels."""
    net.eval()
    return sum(int((net(images).argmax(1) == labels).sum()) for images, labels in batches)


# The compared trainings by name: seed, data folder and device → number of correct test images.
Row = Callable[[int, Path, torch.device], int]
ROWS: dict[str, Row] = {name: partial(ours, config) for name, config in OURS.items()}
ROWS |= {"fast CNN": fast_cnn, "example": example}


def run_alone(row: str, seed: int, data_dir: Path, device: torch.device) -> dict[str, Any]:
    """One run in this process: seconds of wall and CPU time, number of correct test images."""
    if row not in OURS:  # creating the first PyTorch optimizer imports modules, which are not timed
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])
    if row == "example":
        import_module("torchvision.datasets")
    started, cpu_started = time.perf_counter(), time.process_time()
    correct = ROWS[row](seed, data_dir, device)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    return {"seed": seed, "seconds": seconds, "cpu_seconds": cpu_seconds, "correct": correct, "n": TESTED}


def first_step(data_dir: Path, device: torch.device) -> None:
    """The fast recipe up to its first step."""
    trainer = Trainer(FAST, DIGITS, device)
    training, _ = split(load_mnist(data_dir, train=True))
    trainer.train_epoch(Mixture.of(training).to(device), 0, on_step=lambda _: True)


def measure_start(first: list[str]) -> dict[str, float]:
    """Median of 5 of the seconds from process start to the end of the first step, and of `import torch`."""
    commands = {"first step": first, "import torch": [sys.executable, "-c", "import torch"]}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(5):
        for name, command in commands.items():
            started = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            seconds[name].append(time.perf_counter() - started)
    return {name: median(values) for name, values in seconds.items()}


def machine(device: torch.device) -> str:
    """The hardware, with the name of the CPU if the system provides it."""
    try:
        names = Path("/proc/cpuinfo").read_text().split("model name")[1]
        name = names.split(":")[1].split("\n")[0].strip()
    except (OSError, IndexError):
        name = platform.processor()
    return f"{hardware(device)}, {name}" if device.type == "cpu" else hardware(device)


def about(device: torch.device) -> dict[str, Any]:
    """The hardware, load, commit and versions of a measurement."""
    return {"hardware": machine(device), "load": os.getloadavg()[0], "commit": commit(), **versions()}


def record(results: dict[str, Any], path: Path) -> None:
    """Add ``results`` to a JSON file, replacing those with the same keys."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    write_atomically(path, (json.dumps(kept | results, indent=1) + "\n").encode())


def spread(values: Sequence[float], form: str) -> str:
    """Median, minimum and maximum: "2.0 (1.0 to 3.0)"."""
    return f"{median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*ROWS, "start"]
    default = [name for name in names if name != "example"]
    parser.add_argument(
        "--data-dir", type=Path, default=Path("data"), help="folder of MNIST/raw (default: %(default)s)"
    )
    parser.add_argument("--device", default="cpu", help="auto, cpu, cuda or mps (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each row (default: %(default)s)")
    parser.add_argument("--rows", nargs="+", choices=names, default=default, help="what to measure")
    parser.add_argument("--alone", choices=names, help="one row in this process, with --seeds as its seed")
    parser.add_argument("--out", type=Path, default=RACE, help="where to record (default: %(default)s)")
    flags = parser.parse_args()
    device = resolve_device(flags.device)
    if flags.alone == "start":
        first_step(flags.data_dir, device)
        return
    if flags.alone:
        print(json.dumps(run_alone(flags.alone, flags.seeds, flags.data_dir, device)))
        return

    command = [
        sys.executable,
        __file__,
        "--data-dir",
        str(flags.data_dir),
        "--device",
        flags.device,
        "--alone",
    ]
    runs: dict[str, list[dict[str, Any]]] = {row: [] for row in flags.rows if row != "start"}
    for seed in range(1, flags.seeds + 1):
        for row, finished in runs.items():
            process = subprocess.run(
                [*command, row, "--seeds", str(seed)], capture_output=True, text=True, check=True
            )
            run = json.loads(process.stdout.splitlines()[-1])
            finished.append(run)
            print(f"{row:16} seed {seed}  {run['seconds']:7.1f} s  {run['correct'] / TESTED:.2%}", flush=True)

    here = about(device)
    results: dict[str, Any] = {row: {**here, "runs": finished} for row, finished in runs.items()}
    if "start" in flags.rows:
        start = measure_start([*command, "start"])
        results["start"] = here | start
        share = start["first step"] / start["import torch"]
        print(f"start: first step after {start['first step']:.2f} s, {share:.2f} of import torch")
    record(results, flags.out)
    for row, finished in runs.items():
        seconds = spread([run["seconds"] for run in finished], ".1f")
        accuracy = spread([run["correct"] / run["n"] for run in finished], ".2%")
        print(f"{row:16} median {seconds} s, {accuracy}, n = {len(finished)}")


if __name__ == "__main__":
    main()
