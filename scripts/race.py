#!/usr/bin/env python
"""Train on MNIST against the clock, beside what others have published, and keep the record.

    python scripts/race.py --data-dir data                       # our rows and the fast CNN: minutes
    python scripts/race.py --data-dir data --rows example        # PyTorch's own example: half an hour

Every run is a process of its own. Its clock starts when everything is imported and stops when the test
images are read: loading and checking the files, training, validation, writing the checkpoint and the test
are inside. The rows take turns, seed by seed, so that a busy machine slows all of them alike. What was
measured goes to docs/race.json, each row replacing its older self, and `make readme` puts it into README.md.
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
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402 - the path is set above
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

from model.datasets.mnist import load_mnist  # noqa: E402
from model.device import resolve_device  # noqa: E402
from model.inference.checkpoint import write_atomically  # noqa: E402
from model.inference.provenance import commit, hardware, versions  # noqa: E402
from model.training.config import RECIPES, TrainConfig  # noqa: E402
from train_mnist import train  # noqa: E402

RACE = ROOT / "docs" / "race.json"
MEAN, DEVIATION = 0.1307, 0.3081  # of MNIST's pixels, as both published scripts normalise

FAST = RECIPES["fast"]
OURS: dict[str, TrainConfig] = {
    "ours, 1 epoch": replace(FAST, epochs=1),
    f"ours, {FAST.epochs} epochs": FAST,
}


class FastCNN(nn.Module):
    """The network of "Training a NN to 99% accuracy on MNIST in 0.76 seconds" (tuomaso/train_mnist_fast)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 24, 5)
        self.conv2 = nn.Conv2d(24, 32, 3)
        self.fc1 = nn.Linear(800, 256)
        self.fc2 = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(F.max_pool2d(self.conv1(x), 2))
        x = F.relu(F.max_pool2d(self.conv2(x), 2))
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class ExampleCNN(nn.Module):
    """The network of PyTorch's examples/mnist."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv2(F.relu(self.conv1(x)))), 2)
        x = F.relu(self.fc1(self.dropout1(x).flatten(1)))
        return self.fc2(self.dropout2(x))


def ours(config: TrainConfig, data_dir: Path, device: torch.device) -> int:
    """This project's training, with all it does beside: validation, card, checkpoint."""
    with tempfile.TemporaryDirectory() as folder:
        card = train(config, data_dir, device, Path(folder) / "race.safetensors")
    return card["figures"]["test"]["correct"]


