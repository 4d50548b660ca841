"""Accuracy, confusion, NLL, calibration error, AUROC, intervals. Every sample is counted."""

from __future__ import annotations

import math
from base64 import b64encode
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..image import DIGITS, to_input

MAX_MISTAKES = 100  # misread images in a card


@torch.inference_mode()
def predict_logits(net: nn.Module, images: Tensor, batch_size: int = 1000) -> Tensor:
    """Logits float32 [N, classes] of model images uint8 [N, 28, 28], computed in eval mode, in batches."""
    was_training = net.training
    net.eval()
    device = next(net.parameters()).device
    logits = [net(to_input(part.to(device))).float() for part in images.split(batch_size)]
    net.train(was_training)
    return torch.cat(logits)


def scores(probabilities: Tensor, labels: Tensor) -> dict[str, Any]:
    """The figures of ``probabilities`` float [N, 10] for ``labels`` int64 [N], as JSON values.

    ``ece`` is the expected calibration error over 15 bins of equal width (Guo et al. 2017, eq. 3).
    """
    predicted = probabilities.argmax(1)
    correct = predicted == labels
    confusion = torch.bincount(labels * DIGITS + predicted, minlength=DIGITS**2).view(DIGITS, DIGITS)
    per_digit = confusion.diag() / confusion.sum(1).clamp_min(1)
    return {
        "n": len(labels),
        "correct": int(correct.sum()),
        "accuracy": correct.double().mean().item(),
        "per_digit": [round(value, 6) for value in per_digit.tolist()],
        "nll": F.nll_loss(probabilities.clamp_min(1e-12).log(), labels).item(),
        "ece": calibration_error(probabilities, correct),
        "reliability": reliability(probabilities, correct),
        "confusion": confusion.tolist(),
    }


def mistakes(images: Tensor, probabilities: Tensor, labels: Tensor) -> list[dict[str, Any]]:
    """The misread images of uint8 [N, 28, 28], the most confident first, at most ``MAX_MISTAKES``.

    Each has, as JSON values, its ``index`` in the set, ``label``, ``predicted``, their probabilities
    (``of_label`` and ``probability``), and its ``image`` in base64, because the page may not have the set.
    """
    confidence, predicted = probabilities.max(1)
    wrong = (predicted != labels).nonzero()[:, 0]
    worst = wrong[confidence[wrong].argsort(descending=True)][:MAX_MISTAKES].tolist()
    return [
        {
            "index": n,
            "label": int(labels[n]),
            "predicted": int(predicted[n]),
            "probability": confidence[n].item(),
            "of_label": probabilities[n, labels[n]].item(),
            "image": b64encode(images[n].cpu().numpy().tobytes()).decode(),
        }
        for n in worst
    ]


def reliability(probabilities: Tensor, correct: Tensor, bins: int = 15) -> list[list[float]]:
    """Count, mean confidence and accuracy of each confidence bin that is not empty; ``correct`` bool [N]."""
    confidence = probabilities.amax(1)
    index = (confidence * bins).long().clamp_max(bins - 1)
    rows = []
    for number in index.unique().tolist():
        inside = index == number
        means = confidence[inside].mean().item(), correct[inside].float().mean().item()
        rows.append([int(inside.sum()), *means])
    return rows


def calibration_error(probabilities: Tensor, correct: Tensor) -> float:
    """Mean gap between confidence and accuracy over the bins of `reliability`, weighted by count."""
    return sum(n * abs(conf - acc) for n, conf, acc in reliability(probabilities, correct)) / len(correct)


def auroc(positive: Tensor, negative: Tensor) -> float:
    """Probability that a score of ``positive`` [N] exceeds one of ``negative`` [M]; ties count half."""
    both = torch.cat([positive, negative]).double()
    _, inverse, counts = both.unique(return_inverse=True, return_counts=True)
    rank = (counts.cumsum(0) - (counts - 1).double() / 2)[inverse]  # mean rank of equal scores
    n, m = len(positive), len(negative)
    return float((rank[:n].sum() - n * (n + 1) / 2) / (n * m))


def wilson_interval(correct: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % confidence interval of a share (Wilson 1927), which is not empty at 0 and at 1."""
    share, spread = correct / n, z**2 / n
    centre = share + spread / 2
    margin = z * math.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, (centre - margin) / (1 + spread)), min(1.0, (centre + margin) / (1 + spread))


def edit_distance(text: str, label: str) -> int:
    """The fewest insertions, deletions and substitutions of a character between two texts (Levenshtein)."""
    row = list(range(len(label) + 1))  # distances of the part of the text so far to each part of the label
    for n, character in enumerate(text, 1):
        previous, row = row, [n]
        for m, other in enumerate(label, 1):
            row.append(min(row[-1] + 1, previous[m] + 1, previous[m - 1] + (character != other)))
    return row[-1]
