"""The provenance of a result, for a checkpoint's card: commit, versions, hardware."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path
from typing import Any

import torch


def provenance(device: torch.device, processes: int = 1) -> dict[str, Any]:
    """The commit, the versions and the hardware of a run of ``processes`` processes, each on a device."""
    return {"commit": commit(), "versions": versions(), "hardware": hardware(device, processes)}


def commit() -> str:
    """The commit of the code, followed by "+" if files differ from it; "unknown" outside a checkout."""
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
    """The device's name, after "2 × " if each of two processes has one."""
    times = f"{processes} × " if processes > 1 else ""
    if device.type == "cuda":
        return times + torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return f"{times}{platform.machine()} CPU, {threads} thread{'s' * (threads > 1)}"
