"""The smallest change of a model image that a network reads as another digit.

    python -m model attack --data-dir data            # success, size and time over 200 test digits

The size of a change is its Euclidean norm (L2) over the 784 pixels, with grey levels from 0 to 1.

The search has two phases. The first steps to the nearest point where the linearised network reads the target,
within the range of grey levels, until the network itself does (DeepFool: Moosavi-Dezfooli, Fawzi and Frossard
2016, for one class, with averaged gradients). The second follows the gradient on spheres around the image,
whose radius shrinks where the target is read and grows where it is not (Rony et al. 2019, "Decoupling
Direction and Norm"; the steps are those of Pintor et al. 2021, "Fast Minimum-norm Adversarial Attacks"). At
last the change is scaled to the shortest that holds once its pixels are rounded to bytes.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import torch
from torch import Tensor

from ..datasets.mnist import load_mnist
from ..errors import InputError
from ..image import DIGITS, NOT_A_DIGIT_LABEL, SIZE, to_input
from ..inference.calibration import Calibration
from ..inference.checkpoint import add_checkpoint_argument
from ..inference.reader import DigitReader

CROSSING, REFINING = 32, 16  # gradients, the first at most
OVERSHOOT, AHEAD = 1.05, 0.05  # a step of the first phase goes this much farther, and for so many nats more
AVERAGING = 0.5  # weight of earlier gradients in the first phase
MOMENTUM = 0.5  # the same in the second
FIRST_STEP, LAST_STEP = 1.0, 0.1  # lengths in the second phase
SHRINK, GROW = 0.25, 0.1  # of the radius; both fall along a cosine, as the length does
SEED = 20167
SCALES = torch.linspace(0.92, 1.14, 12)  # of the change that the search has found, before rounding


@dataclass(frozen=True, eq=False)
class Attack:
    """A changed model image, uint8 [28, 28], which the reader reads as ``target``; None if none was found.

    ``size`` is the L2 norm of the change, with grey levels from 0 to 1; infinite without an image.
    """

    target: int
    image: Tensor | None = None
    size: float = math.inf


class Attacker:
    """Attacks the network of a reader. Thread-safe."""

    def __init__(self, reader: DigitReader) -> None:
        self._reader = reader
        self._net = reader.folded
        self._calibration = Calibration.from_card(reader.card)

    def attack(self, image: Tensor, target: int | None = None) -> Attack:
        """The smallest change found of a model image, uint8 [28, 28], that is read as the digit ``target``.

        If ``target`` is None or the likeliest digit, the second likeliest is used. InputError if it is not a
        digit.
        """
        if target is not None and (type(target) is not int or not 0 <= target < DIGITS):
            raise InputError(f"The digit to change to must be a whole number from 0 to {DIGITS - 1}.")
        (likeliest,) = self._reader.read_batch(image[None])[0].topk(2).indices.tolist()
        target = likeliest[1] if target in (None, likeliest[0]) else target
        changed = self._search(image, target)
        return Attack(target) if changed is None else self._shortest(image, changed, target)

    def _search(self, image: Tensor, target: int) -> Tensor | None:
        """Grey levels float32 [784] in 0..1, read as ``target``."""
        origin = image.flatten().float().to(self._reader.device) / 255
        x, direction = origin, None
        for _ in range(CROSSING):
            margin, gradient = self._margin(x, target)
            if margin <= 0:
                return self._refine(origin, x, gradient, target)
            if direction is not None:
                gradient = AVERAGING * direction + (1 - AVERAGING) * gradient
            direction = gradient
            x = cross(x, direction, OVERSHOOT * (margin + AHEAD))
        return None

    def _refine(self, origin: Tensor, x: Tensor, gradient: Tensor, target: int) -> Tensor:
        """A point read as ``target`` that is nearer to ``origin`` than ``x``, where the gradient is given."""
        best, smallest = x, float((x - origin).norm())
        radius, margin, direction = smallest, 0.0, torch.zeros_like(x)
        for step in range(REFINING):
            decay = 0.5 * (1 + math.cos(math.pi * step / REFINING))
            if margin <= 0:
                radius = smallest * (1 - SHRINK * (decay + 0.1))
            else:
                radius = min(radius * (1 + GROW * (decay + 0.1)), smallest)
            direction = MOMENTUM * direction + gradient / gradient.norm()
            length = (LAST_STEP + (FIRST_STEP - LAST_STEP) * decay) * min(1.0, smallest / 2)
            change = x - origin - length * direction / direction.norm()
            x = (origin + radius * change / change.norm()).clamp(0, 1)
            margin, gradient = self._margin(x, target)
            size = float((x - origin).norm())
            if margin <= 0 and size < smallest:
                best, smallest = x, size
        return best

    def _margin(self, x: Tensor, target: int) -> tuple[float, Tensor]:
        """How far the reading is from ``target``, in nats, and its gradient, float32 [784].

        Where it is 0 or less, ``target`` has more than half of the probability, and the verdict is not "not a
        digit": the log-sum-exp of both conditions is at least as large as each.
        """
        x = x.detach().requires_grad_()
        (logits,) = self._net(to_input(255 * x.view(1, SIZE, SIZE)))
        digits = logits[:DIGITS] / self._calibration.temperature
        others = torch.cat([digits[:target], digits[target + 1 :]])
        conditions = [others.logsumexp(0) - digits[target]]
        if len(logits) > DIGITS:
            share = self._calibration.not_digit
            odd = logits[DIGITS:].logsumexp(0) - logits[:DIGITS].logsumexp(0)
            conditions.append(odd - math.log(share / (1 - share)))
        margin = torch.stack(conditions).logsumexp(0)
        (gradient,) = torch.autograd.grad(margin, x)
        return margin.item(), gradient

    def _shortest(self, image: Tensor, changed: Tensor, target: int) -> Attack:
        """The shortest of some multiples of the change that is read as ``target`` in whole bytes."""
        change = 255 * changed.cpu().view(SIZE, SIZE) - image
        images = (image + SCALES[:, None, None] * change).round().clamp(0, 255).byte()
        probabilities, verdicts = self._reader.read_batch(images)
        for scaled, ten, verdict in zip(images, probabilities, verdicts, strict=True):
            if int(ten.argmax()) == target and verdict != NOT_A_DIGIT_LABEL:
                size = float((scaled.float() - image.float()).norm() / 255)
                return Attack(target, scaled, size)
        return Attack(target)


def cross(x: Tensor, gradient: Tensor, amount: float) -> Tensor:
    """The point in 0..1 nearest to ``x`` where a linear function with this gradient is lower by ``amount``.

    It is clamp(x - λ gradient). Sorted by the λ at which each pixel reaches its end, the function falls
    linearly from one to the next. If it cannot fall so far, every pixel is at its end.
    """
    slope = gradient.abs()
    room = torch.where(gradient > 0, x, 1 - x)
    ends, order = (room / slope.clamp_min(1e-12)).sort()
    fallen = (slope * room)[order].cumsum(0)  # of the pixels at their ends
    squares = slope.square()[order]
    rest = squares.sum() - squares.cumsum(0)
    n = int(torch.searchsorted(fallen + ends * rest, amount))
    if n == len(x):
        scale = ends[-1]
    else:
        scale = (amount - (fallen[n] - (slope * room)[order[n]])) / (rest[n] + squares[n])
    return (x - scale * gradient).clamp(0, 1)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the command."""
    add_checkpoint_argument(parser)
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="folder that contains MNIST/raw")
    parser.add_argument("--count", type=int, default=200, help="test digits to attack (default: %(default)s)")


