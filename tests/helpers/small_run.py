"""The training command in a separate process, on small data instead of MNIST.

    python tests/helpers/small_run.py FOLDER VALIDATION [what train_mnist.py takes ...]

FOLDER has MNIST/raw, VALIDATION is the number of its training images kept for validation.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # torchrun starts this file by its path

import torch

import train_mnist
from model.datasets import mnist as data
from model.training import calibrate

HELD_OUT = 200  # synthetic drawings to calibrate on: no test here needs a good calibration


def main(arguments: list[str]) -> int:
    torch.set_num_threads(1)
    for folder, sums in (("MNIST", data.MNIST_MD5), ("FashionMNIST", data.FASHION_MD5)):
        for name in sums:
            file = Path(arguments[0]) / folder / "raw" / name
            if file.exists():
                sums[name] = hashlib.md5(file.read_bytes()).hexdigest()
    data.VALIDATION = int(arguments[1])
    calibrate.HELD_OUT = HELD_OUT
    return train_mnist.main(["--data-dir", arguments[0], *arguments[2:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
