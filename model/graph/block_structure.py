"""The two paths through a block, its branch and its shortcut, and a block as a list of operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import nn

from ..networks.blocks import DenseLayer, ResidualBlock, ZeroPadding
from .tracer import Shape, TracedOp, trace_network, window


@dataclass(frozen=True, eq=False)
class BlockPaths:
    """The paths through one block of a trace: the last operation of each, and the operation that joins them.

    A plain block has a branch only: ``shortcut`` and ``join_op`` are None, and ``join`` is "".
    """

    block: str
    branch: TracedOp
    shortcut: TracedOp | None = None
    join_op: TracedOp | None = None

    @property
    def join(self) -> str:
        """ "add", "cat" or ""."""
        return self.join_op.kind if self.join_op else ""


def find_paths(block: str, operations: Sequence[TracedOp]) -> BlockPaths:
    """The paths through the block that consists of ``operations``, in the order they run."""
    join_op = next((op for op in operations if len(op.inputs) == 2), None)
    if join_op is None:  # the ReLU at the end of a plain block comes after the branch
        return BlockPaths(block, [op for op in operations if op.layer is not None][-1])
    branch, shortcut = sorted(join_op.inputs, key=lambda op: op.on_shortcut)
    return BlockPaths(block, branch, shortcut, join_op)


def block_paths_of(net: nn.Module, operations: Sequence[TracedOp]) -> list[BlockPaths]:
    """The paths of every residual block, plain block and dense layer of ``net``, in the order they run."""
    return [
        find_paths(name, [op for op in operations if op.block == name])
        for name, module in net.named_modules()
        if isinstance(module, (ResidualBlock, DenseLayer))
    ]


def shortcut_kind_of(operations: Sequence[TracedOp]) -> str:
    """ "identity", "zeros" (zero padding), "bare" (a 1×1 alone) or "projection" (a 1×1 with BatchNorm)."""
    kinds = {"Identity": "identity", "ZeroPadding": "zeros", "Conv2d": "bare"}
    return kinds[operations[0].kind] if len(operations) == 1 else "projection"


@dataclass(frozen=True)
class Op:
    """One operation with its channels. ``kernel`` is 0 for an operation without a sliding window."""

    kind: str  # "conv", "norm", "relu", "pool" or "zeros" (the shortcut without parameters)
    in_channels: int
    out_channels: int
    kernel: int = 0
    stride: int = 1
    groups: int = 1
    bias: bool = False

    @property
    def name(self) -> str:
        """ "3×3 conv" or "BatchNorm", the same in every language."""
        names = {"norm": "BatchNorm", "relu": "ReLU", "zeros": "zero padding"}
        return names.get(self.kind, f"{self.kernel}×{self.kernel} {self.kind}")

    @property
    def text(self) -> str:
        """The operation as a line of text, the same in every language."""
        if self.kind in ("norm", "relu"):
            return self.name
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        groups = f", {self.groups} groups" if self.groups > 1 else ""
        bias = ", bias" if self.bias else ""
        return f"{self.name} {self.in_channels}→{self.out_channels}{stride}{groups}{bias}"


@dataclass(frozen=True)
class Block:
    """``after(join(branch(x), shortcut(x)))``.

    ``shortcut`` is empty for the identity and None in a plain block. ``shortcut_kind`` is that of
    ``shortcut_kind_of``, or "none" in a plain block. ``join`` is "add", "cat" or "".
    """

    kind: str
    in_shape: Shape
    out_shape: Shape
    branch: tuple[Op, ...]
    shortcut: tuple[Op, ...] | None
    shortcut_kind: str
    join: str
    after: tuple[Op, ...]

    @property
    def pattern(self) -> tuple[object, ...]:
        """Equal for blocks that differ only in their input channels."""
        branch = (
            replace(op, in_channels=0, out_channels=0 if op.kind in ("norm", "relu") else op.out_channels)
            for op in self.branch
        )
        return self.kind, tuple(branch), self.shortcut, self.join


@dataclass(frozen=True)
class BlockGroup:
    """The blocks of a stage that share a pattern: the first, the last, and all positions, from 1."""

    first: Block
    last: Block
    positions: tuple[int, ...]


@dataclass(frozen=True)
class Stage:
    """One stage: its blocks in groups, their number, and the shape (C, H, W) of its output."""

    groups: tuple[BlockGroup, ...]
    count: int
    out_shape: Shape


def stages_of(net: nn.Module, operations: Sequence[TracedOp]) -> list[Stage]:
    """The stages of ``net``. Its trace ``operations`` has the input shape of each block."""
    in_shapes: dict[str, Shape] = {}
    for op in operations[1:]:
        in_shapes.setdefault(op.block, op.inputs[0].shape)
    stages = []
    for stage, modules in net.get_submodule("stages").named_children():
        blocks = [describe_block(m, in_shapes[f"stages.{stage}.{n}"]) for n, m in modules.named_children()]
        positions: dict[tuple[object, ...], list[int]] = {}
        for position, block in enumerate(blocks, 1):
            positions.setdefault(block.pattern, []).append(position)
        groups = (
            BlockGroup(blocks[same[0] - 1], blocks[same[-1] - 1], tuple(same)) for same in positions.values()
        )
        stages.append(Stage(tuple(groups), len(blocks), blocks[-1].out_shape))
    return stages


def describe_block(module: nn.Module, shape: Shape) -> Block:
    """The operations of a block for an input of ``shape`` (C, H, W)."""
    start, *operations = trace_network(module, shape)
    end = operations[-1]
    paths = find_paths("", operations)
    return Block(
        kind=type(module).__name__,
        in_shape=shape,
        out_shape=end.shape,
        branch=ops_between(start, paths.branch if paths.join_op else end),
        shortcut=ops_between(start, paths.shortcut) if paths.shortcut else None,
        shortcut_kind=shortcut_kind_of([op for op in operations if op.on_shortcut])
        if paths.shortcut
        else "none",
        join=paths.join,
        after=ops_between(paths.join_op, end) if paths.join_op else (),
    )


def ops_between(start: TracedOp, end: TracedOp) -> tuple[Op, ...]:
    """The operations after ``start``, up to and including ``end``, without identities."""
    ops: list[Op] = []
    while end is not start:
        if end.kind != "Identity":
            ops.insert(0, describe_op(end))
        end = end.inputs[0]
    return tuple(ops)


def describe_op(op: TracedOp) -> Op:
    """A traced operation as an Op."""
    channels = op.inputs[0].shape[0], op.shape[0]
    layer = op.layer
    if isinstance(layer, nn.BatchNorm2d):
        return Op("norm", *channels)
    kernel, stride, _ = window(layer) or (0, 1, 0)
    if isinstance(layer, ZeroPadding):
        return Op("zeros", *channels, stride=stride)
    if isinstance(layer, nn.Conv2d):
        return Op("conv", *channels, kernel, stride, layer.groups, layer.bias is not None)
    return Op("pool", *channels, kernel, stride) if kernel else Op(op.kind.lower(), *channels)
