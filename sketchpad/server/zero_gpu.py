"""ZeroGPU: Spaces that have a GPU only for the duration of a function call.

There, drawings are read on the CPU, which answers before ZeroGPU has assigned a GPU; heavy functions request
one. On other machines, with or without the package `spaces`, nothing changes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from model.inference.runtime import ZERO_GPU

__all__ = ["ZERO_GPU", "on_zero_gpu"]
DURATION = 20  # seconds of GPU time per call

Function = TypeVar("Function", bound=Callable[..., object])


def on_zero_gpu(function: Function) -> Function:
    """On ZeroGPU, ``function`` with a GPU assigned for each call: "cuda" is available inside it."""
    if not ZERO_GPU:
        return function
    import spaces  # type: ignore[import-untyped]  # Hugging Face's own package, installed there

    return cast(Function, spaces.GPU(duration=DURATION)(function))
