"""The summary of a network against measurements that share no code with it."""

from __future__ import annotations

import copy
import time
from contextlib import suppress
from functools import cache, partial

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from model import InputError, create_model, list_models
from model.graph.summary import check_size, create_uninitialized, smallest_input, summarise
from model.networks.blocks import BasicBlock, Bottleneck, ZeroPadding, no_shortcut, zero_padding
from model.networks.densenet import DenseNet
from model.networks.resnet import ResNet
from model.networks.stems import imagenet_stem
from tests.helpers.networks import open_all_paths

SPATIAL = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d, ZeroPadding)


@cache
def meta_model(name: str, in_channels: int = 1) -> nn.Module:
    with torch.device("meta"):
        return create_model(name, in_channels).eval()


def measured_field(net: nn.Module, layer: str, side: int) -> int:
    """Width of the input region that one unit in the middle of ``layer``'s output depends on.

    That is where the unit's gradient is non-zero (see ``open_all_paths``).
    """
    net = open_all_paths(net)
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
        ResNet(imagenet_stem(1, 2), 2, (2, 4), (1, 2), 4, partial(Bottleneck, groups=2, base_width=64)),
        ResNet(nn.Conv2d(1, 2, 3), 2, (2, 4, 6), (1, 1, 2), 4, partial(BasicBlock, shortcut=zero_padding)),
        ResNet(nn.Conv2d(1, 2, 3), 2, (2, 4, 6), (1, 1, 2), 4, partial(BasicBlock, shortcut=no_shortcut)),
        DenseNet(imagenet_stem(1, 4), 4, 2, (2, 2), 4),
    ],
    ids=["mnist_resnet", "7x7 stem", "bottleneck", "option A", "plain", "dense"],
)
def test_receptive_field_sizes_are_those_of_the_gradient(net: nn.Module) -> None:
    side = 160
    rows = summarise(net, (1, side, side)).rows
    checked = 0
    for row in rows:
        if isinstance(net.get_submodule(row.name), SPATIAL):
            assert row.receptive_field == measured_field(net, row.name, side), row.name
            checked += 1
    assert checked >= 8
    assert rows[-1].receptive_field is None  # the classifier depends on the whole image


@pytest.mark.parametrize("name", list_models())
def test_macs_and_parameters_are_those_that_pytorch_counts(name: str) -> None:
    shape = (3, 33, 64)
    net = meta_model(name, 3)
    counter = FlopCounterMode(display=False)
    with counter, torch.no_grad():
        net(torch.empty(1, *shape, device="meta"))
    summary = summarise(net, shape)
    assert summary.macs == counter.get_total_flops() // 2
    assert summary.macs == sum(row.macs for row in summary.rows)
    assert summary.params == sum(p.numel() for p in net.parameters())
    assert summary.params == sum(row.params for row in summary.rows)


@pytest.mark.parametrize("name", list_models())
def test_rows_run_from_stem_through_the_stages_to_the_head(name: str) -> None:
    net = meta_model(name)
    stages = [row.stage for row in summarise(net, (1, 64, 64)).rows]
    parts = ["stem", *(f"stages.{index}" for index in range(len(net.stages))), "head"]
    assert list(dict.fromkeys(stages)) == parts
    assert stages == sorted(stages, key=parts.index)


@pytest.mark.parametrize(
    ("name", "field"),
    [("resnet18", 435), ("resnet34", 899), ("resnet50", 427), ("resnet101", 971), ("resnet152", 1451)],
)
def test_receptive_fields_of_known_networks(name: str, field: int) -> None:
    """Counted by hand: 7×7 and pooling see 11 pixels, and each 3×3 adds twice the stride before it."""
    rows = summarise(meta_model(name), (1, 224, 224)).rows
    assert max(row.receptive_field or 0 for row in rows) == field


def test_the_deepest_network_takes_less_than_a_second() -> None:
    net = meta_model("resnet152", 3)
    quickest = min(timed(net) for _ in range(3))
    assert quickest < 1


def timed(net: nn.Module) -> float:
    started = time.perf_counter()
    summarise(net, (3, 224, 224))
    return time.perf_counter() - started


