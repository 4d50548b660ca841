"""Loss, accuracy and gradient norm of an epoch's steps, and the check that all of them are finite."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from ..errors import TrainingError
from .distributed import ProcessGroup


class NotANumberError(TrainingError):
    """The loss or the gradient is infinite or NaN; the message has its name and the step."""


class StepMetrics:
    """Collects the metrics of each step on the device; ``read`` returns their means after the epoch.

    A non-finite value is reported with its step: immediately by a single process on a CPU, otherwise at the
    end of the epoch, because a GPU is not synchronised at each step.
    """

    def __init__(
        self, net: nn.Module, epoch: int, steps: int, device: torch.device, process_group: ProcessGroup
    ) -> None:
        self.parameters = list(net.parameters())
        self.epoch, self.steps, self.process_group = epoch, steps, process_group
        self.check_each_step = device.type == "cpu" and process_group.size == 1
        self.losses, self.norms = torch.zeros(2, steps, device=device)
        self.correct = torch.zeros((), dtype=torch.long, device=device)
        self.done = self.images = 0

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Record a step after its backward pass, from logits [B, classes] and labels [B]."""
        self.losses[self.done] = loss.detach()
        self.norms[self.done] = get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        self.correct += (logits.argmax(1) == labels).sum()
        self.images += len(labels)
        self.done += 1
        if self.check_each_step:
            self._check(self.losses[: self.done], self.norms[: self.done], self.done - 1)

    def read(self) -> dict[str, float]:
        """Mean loss, accuracy and mean gradient norm over the images of all processes.

        The images are augmented, and the weights change from step to step.
        """
        # All processes have the same, averaged gradient.
        losses = self.process_group.all_reduce(self.losses[: self.done]) / self.process_group.size
        norms = self.norms[: self.done]
        self._check(losses, norms, 0)
        correct = self.process_group.all_reduce(self.correct).item()
        return {
            "loss": losses.mean().item(),
            "train_accuracy": correct / (self.images * self.process_group.size),
            "grad_norm": norms.mean().item(),
        }

    def _check(self, losses: Tensor, norms: Tensor, first: int) -> None:
        finite = losses[first:].isfinite() & norms[first:].isfinite()
        if finite.all():
            return
        step = first + int(finite.logical_not().nonzero()[0])
        name, value = ("gradient", norms[step]) if losses[step].isfinite() else ("loss", losses[step])
        raise NotANumberError(
            f"The {name} became {value.item()} in epoch {self.epoch + 1} at batch {step + 1} of {self.steps} "
            f"(step {self.epoch * self.steps + step + 1} of the run)"
        )


@torch.no_grad()
def relative_distance(ema_net: nn.Module, net: nn.Module) -> float:
    """‖EMA − weights‖ / ‖weights‖: large while the weights still change, 0 without an average."""
    weights = list(net.parameters())
    differences = [a - b for a, b in zip(ema_net.parameters(), weights, strict=True)]
    return (get_total_norm(differences) / get_total_norm(weights)).item()
