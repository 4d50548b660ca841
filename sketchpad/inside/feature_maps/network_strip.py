"""The strip: a network's places from left to right, each a button, and the wires between them.

A block stands in a box: its branch below, its skip above, and where both meet. Of a plain block there is
only the branch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from itertools import groupby

from model.explain.activations import Explainer
from model.graph.block_structure import operation
from model.graph.nodes import Node

from ...ui.svg import shape_text

NODE, GAP, INSET = 56, 16, 12  # pixels: a node's width, between two, from a box's edge to its nodes
SKIP, BRANCH, HIGH = 26, 104, 184  # upper edges of the two rows of nodes, height of the whole strip
WIRE = 25  # from a node's upper edge to the wire that runs through it
SKIPS, JOINS = ("identity", "projection", "bare", "zeros"), ("add", "cat")
LABELS = {
    "image": "feature_maps.node.image",
    "stem": "feature_maps.node.stem",
    "shrink": "feature_maps.node.shrink",
    "add": "feature_maps.node.add",
    "cat": "feature_maps.node.cat",
    "between": "feature_maps.node.between",
    "pool": "feature_maps.node.pool",
    "classifier": "feature_maps.node.classifier",
}


def strip(taken_apart: Explainer) -> str:
    blocks = {way.block for way in taken_apart.ways}
    parts: list[str] = []
    wires: list[str] = []
    left = 0
    for name, group in groupby(taken_apart.nodes, key=lambda node: node.block):
        nodes = list(group)
        if name in blocks:
            box, width = box_of(nodes)
            parts.append(named_box(name, box, left, width))
            wires += [skip_wire(left, width) for node in nodes if node.role in SKIPS]
        else:
            width = len(nodes) * (NODE + GAP) - GAP
            parts += [button(node, left + n * (NODE + GAP), BRANCH) for n, node in enumerate(nodes)]
        left += width + GAP
    width = left - GAP
    through = f'<path class="wire" d="M{NODE / 2:g} {BRANCH + WIRE}H{width - NODE / 2:g}"/>'
    return (
        f'<div class="track" role="toolbar" data-text-label="feature_maps.strip" '
        f'style="width:{width}px;height:{HIGH}px">{"".join(parts)}'
        f'<svg width="{width}" height="{HIGH}" aria-hidden="true">{through}{"".join(wires)}</svg></div>'
    )


def box_of(nodes: Sequence[Node]) -> tuple[str, int]:
    """The buttons of a block, and the width of its box."""
    skips = [node for node in nodes if node.role in SKIPS]
    joins = [node for node in nodes if node.role in JOINS]
    branch = [node for node in nodes if node not in (*skips, *joins)]
    step = NODE + GAP
    over = INSET + (len(branch) - 1) * step // 2
    buttons = [button(node, INSET + n * step, BRANCH, n + 1) for n, node in enumerate(branch)]
    buttons += [button(node, over, SKIP) for node in skips]
    buttons += [button(node, INSET + len(branch) * step, BRANCH) for node in joins]
    return "".join(buttons), 2 * INSET + (len(branch) + len(joins)) * step - GAP


def named_box(block: str, body: str, left: int, width: int) -> str:
    stage, number = block.split(".")[1:]
    values = f"data-values='{json.dumps({'stage': int(stage) + 1, 'n': int(number) + 1})}'"
    return (
        f'<div class="module" role="group" data-text-label="feature_maps.block" {values} '
        f'style="left:{left}px;width:{width}px">'
        f'<span class="caption" aria-hidden="true" data-text="feature_maps.block" {values}></span>'
        f"{body}</div>"
    )


def skip_wire(left: int, width: int) -> str:
    """From in front of the branch over it, and down into the join at the box's end."""
    join = left + width - INSET - NODE // 2
    return (
        f'<path class="skip" d="M{left} {BRANCH + WIRE}V{SKIP + WIRE}H{join}V{BRANCH - 3}"/>'
        f'<path class="tip" d="M{join} {BRANCH - 1}l-4 -7h8z"/>'
    )


def button(node: Node, left: int, top: int, number: int = 0) -> str:
    """A node with what the page says of it; ``number`` counts a branch's convolutions."""
    label = (
        "feature_maps.node.skip" if node.role in SKIPS else LABELS.get(node.role, "feature_maps.node.conv")
    )
    about = {
        "role": node.role,
        "ops": ops_text(node),
        "shape": shape_text(node.shape),
        "params": f"{node.params:,}",
        "field": node.field,
        "vector": len(node.shape) == 1,
    }
    skip = " data-skip" if node.role in SKIPS else ""
    return (
        f'<button type="button" data-node="{node.name}" data-role="{node.role}"{skip} tabindex="-1" '
        f'aria-pressed="false" style="left:{left}px;top:{top}px" data-about="{escape(json.dumps(about))}">'
        f'<canvas width="1" height="1" aria-hidden="true"></canvas>'
        f"<span data-text=\"{label}\" data-values='{json.dumps({'n': number})}'></span></button>"
    )


def ops_text(node: Node) -> str:
    """A node's operations in a line, the same in every language."""
    words = {
        "input": "1×28×28",
        "Identity": "identity",
        "add": "add",
        "cat": "concatenate",
        "AdaptiveAvgPool2d": "global average pooling",
    }
    said = []
    for step in node.steps:
        if step.kind == "Linear":
            said.append(f"linear {step.layer.in_features}→{step.layer.out_features}")
        elif step.kind in words:
            said.append(words[step.kind])
        elif step.kind != "flatten":
            said.append(operation(step).words)
    return " → ".join(said)
