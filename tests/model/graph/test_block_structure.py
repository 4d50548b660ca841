"""A block's branch and shortcut, against the modules that the block is built of."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from torch import Tensor, nn

from model.graph.block_structure import Op, block_paths_of, describe_block, stages_of
from model.graph.tracer import trace_network
from model.networks.blocks import DenseLayer, ResidualBlock
from model.networks.network import Network
from tests.helpers.networks import SMALL_NETWORKS


class LongShortcut(nn.Module):
    """A block whose shortcut is longer than its branch, and which ends in the addition."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)
        self.shortcut = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4))

    def forward(self, x: Tensor) -> Tensor:
        return self.shortcut(x) + self.conv(x)


def test_the_shortcut_is_the_module_of_that_name() -> None:
    block = describe_block(LongShortcut(), (4, 8, 8))
    assert [op.kind for op in block.branch] == ["conv"]
    assert block.shortcut_kind == "projection"
    assert block.after == ()


def test_an_operation_as_text_has_what_is_not_the_default() -> None:
    assert Op("conv", 64, 64, 3).text == "3×3 conv 64→64"
    assert (
        Op("conv", 64, 128, 3, stride=2, groups=32, bias=True).text
        == "3×3 conv 64→128, stride 2, 32 groups, bias"
    )
    assert Op("norm", 64, 64).text == "BatchNorm"


@pytest.mark.parametrize("build", SMALL_NETWORKS.values(), ids=SMALL_NETWORKS)
def test_paths_end_where_the_modules_of_the_block_end(build: Callable[[], Network]) -> None:
    net = build()
    operations = trace_network(net, (1, 28, 28))
    blocks = {n: m for n, m in net.named_modules() if isinstance(m, (ResidualBlock, DenseLayer))}
    paths = block_paths_of(net, operations)
    assert [each.block for each in paths] == list(blocks)
    for each in paths:
        block = blocks[each.block]
        last = (
            "conv2"
            if isinstance(block, DenseLayer)
            else [n for n, _ in block.named_children() if "bn" in n][-1]
        )
        assert each.branch.name == f"{each.block}.{last}"
        if block.shortcut is None:
            assert (each.shortcut, each.join_op, each.join) == (None, None, "")
        else:
            assert each.shortcut is not None
            assert each.shortcut.on_shortcut
            assert not each.branch.on_shortcut
            assert each.join == ("cat" if isinstance(block, DenseLayer) else "add")


@pytest.mark.parametrize("build", SMALL_NETWORKS.values(), ids=SMALL_NETWORKS)
def test_every_block_is_in_one_group_of_its_stage(build: Callable[[], Network]) -> None:
    net = build()
    stages = stages_of(net, trace_network(net, (1, 28, 28)))
    assert [stage.count for stage in stages] == [len(stage) for stage in net.stages]
    for stage, modules in zip(stages, net.stages, strict=True):
        positions = sorted(position for group in stage.groups for position in group.positions)
        assert positions == list(range(1, len(modules) + 1))
        for group in stage.groups:
            kinds = {type(modules[position - 1]).__name__ for position in group.positions}
            assert kinds == {group.first.kind} == {group.last.kind}
