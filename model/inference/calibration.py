"""Calibrated probabilities from a network's logits, and the verdict on a digit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from ..image import DIGITS, NOT_A_DIGIT_LABEL

Verdict = Literal["digit", "unsure", "not a digit"]
BESIDE_DIGITS = 0.5  # from this `not_digit_score` on, a mark beside digits is not a digit
Reason = Literal["clear", "close", "odd"]


@dataclass(frozen=True)
class Calibration:
    """The values under "calibration" in a checkpoint's card."""

    temperature: float  # divides the digits' logits
    not_digit: float  # from this `not_digit_score` on, a drawing is not a digit
    unsure: float  # a digit whose probability is below this is unsure

    @classmethod
    def from_card(cls, card: Mapping[str, dict[str, float]]) -> Calibration:
        values = card["calibration"]
        return cls(values["temperature"], values["not_digit"], values["unsure"])

    def probabilities(self, logits: Tensor) -> Tensor:
        """Calibrated probabilities float [N, 10] of the digits, from logits [N, 10 or 11]."""
        return digit_probabilities(logits, self.temperature)

    def verdict(self, confidence: float, not_digit: float) -> tuple[Verdict, Reason]:
        """The verdict on a digit and its reason.

        ``confidence`` is the largest of its ten probabilities, ``not_digit`` its `not_digit_score`. The
        reason is "odd" (unlike any digit), "close" (another digit is nearly as likely) or "clear".
        """
        if not_digit >= self.not_digit:
            return NOT_A_DIGIT_LABEL, "odd"
        if confidence < self.unsure:
            return "unsure", "close"
        return "digit", "clear"

    def verdicts(self, scores: Sequence[tuple[float, float]]) -> list[tuple[Verdict, Reason]]:
        """The verdicts on all marks of one reading; each has a ``confidence`` and a ``not_digit`` score.

        Beside digits, a mark is a digit too unless "not a digit" is its likelier class: the threshold of the
        card is for a mark alone.
        """
        digits = sum(score < self.not_digit for _, score in scores)
        beside_digits = 2 * digits > len(scores) > 1
        return [
            self.verdict(confidence, 0.0 if beside_digits and score < BESIDE_DIGITS else score)
            for confidence, score in scores
        ]


def digit_probabilities(logits: Tensor, temperature: float = 1.0) -> Tensor:
    """Softmax over the ten digits, float [N, 10], at a temperature (Guo et al. 2017, sec. 4.2).

    The logit of the class "not a digit" is ignored: the probabilities are conditional on its being a digit.
    """
    return (logits[:, :DIGITS] / temperature).softmax(1)


def not_digit_score(logits: Tensor) -> Tensor:
    """Probability of the class "not a digit", float [N] in 0..1, or 0 if the network has no such class."""
    if logits.shape[1] == DIGITS:
        return logits.new_zeros(len(logits))
    return logits.softmax(1)[:, DIGITS:].sum(1)


def digit_likeness(probabilities: Sequence[float], not_digit: float) -> float:
    """The probability of being the digit it is read as, of the ten digits and "not a digit"."""
    return max(probabilities) * (1 - not_digit)


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
