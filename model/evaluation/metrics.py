"""Accuracy, confusion, NLL, calibration error, AUROC: each counts every sample it is given."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..image import DIGITS, to_input

SHOWN = 100  # mistakes that are kept with their images


@torch.inference_mode()
def predict_logits(net: nn.Module, images: Tensor, batch_size: int = 1000) -> Tensor:
    """Logits, float32 [N, classes], of model images uint8 [N, 28, 28], in eval mode, in batches."""
    was_training = net.training
    net.eval()
    device = next(net.parameters()).device
    logits = [net(to_input(part.to(device))).float() for part in images.split(batch_size)]
    net.train(was_training)
    return torch.cat(logits)


def fit_temperature(logits: Tensor, labels: Tensor) -> float:
    """The temperature with the smallest NLL of ``labels``, by golden-section search in 0.25..4."""
    low, high = torch.tensor(0.25).log(), torch.tensor(4.0).log()
    ratio = (5**0.5 - 1) / 2

    def nll(log_temperature: Tensor) -> Tensor:
        return F.cross_entropy(logits[:, :DIGITS] / log_temperature.exp(), labels)

    while high - low > 1e-3:
        step = (high - low) * ratio
        if nll(high - step) < nll(low + step):
            high = low + step
        else:
            low = high - step
    return float(((low + high) / 2).exp())


def scores(probabilities: Tensor, labels: Tensor) -> dict[str, Any]:
    """The figures of ``probabilities`` float [N, 10] for ``labels`` int64 [N]; JSON-able.

    ``ece`` is the expected calibration error over 15 bins of equal width (Guo et al. 2017, eq. 3).
    """
    guesses = probabilities.argmax(1)
    right = guesses == labels
    confusion = torch.bincount(labels * DIGITS + guesses, minlength=DIGITS**2).view(DIGITS, DIGITS)
    per_digit = confusion.diag() / confusion.sum(1).clamp_min(1)
    return {
        "n": len(labels),
        "correct": int(right.sum()),
        "accuracy": right.double().mean().item(),
        "per_digit": [round(value, 6) for value in per_digit.tolist()],
        "nll": F.nll_loss(probabilities.clamp_min(1e-12).log(), labels).item(),
        "ece": calibration_error(probabilities, right),
        "reliability": reliability(probabilities, right),
        "confusion": confusion.tolist(),
    }


def mistakes(images: Tensor, probabilities: Tensor, labels: Tensor) -> list[dict[str, Any]]:
    """The misread ones of model images uint8 [N, 28, 28], the surest first, at most ``SHOWN``; JSON-able.

    Each has its ``index`` in the set, ``label``, ``predicted``, the ``probability`` given to that and to
    the label (``of_label``), and its ``image`` in base64: a card shows them where the set itself is not.
    """
    probability, guesses = probabilities.max(1)
    wrong = (guesses != labels).nonzero()[:, 0]
    worst = wrong[probability[wrong].argsort(descending=True)][:SHOWN].tolist()
    return [
        {
            "index": n,
            "label": int(labels[n]),
            "predicted": int(guesses[n]),
            "probability": probability[n].item(),
            "of_label": probabilities[n, labels[n]].item(),
            "image": b64encode(images[n].cpu().numpy().tobytes()).decode(),
        }
        for n in worst
    ]


def reliability(probabilities: Tensor, right: Tensor, bins: int = 15) -> list[list[float]]:
    """Per confidence bin: count, mean confidence, accuracy; empty bins left out."""
    confidence = probabilities.amax(1)
    index = (confidence * bins).long().clamp_max(bins - 1)
    rows = []
    for number in index.unique().tolist():
        here = index == number
        rows.append([int(here.sum()), confidence[here].mean().item(), right[here].float().mean().item()])
    return rows


def calibration_error(probabilities: Tensor, right: Tensor) -> float:
    """Mean gap between confidence and accuracy over the bins of ``reliability``, weighted by count."""
    return sum(n * abs(conf - acc) for n, conf, acc in reliability(probabilities, right)) / len(right)


def auroc(positive: Tensor, negative: Tensor) -> float:
    """Chance that a score of ``positive`` exceeds one of ``negative``, ties counting half."""
    both = torch.cat([positive, negative]).double()
    _, inverse, counts = both.unique(return_inverse=True, return_counts=True)
    rank = (counts.cumsum(0) - (counts - 1).double() / 2)[inverse]  # mean rank of equal scores
    n, m = len(positive), len(negative)
    return float((rank[:n].sum() - n * (n + 1) / 2) / (n * m))
