"""DigitReader: from strokes or a picture to digits, probabilities and a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ..device import resolve_device
from ..errors import CheckpointError, InputError
from ..image import DIGITS, SIZE
from ..input.pictures import model_images_of_ink, to_ink
from ..input.rasterizer import rasterise_digits
from ..input.segmentation import Box, Lattice, Part, parts_of_ink, parts_of_strokes
from ..input.strokes import parse_strokes
from .calibration import Calibration, Reason, Verdict, not_digit_score
from .checkpoint import Card, load_checkpoint
from .runtime import Runtime

SURE = 0.99  # bfloat16 results of a lower probability are computed again in float32: see runtime.py


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a reading."""

    label: int  # 0..9, the likeliest digit even when unsure
    probabilities: tuple[float, ...]  # ten, calibrated, sum 1
    not_digit: float  # 0..1, probability of the class "not a digit"
    verdict: Verdict
    reason: Reason  # of the verdict, see `Calibration.verdict`
    image: np.ndarray  # uint8 [28, 28], ink = 255: what the network saw
    box: Box  # x0, y0, x1, y1 in the units of the drawing


@dataclass(frozen=True, eq=False)
class Reading:
    """A result: ``text`` left to right ("" for a blank), its digits, and the milliseconds of each step."""

    text: str
    digits: tuple[Digit, ...]
    milliseconds: dict[str, float]


def load_digit_checkpoint(path: str | Path) -> tuple[nn.Module, Card]:
    """``load_checkpoint`` for a network that reads digits at 28×28 px; CheckpointError for any other."""
    net, card = load_checkpoint(path)
    labels, size = card.get("labels", []), card.get("size", SIZE)
    if labels and labels[:DIGITS] != [str(digit) for digit in range(DIGITS)]:
        raise CheckpointError(f"{path} cannot read digits: its classes are {', '.join(labels)}.")
    if size != SIZE:
        raise CheckpointError(
            f"{path} needs images of {size}×{size} pixels, but drawings are read at {SIZE}×{SIZE}."
        )
    return net, card


