"""What an epoch's steps were like: loss, accuracy and gradient norm, and whether all were numbers."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from ..errors import TrainingError
from .distributed import ProcessGroup


class NotANumberError(TrainingError):
    """The loss or the gradient is infinite or no number; the message says which, and at which step."""


class StepMetrics:
    """Collects on the device what each step was like, and is read once, when the epoch is over.

    So a GPU never waits for its figures, and one that is no number is found at the end of its epoch, by
    its step. A single process on a CPU, which has nothing to wait for, stops at that step.
    """

    def __init__(
        self, net: nn.Module, epoch: int, steps: int, device: torch.device, team: ProcessGroup
    ) -> None:
        self.parameters = list(net.parameters())
        self.epoch, self.steps, self.team = epoch, steps, team
        self.at_once = device.type == "cpu" and team.size == 1
        self.losses, self.norms = torch.zeros(2, steps, device=device)
        self.right = torch.zeros((), dtype=torch.long, device=device)
        self.done = self.seen = 0

    def add(self, loss: Tensor, logits: Tensor, targets: Tensor) -> None:
        """A step after its backward pass, from logits [B, classes] and targets [B]."""
        self.losses[self.done] = loss.detach()
        self.norms[self.done] = get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        self.right += (logits.argmax(1) == targets).sum()
        self.seen += len(targets)
        self.done += 1
        if self.at_once:
            self._check(self.losses[: self.done], self.norms[: self.done], self.done - 1)

    def read(self) -> dict[str, float]:
        """Over the images of all processes: mean loss, accuracy, mean norm of the gradient.

        Of the batches as trained on: augmented, and by weights that change.
        """
        # The norms are those of the common gradient, the same in each process.
        losses = self.team.total(self.losses[: self.done]) / self.team.size
        norms = self.norms[: self.done]
        self._check(losses, norms, 0)
        return {
            "loss": losses.mean().item(),
            "train_accuracy": self.team.total(self.right).item() / (self.seen * self.team.size),
            "grad_norm": norms.mean().item(),
        }

    def _check(self, losses: Tensor, norms: Tensor, begin: int) -> None:
        good = losses[begin:].isfinite() & norms[begin:].isfinite()
        if good.all():
            return
        step = begin + int(good.logical_not().nonzero()[0])
        what, value = ("loss", losses[step]) if not losses[step].isfinite() else ("gradient", norms[step])
        raise NotANumberError(
            f"The {what} became {value.item()} in epoch {self.epoch + 1} at batch {step + 1} of {self.steps} "
            f"(step {self.epoch * self.steps + step + 1} of the run)"
        )


@torch.no_grad()
def distance(averaged: nn.Module, net: nn.Module) -> float:
    """How far the averaged weights lie from the last ones, as a share of these: ‖average − last‖ / ‖last‖.

    Large while the network still moves, 0 where nothing is averaged. Free, unlike a second validation.
    """
    last = list(net.parameters())
    apart = [a - b for a, b in zip(averaged.parameters(), last, strict=True)]
    return (get_total_norm(apart) / get_total_norm(last)).item()
