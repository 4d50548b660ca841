"""Logits to calibrated probabilities and the score of the class "not a digit"."""

from __future__ import annotations

from torch import Tensor

from ..image import DIGITS


def digit_probabilities(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Softmax over the ten digits alone, float [N, 10], at a temperature (Guo et al. 2017, sec. 4.2).

    Logits beyond the tenth ("not a digit") take no part: given that it is a digit, which one?
    """
    return (logits[:, :DIGITS] / temperature).softmax(1)


def not_digit_score(logits: Tensor) -> Tensor:
    """Probability of the reject class, float [N] in 0..1; zeros for a network that has none."""
    if logits.shape[1] == DIGITS:
        return logits.new_zeros(len(logits))
    return logits.softmax(1)[:, DIGITS:].sum(1)
