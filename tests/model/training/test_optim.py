"""Muon does what its papers say, by the singular values; smoothed labels; a start without torch._dynamo."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from model import create_model
from model.training.optim import Muon, orthogonal, smoothed
from tests.helpers.paths import ROOT


@pytest.mark.parametrize("shape", [(32, 36), (64, 288), (128, 64), (16, 16)])
def test_an_orthogonal_step_keeps_the_singular_vectors_and_evens_out_the_values(
    shape: tuple[int, int],
) -> None:
    torch.manual_seed(0)
    u, _, v = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    sizes = torch.linspace(0.2, 1.0, min(shape))
    step = orthogonal(u @ sizes.diag() @ v, rounds=5)
    seen = (u.t() @ step @ v.t()).diag()
    assert seen.min() > 0.55
    assert seen.max() < 1.35
    rest = u.t() @ step @ v.t() - seen.diag()
    assert rest.abs().max() < 0.05, "other directions stay out"


def test_a_step_turns_each_kernel_by_its_rate_and_brings_it_to_its_length() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Conv2d(16, 32, 3, bias=False), nn.Flatten(), nn.Linear(32, 2))
    optimizer = Muon(net, lr=0.05, momentum=0.0)
    before = net[0].weight.detach().clone()
    net(torch.randn(8, 16, 3, 3)).square().sum().backward()
    optimizer.step()
    scaled = before * (32**0.5 / before.norm())
    step = net[0].weight.detach() - scaled
    assert 0.2 * 0.05 < torch.linalg.matrix_norm(step.flatten(1), 2) < 1.4 * 0.05
    assert (step * net[0].weight.grad).sum() < 0, "downhill"


def test_the_length_of_a_kernel_changes_no_answer() -> None:
    torch.manual_seed(0)
    net = create_model("mnist_resnet_fast").train()
    images = torch.randn(64, 1, 28, 28)
    with torch.no_grad():
        before = net(images)
        for parameter in net.parameters():
            if parameter.ndim == 4:
                parameter.mul_(3)
        torch.testing.assert_close(net(images), before, rtol=0, atol=1e-3)


def test_the_fast_recipe_begins_without_importing_what_only_compiling_needs() -> None:
    """Process start to first step is to take little more than ``import torch``: 1 s goes to torch._dynamo."""
    code = (
        "import sys, torch, train_mnist\n"
        "from torch.optim.swa_utils import AveragedModel\n"
        "from model import create_model\n"
        "from model.training.amx_conv_backward import quick_backward\n"
        "from model.training.optim import make_optimizer\n"
        "from model.training.config import RECIPES\n"
        "config = RECIPES['fast']\n"
        "net = create_model(config.model)\n"
        "averaged = AveragedModel(net)\n"
        "optimizer = make_optimizer(net, config)\n"
        "with torch.autocast('cpu', torch.bfloat16), quick_backward(torch.device('cpu')):\n"
        "    logits = net(torch.zeros(4, 1, 28, 28))\n"
        "logits.float().sum().backward()\n"
        "optimizer.step()\n"
        "averaged.update_parameters(net)\n"
        "heavy = {'torch._dynamo', 'torch._inductor', 'torchvision', 'sympy', 'gradio',\n"
        "         'huggingface_hub', 'trackio', 'tensorboard'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert found.stdout.strip() == "[]"


def test_labels_are_smoothed_among_the_digits_alone() -> None:
    goals = smoothed(11, 0.05)
    assert goals.sum(1).tolist() == pytest.approx([1.0] * 11)
    assert goals[3].tolist() == pytest.approx([0.005] * 3 + [0.955] + [0.005] * 6 + [0.0])
    assert goals[10].tolist() == [0.0] * 10 + [1.0]
    assert torch.equal(smoothed(11, 0.0), torch.eye(11))
    # With ten classes it is what PyTorch calls label smoothing.
    logits, labels = torch.randn(20, 10, generator=torch.Generator().manual_seed(1)), torch.arange(20) % 10
    wanted = F.cross_entropy(logits, labels, label_smoothing=0.05)
    torch.testing.assert_close(F.cross_entropy(logits, smoothed(10, 0.05)[labels]), wanted)
