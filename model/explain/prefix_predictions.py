"""The predictions while a digit is drawn, and from which part of its path on the answer no longer changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..image import NOT_A_DIGIT_LABEL
from ..inference.calibration import Verdict
from ..inference.reader import DigitReader
from ..input.rasterizer import rasterise_digits
from ..input.strokes import Strokes, path_lengths

# 3 % of a path is about as long as the pen in MNIST is wide. Shorter pieces would look the same.
PREFIXES = 32

Answer = int | None  # the digit that is read, None for "not a digit"


@dataclass(frozen=True, eq=False)
class PrefixPredictions:
    """Predictions for M prefixes of one digit's drawing, evenly along its path.

    Prefix ``n`` is the first ``(n + 1) / M`` of the path; the last one is the whole drawing. Pauses of the
    pen do not count. ``images`` uint8 [M, 28, 28] is what the network saw. ``probabilities`` float32 [M, 10]
    are calibrated. ``flips`` are the prefixes whose answer differs from the one before. From prefix
    ``settled`` on the answer does not change.
    """

    images: np.ndarray
    probabilities: Tensor
    verdicts: list[Verdict]
    answers: list[Answer]
    flips: list[int]
    settled: int


def predict_prefixes(reader: DigitReader, strokes: Strokes, count: int = PREFIXES) -> PrefixPredictions:
    """Read ``count`` prefixes of one digit; ``strokes`` are in the order they were drawn.

    Each prefix is read as a complete drawing of one digit, with its own scale. All but the last are read with
    ``rounded`` (see ``read_batch``), which takes a sixth of the time. The last, the whole drawing, has the
    same answer as on the pad.
    """
    images = rasterise_digits(prefixes(strokes, count))
    probabilities, verdicts = reader.read_batch(images[:-1], rounded=True)
    last_probabilities, last_verdict = reader.read_batch(images[-1:])
    probabilities, verdicts = torch.cat([probabilities, last_probabilities]), verdicts + last_verdict
    labels = probabilities.argmax(1).tolist()
    answers: list[Answer] = [
        None if verdict == NOT_A_DIGIT_LABEL else label
        for label, verdict in zip(labels, verdicts, strict=True)
    ]
    flips = changes(answers)
    return PrefixPredictions(images, probabilities, verdicts, answers, flips, flips[-1] if flips else 0)


def changes(answers: Sequence[Answer]) -> list[int]:
    """The indices of the answers that differ from the one before."""
    return [n for n in range(1, len(answers)) if answers[n] != answers[n - 1]]


def prefixes(strokes: Strokes, count: int) -> list[Strokes]:
    """The first 1/count, 2/count, ... and all of a drawing's path.

    The gap between two strokes has no length. A dot has none either: a prefix includes it if it includes the
    whole path before it. If a cut is between two points, the prefix ends in an interpolated point.
    """
    lengths = [path_lengths(stroke) for stroke in strokes]
    ends = np.cumsum([along[-1] for along in lengths])
    cuts = np.linspace(0.0, ends[-1] if len(ends) else 0.0, count + 1)[1:]
    return [_cut(cut, strokes, lengths, ends) for cut in cuts]


def _cut(length: float, strokes: Strokes, lengths: Strokes, ends: np.ndarray) -> Strokes:
    """The first ``length`` of a path. ``lengths`` are cumulative in each stroke, ``ends`` at their ends."""
    whole = int(np.searchsorted(ends, length, "right"))  # number of complete strokes
    if whole == len(strokes):
        return list(strokes)
    stroke, along = strokes[whole], lengths[whole]
    rest = length - (ends[whole] - along[-1])
    if rest <= 0:
        return list(strokes[:whole])
    points = int(np.searchsorted(along, rest))
    last = [np.interp(rest, along, stroke[:, axis]) for axis in (0, 1)]
    return [*strokes[:whole], np.vstack([stroke[:points], last])]
