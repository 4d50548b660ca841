"""A GPU lent by the call: the Spaces called ZeroGPU have one for the length of a function, and not before.

Reading stays on the processor there, which answers before ZeroGPU has assigned a GPU. Heavy work
requests one.
Elsewhere, with the package `spaces` or without it, a function is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from model.inference.runtime import ZERO_GPU

__all__ = ["ZERO_GPU", "on_zero_gpu"]
SECONDS = 20  # that a GPU is asked for at a time

Work = TypeVar("Work", bound=Callable[..., object])


def on_zero_gpu(work: Work) -> Work:
    """``work``, run where ZeroGPU lends a GPU: there "cuda" is one, for as long as the call takes."""
    if not ZERO_GPU:
        return work
    import spaces  # Hugging Face's own, there on its machines

    return spaces.GPU(duration=SECONDS)(work)
