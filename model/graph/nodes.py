"""A network as nodes, which are groups of the operations of ``trace_network``: a convolution with its
normalisation and ReLU, a shortcut, an addition, a pooling, or the classifier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from .block_structure import shortcut_kind_of
from .tracer import ReceptiveField, Shape, TracedOp

FOLLOWING = ("BatchNorm2d", "ReLU", "relu", "flatten")  # belong to the operation before or after them


@dataclass(frozen=True, eq=False)
class Node:
    """A group of operations that is shown as one.

    ``role`` is one of
    - "image", "stem", "pool", "classifier";
    - "first", "middle", "last": the convolutions of a branch. The last one of a dense layer is "grown", and
      that of a plain block "middle", because no addition follows it;
    - "identity", "projection", "bare", "zeros": a shortcut;
    - "add", "cat": where branch and shortcut meet;
    - "between": a convolution outside of any block; "shrink": a pooling inside the network.

    ``block`` is "image", "stem", "head" or the block's name, "stages.1.0".
    """

    name: str
    role: str
    block: str
    operations: tuple[TracedOp, ...]

    @property
    def output(self) -> TracedOp:
        """The operation whose output is shown: the last one; for an addition, the sum before the ReLU."""
        return self.operations[0] if self.role == "add" else self.operations[-1]

    @property
    def shape(self) -> Shape:
        return self.output.shape

    @property
    def receptive_field(self) -> ReceptiveField | None:
        return self.output.receptive_field

    @property
    def params(self) -> int:
        return sum(op.params for op in self.operations)


def nodes_of(operations: Sequence[TracedOp]) -> list[Node]:
    """The nodes from the image to the classifier. Every operation is in exactly one of them."""
    groups: list[list[TracedOp]] = []
    group_of: dict[TracedOp, list[TracedOp]] = {}
    for op in operations:
        group = group_of[op.inputs[0]] if op.inputs else []
        if not group or not belongs_to(group, op):
            group = []
            groups.append(group)
        group.append(op)
        group_of[op] = group
    branches: dict[str, list[TracedOp]] = {}
    for group in groups:
        op = main_op(group)
        if isinstance(op.layer, nn.Conv2d) and not op.on_shortcut:
            branches.setdefault(op.block, []).append(op)
    joins = {op.block: op.kind for op in operations if len(op.inputs) == 2}
    return [node_of(group, branches, joins) for group in groups]


def main_op(group: Sequence[TracedOp]) -> TracedOp:
    """The operation that a group is named after."""
    return next((op for op in group if op.kind not in FOLLOWING), group[0])


def belongs_to(group: Sequence[TracedOp], op: TracedOp) -> bool:
    """Whether ``op`` continues ``group``, whose output it takes.

    A normalisation or ReLU belongs to the operation before it in its block. At the start of a block, as in
    a dense layer, it belongs to the convolution after it.
    """
    last = group[-1]
    if op.inputs != (last,):
        return False
    if op.kind in FOLLOWING:
        return op.block == last.block and last.kind not in ("Identity", "input", "cat")
    return all(each.kind in FOLLOWING for each in group)


def node_of(group: Sequence[TracedOp], branches: dict[str, list[TracedOp]], joins: dict[str, str]) -> Node:
    """The node of a group. ``branches`` has the convolutions of each block, ``joins`` how its paths meet."""
    op = main_op(group)
    block, kind, operations = op.block, op.kind, tuple(group)
    if op.on_shortcut:
        return Node(f"{block}.shortcut", shortcut_kind_of(group), block, operations)
    if kind in ("add", "cat"):
        return Node(f"{block}.{kind}", kind, block, operations)
    roles = {
        "input": "image",
        "MaxPool2d": "shrink",
        "AvgPool2d": "shrink",
        "AdaptiveAvgPool2d": "pool",
        "Linear": "classifier",
    }
    role = roles.get(kind, "stem" if block == "stem" else "between")
    convolutions = branches.get(block, [])
    if role == "between" and op in convolutions and len(convolutions) > 1:
        role = "first" if op is convolutions[0] else "middle"
        if op is convolutions[-1]:
            role = {"add": "last", "cat": "grown"}.get(joins.get(block, ""), role)
    return Node(op.name or "image", role, block, operations)
