"""What a block is made of, read off the module itself: its branch, its skip, and how they meet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from torch import nn

from ..networks.blocks import ZeroPadding
from .tracer import Shape, Step, trace_network, window


@dataclass(frozen=True)
class Op:
    """One operation with its channels; ``kernel`` 0 where nothing slides over the image."""

    kind: str  # "conv", "norm", "relu", "pool" or "zeros" (the parameter-free shortcut)
    into: int
    out: int
    kernel: int = 0
    stride: int = 1
    groups: int = 1
    bias: bool = False

    @property
    def words(self) -> str:
        """The operation in a line of text, the same in every language."""
        names = {"norm": "BatchNorm", "relu": "ReLU", "zeros": "zero padding"}
        if self.kind in ("norm", "relu"):
            return names[self.kind]
        kind = names.get(self.kind, f"{self.kernel}×{self.kernel} {self.kind}")
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        bias = ", bias" if self.bias else ""
        return f"{kind} {self.into}→{self.out}{stride}{groups}{bias}"


@dataclass(frozen=True)
class Block:
    """``after(join(branch(x), skip(x)))``. An empty ``skip`` is the identity, None is no skip at all;
    ``join`` is "add", "cat" or "" where nothing meets."""

    kind: str
    into: Shape
    out: Shape
    branch: tuple[Op, ...]
    skip: tuple[Op, ...] | None
    join: str
    after: tuple[Op, ...]

    @property
    def skip_kind(self) -> str:
        """ "none", "identity", "zeros", "bare" (a 1×1 alone) or "projection" (a 1×1 with BatchNorm)."""
        if self.skip is None:
            return "none"
        kinds = tuple(op.kind for op in self.skip)
        return {(): "identity", ("zeros",): "zeros", ("conv",): "bare"}.get(kinds, "projection")

    @property
    def pattern(self) -> tuple[object, ...]:
        """What two blocks of a stage share that differ in nothing but the channels they are given."""
        branch = (replace(op, into=0, out=0 if op.kind in ("norm", "relu") else op.out) for op in self.branch)
        return self.kind, tuple(branch), self.skip, self.join


@dataclass(frozen=True)
class Used:
    """A block and where it stands: ``places`` are its positions in the stage, from 1."""

    block: Block
    last: Block  # the last of those that share its pattern; the same where channels do not grow
    places: tuple[int, ...]


@dataclass(frozen=True)
class Stage:
    """The blocks of one stage, those of a pattern together."""

    kinds: tuple[Used, ...]
    count: int
    out: Shape


def stages_of(net: nn.Module, steps: list[Step]) -> list[Stage]:
    """Every stage of ``net``; ``steps`` is its walk, which knows what each block is given."""
    given: dict[tuple[str, str], Shape] = {}
    for step in steps:
        if step.name.startswith("stages."):
            _, stage, block = step.name.split(".")[:3]
            given.setdefault((stage, block), step.inputs[0].shape)
    stages = []
    for stage, blocks in net.stages.named_children():
        used: dict[tuple[object, ...], list[tuple[int, Block]]] = {}
        for place, (name, module) in enumerate(blocks.named_children(), 1):
            block = describe(module, given[stage, name])
            used.setdefault(block.pattern, []).append((place, block))
        kinds = tuple(Used(same[0][1], same[-1][1], tuple(p for p, _ in same)) for same in used.values())
        stages.append(Stage(kinds, len(blocks), block.out))
    return stages


def describe(module: nn.Module, shape: Shape) -> Block:
    """A block as its operations, for an input of ``shape`` (C, H, W)."""
    steps = trace_network(module, shape)
    meet = next((step for step in steps if len(step.inputs) == 2), None)
    branch = skip = None
    if meet is None:
        branch, after = way(steps[-1], steps[0]), ()
    else:
        skip, branch = sorted((way(step, steps[0]) for step in meet.inputs), key=len)
        after = way(steps[-1], meet)
    return Block(
        type(module).__name__, shape, steps[-1].shape, branch, skip, meet.kind if meet else "", after
    )


def way(end: Step, start: Step) -> tuple[Op, ...]:
    """The operations on the way from ``start`` to ``end``; an identity is none."""
    ops: list[Op] = []
    while end is not start:
        if end.kind != "Identity":
            ops.insert(0, operation(end))
        end = end.inputs[0]
    return tuple(ops)


def operation(step: Step) -> Op:
    into, out = step.inputs[0].shape[0], step.shape[0]
    layer = step.layer
    if isinstance(layer, nn.BatchNorm2d):
        return Op("norm", into, out)
    if layer is None or isinstance(layer, nn.ReLU):
        return Op(step.kind.lower(), into, out)
    kernel, stride, _ = window(layer)
    if isinstance(layer, ZeroPadding):
        return Op("zeros", into, out, 0, stride)
    if isinstance(layer, nn.Conv2d):
        return Op("conv", into, out, kernel, stride, layer.groups, layer.bias is not None)
    return Op("pool", into, out, kernel, stride)
