"""The exponential moving average (EMA) of the weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import torch
from torch import Tensor

Tensors: TypeAlias = tuple[Tensor, ...] | list[Tensor]


def ema_update(decay: float) -> Callable[[Tensors, Tensors, Tensor | int], None]:
    """The update of an exponential moving average (EMA), for ``AveragedModel``.

    The decay of step n is at most (1 + n) / (10 + n), as in TensorFlow's ExponentialMovingAverage, so the
    average forgets the initial weights. With a decay of 0 it is a copy of the current weights.
    """

    def update(ema: Tensors, current: Tensors, count: Tensor | int) -> None:
        if not ema[0].is_floating_point():  # BatchNorm's number of batches
            torch._foreach_copy_(ema, current)
            return
        n = int(count)
        torch._foreach_lerp_(ema, current, 1 - min(decay, (1 + n) / (10 + n)))

    return update
