"""Every network of the registry: built, run, and its declared size recomputed."""

from __future__ import annotations

import math
from functools import cache

import pytest
import torch
from safetensors.torch import save
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from model import InputError, create_model, list_models
from model.graph.summary import smallest_input
from model.networks.registry import get_spec, register

# Figures of the literature: parameters, and multiply-adds to the printed digit. ImageNet is RGB,
# 224×224, 1,000 classes; CIFAR is RGB, 32×32, 10 classes.
PUBLISHED = {
    "resnet18": (11_689_512, "1.814 G"),
    "resnet34": (21_797_672, "3.664 G"),
    "resnet50": (25_557_032, "4.089 G"),
    "resnet101": (44_549_160, "7.801 G"),
    "resnet152": (60_192_808, "11.514 G"),
    "resnext50_32x4d": (25_028_904, "4.230 G"),
    "densenet121": (7_978_856, "2.834 G"),
    "densenet161": (28_681_000, "7.728 G"),
    "densenet169": (14_149_480, "3.360 G"),
    "densenet201": (20_013_928, "4.291 G"),
    "resnet20": (269_722, "40.55 M"),
    "resnet32": (464_154, "68.86 M"),
    "resnet44": (658_586, "97.17 M"),
    "resnet56": (853_018, "125.49 M"),
    "resnet110": (1_727_962, "252.89 M"),
    "resnet20_b": (272_474, None),
    "resnet32_b": (466_906, None),
    "resnet44_b": (661_338, None),
    "resnet56_b": (855_770, None),
    "resnet110_b": (1_730_714, None),
    "plain20": (269_722, "40.55 M"),
    "plain56": (853_018, "125.49 M"),
}
ONE_CHANNEL_TEN_CLASSES = {
    "resnet18": 11_175_370,
    "resnet18_cifar": 11_172_810,
    "d2l_resnet18": 11_178_378,
}


@cache
def measured(name: str) -> tuple[int, int]:
    """Parameters, and multiply-adds of one image by PyTorch's own counter, on the meta device."""
    spec = get_spec(name)
    with torch.device("meta"):
        net = spec.build(spec.shape[0], spec.classes).eval()
        counter = FlopCounterMode(display=False)
        with counter, torch.no_grad():
            net(torch.empty(1, *spec.shape))
    return sum(p.numel() for p in net.parameters()), counter.get_total_flops() // 2


@pytest.mark.parametrize("name", list_models())
def test_declared_parameters_and_macs_are_the_networks_own(name: str) -> None:
    spec = get_spec(name)
    assert (spec.params, spec.macs) == measured(name), f"{name}: declare what was measured (right)"


def agrees(printed: str, exact: int) -> bool:
    """Whether ``exact`` rounds to ``printed``: "4.230 G", "0.27 M" or all its digits, "11,689,512"."""
    number, _, unit = printed.replace(",", "").partition(" ")
    decimals = len(number.partition(".")[2])
    return f"{exact / {'': 1, 'M': 1e6, 'G': 1e9}[unit]:.{decimals}f}" == number


def test_agreement_is_to_the_printed_digit() -> None:
    assert agrees("4.230 G", 4_230_479_872)
    assert not agrees("4.231 G", 4_230_479_872)
    assert agrees("1.7 M", 1_727_962)
    assert agrees("11,689,512", 11_689_512)
    assert not agrees("11,689,512", 11_689_513)


@pytest.mark.parametrize("name", PUBLISHED)
def test_figures_are_those_of_the_literature(name: str) -> None:
    params, printed = PUBLISHED[name]
    measured_params, measured_macs = measured(name)
    assert measured_params == params
    assert printed is None or agrees(printed, measured_macs)


@pytest.mark.parametrize("name", list_models())
def test_what_the_source_prints_agrees_with_what_was_measured(name: str) -> None:
    spec = get_spec(name)
    assert spec.published_params is None or agrees(spec.published_params, spec.params)
    assert spec.published_macs is None or agrees(spec.published_macs, spec.macs)


@pytest.mark.parametrize("name", ONE_CHANNEL_TEN_CLASSES)
def test_parameters_for_one_channel_and_ten_classes(name: str) -> None:
    with torch.device("meta"):
        net = create_model(name)
    assert sum(p.numel() for p in net.parameters()) == ONE_CHANNEL_TEN_CLASSES[name]


@pytest.mark.parametrize("name", list_models())
def test_every_network_has_a_source(name: str) -> None:
    assert len(get_spec(name).source) > 10


@pytest.mark.parametrize("name", list_models())
@pytest.mark.parametrize("channels", [1, 3])
def test_every_network_takes_other_channels_and_classes(name: str, channels: int) -> None:
    shape = get_spec(name).shape
    with torch.device("meta"):
        out = create_model(name, channels, 7).eval()(torch.empty(2, channels, *shape[1:]))
    assert out.shape == (2, 7)


