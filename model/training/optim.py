"""What the training loop turns by: first weights, optimizer, learning rate, moving average."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..device import quick_dtype
from ..image import DIGITS
from .config import TrainConfig


def make_optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer | Muon:
    """The recipe's optimizer for the weights of ``net``."""
    if config.optimizer == "muon":
        return Muon(net, config.lr, config.momentum)
    groups = parameter_groups(net, config.weight_decay)
    if config.optimizer == "adam":
        return torch.optim.Adam(groups, config.lr)
    return torch.optim.SGD(groups, config.lr, config.momentum, nesterov=config.momentum > 0)


class Muon:
    """Steps along the nearest orthogonal matrix to each kernel's momentum; Adam for all other weights.

    Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks", in the form of
    cifar10-airbench: a kernel is a matrix [out, in · k · k], and it is brought to the length √out before
    each step, which the BatchNorm behind it cannot tell. So ``lr`` is the share by which a filter turns.

    Not a ``torch.optim.Optimizer``: making one of those imports torch._dynamo, a second of a short run.
    """

    REST = 0.1  # Adam's learning rate over the kernels'
    BETAS = (0.7, 0.9)
    EPS = 1e-8

    def __init__(self, net: nn.Module, lr: float, momentum: float) -> None:
        parameters = list(net.parameters())
        kernels = [p for p in parameters if p.ndim == 4]
        others = [p for p in parameters if p.ndim != 4]
        self.momentum = momentum
        self.param_groups: list[dict[str, Any]] = [
            {"params": kernels, "lr": lr},
            {"params": others, "lr": lr},
        ]
        self.velocity = [torch.zeros_like(p) for p in kernels]
        self.mean = [torch.zeros_like(p) for p in others]
        self.square = [torch.zeros_like(p) for p in others]
        self.steps = torch.zeros(())

    def zero_grad(self) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        kernels, others = self.param_groups
        for kernel, velocity in zip(kernels["params"], self.velocity, strict=True):
            velocity.mul_(self.momentum).add_(kernel.grad)
            ahead = kernel.grad.add(velocity, alpha=self.momentum)  # Nesterov's
            kernel.mul_(len(kernel) ** 0.5 / kernel.norm())
            kernel.add_(orthogonal(ahead.flatten(1)).view_as(kernel), alpha=-kernels["lr"])

        # Kingma and Ba 2015, "Adam", algorithm 1.
        self.steps += 1
        (b1, b2), gradients = self.BETAS, [p.grad for p in others["params"]]
        torch._foreach_lerp_(self.mean, gradients, 1 - b1)
        torch._foreach_mul_(self.square, b2)
        torch._foreach_addcmul_(self.square, gradients, gradients, value=1 - b2)
        n = int(self.steps)
        spread = torch._foreach_sqrt(torch._foreach_div(self.square, 1 - b2**n))
        torch._foreach_add_(spread, self.EPS)
        rate = self.REST * others["lr"] / (1 - b1**n)
        torch._foreach_addcdiv_(others["params"], self.mean, spread, value=-rate)

    def state_dict(self) -> dict[str, Any]:
        """As of ``torch.optim.Optimizer``: what a run that goes on needs, by parameter."""
        state = {n: {"velocity": v} for n, v in enumerate(self.velocity)}
        first = len(self.velocity)
        for n, (mean, square) in enumerate(zip(self.mean, self.square, strict=True), first):
            state[n] = {"mean": mean, "square": square}
        state[first]["steps"] = self.steps
        return {"state": state, "param_groups": self.param_groups}

    def load_state_dict(self, kept: dict[str, Any]) -> None:
        state, first = kept["state"], len(self.velocity)
        for n, velocity in enumerate(self.velocity):
            velocity.copy_(state[n]["velocity"])
        for n, (mean, square) in enumerate(zip(self.mean, self.square, strict=True), first):
            mean.copy_(state[n]["mean"])
            square.copy_(state[n]["square"])
        self.steps.copy_(state[first]["steps"])


def orthogonal(matrix: Tensor, rounds: int = 3) -> Tensor:
    """Near U V' of a matrix [m, n] = U S V': all singular values about 1, 0.7 to 1.2 where S was not tiny.

    The quintic Newton-Schulz iteration of Muon with its coefficients, X ← aX + bGX + cG²X, G = XX'; three
    rounds as in airbench. Each round's factor of X is a polynomial of the first G, so that the rounds run
    on the small square matrix and X itself is multiplied twice in all.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    wide = len(matrix) <= matrix.shape[1]
    x = (matrix if wide else matrix.t()).to(quick_dtype(matrix.device) or torch.float32)
    gram = (x @ x.t()).float()
    size = gram.trace() + 1e-14  # the squared length of x, by which the iteration begins below 1
    gram /= size
    factor = torch.eye(len(gram), device=gram.device)
    for _ in range(rounds):
        step = torch.addmm(gram, gram, gram, beta=b, alpha=c)
        step.diagonal().add_(a)
        factor = step @ factor
        gram = step @ gram @ step
    x = (factor.to(x.dtype) @ x).to(matrix.dtype) * size.rsqrt()
    return x if wide else x.t()


def draw_xavier(net: nn.Module) -> None:
    """First weights as D2L draws them: Glorot and Bengio 2010, eq. 16, and nothing special in any block."""
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)  # a block's last may be 0 to begin with


def smoothed(classes: int, share: float) -> Tensor:
    """What the network is to answer to each class, float32 [classes, classes], rows that sum to 1.

    Label smoothing (Szegedy et al. 2016, arXiv:1512.00567, sec. 7) among the first ten classes: ``share`` of
    a digit's label is spread over all ten. "Not a digit" keeps its label whole: smoothed over eleven,
    letters were told from digits less often (docs/training-notes.md).
    """
    goals = torch.eye(classes)
    goals[:DIGITS, :DIGITS] = (1 - share) * torch.eye(DIGITS) + share / DIGITS
    return goals


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The recipe's learning rate at ``progress`` 0..1 of the run."""
    if config.schedule == "constant":
        return config.lr
    return one_cycle(config.lr, config.warmup, progress)


def one_cycle(peak: float, warmup: float, progress: float) -> float:
    """Learning rate at ``progress`` 0..1 of the run: a linear rise, then a cosine to nothing.

    Smith and Topin 2017, "Super-Convergence", with a cosine for the descent; ``warmup`` is the share
    of the run in which it rises.
    """
    if progress < warmup:
        return peak * progress / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))


def moving_average(decay: float) -> Callable[[list[Tensor], list[Tensor], Tensor], None]:
    """Exponential moving average whose memory grows with the run: it forgets the initial weights.

    The decay of step n is at most (1 + n) / (10 + n), as in TensorFlow's ExponentialMovingAverage. A
    decay of 0 averages nothing: the current weights are copied.
    """

    def update(averaged: list[Tensor], current: list[Tensor], count: Tensor) -> None:
        if not averaged[0].is_floating_point():  # BatchNorm counts its batches
            torch._foreach_copy_(averaged, current)
            return
        n = int(count)
        torch._foreach_lerp_(averaged, current, 1 - min(decay, (1 + n) / (10 + n)))

    return update


def parameter_groups(net: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Weight decay for kernels and matrices only: not for biases and BatchNorm (He et al. 2019, sec. 3.1)."""
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    return [
        {"params": kernels, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
