"""What a card says of the run behind it before its first epoch: recipe, commit, versions, hardware."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import asdict
from pathlib import Path

import torch

from ..datasets.mnist import SPLIT_SEED
from ..input.pictures import PREPROCESSING
from ..training.config import TrainConfig
from .checkpoint import Card


def new_card(config: TrainConfig, device: torch.device, labels: list[str], processes: int = 1) -> Card:
    """The card as it stands before the first epoch; ``processes`` train together, a device each."""
    return {
        "arch": {"name": config.model, "in_channels": 1, "num_classes": len(labels)},
        "preprocessing": PREPROCESSING,
        "size": config.size,  # px, to which an image of the preprocessing's size is brought
        "labels": labels,
        "config": asdict(config),
        "split": {"seed": SPLIT_SEED, "training": 55_000, "validation": 5_000},
        "seed": config.seed,
        "commit": commit(),
        "versions": versions(),
        "hardware": hardware(device, processes),
        "history": [],
        "figures": {},
        "calibration": {"temperature": 1.0, "not_digit": 0.5, "unsure": 0.7},
    }


def commit() -> str:
    """The commit that trains, with "+" behind it where files differ; "unknown" outside a checkout."""
    command = ["git", "describe", "--always", "--dirty=+", "--abbrev=12", "--exclude=*"]
    try:
        run = subprocess.run(
            command, cwd=Path(__file__).parent, capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return run.stdout.strip()


def versions() -> dict[str, str]:
    """Python's and PyTorch's version."""
    return {"python": platform.python_version(), "torch": torch.__version__}


def hardware(device: torch.device, processes: int = 1) -> str:
    """The device in words, "2 × " before it where two processes have one each."""
    times = f"{processes} × " if processes > 1 else ""
    if device.type == "cuda":
        return times + torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{times}{platform.machine()} CPU, {threads} thread{'s' * (threads > 1)}"
