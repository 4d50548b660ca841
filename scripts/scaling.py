#!/usr/bin/env python
"""How many images a second one and two processes train on, by the command that anybody would give.

    python scripts/scaling.py --data-dir data                # about ten minutes on two idle cores
    python scripts/scaling.py --data-dir data --rounds 1 --recipes fast --epochs 2

Every run is `train_mnist.py`, with `torchrun` before it where there are several processes, on the CPU; its
rate is what its own log says of the epochs after the first. The ways take turns, so that a busy machine slows
all of them alike. What was measured of a recipe takes the place of what docs/race.json has of it under
"processes"; `make readme` shows it.
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
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import torch  # noqa: E402 - the path is set above
from race import RACE, machine  # noqa: E402

from model.inference.checkpoint import read_file, write_atomically  # noqa: E402
from model.inference.provenance import commit, versions  # noqa: E402
from model.training.config import RECIPES  # noqa: E402

# By name: processes, and threads of each. The last two have the same two cores.
WAYS = {
    "1 process, 1 thread": (1, 1),
    "1 process, 2 threads": (1, 2),
    "2 processes, 1 thread each": (2, 1),
}


def rate(recipe: str, processes: int, threads: int, epochs: int, data_dir: Path) -> float:
    """Images a second of one run: the median of its epochs but the first, in which all is new."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "net.safetensors"
        many = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
        command = [sys.executable, *(many if processes > 1 else []), str(ROOT / "train_mnist.py")]
        command += ["--recipe", recipe, "--epochs", str(epochs), "--data-dir", str(data_dir)]
        command += ["--device", "cpu", "--out", str(out)]
        env = os.environ | {"OMP_NUM_THREADS": str(threads)}
        subprocess.run(command, env=env, check=True, capture_output=True, text=True)
        history = read_file(out)[1]["history"]
    return median(row["images_per_s"] for row in history[1:] or history)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=Path("data"))
    parser.add_argument("--recipes", nargs="+", choices=RECIPES, default=["fast", "default"])
    parser.add_argument("--epochs", type=int, default=2, help="of every run (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="runs of every way (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=RACE)
    flags = parser.parse_args()
    found: dict[str, dict[str, Any]] = {}
    here = {"hardware": machine(torch.device("cpu")), "load": os.getloadavg()[0]}
    about = here | {"commit": commit(), **versions(), "epochs": flags.epochs}
    for recipe in flags.recipes:
        rates: dict[str, list[float]] = {way: [] for way in WAYS}
        for number in range(1, flags.rounds + 1):
            for way, (processes, threads) in WAYS.items():
                try:
                    rates[way].append(rate(recipe, processes, threads, flags.epochs, flags.data_dir))
                except subprocess.CalledProcessError as error:
                    sys.exit(f"{way}, recipe {recipe}, failed:\n{error.stderr[-2000:]}")
                print(f"{recipe:10} {way:28} round {number}  {rates[way][-1]:8,.0f} images/s", flush=True)
        found[recipe] = about | {"images_per_s": rates}
    kept = json.loads(flags.out.read_text()) if flags.out.exists() else {}
    kept["processes"] = kept.get("processes", {}) | found
    write_atomically(flags.out, (json.dumps(kept, indent=1) + "\n").encode())
    for recipe, row in found.items():
        rates = row["images_per_s"]
        one = median(next(iter(rates.values())))
        for way, some in rates.items():
            print(
                f"{recipe:10} {way:28} median {median(some):10,.0f} images/s, {median(some) / one:.2f} of one"
            )


if __name__ == "__main__":
    main()