def run(flags: argparse.Namespace) -> int:
    """Attack MNIST's test digits, for the likeliest other digit and for a random one."""
    attacker = Attacker(DigitReader.load(flags.checkpoint, "cpu"))
    torch.set_num_threads(1)
    data = load_mnist(flags.data_dir, train=False)
    draw = torch.Generator().manual_seed(SEED)
    chosen = torch.randperm(len(data.images), generator=draw)[: flags.count]
    offsets = torch.randint(1, DIGITS, (len(chosen),), generator=draw)
    random = ((data.labels[chosen] + offsets) % DIGITS).tolist()
    images = data.images[chosen]
    print(measure(attacker, "likeliest other digit", images, [None] * len(images)))
    print(measure(attacker, "random other digit", images, random))
    return 0


def measure(attacker: Attacker, name: str, images: Tensor, targets: Sequence[int | None]) -> str:
    """Success, median size and median time over ``images``, as a line of text."""
    attacker.attack(images[0], targets[0])  # warms up
    sizes, milliseconds = [], []
    for image, target in zip(images, targets, strict=True):
        started = time.process_time()  # other load on the machine does not count
        attack = attacker.attack(image, target)
        milliseconds.append(1e3 * (time.process_time() - started))
        sizes.append(attack.size)
    ends = quantiles(sizes, n=10, method="inclusive")
    return (
        f"{name}: n {len(sizes)}, {sum(map(math.isfinite, sizes)) / len(sizes):.1%} changed, "
        f"L2 median {median(sizes):.2f}, 10th to 90th percentile {ends[0]:.2f} to {ends[-1]:.2f}, "
        f"median {median(milliseconds):.0f} ms of one core"
    )
