"""Calibration of a trained network: a temperature and two thresholds."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..datasets.synthetic import generate
from ..image import DIGITS
from ..inference.calibration import digit_probabilities, fit_temperature, not_digit_score
from .batches import predict
from .config import TrainConfig

HELD_OUT = 10_000  # synthetic digits to calibrate on
REJECTED = 0.003  # share of digits that each threshold may reject


def calibrate(net: nn.Module, logits: Tensor, labels: Tensor, config: TrainConfig) -> dict[str, float]:
    """Temperature and thresholds, fitted to ``logits`` of the validation images with ``labels``.

    If the recipe has synthetic drawings, newly generated digits are added. Each threshold rejects
    ``REJECTED`` of these digits. Non-digits are not used.
    """
    if config.synthetic:
        new = generate(HELD_OUT, config.seed + 1_000_000, not_digits=0.0)
        logits = torch.cat([logits, predict(net, new.images, config.size)])
        labels = torch.cat([labels, new.labels.to(labels.device)])
    return fit_calibration(logits, labels)


def fit_calibration(logits: Tensor, labels: Tensor) -> dict[str, float]:
    """Temperature and thresholds from ``logits`` [N, 10 or 11] of digits that training did not use."""
    rejection = not_digit_score(logits)
    temperature = fit_temperature(logits, labels)
    confidence = digit_probabilities(logits, temperature).amax(1)
    return {
        "temperature": temperature,
        "not_digit": rejection.quantile(1 - REJECTED).item() if logits.shape[1] > DIGITS else 1.0,
        "unsure": confidence.quantile(REJECTED).item(),
    }