def halved(net: nn.Module, side: int) -> list[int]:
    """The input side of each halving layer, up to the one that fails, for an image of ``side``."""
    sides: list[int] = []
    hooks = [
        layer.register_forward_pre_hook(lambda _m, args: sides.append(args[0].shape[-1]))
        for layer in net.modules()
        if getattr(layer, "stride", 1) in (2, (2, 2))
    ]
    with suppress(RuntimeError):  # an unpadded pooling with nothing left to pool
        net(torch.empty(1, 1, side, side, device="meta"))
    for hook in hooks:
        hook.remove()
    return sides


@pytest.mark.parametrize("name", list_models())
def test_the_smallest_input_can_be_halved_by_every_layer_that_halves(name: str) -> None:
    net = meta_model(name)
    least = smallest_input(net)
    assert min(halved(net, least)) >= 2
    assert min(halved(net, least - 1)) < 2
    summary = summarise(net, (1, least, least))
    assert summary.rows[-1].output_shape == (10,)
    assert summary.useful == least


@pytest.mark.parametrize("name", list_models())
def test_the_smallest_image_is_the_one_from_which_the_network_runs(name: str) -> None:
    net = meta_model(name)
    smallest = summarise(net, (1, 64, 64)).smallest
    assert net(torch.empty(1, 1, smallest, smallest, device="meta")).shape == (1, 10)
    assert summarise(net, (1, smallest, smallest)).rows[-1].output_shape == (10,)
    assert (smallest == 1) is not name.startswith(("densenet", "mnist_resnet_fast"))
    if smallest > 1:
        with pytest.raises(RuntimeError):
            net(torch.empty(1, 1, smallest - 1, smallest - 1, device="meta"))
        with pytest.raises(InputError, match="a pooling without padding would have nothing left to pool"):
            summarise(net, (1, smallest - 1, smallest))


def test_the_error_for_a_small_image_names_the_smallest() -> None:
    net = meta_model("resnet50")
    with pytest.raises(InputError, match=r"needs images of at least 17×17 pixels: at 20×16 ") as error:
        check_size(net, (1, 20, 16))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["mnist_resnet", "resnet20", "resnet18_cifar", "residual9"])
def test_shapes_are_those_of_a_real_run(name: str) -> None:
    net = create_model(name).eval()
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str, output: Tensor) -> None:
        shapes[name] = tuple(output.shape[1:])

    for name, layer in net.named_modules():
        layer.register_forward_hook(lambda _m, _i, out, name=name: note(name, out))
    net(torch.zeros(1, 1, 12, 15))
    rows = summarise(net, (1, 12, 15)).rows
    assert {row.name: row.output_shape for row in rows} == {row.name: shapes[row.name] for row in rows}


@pytest.mark.parametrize("name", list_models())
def test_shapes_are_those_of_the_meta_device(name: str) -> None:
    net = copy.deepcopy(meta_model(name))
    shapes: dict[str, tuple[int, ...]] = {}
    for path, layer in net.named_modules():
        layer.register_forward_hook(
            lambda _m, _i, out, path=path: shapes.update({path: tuple(out.shape[1:])})
        )
    net(torch.empty(1, 1, 61, 45, device="meta"))
    rows = summarise(net, (1, 61, 45)).rows
    assert {row.name: row.output_shape for row in rows} == {row.name: shapes[row.name] for row in rows}
    layers = {path for path, layer in net.named_modules() if not any(layer.children())}
    assert {row.name for row in rows} == layers


@pytest.mark.parametrize(
    ("name", "depth"),
    [
        *(("resnet18", 18), ("resnet152", 152), ("densenet121", 121), ("densenet201", 201)),
        *(("resnet110", 110), ("plain56", 56), ("resnext50_32x4d", 50), ("resnet20_b", 20)),
    ],
)
def test_depth_is_the_number_in_the_name(name: str, depth: int) -> None:
    assert summarise(meta_model(name), (1, 64, 64)).depth == depth


@pytest.mark.parametrize("name", list_models())
def test_an_uninitialized_network_has_the_tensors_of_the_real_one(name: str) -> None:
    empty, real = create_uninitialized(name, 2, 7).state_dict(), create_model(name, 2, 7).state_dict()
    assert {key: tensor.shape for key, tensor in empty.items()} == {k: t.shape for k, t in real.items()}
    assert {tensor.device.type for tensor in empty.values()} == {"meta"}
