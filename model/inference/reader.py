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
from ..input.pictures import model_images_of_ink, parts_of_ink, to_ink
from ..input.rasterizer import rasterise_digits
from ..input.segmentation import Box, Lattice, Part, parts_of_strokes
from ..input.strokes import parse_strokes
from .calibration import digit_probabilities, not_digit_score
from .checkpoint import Card, load_checkpoint
from .runtime import Runtime

SURE = 0.99  # of an answer in bfloat16, from which on it needs no second look: see serving.py


@dataclass(frozen=True, eq=False)
class Digit:
    """One digit of a reading."""

    label: int  # 0..9, the likeliest digit even when unsure
    probabilities: tuple[float, ...]  # ten, calibrated, sum 1
    not_digit: float  # 0..1, how little it looks like any digit
    verdict: str  # "digit", "unsure" or "not a digit"
    reason: str  # "clear", "close" (the runner-up is near) or "odd" (unlike any digit)
    image: np.ndarray  # uint8 [28, 28], ink = 255: what the network saw
    box: Box  # x0, y0, x1, y1 in the units of the drawing


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read: ``text`` left to right ("" for a blank), its digits, and milliseconds per step."""

    text: str
    digits: tuple[Digit, ...]
    milliseconds: dict[str, float]


def load_digit_checkpoint(path: str | Path) -> tuple[nn.Module, Card]:
    """``load_checkpoint`` for a network that reads digits at 28×28 px; CheckpointError for any other."""
    net, card = load_checkpoint(path)
    labels, size = card.get("labels", []), card.get("size", SIZE)
    if labels and labels[:DIGITS] != [str(digit) for digit in range(DIGITS)]:
        raise CheckpointError(f"{path} cannot read digits: it tells {', '.join(labels)} apart.")
    if size != SIZE:
        raise CheckpointError(
            f"{path} sees images at {size}×{size} pixels, and drawings are read at {SIZE}×{SIZE}."
        )
    return net, card


class DigitReader:
    """A network with its preprocessing and calibration, ready to read. Safe to call from threads.

    ``net`` is the network as trained; ``card`` says what it is; ``path`` is the file they came from, beside
    which other files of the same weights may lie, or None. Readings come from copies made for `Runtime`.
    """

    path: Path | None = None

    def __init__(self, net: nn.Module, card: Card, device: str = "auto") -> None:
        self.card = card
        self.device = resolve_device(device)
        self.net = net.eval().to(self.device)
        self._serving = Runtime(self.net, self.device)
        self._calibration = card["calibration"]
        blank = torch.zeros((1, SIZE, SIZE), dtype=torch.uint8)
        self.read_batch(blank, rounded=True)  # warm: kernels are chosen

    @classmethod
    def load(cls, path: str | Path, device: str = "auto") -> DigitReader:
        """Read a checkpoint of digits; CheckpointError, or ValueError for a device that is not there."""
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
        """Read many drawings together, each as `read_strokes` reads it alone.

        What cannot be read has its InputError in its place. ``milliseconds`` are those of all together.
        """
        started = time.perf_counter()
        found: list[list[Part] | InputError] = []
        for drawing in drawings:
            try:
                found.append(parts_of_strokes(parse_strokes(drawing)))
            except InputError as error:
                found.append(error)
        readable = [parts for parts in found if not isinstance(parts, InputError)]
        readings = iter(self._read(readable, rasterise_digits, started))
        return [parts if isinstance(parts, InputError) else next(readings) for parts in found]

    def read_image(self, image: Image.Image | np.ndarray) -> Reading:
        """Read a PIL image or a uint8 array [H, W], [H, W, 3] or [H, W, 4], of either polarity."""
        started = time.perf_counter()
        ink = to_ink(image)
        return self._read([parts_of_ink(ink)], partial(model_images_of_ink, ink), started)[0]

    def read_batch(self, images: Tensor | np.ndarray, rounded: bool = False) -> tuple[Tensor, list[str]]:
        """Model images uint8 [N, 28, 28] → probabilities float32 [N, 10] on the CPU, and N verdicts.

        ``rounded`` where bfloat16 will do, if that is faster here: it moves them by about 0.03 at the most.
        """
        images = torch.as_tensor(images)
        if images.dtype != torch.uint8 or images.ndim != 3 or images.shape[1:] != (SIZE, SIZE):
            given = f"{images.dtype} {list(images.shape)}"
            raise InputError(f"A batch must be uint8 [N, {SIZE}, {SIZE}], not {given}.", "batch")
        return self.judge(self._serving(images, rounded))

    def judge(self, logits: Tensor) -> tuple[Tensor, list[str]]:
        """Logits float [N, classes] → calibrated probabilities float [N, 10], and N verdicts."""
        probabilities, not_digit = self._calibrate(logits)
        sure = probabilities.amax(1).tolist()
        judged = [self._judge(*some) for some in zip(sure, not_digit.tolist(), strict=True)]
        return probabilities, [verdict for verdict, _ in judged]

    def _calibrate(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        return digit_probabilities(logits, self._calibration["temperature"]), not_digit_score(logits)

    def _calibrated(self, logits: Tensor) -> tuple[list[list[float]], list[float]]:
        probabilities, not_digit = self._calibrate(logits)
        return probabilities.tolist(), not_digit.tolist()

    def _in_doubt(self, sure: float, not_digit: float) -> bool:
        """Whether bfloat16's rounding could be seen in an answer, or turn its verdict."""
        return self._serving.rounds and (sure < SURE or not_digit > self._calibration["not_digit"] / 2)

    def _judge(self, sure: float, not_digit: float) -> tuple[str, str]:
        if not_digit >= self._calibration["not_digit"]:
            return "not a digit", "odd"
        if sure < self._calibration["unsure"]:
            return "unsure", "close"
        return "digit", "clear"

    @torch.inference_mode()
    def _read(
        self, drawings: list[list[Part]], draw: Callable[[list[list[np.ndarray]]], np.ndarray], started: float
    ) -> list[Reading]:
        """For each drawing, let the network choose among the ways to group its parts.

        ``draw`` brings the groups of all drawings to model images.
        """
        lattices = [Lattice(parts) if parts else None for parts in drawings]
        runs = [run for lattice in lattices if lattice for run in lattice.runs]
        if not runs:
            return [Reading("", (), {"preprocess": 0.0, "network": 0.0}) for _ in drawings]
        images = draw([run.whole.items for run in runs])
        prepared = time.perf_counter()
        seen = torch.from_numpy(images)
        probabilities, rejected = self._calibrated(self._serving(seen, rounded=True))
        likeness = [max(p) * (1 - reject) for p, reject in zip(probabilities, rejected, strict=True)]
        chosen: list[list[int]] = []  # each drawing's digits among all runs
        start = 0
        for lattice in lattices:
            end = start + (len(lattice.runs) if lattice else 0)
            chosen.append([start + n for n in lattice.best(likeness[start:end])] if lattice else [])
            start = end
        doubt = [n for some in chosen for n in some if self._in_doubt(max(probabilities[n]), rejected[n])]
        if doubt:
            exact = self._calibrated(self._serving(seen[doubt]))
            for n, p, reject in zip(doubt, *exact, strict=True):
                probabilities[n], rejected[n] = p, reject
        took = {"preprocess": (prepared - started) * 1e3, "network": (time.perf_counter() - prepared) * 1e3}

        def digit(n: int) -> Digit:
            p, reject = probabilities[n], rejected[n]
            sure = max(p)
            verdict, reason = self._judge(sure, reject)
            return Digit(p.index(sure), tuple(p), reject, verdict, reason, images[n], runs[n].whole.box)

        found = [tuple(digit(n) for n in some) for some in chosen]
        return [Reading("".join(str(each.label) for each in digits), digits, took) for digits in found]
