"""Nodes: every operation and every parameter is in one of them, and roles follow from the blocks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from model.graph.nodes import nodes_of
from model.graph.tracer import trace_network
from model.networks.blocks import BasicBlock, Bottleneck, DenseLayer
from model.networks.network import Network
from tests.helpers.networks import SMALL_NETWORKS


@pytest.mark.parametrize("build", SMALL_NETWORKS.values(), ids=SMALL_NETWORKS)
def test_every_parameter_and_every_operation_is_in_one_node(build: Callable[[], Network]) -> None:
    net = build()
    operations = trace_network(net, (1, 28, 28))
    nodes = nodes_of(operations)
    assert sum(node.params for node in nodes) == sum(p.numel() for p in net.parameters())
    placed = [op for node in nodes for op in node.operations]
    assert sorted(placed, key=id) == sorted(operations, key=id)
    assert len({node.name for node in nodes}) == len(nodes)


@pytest.mark.parametrize("build", SMALL_NETWORKS.values(), ids=SMALL_NETWORKS)
def test_every_block_has_its_convolutions_its_shortcut_and_its_join(build: Callable[[], Network]) -> None:
    net = build()
    roles = [node.role for node in nodes_of(trace_network(net, (1, 28, 28)))]
    assert roles[0] == "image"
    assert roles[-2:] == ["pool", "classifier"]
    blocks = [m for m in net.modules() if isinstance(m, (BasicBlock, Bottleneck, DenseLayer))]
    shortcuts = [block for block in blocks if block.shortcut is not None]
    assert sum(role in ("add", "cat") for role in roles) == len(shortcuts)
    assert sum(role in ("identity", "projection", "bare", "zeros") for role in roles) == len(shortcuts)
    convolutions = sum(role in ("first", "middle", "last", "grown") for role in roles)
    assert convolutions == sum(3 if isinstance(block, Bottleneck) else 2 for block in blocks)
