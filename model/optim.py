"""What the training loop turns by: first weights, optimizer, learning rate, moving average, precision."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from .recipes import TrainConfig


def make_optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """The recipe's optimizer for the weights of ``net``."""
    groups = parameter_groups(net, config.weight_decay)
    if config.optimizer == "adam":
        return torch.optim.Adam(groups, config.lr)
    return torch.optim.SGD(groups, config.lr, config.momentum, nesterov=config.momentum > 0)


def draw_xavier(net: nn.Module) -> None:
    """First weights as D2L draws them: Glorot and Bengio 2010, eq. 16, and nothing special in any block."""
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)  # a block's last may be 0 to begin with


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The recipe's learning rate at ``progress`` 0..1 of the run."""
    if config.schedule == "constant":
        return config.lr
    return one_cycle(config.lr, config.warmup, progress)


def one_cycle(peak: float, warmup: float, progress: float) -> float:
    """Learning rate at ``progress`` 0..1 of the run: a linear rise, then a cosine to nothing.

    Smith and Topin 2017, "Super-Convergence", with a cosine for the descent; ``warmup`` is the share
    of the run in which it rises.
    """
    if progress < warmup:
        return peak * progress / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))


def moving_average(decay: float) -> Callable[[list[Tensor], list[Tensor], Tensor], None]:
    """Exponential moving average whose memory grows with the run: it forgets the initial weights.

    The decay of step n is at most (1 + n) / (10 + n), as in TensorFlow's ExponentialMovingAverage. A
    decay of 0 averages nothing: the current weights are copied.
    """

    def update(averaged: list[Tensor], current: list[Tensor], count: Tensor) -> None:
        if not averaged[0].is_floating_point():  # BatchNorm counts its batches
            torch._foreach_copy_(averaged, current)
            return
        n = int(count)
        torch._foreach_lerp_(averaged, current, 1 - min(decay, (1 + n) / (10 + n)))

    return update


def parameter_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for kernels and matrices only: not for biases and BatchNorm (He et al. 2019, sec. 3.1)."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]


def autocast_dtype(device: torch.device) -> torch.dtype | None:
    """bfloat16 where the hardware multiplies it: twice as fast with AMX or on a recent GPU, else None."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else None
    if device.type == "cpu":
        return torch.bfloat16 if torch.cpu._is_amx_tile_supported() else None
    return None
