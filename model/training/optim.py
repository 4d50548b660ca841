"""Weight initialisation, optimizers, label smoothing."""

from __future__ import annotations

from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from ..device import quick_dtype
from ..image import DIGITS
from .config import TrainConfig


def make_optimizer(net: nn.Module, config: TrainConfig) -> Optimizer:
    """The recipe's optimizer for the weights of ``net``."""
    if config.optimizer == "muon":
        return Muon(net, config.lr, config.momentum)
    # Weight decay for kernels and matrices, not for biases and BatchNorm (He et al. 2019, sec. 3.1).
    kernels = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [
        {"params": kernels, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    if config.optimizer == "adam":
        return torch.optim.Adam(groups, config.lr)
    return torch.optim.SGD(groups, config.lr, config.momentum, nesterov=config.momentum > 0)


class Muon:
    """Muon for convolution kernels, Adam for all other weights.

    Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks", in the form of
    cifar10-airbench: a kernel is a matrix [out, in · k · k], and each step moves along the orthogonal matrix
    nearest to its momentum. The kernel is scaled to the norm √out before each step, which does not change
    the output of the BatchNorm after it, so ``lr`` is the relative change of a filter per step.

    It is not a ``torch.optim.Optimizer``, because creating one imports torch._dynamo, which takes a second.
    """

    ADAM_LR = 0.1  # Adam's learning rate relative to that of the kernels
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
            ahead = kernel.grad.add(velocity, alpha=self.momentum)  # Nesterov
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
        rate = self.ADAM_LR * others["lr"] / (1 - b1**n)
        torch._foreach_addcdiv_(others["params"], self.mean, spread, value=-rate)

    def state_dict(self) -> dict[str, Any]:
        """The state by parameter, in the form of ``torch.optim.Optimizer``."""
        state = {n: {"velocity": v} for n, v in enumerate(self.velocity)}
        first = len(self.velocity)
        for n, (mean, square) in enumerate(zip(self.mean, self.square, strict=True), first):
            state[n] = {"mean": mean, "square": square}
        state[first]["steps"] = self.steps
        return {"state": state, "param_groups": self.param_groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        state, first = state_dict["state"], len(self.velocity)
        for n, velocity in enumerate(self.velocity):
            velocity.copy_(state[n]["velocity"])
        for n, (mean, square) in enumerate(zip(self.mean, self.square, strict=True), first):
            mean.copy_(state[n]["mean"])
            square.copy_(state[n]["square"])
        self.steps.copy_(state[first]["steps"])


def orthogonal(matrix: Tensor, rounds: int = 3) -> Tensor:
    """Approximately U V' of a matrix [m, n] = U S V': singular values 0.7 to 1.2 where S was not tiny.

    Muon's quintic Newton-Schulz iteration with its coefficients, X ← aX + bGX + cG²X, G = XX'; three rounds
    as in airbench. Each round multiplies X by a polynomial of the initial G, so the rounds compute only this
    polynomial, on the small square matrix, and X itself is multiplied only twice.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    wide = len(matrix) <= matrix.shape[1]
    x = (matrix if wide else matrix.t()).to(quick_dtype(matrix.device) or torch.float32)
    gram = (x @ x.t()).float()
    size = gram.trace() + 1e-14  # squared norm of x; dividing by it starts the iteration below 1
    gram /= size
    factor = torch.eye(len(gram), device=gram.device)
    for _ in range(rounds):
        step = torch.addmm(gram, gram, gram, beta=b, alpha=c)
        step.diagonal().add_(a)
        factor = step @ factor
        gram = step @ gram @ step
    x = (factor.to(x.dtype) @ x).to(matrix.dtype) * size.rsqrt()
    return x if wide else x.t()


def init_xavier(net: nn.Module) -> None:
    """Initialise as D2L does (Glorot and Bengio 2010, eq. 16): no block starts as the identity."""
    for layer in net.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(layer.weight)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.ones_(layer.weight)  # our networks set that of a block's last BatchNorm to 0


def smoothed_targets(classes: int, share: float) -> Tensor:
    """The target distribution of each class, float32 [classes, classes], rows that sum to 1.

    Label smoothing (Szegedy et al. 2016, arXiv:1512.00567, sec. 7) among the first ten classes: ``share`` of
    a digit's label is spread over all ten. "Not a digit" is not smoothed: with smoothing over eleven classes
    letters were rejected less often (docs/training-notes.md).
    """
    targets = torch.eye(classes)
    targets[:DIGITS, :DIGITS] = (1 - share) * torch.eye(DIGITS) + share / DIGITS
    return targets


Optimizer: TypeAlias = torch.optim.Optimizer | Muon
