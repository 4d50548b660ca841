"""A network as the places one can stop at: each convolution with what normalises and cuts it, each skip,
addition and pooling, and the classifier. Read off the operations of ``outline.follow``."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from ..networks.blocks import DenseLayer, ResidualBlock, ZeroPadding
from .tracer import Field, Shape, Step

FOLLOWING = ("BatchNorm2d", "ReLU", "relu", "flatten")  # belong to the operation beside them


@dataclass(frozen=True, eq=False)
class Node:
    """One place of the walk.

    ``role`` is "image", "stem", "shrink" (a pooling), "first", "middle", "last" (a branch's convolutions;
    "grown" for the last of a dense layer, and none is the last where nothing is added behind it),
    "identity", "projection", "bare" or "zeros" (a skip), "add", "cat", "between" (a convolution outside of
    any block), "pool" or "classifier". ``block`` is "image", "stem", "head" or the module, "stages.1.0".
    """

    name: str
    role: str
    block: str
    steps: tuple[Step, ...]

    @property
    def shown(self) -> Step:
        """The step whose output is looked at: the last one, but of an addition the sum before its ReLU."""
        return self.steps[0] if self.role == "add" else self.steps[-1]

    @property
    def shape(self) -> Shape:
        return self.shown.shape

    @property
    def field(self) -> Field | None:
        return self.shown.field

    @property
    def params(self) -> int:
        return sum(p.numel() for step in self.steps if step.layer for p in step.layer.parameters())


@dataclass(frozen=True, eq=False)
class BlockPaths:
    """A block's two ways: ``skip`` and ``branch`` are their last steps, ``meet`` is where they are added or
    put side by side. ``skip`` and ``meet`` are None, and ``join`` is "", in a plain block."""

    block: str
    join: str
    skip: Step | None
    branch: Step
    meet: Step | None


def block_of(step: Step) -> str:
    """ "stem", "stages.1.0" or "head"; for what has no name, that of what it is given."""
    if step.kind == "input":
        return "image"
    if not step.name:
        return block_of(step.inputs[0])
    first = step.name.split(".")[0]
    if first == "stages":
        return ".".join(step.name.split(".")[:3])
    return "stem" if first == "stem" else "head"


def on_skip(step: Step) -> bool:
    """Whether a step is the skip of its block, or a part of it."""
    return step.name.split(".")[3:4] == ["shortcut"]


def block_paths_of(net: nn.Module, steps: list[Step]) -> list[BlockPaths]:
    """The ways of every residual block, plain block and dense layer, in the order they run."""
    ways = []
    for stage, blocks in net.stages.named_children():
        for name, module in blocks.named_children():
            if not isinstance(module, (ResidualBlock, DenseLayer)):
                continue
            block = f"stages.{stage}.{name}"
            own = [step for step in steps if block_of(step) == block]
            meet = next((step for step in own if len(step.inputs) == 2), None)
            if meet is None:  # plain: the branch is all that there is
                last = [step for step in own if step.layer is not None][-1]
                ways.append(BlockPaths(block, "", None, last, None))
            else:
                skip, branch = sorted(meet.inputs, key=on_skip, reverse=True)
                ways.append(BlockPaths(block, meet.kind, skip, branch, meet))
    return ways


def nodes_of(steps: list[Step]) -> list[Node]:
    """The walk from the image to the classifier; every step is in exactly one node."""
    groups: list[list[Step]] = []
    group_of: dict[Step, list[Step]] = {}
    for step in steps:
        before = group_of.get(step.inputs[0]) if step.inputs else None
        group = before if before and joins(step, before) else []
        if not group:
            groups.append(group)
        group.append(step)
        group_of[step] = group
    branches: dict[str, list[Step]] = {}
    for group in groups:
        step = main(group)
        if isinstance(step.layer, nn.Conv2d) and not on_skip(step):
            branches.setdefault(block_of(step), []).append(step)
    met = {block_of(step): step.kind for step in steps if len(step.inputs) == 2}
    return [node_of(group, branches, met) for group in groups]


def main(group: list[Step]) -> Step:
    """What a group of steps is named after."""
    return next((step for step in group if step.kind not in FOLLOWING), group[0])


def joins(step: Step, group: list[Step]) -> bool:
    """Whether ``step`` belongs to the group that it is given the output of.

    A normalisation or ReLU follows what comes before it in its block; those that begin a block (a dense
    layer's) lead to the convolution behind them.
    """
    if step.inputs[0] is not group[-1] or len(step.inputs) > 1:
        return False
    if step.kind in FOLLOWING:
        return block_of(step) == block_of(group[-1]) and group[-1].kind not in ("Identity", "input", "cat")
    return all(each.kind in FOLLOWING for each in group)


def node_of(group: list[Step], branches: dict[str, list[Step]], met: dict[str, str]) -> Node:
    step = main(group)
    block = block_of(step)
    if on_skip(step):
        return Node(f"{block}.shortcut", skip_role(group), block, tuple(group))
    if step.kind in ("add", "cat"):
        return Node(f"{block}.{step.kind}", step.kind, block, tuple(group))
    roles = {"input": "image", "AdaptiveAvgPool2d": "pool", "Linear": "classifier"}
    role = roles.get(step.kind, "stem" if block == "stem" else "between")
    if step.kind in ("MaxPool2d", "AvgPool2d"):
        role = "shrink"
    elif role == "between" and isinstance(step.layer, nn.Conv2d) and len(branches[block]) > 1:
        place = branches[block].index(step)
        role = "first" if place == 0 else "middle"
        if step is branches[block][-1]:
            role = {"add": "last", "cat": "grown"}.get(met.get(block, ""), role)
    return Node(step.name or "image", role, block, tuple(group))


def skip_role(group: list[Step]) -> str:
    step = main(group)
    if isinstance(step.layer, ZeroPadding):
        return "zeros"
    if isinstance(step.layer, nn.Conv2d):
        return "projection" if len(group) > 1 else "bare"
    return "identity"