class DigitReader:
    """A network with its preprocessing and calibration. Safe to call from several threads.

    ``net`` is the network as trained, ``card`` its checkpoint's card, and ``path`` the checkpoint file or
    None. Readings are computed by the copies of the network in a `Runtime`.
    """

    path: Path | None = None

    def __init__(self, net: nn.Module, card: Card, device: str = "auto") -> None:
        self.card = card
        self.device = resolve_device(device)
        self.net = net.eval().to(self.device)
        self._runtime = Runtime(self.net, self.device)
        self._calibration = Calibration.from_card(card)
        blank = torch.zeros((1, SIZE, SIZE), dtype=torch.uint8)
        self.read_batch(blank, rounded=True)  # warm-up: kernels are selected at the first call

    @classmethod
    def load(cls, path: str | Path, device: str = "auto") -> DigitReader:
        """Load a digit checkpoint. CheckpointError if that fails, InputError if there is no such device."""
        net, card = load_digit_checkpoint(path)
        reader = cls(net, card, device)
        reader.path = Path(path)
        return reader

    def read_strokes(self, strokes: object) -> Reading:
        """Read ``[[[x, y], ...], ...]``, y down, in any unit; InputError for anything else."""
        (reading,) = self.read_drawings([strokes])
        if isinstance(reading, InputError):
            raise reading
        return reading

    def read_drawings(self, drawings: Sequence[object]) -> list[Reading | InputError]:
        """Read several drawings in one batch, each as `read_strokes` reads it alone.

        An invalid drawing's result is its InputError. ``milliseconds`` are those of the whole batch.
        """
        started = time.perf_counter()
        parsed: list[list[Part] | InputError] = []
        for drawing in drawings:
            try:
                parsed.append(parts_of_strokes(parse_strokes(drawing)))
            except InputError as error:
                parsed.append(error)
        readable = [parts for parts in parsed if not isinstance(parts, InputError)]
        readings = iter(self._read(readable, rasterise_digits, started))
        return [parts if isinstance(parts, InputError) else next(readings) for parts in parsed]

    def read_image(self, image: Image.Image | np.ndarray) -> Reading:
        """Read a PIL image or a uint8 array [H, W], [H, W, 3] or [H, W, 4], of either polarity."""
        started = time.perf_counter()
        ink = to_ink(image)
        return self._read([parts_of_ink(ink)], partial(model_images_of_ink, ink), started)[0]

    def read_batch(self, images: Tensor | np.ndarray, rounded: bool = False) -> tuple[Tensor, list[Verdict]]:
        """Model images uint8 [N, 28, 28] → probabilities float32 [N, 10] on the CPU, and N verdicts.

        ``rounded`` computes in bfloat16 if that is faster here. Probabilities then differ by at most 0.03.
        """
        images = torch.as_tensor(images)
        if images.dtype != torch.uint8 or images.ndim != 3 or images.shape[1:] != (SIZE, SIZE):
            kind = f"{images.dtype} {list(images.shape)}"
            raise InputError(f"A batch must be uint8 [N, {SIZE}, {SIZE}], not {kind}.", "batch")
        return self.classify(self._runtime(images, rounded))

    def classify(self, logits: Tensor) -> tuple[Tensor, list[Verdict]]:
        """Logits float [N, classes] → calibrated probabilities float [N, 10], and N verdicts."""
        probabilities = self._calibration.probabilities(logits)
        scores = zip(probabilities.amax(1).tolist(), not_digit_score(logits).tolist(), strict=True)
        return probabilities, [self._calibration.verdict(*each)[0] for each in scores]

    def _infer(self, images: Tensor, rounded: bool = False) -> tuple[list[list[float]], list[float]]:
        """For each model image the ten probabilities and the `not_digit_score`."""
        logits = self._runtime(images, rounded)
        return self._calibration.probabilities(logits).tolist(), not_digit_score(logits).tolist()

    def _is_doubtful(self, confidence: float, not_digit: float) -> bool:
        """Whether rounding to bfloat16 could be visible in a result or change its verdict."""
        return self._runtime.rounds and (confidence < SURE or not_digit > self._calibration.not_digit / 2)

    @torch.inference_mode()
    def _read(
        self, drawings: list[list[Part]], draw: Callable[[list[list[np.ndarray]]], np.ndarray], started: float
    ) -> list[Reading]:
        """Group the parts of each drawing into digits, by the network's probabilities of all candidates.

        ``draw`` turns the candidates of all drawings into model images.
        """
        lattices = [Lattice(parts) if parts else None for parts in drawings]
        runs = [run for lattice in lattices if lattice for run in lattice.runs]
        if not runs:
            return [Reading("", (), {"preprocess": 0.0, "network": 0.0}) for _ in drawings]
        images = draw([run.whole.items for run in runs])
        prepared = time.perf_counter()
        batch = torch.from_numpy(images)
        probabilities, not_digit = self._infer(batch, rounded=True)
        likeness = [max(p) * (1 - score) for p, score in zip(probabilities, not_digit, strict=True)]
        chosen: list[list[int]] = []  # for each drawing, the indices of its digits in ``runs``
        start = 0
        for lattice in lattices:
            end = start + (len(lattice.runs) if lattice else 0)
            chosen.append([start + n for n in lattice.best(likeness[start:end])] if lattice else [])
            start = end
        doubtful = [
            n for own in chosen for n in own if self._is_doubtful(max(probabilities[n]), not_digit[n])
        ]
        if doubtful:
            for n, p, score in zip(doubtful, *self._infer(batch[doubtful]), strict=True):
                probabilities[n], not_digit[n] = p, score
        network_ms = (time.perf_counter() - prepared) * 1e3
        milliseconds = {"preprocess": (prepared - started) * 1e3, "network": network_ms}

        def digit(n: int) -> Digit:
            p, score = probabilities[n], not_digit[n]
            confidence = max(p)
            verdict, reason = self._calibration.verdict(confidence, score)
            return Digit(p.index(confidence), tuple(p), score, verdict, reason, images[n], runs[n].whole.box)

        readings = [tuple(digit(n) for n in indices) for indices in chosen]
        return [Reading("".join(str(d.label) for d in digits), digits, milliseconds) for digits in readings]
