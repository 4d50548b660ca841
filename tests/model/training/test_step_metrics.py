"""The metrics of an epoch's steps, and the step at which a loss or gradient is not finite."""

from __future__ import annotations

import pytest
import torch

from model.training.distributed import ProcessGroup
from model.training.step_metrics import NotANumberError, StepMetrics


@pytest.mark.parametrize(
    ("loss", "gradient", "what"), [(1.0, float("inf"), "gradient"), (float("nan"), 1.0, "loss")]
)
def test_on_a_gpu_read_finds_the_step_that_is_not_finite(loss: float, gradient: float, what: str) -> None:
    net = torch.nn.Linear(2, 2)
    metrics = StepMetrics(net, 2, 5, torch.device("cpu"), ProcessGroup())
    metrics.check_each_step = False  # as on a GPU
    for step in range(4):
        for parameter in net.parameters():
            parameter.grad = torch.full_like(parameter, gradient if step == 2 else 0.5)
        value = torch.tensor(loss if step == 2 else 1.0)
        metrics.add(value, torch.eye(2), torch.tensor([0, 1]))
    with pytest.raises(
        NotANumberError, match=rf"The {what} became (nan|inf) in epoch 3 at batch 3 of 5 \(step 13 "
    ):
        metrics.read()


def test_read_returns_the_means_of_the_steps() -> None:
    net = torch.nn.Linear(3, 1, bias=False)
    metrics = StepMetrics(net, 0, 9, torch.device("cpu"), ProcessGroup())
    for loss, size in ((1.0, 2.0), (4.0, 4.0)):
        net.weight.grad = torch.tensor([[size, 0, 0]])
        metrics.add(torch.tensor(loss), torch.eye(2), torch.tensor([0, 0]))
    assert metrics.read() == {"loss": 2.5, "train_accuracy": 0.5, "grad_norm": 3.0}
