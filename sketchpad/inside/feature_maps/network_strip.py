"""A network as a strip: its nodes from left to right, each a button, and the wires between them.

A block has a box: its branch below, its shortcut above, and the node where both meet. A plain block has only
the branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup
from torch import nn

from model.explain.activations import Explainer
from model.graph.block_structure import describe_op
from model.graph.nodes import Node

from ...server.wire import Json
from ...ui.format import block_position, shape_text, thousands
from ...ui.html import render

# Pixels.
NODE, GAP, INSET = 54, 9, 8  # width of a node, between two nodes, from the edge of a box to its nodes
STEP = NODE + GAP
SHORTCUT_TOP, BRANCH_TOP, HEIGHT = 26, 104, 184  # upper edges of the two rows, height of the strip
WIRE = 25  # from the upper edge of a node to its wire
# Roles of nodes.
CONVOLUTIONS = ("first", "middle", "last", "grown")
SHORTCUTS = ("identity", "projection", "bare", "zeros")
JOINS = ("add", "cat")
OPERATIONS = {
    "input": "1×28×28",
    "Identity": "identity",
    "add": "add",
    "cat": "concatenate",
    "AdaptiveAvgPool2d": "global average pooling",
}


class Place(NamedTuple):
    """A node, its upper left corner, and its number among the convolutions of a branch (else 0)."""

    node: Node
    left: int
    top: int
    number: int = 0


class Group(NamedTuple):
    """A block, whose places are relative to its box; or the nodes between two blocks, without a position."""

    position: dict[str, int] | None
    left: int
    width: int
    places: Sequence[Place]


def network_strip(explainer: Explainer) -> Markup:
    blocks = {path.block: path for path in explainer.block_paths}
    groups: list[Group] = []
    wires: list[tuple[str, str]] = []  # class and SVG path
    left = 0
    for name, nodes in groupby(explainer.nodes, key=lambda node: node.block):
        if name in blocks:
            groups.append(block_group(name, list(nodes), left))
            if blocks[name].shortcut:
                wires += shortcut_wire(left, left + groups[-1].width)
        else:
            places = [Place(node, left + n * STEP, BRANCH_TOP) for n, node in enumerate(nodes)]
            groups.append(Group(None, left, len(places) * STEP - GAP, places))
        left += groups[-1].width + GAP
    width = left - GAP
    wires.insert(0, ("wire", f"M{NODE // 2} {BRANCH_TOP + WIRE}H{width - NODE // 2}"))
    return render(
        "inside/feature_maps/network_strip.html",
        groups=groups,
        wires=wires,
        width=width,
        height=HEIGHT,
        shortcuts=SHORTCUTS,
        about=about,
        convolutions=CONVOLUTIONS,
    )


def block_group(name: str, nodes: Sequence[Node], left: int) -> Group:
    """The branch of a block in one row with its join, the shortcut above the middle of the branch."""
    branch = [node for node in nodes if node.role not in (*SHORTCUTS, *JOINS)]
    middle, end = INSET + (len(branch) - 1) * STEP // 2, INSET + len(branch) * STEP
    places = [Place(node, INSET + n * STEP, BRANCH_TOP, n + 1) for n, node in enumerate(branch)]
    places += [Place(node, middle, SHORTCUT_TOP) for node in nodes if node.role in SHORTCUTS]
    places += [Place(node, end, BRANCH_TOP) for node in nodes if node.role in JOINS]
    width = max(place.left for place in places) + NODE + INSET
    return Group(block_position(name), left, width, places)


def shortcut_wire(left: int, right: int) -> list[tuple[str, str]]:
    """From the front of a block, above its branch and down to the join at its end, with an arrowhead."""
    join = right - INSET - NODE // 2
    return [
        ("skip", f"M{left} {BRANCH_TOP + WIRE}V{SHORTCUT_TOP + WIRE}H{join}V{BRANCH_TOP - 3}"),
        ("tip", f"M{join} {BRANCH_TOP - 1}l-4 -7h8z"),
    ]


def about(node: Node) -> Json:
    """What the page's script shows about a node."""
    return {
        "role": node.role,
        "ops": " → ".join(operation_texts(node)),
        "shape": shape_text(node.shape),
        "params": thousands(node.params),
        "field": node.receptive_field,
        "vector": len(node.shape) == 1,
    }


def operation_texts(node: Node) -> list[str]:
    """The operations of a node in words, the same in every language."""
    texts = []
    for op in node.operations:
        if isinstance(op.layer, nn.Linear):
            texts.append(f"linear {op.layer.in_features}→{op.layer.out_features}")
        elif op.kind in OPERATIONS:
            texts.append(OPERATIONS[op.kind])
        elif op.kind != "flatten":
            texts.append(describe_op(op).text)
    return texts
