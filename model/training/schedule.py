"""Learning-rate schedules."""

from __future__ import annotations

import math

from .config import TrainConfig


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The recipe's learning rate at ``progress`` 0..1 of the run."""
    if config.schedule == "constant":
        return config.lr
    return one_cycle(config.lr, config.warmup, progress)


def one_cycle(peak: float, warmup: float, progress: float) -> float:
    """Learning rate at ``progress`` 0..1 of the run: a linear rise, then a cosine down to 0.

    Smith and Topin 2017, "Super-Convergence", with a cosine for the descent. ``warmup`` is the share of the
    run with a rising rate.
    """
    if progress < warmup:
        return peak * progress / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
