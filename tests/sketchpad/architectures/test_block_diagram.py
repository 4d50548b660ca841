"""Diagrams of blocks, against the modules they show."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from model import list_models
from model.graph.block_structure import describe_block, stages_of
from model.graph.summary import create_uninitialized
from model.graph.tracer import trace_network
from model.networks.blocks import (
    BasicBlock,
    Bottleneck,
    DenseLayer,
    Transition,
    bare_projection,
    no_shortcut,
    zero_padding,
)
from sketchpad.architectures.block_diagram import block_diagram

SHAPE = (64, 16, 16)


def channels_in(svg: str) -> list[str]:
    """The lines under "k × k convolution" in a diagram, as "64 → 128"."""
    return re.findall(r"<tspan>([\d,]+ → [\d,]+)</tspan>", svg)


@pytest.mark.parametrize("name", list_models())
def test_every_block_is_drawn_with_its_own_channels(name: str) -> None:
    """The first block of each group against the shapes of its weights, which the diagram does not use."""
    net = create_uninitialized(name, 3, 10)
    for index, stage in enumerate(stages_of(net, trace_network(net, (3, 64, 64)))):
        drawn = "".join(block_diagram(group.first) for group in stage.groups)
        ElementTree.fromstring(drawn if len(stage.groups) == 1 else f"<g>{drawn}</g>")
        for group in stage.groups:
            block = net.stages[index][group.positions[0] - 1]
            convolutions = [m for m in block.modules() if isinstance(m, nn.Conv2d)]
            weight_channels = sorted(f"{m.in_channels:,} → {m.out_channels:,}" for m in convolutions)
            others = sum(
                op.kind in ("pool", "zeros") for op in (*group.first.branch, *(group.first.shortcut or ()))
            )
            drawn_channels = sorted(channels_in(block_diagram(group.first)))
            assert len(drawn_channels) == len(weight_channels) + others
            assert set(weight_channels) <= set(drawn_channels)


@pytest.mark.parametrize("module", [BasicBlock(64, 64), BasicBlock(64, 128, 2), Bottleneck(64, 256)])
def test_everything_lies_inside_the_diagram_and_the_branch_runs_down(module: nn.Module) -> None:
    root = ElementTree.fromstring(block_diagram(describe_block(module, SHAPE)))
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    boxes = [
        {k: float(v) for k, v in e.attrib.items() if k in ("x", "y", "width", "height")}
        for e in root.iter("rect")
    ]
    assert all(0 <= b["x"] <= width - b["width"] and 0 <= b["y"] <= height - b["height"] for b in boxes)
    widest = max(b["width"] for b in boxes)
    column = [b["y"] for b in boxes if b["width"] == widest]
    assert column == sorted(column)
    assert len(set(column)) == len(column)
    lines = [each.attrib["d"] for each in root.iter("path") if re.fullmatch(r"[ML\d. -]+", each.attrib["d"])]
    for line in lines:
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", line)]
        assert all(0 <= x <= width for x in numbers[::2]), line
        assert all(0 <= y <= height for y in numbers[1::2]), line
        assert numbers[:2] != numbers[-2:], line
    assert len(lines) >= 4


@pytest.mark.parametrize(
    ("module", "shortcut", "join", "branch"),
    [
        (
            BasicBlock(64, 64),
            "identity",
            "add",
            "3×3 conv 64→64 → BatchNorm → ReLU → 3×3 conv 64→64 → BatchNorm",
        ),
        (BasicBlock(64, 128, 2), "projection", "add", None),
        (BasicBlock(64, 128, 2, shortcut=zero_padding), "zeros", "add", None),
        (BasicBlock(64, 128, 2, shortcut=bare_projection, bias=True), "bare", "add", None),
        (BasicBlock(64, 64, shortcut=no_shortcut), "none", "", None),
        (Bottleneck(64, 32, groups=32, base_width=4), "projection", "add", None),
        (DenseLayer(64, 32), "identity", "cat", None),
        (Transition(64, 32), "none", "", "BatchNorm → ReLU → 1×1 conv 64→32 → 2×2 pool 32→32, stride 2"),
        (nn.Conv2d(64, 32, 3, 2, 1), "none", "", "3×3 conv 64→32, stride 2, bias"),
    ],
)
def test_a_block_is_described_by_its_operations(
    module: nn.Module, shortcut: str, join: str, branch: str | None
) -> None:
    block = describe_block(module, SHAPE)
    assert (block.shortcut_kind, block.join) == (shortcut, join)
    assert block.out_shape == tuple(module.eval()(torch.zeros(1, *SHAPE)).shape[1:])
    if branch:
        assert " → ".join(op.text for op in block.branch) == branch
    svg = block_diagram(block)
    assert "<title data-text=" in svg
    assert "<desc data-text=" in svg


def test_stride_groups_and_bias_are_drawn_where_they_are() -> None:
    grouped = block_diagram(describe_block(Bottleneck(64, 64, 2, groups=32, base_width=4), SHAPE))
    assert grouped.count("arch.op.groups") == 1
    assert grouped.count("arch.op.stride") == 2  # the 3×3 and the projection, as the block's docstring says
    assert "arch.op.bias" not in grouped
    assert block_diagram(describe_block(BasicBlock(64, 64, bias=True), SHAPE)).count("arch.op.bias") == 2
