"""The backward pass by matrix products equals oneDNN's, for every shape that the networks have."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model import create_model
from model.training.amx_conv_backward import is_faster, quick_backward

CPU = torch.device("cpu")
SHAPES = [
    # channels, filters, side, kernel, stride, padding
    (16, 24, 4, 3, 1, 1),
    (32, 16, 14, 3, 2, 1),
    (32, 48, 7, 3, 2, 1),
    (16, 32, 7, 1, 2, 0),
    (16, 32, 4, 1, 1, 0),
    (16, 32, 13, 5, 2, 2),
    (16, 32, 9, 4, 3, 0),
]


def learn(layer: nn.Module, inputs: Tensor, outer: Tensor, quick: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Output, and gradients of inputs and weights, of a layer under autocast."""
    inputs = inputs.clone().requires_grad_()
    layer.zero_grad()
    context = quick_backward(CPU if quick else torch.device("meta"))
    with torch.autocast("cpu", torch.bfloat16), context:
        out = layer(inputs)
    (out.float() * outer[: len(out), : out.shape[1], : out.shape[2], : out.shape[3]]).sum().backward()
    return out, inputs.grad, next(layer.parameters()).grad


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradients_are_those_of_the_convolution_in_double_precision(shape: tuple[int, ...]) -> None:
    channels, filters, side, kernel, stride, padding = shape
    torch.manual_seed(0)
    layer = nn.Conv2d(channels, filters, kernel, stride, padding, bias=False)
    inputs = torch.randn(8, channels, side, side).bfloat16().contiguous(memory_format=torch.channels_last)
    outer = torch.randn(8, filters, side, side).bfloat16().float()
    with torch.autocast("cpu", torch.bfloat16):
        arguments = (inputs, layer.weight, None, layer.stride, layer.padding, layer.dilation, 1)
        assert is_faster(*arguments)
    got = learn(layer, inputs, outer, quick=True)
    assert "Convolve" in type(got[0].grad_fn).__name__

    weight = layer.weight.detach().bfloat16().double().requires_grad_()
    exact = inputs.double().requires_grad_()
    out = F.conv2d(exact, weight, None, stride, padding)
    (out * outer[..., : out.shape[2], : out.shape[3]]).sum().backward()
    for mine, right in zip(got, (out, exact.grad, weight.grad), strict=True):
        error = (mine.double() - right).norm() / right.norm()
        assert error < 4e-3, "more than bfloat16's rounding"


def test_a_convolution_that_would_not_be_faster_is_left_alone() -> None:
    layer = nn.Conv2d(16, 16, 3, padding=1)
    rest = (layer.stride, layer.padding, layer.dilation, 1)
    small, large = torch.randn(2, 16, 4, 4), torch.randn(2, 16, 14, 14)
    with torch.autocast("cpu", torch.bfloat16):
        assert is_faster(small, layer.weight, None, *rest)
        assert not is_faster(large, layer.weight, None, *rest)
        assert not is_faster(small, layer.weight, layer.bias, *rest)
        assert not is_faster(small[:, :1], layer.weight[:, :1], None, *rest)
        assert not is_faster(small, layer.weight.detach(), None, *rest)
    assert not is_faster(small, layer.weight, None, *rest), "full precision stays PyTorch's own"


def test_the_gradients_of_a_whole_network_agree() -> None:
    torch.manual_seed(0)
    net = create_model("mnist_resnet").to(memory_format=torch.channels_last)
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 1.5)
    images = torch.randn(32, 1, 28, 28)
    outer = torch.randn(32, 10, 1, 1)[:, :, 0, 0]
    found = {}
    for quick in (False, True):
        net.zero_grad()
        with torch.autocast("cpu", torch.bfloat16), quick_backward(CPU if quick else torch.device("meta")):
            logits = net(images)
        (logits.float() * outer).sum().backward()
        found[quick] = [logits.float(), *(p.grad for p in net.parameters())]
    exact = [2.0, *(p.grad.norm() for p in net.parameters())]
    for usual, quick, size in zip(found[False], found[True], exact, strict=True):
        assert (usual - quick).norm() < 0.05 * max(float(size), 1e-3)
