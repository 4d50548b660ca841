"""What the network does with a drawing, against computations that share no code with it: a forward written
by hand, hooks, networks rebuilt without a branch, numpy, and the reach of the gradient."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from model import DigitReader, InputError
from model.explain.activations import Explainer, compute, rounded_up
from model.graph.nodes import nodes_of
from model.graph.tracer import trace_network
from model.image import to_input
from model.inference.checkpoint import Card
from model.networks.blocks import BasicBlock, Bottleneck, DenseLayer, conv3x3, no_shortcut, zero_padding
from model.networks.densenet import DenseNet
from model.networks.resnet import ResNet
from model.networks.stems import cifar_stem, imagenet_stem
from tests.helpers.passing import passing_all

SIDE = 28
NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "default": lambda: ResNet(cifar_stem(1, 4), 4, (4, 8, 12), (1, 2, 1), 11),
    "bottleneck": lambda: ResNet(imagenet_stem(1, 4), 4, (4, 8), (2, 1), 10, partial(Bottleneck, groups=2)),
    "option A": lambda: ResNet(
        cifar_stem(1, 4), 4, (4, 8), (2, 2), 10, partial(BasicBlock, shortcut=zero_padding)
    ),
    "plain": lambda: ResNet(
        cifar_stem(1, 4), 4, (4, 8), (1, 2), 10, partial(BasicBlock, shortcut=no_shortcut)
    ),
    "downsample": lambda: ResNet(
        cifar_stem(1, 4), 4, (4, 8), (1, 2), 10, downsample=partial(conv3x3, stride=2)
    ),
    "dense": lambda: DenseNet(cifar_stem(1, 6), 6, 4, (2, 3), 10),
}


@pytest.fixture(params=NETWORKS)
def taken_apart(request: pytest.FixtureRequest, card: Card, randomise: Callable) -> Explainer:
    torch.manual_seed(1)
    net = NETWORKS[request.param]()
    randomise(net)
    return Explainer(DigitReader(net, card, "cpu"))


def drawings(count: int = 2) -> Tensor:
    return torch.randint(0, 256, (count, SIDE, SIDE), generator=torch.Generator().manual_seed(2)).byte()


def written_by_hand(weights: dict[str, Tensor], x: Tensor) -> dict[str, Tensor]:
    """The default network from its tensors alone: every place's output by the place's name."""

    def conv_norm(x: Tensor, conv: str, norm: str, stride: int = 1) -> Tensor:
        kernel = weights[f"{conv}.weight"]
        x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)
        scale = weights[f"{norm}.weight"] / (weights[f"{norm}.running_var"] + 1e-5).sqrt()
        shift = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
        return x * scale[:, None, None] + shift[:, None, None]

    said = {"image": x}
    x = said["stem.0"] = conv_norm(x, "stem.0", "stem.1").clamp(min=0)
    for stage in range(4):
        at, stride = f"stages.{stage}.0", 2 if stage else 1
        skip = conv_norm(x, f"{at}.shortcut.0", f"{at}.shortcut.1", 2) if stage else x
        inner = conv_norm(x, f"{at}.conv1", f"{at}.bn1", stride).clamp(min=0)
        branch = conv_norm(inner, f"{at}.conv2", f"{at}.bn2")
        said |= {
            f"{at}.shortcut": skip,
            f"{at}.conv1": inner,
            f"{at}.conv2": branch,
            f"{at}.add": skip + branch,
        }
        x = (skip + branch).clamp(min=0)
    said["pool"] = x.mean((2, 3))
    said["fc"] = said["pool"] @ weights["fc.weight"].T + weights["fc.bias"]
    return said


@torch.inference_mode()
def test_every_place_is_what_a_forward_written_by_hand_has_there(untrained: DigitReader) -> None:
    taken_apart, images = Explainer(untrained), drawings()
    known = taken_apart.run(images)
    wanted = written_by_hand(untrained.net.state_dict(), to_input(images))
    assert {node.name for node in taken_apart.nodes} == wanted.keys()
    for node in taken_apart.nodes:
        torch.testing.assert_close(known[node.shown], wanted[node.name], rtol=1e-4, atol=1e-4, msg=node.name)


@torch.inference_mode()
def test_every_layer_is_what_a_hook_catches(taken_apart: Explainer) -> None:
    images, caught = drawings(), {}
    net = copy.deepcopy(taken_apart.reader.net)
    for name, layer in net.named_modules():
        if not layer._modules:  # what comes out is overwritten by a ReLU in place: a copy is kept
            layer.register_forward_hook(lambda _m, _i, out, name=name: caught.update({name: out.clone()}))
    logits = net(to_input(images))
    known = taken_apart.run(images)
    assert torch.equal(known[taken_apart.steps[-1]], logits)
    checked = 0
    for step in taken_apart.steps:
        if step.name in caught:
            assert torch.equal(known[step], caught[step.name]), step.name
            checked += 1
    assert checked >= 10


def test_every_parameter_and_every_operation_has_one_place(taken_apart: Explainer) -> None:
    net, nodes = taken_apart.reader.net, taken_apart.nodes
    assert sum(node.params for node in nodes) == sum(p.numel() for p in net.parameters())
    placed = [step for node in nodes for step in node.steps]
    assert sorted(placed, key=id) == sorted(taken_apart.steps, key=id)
    assert len({node.name for node in nodes}) == len(nodes)
    roles = [node.role for node in nodes]
    assert roles[0] == "image"
    assert roles[-2:] == ["pool", "classifier"]
    blocks = [m for m in net.modules() if isinstance(m, (BasicBlock, Bottleneck, DenseLayer))]
    skips = [m for m in blocks if m.shortcut is not None]
    assert sum(role in ("add", "cat") for role in roles) == len(skips)
    assert sum(role in ("identity", "projection", "bare", "zeros") for role in roles) == len(skips)
    convs = sum(role in ("first", "middle", "last", "grown") for role in roles)
    assert convs == sum(3 if isinstance(m, Bottleneck) else 2 for m in blocks)


class Without(nn.Module):
    """A block that has lost its branch."""

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
def test_a_branch_switched_off_is_a_network_rebuilt_without_it(taken_apart: Explainer) -> None:
    images, net = drawings(), taken_apart.reader.net
    names = [way.block for way in taken_apart.ways if way.skip is not None]
    for off in [[name] for name in names] + [names[:2], names]:
        rebuilt = copy.deepcopy(net)
        for name in off:
            _, stage, block = name.split(".")
            rebuilt.stages[int(stage)][int(block)] = Without(rebuilt.stages[int(stage)][int(block)])
        wanted = rebuilt(to_input(images))
        known = taken_apart.run(images, off)
        torch.testing.assert_close(known[taken_apart.steps[-1]], wanted)
        if off:
            assert not torch.allclose(wanted, net(to_input(images)), atol=1e-3)
        probabilities, verdicts = taken_apart.judge(known)
        assert torch.equal(probabilities, taken_apart.reader.judge(wanted)[0])
        assert len(verdicts) == len(images)


@torch.inference_mode()
def test_norms_and_cosines_are_those_of_numpy(taken_apart: Explainer) -> None:
    images, net = drawings(1), taken_apart.reader.net
    inputs: dict[str, Tensor] = {}
    blocks = {name: m for name, m in net.named_modules() if hasattr(m, "branch")}
    hooks = [
        m.register_forward_pre_hook(lambda _m, given, name=name: inputs.update({name: given[0].clone()}))
        for name, m in blocks.items()
    ]
    net(to_input(images))
    for hook in hooks:
        hook.remove()
    shares = taken_apart.shares(taken_apart.run(images))
    assert [share.block for share in shares] == list(blocks)
    for share in shares:
        block, x = blocks[share.block], inputs[share.block]
        branch = block.branch(x).numpy().astype(np.float64).ravel()
        if block.shortcut is None:  # a plain block's last BatchNorm, before the ReLU
            assert (share.skip, share.cosine) == (None, None)
        else:
            skip = block.shortcut(x).numpy().astype(np.float64).ravel()
            assert share.skip == pytest.approx(np.linalg.norm(skip), rel=1e-5)
            if isinstance(block, DenseLayer):
                assert share.cosine is None
            else:
                cosine = skip @ branch / np.linalg.norm(skip) / np.linalg.norm(branch)
                assert share.cosine == pytest.approx(cosine, abs=1e-5)
        assert share.branch == pytest.approx(np.linalg.norm(branch), rel=1e-5)


def test_a_way_that_carries_nothing_has_no_angle(net: nn.Module, card: Card) -> None:
    net.stages[0][0].zero_branch()
    taken_apart = Explainer(DigitReader(net, card, "cpu"))
    first, *_ = taken_apart.shares(taken_apart.run(drawings(1)))
    assert (first.branch, first.cosine) == (0.0, None)


def test_a_pixels_receptive_field_is_where_its_gradient_reaches(taken_apart: Explainer) -> None:
    net = passing_all(taken_apart.reader.net)
    steps = trace_network(net, (1, SIDE, SIDE))
    image = torch.ones(1, 1, SIDE, SIDE, dtype=torch.double, requires_grad=True)
    known = {steps[0]: image}
    for step in steps[1:]:
        known[step] = compute(step, [known[each] for each in step.inputs])
    for node in nodes_of(steps):
        if node.role == "image":
            continue
        values = known[node.shown][0]
        last = values.shape[-1] - 1 if values.ndim == 3 else 0
        for row, column in {(0, 0), (last // 2, last), (last, last // 3)}:
            one = values[:, row, column] if values.ndim == 3 else values
            (gradient,) = torch.autograd.grad(one.sum(), image, retain_graph=True)
            seen = gradient[0, 0].nonzero()
            size, jump, start = node.field or (SIDE, 0, 0)
            low = [max(0, start + at * jump) for at in (row, column)]
            high = [min(SIDE, start + at * jump + size) - 1 for at in (row, column)]
            assert seen.amin(0).tolist() == low, node.name
            assert seen.amax(0).tolist() == high, node.name


def test_maps_come_strongest_first(untrained: DigitReader) -> None:
    taken_apart = Explainer(untrained)
    known = taken_apart.run(drawings(1))
    node = taken_apart.node("stages.1.0.conv1")
    view = taken_apart.view(known, node, 5)
    maps = known[node.shown][0].numpy()
    strengths = np.sqrt((maps.astype(np.float64) ** 2).mean((1, 2)))
    assert view.channels == np.argsort(-strengths)[:5].tolist()
    np.testing.assert_allclose(view.strengths, np.sort(strengths)[::-1][:5], rtol=1e-5)
    np.testing.assert_array_equal(view.maps.numpy(), maps[view.channels])
    scores = taken_apart.view(known, taken_apart.node("fc"))
    assert scores.channels[0] == int(known[taken_apart.steps[-1]][0].argmax())
    assert scores.maps[:, 0, 0].tolist() == sorted(scores.maps[:, 0, 0].tolist(), reverse=True)


def test_a_colour_scale_is_round_and_holds_nearly_every_value(trained: DigitReader) -> None:
    from model.datasets.synthetic import generate

    taken_apart = Explainer(trained)
    known = taken_apart.run(generate(1000, seed=7).images)  # others than the scale was measured on
    for node in taken_apart.nodes:
        limit = taken_apart.limits[node.name]
        assert limit / 10 ** math.floor(math.log10(limit) + 1e-9) in (1, 2, 5)
        sizes = known[node.shown].abs()
        assert float((sizes > limit).float().mean()) < 0.003, node.name
        assert float(sizes.max()) > limit / 5, node.name  # and it is no wider than needed


@pytest.mark.parametrize(
    ("value", "round_value"),
    [(0.0, 1.0), (0.7, 1.0), (1.0, 1.0), (1.01, 2.0), (2.2, 5.0), (0.031, 0.05), (61, 100)],
)
def test_rounding_up_to_one_two_five(value: float, round_value: float) -> None:
    assert rounded_up(value) == round_value


def test_what_is_not_there_is_refused_in_a_sentence(taken_apart: Explainer) -> None:
    for name in ("", "stages.9.0", None, 3, ["fc"], {"a": 1}):
        with pytest.raises(InputError, match="no place"):
            taken_apart.node(name)
    for names in ("stages.0.0", None, 7, {"stages.0.0": 1}, ["stages.0.0"] * 99):
        with pytest.raises(InputError, match="list of blocks"):
            taken_apart.blocks(names)
    for names in (["stages.9.0"], ["fc"], [None], [["stages.0.0"]]):
        with pytest.raises(InputError, match="no skip beside"):
            taken_apart.blocks(names)
    for way in taken_apart.ways:
        if way.skip is None:  # without its branch nothing would be left
            with pytest.raises(InputError, match="no skip beside"):
                taken_apart.blocks([way.block])
        else:
            assert taken_apart.blocks([way.block]) == {way.block}


def test_threads_do_not_see_each_others_drawings(untrained: DigitReader) -> None:
    taken_apart = Explainer(untrained)
    images = drawings(16)
    alone = [taken_apart.run(image[None])[taken_apart.steps[-1]] for image in images]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda image: taken_apart.run(image[None])[taken_apart.steps[-1]], images))
    assert all(torch.equal(a, b) for a, b in zip(alone, together, strict=True))
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in untrained.net.modules())
