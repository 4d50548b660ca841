"""Activations against computations that share no code with them: a forward written by hand, hooks, networks
rebuilt without a branch, and numpy."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model import DigitReader, InputError
from model.explain.activations import Explainer, round_up
from model.image import to_input
from model.inference.checkpoint import Card
from model.networks.blocks import DenseLayer
from tests.helpers.networks import SMALL_NETWORKS

SIDE = 28


@pytest.fixture(params=SMALL_NETWORKS)
def explainer(request: pytest.FixtureRequest, card: Card, randomise: Callable) -> Explainer:
    torch.manual_seed(1)
    net = SMALL_NETWORKS[request.param]()
    randomise(net)
    return Explainer(DigitReader(net, card, "cpu"))


def drawings(count: int = 2) -> Tensor:
    return torch.randint(0, 256, (count, SIDE, SIDE), generator=torch.Generator().manual_seed(2)).byte()


def written_by_hand(weights: dict[str, Tensor], x: Tensor) -> dict[str, Tensor]:
    """The default network from its tensors alone: the output of every node by the node's name."""

    def conv_norm(x: Tensor, conv: str, norm: str, stride: int = 1) -> Tensor:
        kernel = weights[f"{conv}.weight"]
        x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)
        scale = weights[f"{norm}.weight"] / (weights[f"{norm}.running_var"] + 1e-5).sqrt()
        shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        return x * scale[:, None, None] + shift[:, None, None]

    outputs = {"image": x}
    x = outputs["stem.0"] = conv_norm(x, "stem.0", "stem.1").clamp(min=0)
    for stage in range(4):
        at, stride = f"stages.{stage}.0", 2 if stage else 1
        skip = conv_norm(x, f"{at}.shortcut.0", f"{at}.shortcut.1", 2) if stage else x
        inner = conv_norm(x, f"{at}.conv1", f"{at}.bn1", stride).clamp(min=0)
        branch = conv_norm(inner, f"{at}.conv2", f"{at}.bn2")
        outputs |= {
            f"{at}.shortcut": skip,
            f"{at}.conv1": inner,
            f"{at}.conv2": branch,
            f"{at}.add": skip + branch,
        }
        x = (skip + branch).clamp(min=0)
    outputs["pool"] = x.mean((2, 3))
    outputs["fc"] = outputs["pool"] @ weights["fc.weight"].T + weights["fc.bias"]
    return outputs


@torch.inference_mode()
def test_every_node_equals_a_forward_written_by_hand(untrained: DigitReader) -> None:
    explainer, images = Explainer(untrained), drawings()
    activations = explainer.run(images)
    wanted = written_by_hand(untrained.net.state_dict(), to_input(images))
    assert {node.name for node in explainer.nodes} == wanted.keys()
    for node in explainer.nodes:
        torch.testing.assert_close(
            activations[node.output], wanted[node.name], rtol=1e-4, atol=1e-4, msg=node.name
        )


@torch.inference_mode()
def test_every_layer_equals_what_a_hook_catches(explainer: Explainer) -> None:
    images, caught = drawings(), {}
    net = copy.deepcopy(explainer.reader.net)
    for name, layer in net.named_modules():
        if not layer._modules:  # a ReLU in place overwrites the output: keep a copy
            layer.register_forward_hook(lambda _m, _i, out, name=name: caught.update({name: out.clone()}))
    logits = net(to_input(images))
    activations = explainer.run(images)
    assert torch.equal(activations[explainer.operations[-1]], logits)
    checked = 0
    for op in explainer.operations:
        if op.name in caught:
            assert torch.equal(activations[op], caught[op.name]), op.name
            checked += 1
    assert checked >= 10


