"""The device that a network runs on, and the fastest dtype on it."""

from __future__ import annotations

import torch

from .errors import InputError


def resolve_device(name: object) -> torch.device:
    """The device called ``name``; "auto" is CUDA if available, then MPS, then the CPU.

    Raises InputError, which is a ValueError, for a device that is not available.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    names = [kind for kind, is_available in available.items() if is_available]
    name = str(name)
    if name == "auto":
        return torch.device(names[0])
    if name.split(":")[0] not in names:
        raise InputError(f"The device '{name}' is not available. Available: {', '.join(names)}.")
    return torch.device(name)


def quick_dtype(device: torch.device) -> torch.dtype | None:
    """bfloat16 if the hardware supports it, which takes about half of float32's time; else None.

    CPUs with AVX512_BF16 (AMD since Zen 4, Intel with AMX) support it, and NVIDIA GPUs since Ampere.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    if device.type == "cpu":  # the oldest PyTorch in requirements.txt has no public function for this
        return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else None
    return None
