"""Every network of the registry: built, run, and its declared size recomputed."""

from __future__ import annotations

import pytest
import torch
from safetensors.torch import save
from torch.utils.flop_counter import FlopCounterMode

from model import create_model, list_models
from model.zoo import get_spec, register


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


@pytest.mark.parametrize("name", list_models())
def test_every_network_says_where_it_comes_from(name: str) -> None:
    assert len(get_spec(name).source) > 10


@pytest.mark.parametrize("name", list_models())
@pytest.mark.parametrize("channels", [1, 3])
def test_every_network_takes_other_channels_and_classes(name: str, channels: int) -> None:
    shape = get_spec(name).shape
    with torch.device("meta"):
        out = create_model(name, channels, 7).eval()(torch.empty(2, channels, *shape[1:]))
    assert out.shape == (2, 7)


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


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="'mnist_resnet' is registered already"):
        register("mnist_resnet", get_spec("mnist_resnet"))


def test_an_unknown_name_names_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"no network 'mnist_resnit'\. Did you mean .*mnist_resnet"):
        create_model("mnist_resnit")