class Without(nn.Module):
    """A block without its branch."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.shortcut, self.dense = block.shortcut, isinstance(block, DenseLayer)
        self.out_channels = block.out_channels

    def forward(self, x: Tensor) -> Tensor:
        x = self.shortcut(x)
        if self.dense:
            return F.pad(x, (0, 0, 0, 0, 0, self.out_channels - x.shape[1]))
        return torch.relu(x)


@torch.inference_mode()
def test_a_branch_switched_off_equals_a_network_rebuilt_without_it(explainer: Explainer) -> None:
    images, net = drawings(), explainer.reader.net
    names = [paths.block for paths in explainer.block_paths if paths.shortcut is not None]
    for off in [[name] for name in names] + [names[:2], names]:
        rebuilt = copy.deepcopy(net)
        for name in off:
            _, stage, block = name.split(".")
            rebuilt.stages[int(stage)][int(block)] = Without(rebuilt.stages[int(stage)][int(block)])
        wanted = rebuilt(to_input(images))
        activations = explainer.run(images, off)
        torch.testing.assert_close(activations[explainer.operations[-1]], wanted)
        if off:
            assert not torch.allclose(wanted, net(to_input(images)), atol=1e-3)
        probabilities, verdicts = explainer.classify(activations)
        assert torch.equal(probabilities, explainer.reader.classify(wanted)[0])
        assert len(verdicts) == len(images)


@torch.inference_mode()
def test_norms_and_cosines_are_those_of_numpy(explainer: Explainer) -> None:
    images, net = drawings(1), explainer.reader.net
    inputs: dict[str, Tensor] = {}
    blocks = {name: m for name, m in net.named_modules() if hasattr(m, "branch")}
    hooks = [
        m.register_forward_pre_hook(lambda _m, given, name=name: inputs.update({name: given[0].clone()}))
        for name, m in blocks.items()
    ]
    net(to_input(images))
    for hook in hooks:
        hook.remove()
    norms = explainer.path_norms(explainer.run(images))
    assert [path.block for path in norms] == list(blocks)
    for path in norms:
        block, x = blocks[path.block], inputs[path.block]
        branch = block.branch(x).numpy().astype(np.float64).ravel()
        if block.shortcut is None:  # a plain block's last BatchNorm, before the ReLU
            assert (path.shortcut, path.cosine) == (None, None)
        else:
            skip = block.shortcut(x).numpy().astype(np.float64).ravel()
            assert path.shortcut == pytest.approx(np.linalg.norm(skip), rel=1e-5)
            if isinstance(block, DenseLayer):
                assert path.cosine is None
            else:
                cosine = skip @ branch / np.linalg.norm(skip) / np.linalg.norm(branch)
                assert path.cosine == pytest.approx(cosine, abs=1e-5)
        assert path.branch == pytest.approx(np.linalg.norm(branch), rel=1e-5)


def test_a_branch_of_zeros_has_no_angle(net: nn.Module, card: Card) -> None:
    net.stages[0][0].zero_branch()
    explainer = Explainer(DigitReader(net, card, "cpu"))
    first, *_ = explainer.path_norms(explainer.run(drawings(1)))
    assert (first.branch, first.cosine) == (0.0, None)


def test_maps_come_strongest_first(untrained: DigitReader) -> None:
    explainer = Explainer(untrained)
    activations = explainer.run(drawings(1))
    node = explainer.node("stages.1.0.conv1")
    strongest = explainer.feature_maps(activations, node, 5)
    maps = activations[node.output][0].numpy()
    strengths = np.sqrt((maps.astype(np.float64) ** 2).mean((1, 2)))
    assert strongest.channels == np.argsort(-strengths)[:5].tolist()
    np.testing.assert_allclose(strongest.strengths, np.sort(strengths)[::-1][:5], rtol=1e-5)
    np.testing.assert_array_equal(strongest.maps.numpy(), maps[strongest.channels])
    scores = explainer.feature_maps(activations, explainer.node("fc"))
    assert scores.channels[0] == int(activations[explainer.operations[-1]][0].argmax())
    assert scores.maps[:, 0, 0].tolist() == sorted(scores.maps[:, 0, 0].tolist(), reverse=True)


def test_a_colour_scale_is_round_and_covers_nearly_every_value(trained: DigitReader) -> None:
    from model.datasets.synthetic import generate

    explainer = Explainer(trained)
    activations = explainer.run(generate(1000, seed=7).images)  # not those that the scale was measured on
    for node in explainer.nodes:
        limit = explainer.colour_limits[node.name]
        assert limit / 10 ** math.floor(math.log10(limit) + 1e-9) in (1, 2, 5)
        sizes = activations[node.output].abs()
        assert float((sizes > limit).float().mean()) < 0.003, node.name
        assert float(sizes.max()) > limit / 5, node.name  # and it is no wider than needed


@pytest.mark.parametrize(
    ("value", "round_value"),
    [(0.0, 1.0), (0.7, 1.0), (1.0, 1.0), (1.01, 2.0), (2.2, 5.0), (0.031, 0.05), (61, 100)],
)
def test_rounding_up_to_one_two_five(value: float, round_value: float) -> None:
    assert round_up(value) == round_value


def test_unknown_nodes_and_blocks_are_refused(explainer: Explainer) -> None:
    for name in ("", "stages.9.0", None, 3, ["fc"], {"a": 1}):
        with pytest.raises(InputError, match="no node"):
            explainer.node(name)
    for names in ("stages.0.0", None, 7, {"stages.0.0": 1}, ["stages.0.0"] * 99):
        with pytest.raises(InputError, match="list of blocks"):
            explainer.check_blocks(names)
    for names in (["stages.9.0"], ["fc"], [None], [["stages.0.0"]]):
        with pytest.raises(InputError, match="with a shortcut"):
            explainer.check_blocks(names)
    for paths in explainer.block_paths:
        if paths.shortcut is None:  # nothing would be left without its branch
            with pytest.raises(InputError, match="with a shortcut"):
                explainer.check_blocks([paths.block])
        else:
            assert explainer.check_blocks([paths.block]) == {paths.block}


def test_threads_do_not_mix_their_drawings(untrained: DigitReader) -> None:
    explainer = Explainer(untrained)
    images = drawings(16)
    alone = [explainer.run(image[None])[explainer.operations[-1]] for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda image: explainer.run(image[None])[explainer.operations[-1]], images))
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in untrained.net.modules())