def fast_cnn(seed: int, data_dir: Path, device: torch.device) -> int:
    """One epoch as published: all images resident, batches of 256, Adam in one cycle to 0.01."""
    torch.manual_seed(seed)
    parts = []
    for train_part in (True, False):
        data = load_mnist(data_dir, train_part).to(device)
        parts.append(((data.images.float()[:, None] / 255 - MEAN) / DEVIATION, data.labels))
    (images, labels), test = parts
    order = torch.randperm(len(labels), device=device)  # the published files are shuffled once as well
    images, labels = images[order], labels[order]
    net = FastCNN().to(device)
    optimizer = torch.optim.Adam(net.parameters(), 0.01, betas=(0.7, 0.9))
    steps = -(-len(labels) // 256)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.01, total_steps=steps, cycle_momentum=False)
    for some, targets in zip(images.split(256), labels.split(256), strict=True):
        optimizer.zero_grad()
        F.cross_entropy(net(some), targets).backward()
        optimizer.step()
        schedule.step()
    return count(net, [*zip(*(part.split(2000) for part in test), strict=True)])


def example(seed: int, data_dir: Path, device: torch.device, epochs: int = 4) -> int:
    """PyTorch's example with its own settings and loaders; it tests after each epoch, as it does."""
    from torchvision import datasets, transforms

    torch.manual_seed(seed)
    steps = [transforms.ToTensor(), transforms.Normalize((MEAN,), (DEVIATION,))]
    sets = [datasets.MNIST(data_dir, part, transforms.Compose(steps)) for part in (True, False)]
    training = torch.utils.data.DataLoader(sets[0], batch_size=64, shuffle=True)
    testing = torch.utils.data.DataLoader(sets[1], batch_size=1000)
    net = ExampleCNN().to(device)
    optimizer = torch.optim.Adadelta(net.parameters(), 1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1, 0.7)
    correct = 0
    for _ in range(epochs):
        net.train()
        for images, labels in training:
            optimizer.zero_grad()
            F.cross_entropy(net(images.to(device)), labels.to(device)).backward()
            optimizer.step()
        correct = count(net, [(images.to(device), labels.to(device)) for images, labels in testing])
        schedule.step()
    return correct


@torch.no_grad()
def count(net: nn.Module, parts: list[tuple[Tensor, Tensor]]) -> int:
    """How many of all images ``net`` reads right."""
    net.eval()
    return sum(int((net(images).argmax(1) == labels).sum()) for images, labels in parts)


def rows() -> dict[str, Callable[[int, Path, torch.device], int]]:
    """What races, by name: seed, data folder and device in, right ones of 10,000 out."""

    def mine(config: TrainConfig) -> Callable[[int, Path, torch.device], int]:
        return lambda seed, data_dir, device: ours(replace(config, seed=seed), data_dir, device)

    return {name: mine(config) for name, config in OURS.items()} | {"fast CNN": fast_cnn, "example": example}


def alone(row: str, seed: int, data_dir: Path, device: torch.device) -> dict[str, Any]:
    """One run in this process: seconds by the clock and of the processors, right ones of 10,000."""
    if row not in OURS:  # making torch's first optimizer imports, and imports are apart
        torch.optim.Adam([torch.zeros(1, requires_grad=True)])
    if row == "example":
        import_module("torchvision.datasets")
    began, worked = time.perf_counter(), time.process_time()
    correct = rows()[row](seed, data_dir, device)
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    return {"seed": seed, "seconds": seconds, "cpu_seconds": cpu, "correct": correct, "n": 10_000}


def start(data_dir: Path, device: str) -> dict[str, float]:
    """Seconds from process start to the end of the fast recipe's first step, and of `import torch`.

    Medians of 5, in turns. Before the first step the data are read and checked and the network is made.
    """
    first = (
        "import sys, torch, train_mnist\n"
        "class Stop(Exception): pass\n"
        "def step(*_): raise Stop\n"
        "from model.meter import StepMetrics\n"
        "StepMetrics.add = step\n"
        "from model.recipes import RECIPES\n"
        "from pathlib import Path\n"
        "data, device = Path(sys.argv[1]), torch.device(sys.argv[2])\n"
        "try: train_mnist.train(RECIPES['fast'], data, device, Path('none.safetensors'))\n"
        "except Stop: pass\n"
    )
    seconds: dict[str, list[float]] = {first: [], "import torch": []}
    for _ in range(5):
        for code, times in seconds.items():
            began = time.perf_counter()
            command = [sys.executable, "-c", code, str(data_dir.resolve()), device]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            times.append(time.perf_counter() - began)
    return {"first step": median(seconds[first]), "import torch": median(seconds["import torch"])}


def machine(device: torch.device) -> str:
    """The hardware, with the processor's name where the system tells it."""
    try:
        names = Path("/proc/cpuinfo").read_text().split("model name")[1]
        name = names.split(":")[1].split("\n")[0].strip()
    except (OSError, IndexError):
        name = platform.processor()
    return f"{hardware(device)}, {name}" if device.type == "cpu" else hardware(device)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    known = [*rows(), "start"]
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument(
        "--rows", nargs="+", choices=known, default=[row for row in known if row != "example"]
    )
    parser.add_argument(
        "--alone", choices=known[:-1], help="one row in this process, with --seeds as its seed"
    )
    parser.add_argument("--out", type=Path, default=RACE)
    flags = parser.parse_args()
    device = resolve_device(flags.device)
    if flags.alone:
        print(json.dumps(alone(flags.alone, flags.seeds, flags.data_dir, device)))
        return

    runs: dict[str, list[dict[str, Any]]] = {row: [] for row in flags.rows if row != "start"}
    for seed in range(1, flags.seeds + 1):
        for row, found in runs.items():
            command = [
                sys.executable,
                __file__,
                "--alone",
                row,
                "--seeds",
                str(seed),
                "--device",
                flags.device,
            ]
            command += ["--data-dir", str(flags.data_dir)]
            out = subprocess.run(command, cwd=Path.cwd(), capture_output=True, text=True, check=True).stdout
            found.append(json.loads(out.splitlines()[-1]))
            last = found[-1]
            print(f"{row:16} seed {seed}  {last['seconds']:7.1f} s  {last['correct'] / 1e4:.2%}", flush=True)

    kept = json.loads(flags.out.read_text()) if flags.out.exists() else {}
    about = {"hardware": machine(device), "load": os.getloadavg()[0], "commit": commit(), **versions()}
    kept |= {row: {**about, "runs": found} for row, found in runs.items()}
    if "start" in flags.rows:
        kept["start"] = about | start(flags.data_dir, flags.device)
    write_atomically(flags.out, (json.dumps(kept, indent=1) + "\n").encode())
    for row, found in runs.items():
        seconds, right = [run["seconds"] for run in found], [run["correct"] / run["n"] for run in found]
        print(
            f"{row:16} median {median(seconds):6.1f} s ({min(seconds):.1f} to {max(seconds):.1f}), "
            f"{median(right):.2%} ({min(right):.2%} to {max(right):.2%}), n = {len(found)}"
        )
    if "start" in flags.rows:
        first, imported = kept["start"]["first step"], kept["start"]["import torch"]
        print(f"start            first step after {first:.2f} s, {first / imported:.2f} of import torch")


if __name__ == "__main__":
    main()
