"""Muon against its papers, PyTorch's optimizers, initialisation, smoothed labels, EMA."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from model import create_model
from model.training.config import RECIPES
from model.training.ema import ema_update
from model.training.optim import Muon, init_xavier, make_optimizer, orthogonal, smoothed_targets
from tests.helpers.paths import ROOT


@pytest.mark.parametrize("shape", [(32, 36), (64, 288), (128, 64), (16, 16)])
def test_orthogonal_keeps_the_singular_vectors_and_equalises_the_values(
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


def test_a_muon_step_rescales_each_kernel_and_turns_it_by_the_learning_rate() -> None:
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


def test_the_norm_of_a_kernel_does_not_change_the_logits() -> None:
    torch.manual_seed(0)
    net = create_model("mnist_resnet_fast").train()
    images = torch.randn(64, 1, 28, 28)
    with torch.no_grad():
        before = net(images)
        for parameter in net.parameters():
            if parameter.ndim == 4:
                parameter.mul_(3)
        torch.testing.assert_close(net(images), before, rtol=0, atol=1e-3)


def test_the_fast_recipe_does_not_import_torch_dynamo() -> None:
    """The first step should come little later than ``import torch`` ends; torch._dynamo takes 1 s."""
    code = (
        "import sys, torch, train_mnist\n"
        "from torch.optim.swa_utils import AveragedModel\n"
        "from model import create_model\n"
        "from model.training.amx_conv_backward import quick_backward\n"
        "from model.training.optim import make_optimizer\n"
        "from model.training.config import RECIPES\n"
        "config = RECIPES['fast']\n"
        "net = create_model(config.model)\n"
        "ema_net = AveragedModel(net)\n"
        "optimizer = make_optimizer(net, config)\n"
        "with torch.autocast('cpu', torch.bfloat16), quick_backward(torch.device('cpu')):\n"
        "    logits = net(torch.zeros(4, 1, 28, 28))\n"
        "logits.float().sum().backward()\n"
        "optimizer.step()\n"
        "ema_net.update_parameters(net)\n"
        "heavy = {'torch._dynamo', 'torch._inductor', 'torchvision', 'sympy', 'gradio',\n"
        "         'huggingface_hub', 'trackio', 'tensorboard'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    assert found.stdout.strip() == "[]"


def test_labels_are_smoothed_among_the_digits_only() -> None:
    targets = smoothed_targets(11, 0.05)
    assert targets.sum(1).tolist() == pytest.approx([1.0] * 11)
    assert targets[3].tolist() == pytest.approx([0.005] * 3 + [0.955] + [0.005] * 6 + [0.0])
    assert targets[10].tolist() == [0.0] * 10 + [1.0]
    assert torch.equal(smoothed_targets(11, 0.0), torch.eye(11))
    # With ten classes it is what PyTorch calls label smoothing.
    logits, labels = torch.randn(20, 10, generator=torch.Generator().manual_seed(1)), torch.arange(20) % 10
    wanted = F.cross_entropy(logits, labels, label_smoothing=0.05)
    torch.testing.assert_close(F.cross_entropy(logits, smoothed_targets(10, 0.05)[labels]), wanted)


def test_xavier_initialisation_has_glorots_bound_and_no_block_starts_as_the_identity() -> None:
    net = create_model("d2l_resnet18")
    init_xavier(net)
    for name, layer in net.named_modules():
        if isinstance(layer, torch.nn.Conv2d):
            side = layer.kernel_size[0] ** 2
            bound = (6 / (side * (layer.in_channels + layer.out_channels))) ** 0.5
            assert 0.95 * bound < layer.weight.abs().max() <= bound, name
        if isinstance(layer, torch.nn.BatchNorm2d):
            assert (layer.weight == 1).all(), name


@pytest.mark.parametrize("name", RECIPES)
def test_three_steps_equal_those_of_pytorchs_own_optimizer(name: str) -> None:
    """Against PyTorch's optimizers without parameter groups, schedule and average."""
    config = replace(RECIPES[name], weight_decay=0.0, schedule="constant", ema_decay=0.0)
    nets = [torch.nn.Linear(4, 3) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    ours = make_optimizer(nets[0], config)
    theirs = {
        "default": lambda p: torch.optim.Adam(p, 0.015, (0.7, 0.9)),  # for weights that are not kernels
        "plain": lambda p: torch.optim.Adam(p, 1e-3),
        "d2l": lambda p: torch.optim.SGD(p, 0.05),
        "fast": lambda p: torch.optim.Adam(p, 0.015, (0.7, 0.9)),
    }[name](nets[1].parameters())
    rounding = 1e-6 if config.optimizer == "muon" else 0
    ema_net = torch.optim.swa_utils.AveragedModel(nets[0], multi_avg_fn=ema_update(config.ema_decay))
    for _ in range(3):
        inputs = torch.randn(5, 4)
        for net, optimizer in zip(nets, (ours, theirs), strict=True):
            optimizer.zero_grad()
            net(inputs).square().sum().backward()
            optimizer.step()
        ema_net.update_parameters(nets[0])
    torch.testing.assert_close(nets[0].weight, nets[1].weight, rtol=0, atol=rounding)
    assert torch.equal(ema_net.module.weight, nets[0].weight)
