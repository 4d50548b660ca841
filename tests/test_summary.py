"""The layer table against measurements that share nothing with it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from model import create_model, list_models
from model.resnet import ResNet
from model.summary import summarise
from model.zoo import get_spec

SPATIAL = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)


def measured_field(net: nn.Module, layer: str, side: int) -> int:
    """Width of the input region that one unit in the middle of ``layer``'s output depends on.

    All weights are made positive, BatchNorm the identity and max-pooling an average, so that no path
    cancels or closes; then the gradient of one unit is non-zero exactly on its receptive field.
    """
    net = copy.deepcopy(net).eval().double()
    for module in list(net.modules()):
        if isinstance(module, nn.Conv2d):
            module.weight.data.fill_(1 / module.weight[0].numel())
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
        for name, child in module.named_children():
            if isinstance(child, nn.MaxPool2d):
                setattr(module, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
    caught: list[Tensor] = []
    net.get_submodule(layer).register_forward_hook(lambda _m, _i, out: caught.append(out))
    image = torch.ones(1, 1, side, side, dtype=torch.double, requires_grad=True)
    net(image)
    middle = caught[0].shape[-1] // 2
    caught[0][0, :, middle, middle].sum().backward()
    columns = image.grad[0, 0].abs().sum(0).nonzero()
    return int(columns.max() - columns.min()) + 1


@pytest.mark.parametrize(
    "net",
    [
        create_model("mnist_resnet"),
        ResNet(nn.Conv2d(1, 3, 7, 2, 3, bias=False), 3, (3, 5, 5), (2, 1, 2), 4),
    ],
    ids=["mnist_resnet", "7x7 stem"],
)
def test_receptive_field_is_the_reach_of_the_gradient(net: nn.Module) -> None:
    side = 160
    rows = summarise(net, (1, side, side)).rows
    checked = 0
    for row in rows:
        if isinstance(net.get_submodule(row.name), SPATIAL):
            assert row.receptive_field == measured_field(net, row.name, side), row.name
            checked += 1
    assert checked >= 8
    assert rows[-1].receptive_field is None  # the classifier sees everything


@pytest.mark.parametrize("side", [28, 33, 64])
@pytest.mark.parametrize("name", list_models())
def test_macs_are_those_of_pytorchs_counter(name: str, side: int) -> None:
    spec = get_spec(name)
    with torch.device("meta"):
        net = spec.build(3, 10).eval()
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            net(torch.empty(1, 3, side, side))
    summary = summarise(net, (3, side, side))
    assert summary.macs == counter.get_total_flops() // 2
    assert summary.macs == sum(row.macs for row in summary.rows)


@pytest.mark.parametrize("name", list_models())
def test_parameters_of_the_rows_add_up_to_the_networks(name: str) -> None:
    net = create_model(name)
    summary = summarise(net, (1, *get_spec(name).shape[1:]))
    assert summary.params == sum(row.params for row in summary.rows)
    assert summary.params == sum(p.numel() for p in net.parameters())


def test_shapes_are_those_of_a_real_run() -> None:
    net = create_model("mnist_resnet").eval()
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, output: Tensor) -> None:
        shapes[name] = tuple(output.shape[1:])

    for name, layer in net.named_modules():
        layer.register_forward_hook(lambda _m, _i, out, name=name: note(name, out))
    net(torch.zeros(1, 1, 28, 28))
    rows = summarise(net, (1, 28, 28)).rows
    assert {row.name: row.output_shape for row in rows} == {row.name: shapes[row.name] for row in rows}


def test_the_network_is_left_as_it_was() -> None:
    net = create_model("mnist_resnet").train()
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    summarise(net, (1, 28, 28))
    assert net.training
    assert all(torch.equal(before[name], tensor) for name, tensor in net.state_dict().items())
