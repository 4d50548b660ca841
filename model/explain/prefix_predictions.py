"""A drawing as it came into being: what was read after each piece of its path, and when it was settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..inference.reader import DigitReader
from ..input.rasterizer import rasterise_digits
from ..input.strokes import Strokes, path_lengths

# 3 % of a path is about the length of the pen's own width in MNIST: a finer axis would tell moments apart
# that look alike.
MOMENTS = 32

Answer = int | None  # the digit that is read, None for what is no digit


@dataclass(frozen=True, eq=False)
class PrefixPredictions:
    """M moments of one digit's drawing, evenly along its path; the last one is the whole drawing.

    How long the pen rested is not known, so time is the way that the pen has gone: moment ``n`` comes after
    ``(n + 1) / M`` of it. ``images`` uint8 [M, 28, 28] is what the network saw, ``probabilities`` float32
    [M, 10] are calibrated, ``verdicts`` and ``answers`` what was read. ``flips`` are the moments whose answer
    is another than the one before them; from moment ``settled`` on the answer stays.
    """

    images: np.ndarray
    probabilities: Tensor
    verdicts: list[str]
    answers: list[Answer]
    flips: list[int]
    settled: int


def predict_prefixes(reader: DigitReader, strokes: Strokes, count: int = MOMENTS) -> PrefixPredictions:
    """Read the prefixes of one digit, its strokes in the order they were drawn.

    Each beginning is read as a drawing of one digit: it is brought to model images, with its own scale, as if
    the pen had been lifted there. All but the last may be rounded, as `read_batch` says: that takes a sixth
    of the time. The last is the whole drawing, and its answer the pad's.
    """
    images = rasterise_digits(prefixes(strokes, count))
    before, verdicts = reader.read_batch(images[:-1], rounded=True)
    whole, verdict = reader.read_batch(images[-1:])
    probabilities, verdicts = torch.cat([before, whole]), verdicts + verdict
    labels = probabilities.argmax(1).tolist()
    answers: list[Answer] = [
        None if verdict == "not a digit" else label for label, verdict in zip(labels, verdicts, strict=True)
    ]
    flips = changes(answers)
    return PrefixPredictions(images, probabilities, verdicts, answers, flips, flips[-1] if flips else 0)


def changes(answers: Sequence[Answer]) -> list[int]:
    """Where an answer differs from the one before it."""
    return [n for n in range(1, len(answers)) if answers[n] != answers[n - 1]]


def prefixes(strokes: Strokes, count: int) -> list[Strokes]:
    """The first 1/count, 2/count, ... and all of a drawing's path.

    The pen's way between strokes has no length; a dot, which has none either, is there as soon as the path
    in front of it is. The last point is put in between two where the cut falls there.
    """
    lengths = [path_lengths(stroke) for stroke in strokes]
    ends = np.cumsum([along[-1] for along in lengths])
    cuts = np.linspace(0.0, ends[-1] if len(ends) else 0.0, count + 1)[1:]
    return [_until(cut, strokes, lengths, ends) for cut in cuts]


def _until(cut: float, strokes: Strokes, lengths: Strokes, ends: np.ndarray) -> Strokes:
    whole = int(np.searchsorted(ends, cut, "right"))  # strokes that end there or before
    if whole == len(strokes):
        return list(strokes)
    stroke, along = strokes[whole], lengths[whole]
    left = cut - (ends[whole] - along[-1])
    if left <= 0:
        return list(strokes[:whole])
    inside = int(np.searchsorted(along, left))
    last = [np.interp(left, along, stroke[:, axis]) for axis in (0, 1)]
    return [*strokes[:whole], np.vstack([stroke[:inside], last])]
