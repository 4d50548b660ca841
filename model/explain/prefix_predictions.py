"""The predictions while a digit is drawn: what is read after each piece of its path, and when it settles."""

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

    Prefix ``n`` is the first ``(n + 1) / M`` of the path, the last one the whole drawing. The time that the
    pen rested is not recorded. ``images`` uint8 [M, 28, 28] is what the network saw. ``probabilities``
    float32 [M, 10] are calibrated. ``verdicts`` and ``answers`` are what was read. ``flips`` are the prefixes
    with another answer than the one before. From prefix ``settled`` on the answer stays.
    """

    images: np.ndarray
    probabilities: Tensor
    verdicts: list[Verdict]
    answers: list[Answer]
    flips: list[int]
    settled: int


def predict_prefixes(reader: DigitReader, strokes: Strokes, count: int = PREFIXES) -> PrefixPredictions:
    """Read ``count`` prefixes of one digit; ``strokes`` are in the order they were drawn.

    Each prefix is read as if the pen had been lifted there: as a drawing of one digit with its own scale. All
    but the last may be rounded (see ``read_batch``), which takes a sixth of the time. The last is the whole
    drawing, with the same answer as on the pad.
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

    The way between strokes has no length. Nor has a dot: it is in a prefix as soon as the path before it is.
    Where a cut falls between two points, the prefix ends in an interpolated point.
    """
    lengths = [path_lengths(stroke) for stroke in strokes]
    ends = np.cumsum([along[-1] for along in lengths])
    cuts = np.linspace(0.0, ends[-1] if len(ends) else 0.0, count + 1)[1:]
    return [_cut(cut, strokes, lengths, ends) for cut in cuts]


def _cut(length: float, strokes: Strokes, lengths: Strokes, ends: np.ndarray) -> Strokes:
    """The first ``length`` of a path. ``lengths`` are along each stroke, ``ends`` where strokes end."""
    whole = int(np.searchsorted(ends, length, "right"))  # number of strokes that end there or before
    if whole == len(strokes):
        return list(strokes)
    stroke, along = strokes[whole], lengths[whole]
    rest = length - (ends[whole] - along[-1])
    if rest <= 0:
        return list(strokes[:whole])
    points = int(np.searchsorted(along, rest))
    last = [np.interp(rest, along, stroke[:, axis]) for axis in (0, 1)]
    return [*strokes[:whole], np.vstack([stroke[:points], last])]
