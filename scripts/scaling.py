#!/usr/bin/env python
"""Images per second of training with one and with two processes.

    python scripts/scaling.py --data-dir data                # about ten minutes on two idle cores
    python scripts/scaling.py --data-dir data --rounds 1 --recipes fast --epochs 2

Each run is `train_mnist.py` on the CPU, started by `torchrun` for several processes. Its rate is the median
of the checkpoint's history after the first epoch. The setups take turns, so a busy machine slows all of them
equally. Results are written to docs/race.json under "processes", where a new one replaces the old one of its
recipe, and `make readme` writes them into the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402 - after the path is set

from model.inference.checkpoint import read_file  # noqa: E402
from model.training.config import RECIPES  # noqa: E402
from scripts.race import RACE, about, record, spread  # noqa: E402

# The number of processes, and of threads in each. The last two setups use the same two cores.
SETUPS = {
    "1 process, 1 thread": (1, 1),
    "1 process, 2 threads": (1, 2),
    "2 processes, 1 thread each": (2, 1),
}


def rate(recipe: str, processes: int, threads: int, epochs: int, data_dir: Path) -> float:
    """Images per second of one run: the median of its epochs, without the slower first one."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "net.safetensors"
        torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        command = [sys.executable, *(torchrun if processes > 1 else []), str(ROOT / "train_mnist.py")]
        command += ["--recipe", recipe, "--epochs", str(epochs), "--data-dir", str(data_dir)]
        command += ["--device", "cpu", "--out", str(out)]
        env = os.environ | {"OMP_NUM_THREADS": str(threads)}
        subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        history = read_file(out)[1]["history"]
    return float(median(row["images_per_s"] for row in history[1:] or history))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data-dir", type=Path, default=Path("data"), help="folder of MNIST/raw (default: %(default)s)"
    )
    parser.add_argument(
        "--recipes", nargs="+", choices=RECIPES, default=["fast", "default"], help="what to train"
    )
    parser.add_argument("--epochs", type=int, default=2, help="of each run (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each setup (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=RACE, help="where to record (default: %(default)s)")
    flags = parser.parse_args()
    here = about(torch.device("cpu")) | {"epochs": flags.epochs}
    results = {}
    for recipe in flags.recipes:
        rates: dict[str, list[float]] = {setup: [] for setup in SETUPS}
        for number in range(1, flags.rounds + 1):
            for setup, (processes, threads) in SETUPS.items():
                try:
                    rates[setup].append(rate(recipe, processes, threads, flags.epochs, flags.data_dir))
                except subprocess.CalledProcessError as error:
                    sys.exit(f"{setup}, recipe {recipe}, failed:\n{error.stderr[-2000:]}")
                last = rates[setup][-1]
                print(f"{recipe:10} {setup:28} round {number}  {last:8,.0f} images/s", flush=True)
        results[recipe] = here | {"images_per_s": rates}
    kept = json.loads(flags.out.read_text()) if flags.out.exists() else {}
    record({"processes": kept.get("processes", {}) | results}, flags.out)
    for recipe, row in results.items():
        for setup, values in row["images_per_s"].items():
            print(f"{recipe:10} {setup:28} median {spread(values, ',.0f')} images/s")


if __name__ == "__main__":
    main()
