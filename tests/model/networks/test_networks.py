"""Every network of the registry, run on small images: gradients, statistics, folding, checkpoints."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from model import create_model, list_models, load_checkpoint, save_checkpoint
from model.graph.summary import smallest_input
from model.inference.checkpoint import Card
from model.inference.runtime import fuse
from model.networks.blocks import DenseLayer, ResidualBlock
from model.networks.registry import get_spec


def heavy(name: str) -> bool:
    return get_spec(name).params > 20_000_000


@pytest.fixture(
    scope="module",
    params=[pytest.param(n, marks=pytest.mark.slow if heavy(n) else ()) for n in list_models()],
)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def built(name: str, randomise: Callable[[nn.Module], None]) -> nn.Module:
    """The network for one channel and seven classes, with every BatchNorm away from the identity."""
    torch.manual_seed(0)
    net = create_model(name, 1, 7)
    randomise(net)
    return net.eval()


@pytest.fixture(scope="module")
def images(built: nn.Module) -> Tensor:
    side = max(smallest_input(built), 8)
    return torch.randn(2, 1, side, side + 3, generator=torch.Generator().manual_seed(1))


def assert_same(output: Tensor, expected: Tensor) -> None:
    """Equal but for rounding, which is relative to the largest logit."""
    torch.testing.assert_close(output, expected, rtol=0, atol=1e-4 * float(expected.abs().max()))


def test_gradient_reaches_every_parameter(built: nn.Module, images: Tensor) -> None:
    """In eval mode: in training a BatchNorm takes out the bias of the convolution before it, and its
    gradient with it."""
    weight = torch.randn(2, 7, generator=torch.Generator().manual_seed(2))
    (built(images) * weight).sum().backward()
    for key, parameter in built.named_parameters():
        assert parameter.grad.isfinite().all(), key
        assert parameter.grad.abs().sum() > 0, key
    built.zero_grad()


def test_training_moves_the_statistics_and_evaluation_leaves_them(built: nn.Module, images: Tensor) -> None:
    net = copy.deepcopy(built)
    norms = [layer for layer in net.modules() if isinstance(layer, nn.BatchNorm2d)]
    start = [norm.running_mean.clone() for norm in norms]
    with torch.no_grad():
        first, again = net(images), net(images)
        assert torch.equal(first, again)
        assert all(torch.equal(norm.running_mean, mean) for norm, mean in zip(norms, start, strict=True))
        trained = net.train()(images)
    assert trained.isfinite().all()
    assert not torch.allclose(trained, first)
    assert not any(torch.equal(norm.running_mean, mean) for norm, mean in zip(norms, start, strict=True))


def test_eval_outputs_do_not_depend_on_the_batch(built: nn.Module, images: Tensor) -> None:
    with torch.inference_mode():
        assert_same(built(images)[1:], built(images[1:]))


def test_channels_last_changes_nothing(built: nn.Module, images: Tensor) -> None:
    net = copy.deepcopy(built).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        assert_same(net(images.contiguous(memory_format=torch.channels_last)), built(images))


def test_the_fused_network_gives_the_same_output(built: nn.Module, images: Tensor) -> None:
    fused = fuse(built)
    with torch.inference_mode():
        assert_same(fused(images), built(images))
    assert batch_norms(fused) == batch_norms_that_cannot_be_folded(built)


def batch_norms(net: nn.Module) -> int:
    return sum(isinstance(layer, nn.BatchNorm2d) for layer in net.modules())


def batch_norms_that_cannot_be_folded(net: nn.Module) -> int:
    """The first of a dense layer, that of a transition, the last of a DenseNet."""
    return sum(key.endswith(("bn1", "norm")) for key, _ in net.named_modules()) if hasattr(net, "norm") else 0


def test_a_checkpoint_restores_it(
    name: str, built: nn.Module, images: Tensor, tmp_path: Path, card: Card
) -> None:
    card["arch"] = {"name": name, "in_channels": 1, "num_classes": 7}
    save_checkpoint(tmp_path / "net.safetensors", built.state_dict(), card)
    loaded, _ = load_checkpoint(tmp_path / "net.safetensors")
    with (
        torch.inference_mode()
    ):  # copies: the kernels differ where a file's tensors are not aligned in memory
        assert torch.equal(copy.deepcopy(loaded)(images), copy.deepcopy(built)(images))
    saved, restored = built.state_dict(), loaded.state_dict()
    assert saved.keys() == restored.keys()
    assert all(torch.equal(saved[key], restored[key]) for key in saved)


def test_a_branch_of_zeros_makes_every_block_its_shortcut(built: nn.Module, images: Tensor) -> None:
    net = copy.deepcopy(built)
    blocks = [block for block in net.modules() if isinstance(block, (ResidualBlock, DenseLayer))]
    calls: list[tuple[nn.Module, Tensor, Tensor]] = []
    for block in blocks:
        block.zero_branch()
        block.register_forward_hook(lambda m, i, out: calls.append((m, i[0], out)))
    with torch.inference_mode():
        net(images)
        assert [block for block, _, _ in calls] == blocks
        for block, x, out in calls:
            assert torch.equal(out, without_branch(block, x))


def without_branch(block: nn.Module, x: Tensor) -> Tensor:
    """The output of a block's shortcut alone. For an identity that is x where x comes from a ReLU, which it
    does but in residual9."""
    if isinstance(block, DenseLayer):
        return torch.cat([x, x.new_zeros(len(x), block.out_channels - x.shape[1], *x.shape[2:])], 1)
    if block.shortcut is None:
        return torch.zeros_like(block.branch(x))
    return x if isinstance(block.shortcut, nn.Identity) and (x >= 0).all() else block.shortcut(x).relu()
