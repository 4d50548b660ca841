"""The steps of one value against the network's own activations, and windows against brute force."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from model import DigitReader, InputError
from model.explain.activations import Explainer
from model.explain.arithmetic import arithmetic
from model.inference.checkpoint import Card
from tests.helpers.networks import SMALL_NETWORKS

KINDS = {  # of the last step, by the role of the node
    "image": "input",
    "pool": "mean",
    "classifier": "sum",
    "identity": "copy",
    "zeros": "copy",
    "cat": "copy",
    "bare": "sum",
}


def drawing() -> Tensor:
    return torch.randint(0, 256, (1, 28, 28), generator=torch.Generator().manual_seed(4)).byte()


def places(shape: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Channel, row and column of the corners, an edge and the middle, of the first, middle and last map."""
    channels, height, width = (*shape, 1, 1)[:3]
    spots = {(0, 0), (height - 1, width - 1), (height // 2, 0), (height // 2, width // 2)}
    return [(channel, *spot) for channel in (0, channels // 2, channels - 1) for spot in sorted(spots)]


def check_every_node(explainer: Explainer, image: Tensor) -> set[str]:
    """Every step of every node is the activation that the network recorded. Returns the nodes' roles."""
    activations = explainer.run(image)
    for node in explainer.nodes:
        for channel, row, column in places(node.shape):
            steps = arithmetic(activations, node, channel, row, column).steps
            for step in steps:
                recorded = activations[step.op][0]
                maps = recorded.view(len(recorded), *(recorded.shape[1:] or (1, 1)))
                error = abs(step.value - float(maps[channel, row, column]))
                assert error <= 1e-5 * max(1e-3, float(maps.abs().max())), (node.name, step.kind, error)
            shown = [step.op for step in steps]
            assert node.output in shown or node.output.kind == "flatten"
            if node.role in KINDS:
                assert steps[-1].kind == KINDS[node.role]
    return {node.role for node in explainer.nodes}


def test_every_step_of_the_shipped_network_is_the_activation_it_computed(
    trained: DigitReader,
) -> None:
    explainer = Explainer(trained)
    check_every_node(explainer, trained_image(trained))
    node = explainer.node("stages.1.0.conv1")
    result = arithmetic(explainer.run(trained_image(trained)), node, 3, 5, 5)
    assert [step.kind for step in result.steps] == ["sum", "norm", "relu"]
    assert result.window is not None
    assert result.window.products.shape == (16, 3, 3)


def trained_image(reader: DigitReader) -> Tensor:
    """An L of ink."""
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    image[0, 5:22, 8:11] = 255
    image[0, 19:22, 8:20] = 200
    return image


@pytest.mark.parametrize("name", SMALL_NETWORKS)
def test_every_step_of_every_kind_of_node(name: str, card: Card, randomise: Callable) -> None:
    torch.manual_seed(1)
    net = SMALL_NETWORKS[name]()
    randomise(net)
    check_every_node(Explainer(DigitReader(net, card, "cpu")), drawing())


def test_a_window_at_the_edge_is_padded_with_zeros(untrained: DigitReader) -> None:
    explainer = Explainer(untrained)
    activations = explainer.run(drawing())
    node = explainer.node("stages.1.0.conv1")  # stride 2, padding 1
    result = arithmetic(activations, node, 7, 0, 3).window
    assert result is not None
    entering = activations[node.operations[0].inputs[0]][0]
    assert result.inside.tolist() == [[False] * 3, [True] * 3, [True] * 3]
    assert not result.patch[:, 0].any()
    torch.testing.assert_close(result.patch[:, 1:], entering[:, 0:2, 5:8].double())
    layer = node.operations[0].layer
    assert isinstance(layer, nn.Conv2d)
    assert torch.equal(result.kernel, layer.weight[7].double())
    torch.testing.assert_close(result.sums.sum(), (result.patch * result.kernel).sum())


def test_an_addition_has_the_branch_and_the_shortcut(untrained: DigitReader) -> None:
    explainer = Explainer(untrained)
    activations = explainer.run(drawing())
    for paths in explainer.block_paths:
        node = explainer.node(f"{paths.block}.add")
        add, relu = arithmetic(activations, node, 2, 1, 1).steps
        assert paths.shortcut is not None
        assert add.numbers["branch"] == float(activations[paths.branch][0, 2, 1, 1])
        assert add.numbers["shortcut"] == float(activations[paths.shortcut][0, 2, 1, 1])
        assert relu.value == max(0, add.value)


@pytest.mark.parametrize(
    "place",
    [(16, 0, 0), (-1, 0, 0), (0, 28, 0), (0, 0, -1), (True, 0, 0), (0, 1.0, 0), (None, 0, 0), (0, "1", 0)],
)
def test_a_place_outside_of_the_maps_is_refused(untrained: DigitReader, place: tuple[object, ...]) -> None:
    explainer = Explainer(untrained)
    with pytest.raises(InputError, match="whole number from 0 to"):
        arithmetic(explainer.run(drawing()), explainer.node("stem.0"), *place)
