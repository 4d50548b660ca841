"""DigitReader: from strokes or a picture to digits, probabilities and a verdict."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from ..device import resolve_device
from ..errors import CheckpointError, InputError
from ..image import DIGITS, NOT_A_DIGIT_LABEL, SIZE
from ..input.parts import Box, Part
from ..input.pictures import open_picture
from ..input.rasterizer import rasterise_digits
from ..input.segmentation import Lattice, parts_of_strokes
from ..input.strokes import parse_strokes
from .calibration import Calibration, Reason, Verdict, digit_likeness, not_digit_score
from .checkpoint import Card, load_checkpoint
from .page import Page
from .pages import read_page
from .runtime import Runtime

Output = tuple[list[float], float]  # the ten probabilities, and the probability of "not a digit"
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
    box: Box  # x0, y0, x1, y1 in the units of the drawing, or in px of the picture
    line: int = 0  # from 0, top to bottom


@dataclass(frozen=True, eq=False)
class Reading:
    """The digits of a drawing or picture in reading order, their text, and the milliseconds of each step."""

    text: str  # see `text_of`
    digits: tuple[Digit, ...]
    milliseconds: dict[str, float]
    turned: int = 0  # degrees clockwise by which a picture was turned to be read: 0, 90, 180 or 270


def text_of(digits: Sequence[Digit]) -> str:
    """The labels in reading order, without separators; what is not a digit is left out.

    The only mark of a drawing has its likeliest label, whatever the verdict. Of nothing the text is "".
    """
    return "".join(str(d.label) for d in digits if len(digits) == 1 or d.verdict != NOT_A_DIGIT_LABEL)


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

    @property
    def folded(self) -> nn.Module:
        """The network with each BatchNorm folded into its convolution, for gradients by its input."""
        return self._runtime.folded.net

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
        readings = iter(self._read(readable, started))
        return [parts if isinstance(parts, InputError) else next(readings) for parts in parsed]

    def read_image(self, image: Image.Image | np.ndarray) -> Reading:
        """Read a PIL image or a uint8 array [H, W], [H, W, 3] or [H, W, 4], of either polarity."""
        return self.read_picture(image)[0]

    def read_picture(self, image: Image.Image | np.ndarray) -> tuple[Reading, Page | None]:
        """`read_image`, and the page with its ink, from which the digits' model images were made."""
        started = time.perf_counter()
        picture = open_picture(image)
        inferring = 0.0

        def classify(images: np.ndarray) -> tuple[list[list[float]], list[float]]:
            nonlocal inferring
            began = time.perf_counter()
            results = self._infer(torch.from_numpy(images), rounded=True)
            inferring += time.perf_counter() - began
            return results

        found = read_page(picture, classify)
        page, boxes, is_doubtful = found or (None, [], False)
        marks = page.marks if page else []
        images = [mark.image for mark in marks]
        outputs = [(mark.probabilities, mark.not_digit) for mark in marks]
        if marks:
            self._repeat_doubtful(torch.from_numpy(np.stack(images)), outputs, range(len(marks)))
        digits = self._digits(outputs, images, boxes, [mark.line for mark in marks], is_doubtful)
        total = time.perf_counter() - started
        milliseconds = {"preprocess": (total - inferring) * 1e3, "network": inferring * 1e3}
        return Reading(text_of(digits), digits, milliseconds, page.turned if page else 0), page

    def read_batch(self, images: Tensor | np.ndarray, rounded: bool = False) -> tuple[Tensor, list[Verdict]]:
        """Model images uint8 [N, 28, 28] → probabilities float32 [N, 10] on the CPU, and N verdicts.

        ``rounded`` computes in bfloat16 if that is faster here. Probabilities then differ by at most 0.03.
        InputError for anything else.
        """
        try:
            # A copy where a flipped array has negative strides, which tensors cannot have.
            images = torch.as_tensor(
                np.ascontiguousarray(images) if isinstance(images, np.ndarray) else images
            )
        except (TypeError, ValueError, RuntimeError):
            kind = type(images).__name__
            raise InputError(f"A batch must be uint8 [N, {SIZE}, {SIZE}], not {kind}.", "batch") from None
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
    def _read(self, drawings: list[list[Part]], started: float) -> list[Reading]:
        """Group the parts of each drawing into digits, by the network's probabilities of all candidates."""
        lattices = [Lattice(parts) if parts else None for parts in drawings]
        runs = [run for lattice in lattices if lattice for run in lattice.runs]
        if not runs:
            return [Reading("", (), {"preprocess": 0.0, "network": 0.0}) for _ in drawings]
        images = rasterise_digits([run.whole.items for run in runs])
        prepared = time.perf_counter()
        batch = torch.from_numpy(images)
        outputs = list(zip(*self._infer(batch, rounded=True), strict=True))
        likeness = [digit_likeness(*output) for output in outputs]
        chosen: list[list[list[int]]] = []  # for each drawing and line, the indices of its digits in ``runs``
        start = 0
        for lattice in lattices:
            end = start + (len(lattice.runs) if lattice else 0)
            lines = lattice.best(likeness[start:end]) if lattice else []
            chosen.append([[start + n for n in line] for line in lines])
            start = end
        self._repeat_doubtful(batch, outputs, [n for lines in chosen for line in lines for n in line])
        network_ms = (time.perf_counter() - prepared) * 1e3
        milliseconds = {"preprocess": (prepared - started) * 1e3, "network": network_ms}
        readings = []
        for lines in chosen:
            own = [n for line in lines for n in line]
            digits = self._digits(
                [outputs[n] for n in own],
                [images[n] for n in own],
                [runs[n].whole.box for n in own],
                [number for number, line in enumerate(lines) for _ in line],
            )
            readings.append(Reading(text_of(digits), digits, milliseconds))
        return readings

    def _repeat_doubtful(self, images: Tensor, outputs: list[Output], chosen: Sequence[int]) -> None:
        """Compute the ``chosen`` outputs that rounding may have changed again, in place, in float32."""
        doubtful = [n for n in chosen if self._is_doubtful(max(outputs[n][0]), outputs[n][1])]
        if doubtful:
            for n, output in zip(doubtful, zip(*self._infer(images[doubtful]), strict=True), strict=True):
                outputs[n] = output

    def _digits(
        self,
        outputs: list[Output],
        images: list[np.ndarray],
        boxes: list[Box],
        lines: list[int],
        is_doubtful: bool = False,
    ) -> tuple[Digit, ...]:
        """The digits of one reading, with their verdicts; on a doubtful page none is surely a digit."""
        verdicts = self._calibration.verdicts([(max(p), score) for p, score in outputs])
        if is_doubtful:
            verdicts = [
                ("unsure", "odd") if verdict == "digit" else (verdict, why) for verdict, why in verdicts
            ]
        return tuple(
            Digit(p.index(max(p)), tuple(p), score, *verdict, image, box, line)
            for (p, score), verdict, image, box, line in zip(
                outputs, verdicts, images, boxes, lines, strict=True
            )
        )
