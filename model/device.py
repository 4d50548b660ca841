"""Where a network computes, and in which precision it does so fastest."""

from __future__ import annotations

import torch


def resolve_device(name: str) -> torch.device:
    """ "auto" is CUDA where there is one, then MPS, then the CPU; ValueError if ``name`` is not there."""
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if name == "auto":
        return torch.device(next(kind for kind, there in available.items() if there))
    if not available.get(name.split(":")[0], False):
        here = ", ".join(kind for kind, there in available.items() if there)
        raise ValueError(f"There is no device '{name}' here; there is: {here}.")
    return torch.device(name)


def quick_dtype(device: torch.device) -> torch.dtype | None:
    """bfloat16 where the hardware multiplies it, which takes about half of float32's time; else None.

    Of processors those with AVX512_BF16 (AMD since Zen 4, Intel with AMX), of GPUs NVIDIA's since Ampere.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    if device.type == "cpu":  # the public name is younger than the oldest PyTorch we admit
        return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else None
    return None