@pytest.mark.parametrize("name", list_models())
def test_shapes_at_every_size_it_can_take(name: str) -> None:
    with torch.device("meta"):
        net = create_model(name).eval()
        least = smallest_input(net)
        assert least <= 32
        assert (least > 28) == name.startswith("densenet")  # all others take a digit as it is
        for height, width in ((28, 28), (32, 32), (96, 96), (224, 224), (least, least), (33, 64)):
            if height >= least:
                assert net(torch.empty(2, 1, height, width)).shape == (2, 10)


def test_the_default_network_is_small_enough_for_plain_git() -> None:
    spec = get_spec("mnist_resnet")
    net = create_model("mnist_resnet", 1, spec.classes)
    assert sum(p.numel() for p in net.parameters()) <= 1_000_000
    assert len(save(net.state_dict())) <= 4_000_000


def test_the_seed_alone_decides_the_first_weights() -> None:
    def first(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        return torch.cat([p.flatten() for p in create_model("mnist_resnet").parameters()])

    assert torch.equal(first(3), first(3))
    assert not torch.equal(first(3), first(4))


def test_the_default_network_is_what_checkpoints_expect() -> None:
    """Every tensor by name and shape: a change makes existing checkpoints unreadable."""

    def block(name: str, before: int, channels: int) -> dict[str, tuple[int, ...]]:
        shapes = {
            f"{name}.conv1.weight": (channels, before, 3, 3),
            **norm(f"{name}.bn1", channels),
            f"{name}.conv2.weight": (channels, channels, 3, 3),
            **norm(f"{name}.bn2", channels),
        }
        if before != channels:
            shapes[f"{name}.shortcut.0.weight"] = (channels, before, 1, 1)
            shapes |= norm(f"{name}.shortcut.1", channels)
        return shapes

    def norm(name: str, channels: int) -> dict[str, tuple[int, ...]]:
        each = ("weight", "bias", "running_mean", "running_var")
        return {f"{name}.{key}": (channels,) for key in each} | {f"{name}.num_batches_tracked": ()}

    expected = {"stem.0.weight": (16, 1, 3, 3), **norm("stem.1", 16)}
    for name, before, channels in (
        ("stages.0.0", 16, 16),
        ("stages.1.0", 16, 64),
        ("stages.2.0", 64, 128),
        ("stages.3.0", 128, 192),
    ):
        expected |= block(name, before, channels)
    expected |= {"fc.weight": (10, 192), "fc.bias": (10,)}
    net = create_model("mnist_resnet")
    assert {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()} == expected
    assert list(net.state_dict()) == list(expected)  # the order in which they are initialised


def test_the_initial_weights_of_the_default_network_are_drawn_in_a_fixed_order() -> None:
    """Drawn once more by hand: what construction draws from the generator, then the He initialisation."""
    torch.manual_seed(5)
    state = create_model("mnist_resnet").state_dict()
    torch.manual_seed(5)
    kernels = {key: tensor for key, tensor in state.items() if tensor.ndim == 4}
    for kernel in kernels.values():
        nn.Conv2d(kernel.shape[1], kernel.shape[0], kernel.shape[2], bias=False)
    head = nn.Linear(192, 10)
    for key, kernel in kernels.items():
        fan_out = kernel.shape[0] * kernel.shape[2] * kernel.shape[3]
        assert torch.equal(kernel, torch.empty(kernel.shape).normal_(0, math.sqrt(2 / fan_out))), key
    assert torch.equal(state["fc.weight"], head.weight)


def test_a_name_cannot_be_registered_twice() -> None:
    with pytest.raises(ValueError, match="'mnist_resnet' is registered already"):
        register("mnist_resnet", get_spec("mnist_resnet"))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("mnist_resnit", "mnist_resnet"),
        ("ResNet50", "resnet50"),
        ("resnet-18", "resnet18"),
        ("resnet1202", "resnet20"),
        ("DenseNet121", "densenet121"),
        ("resnext50", "resnext50_32x4d"),
        ("d2l", "d2l_resnet18"),
        ("densenet", "densenet121, densenet161, densenet169"),
    ],
)
def test_the_error_for_an_unknown_name_suggests_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(InputError, match=rf"no network '{wrong}'\. Did you mean .*{right}"):
        create_model(wrong)


@pytest.mark.parametrize("name", ["", "vgg"])
def test_the_error_for_a_name_near_none_lists_them_all(name: str) -> None:
    with pytest.raises(InputError, match=r"Choose from mnist_resnet, .*resnet152.*residual9"):
        create_model(name)


def test_none_is_no_name() -> None:
    with pytest.raises(InputError, match="There is no network 'None'"):
        create_model(None)


@pytest.mark.parametrize(("channels", "classes"), [(0, 10), (1, 0), (-1, 10), ("3", 10), (1, 1.5)])
def test_what_is_no_number_of_channels_or_classes_is_refused(channels: int, classes: int) -> None:
    with pytest.raises(InputError, match="at least one channel and one class"):
        create_model("mnist_resnet", channels, classes)
