"""Shape, parameters, multiply-adds and receptive field of every layer of a network.

They are computed from the modules alone, so a ResNet-152 at 224×224 takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from ..errors import InputError
from ..networks.network import Network
from ..networks.registry import create_model
from .tracer import Shape, TracedOp, trace_network, window


@dataclass(frozen=True)
class Row:
    """One layer. ``output_shape`` is (C, H, W) or (C,); ``receptive_field`` is in input pixels, None where
    every output depends on the whole image; ``stage`` is "stem", "stages.0", "stages.1", ... or "head"."""

    name: str
    kind: str
    stage: str
    output_shape: Shape
    params: int
    macs: int
    receptive_field: int | None


@dataclass(frozen=True)
class Summary:
    """All layers in the order they run, with totals.

    ``depth`` counts the convolutions and linear layers on the longest path, as the numbers in the networks'
    names do. ``smallest`` is the side of the smallest image that the network can take, ``useful`` that of the
    smallest one for which every layer of stride 2 gets two pixels a side (see ``smallest_input``).
    """

    rows: tuple[Row, ...]
    params: int
    macs: int
    depth: int
    smallest: int
    useful: int


def summarise(net: nn.Module, shape: Shape) -> Summary:
    """Summary of ``net`` for one input of ``shape`` (C, H, W). ``net`` is not changed.

    Multiply-adds are those of convolutions and linear layers, without biases, as in the papers.
    Raises InputError for an image that the network cannot take, since a pooling without padding would have
    nothing left to pool. Networks whose layers are all padded take an image of one pixel.
    """
    operations = trace_network(net, shape)
    smallest, useful = smallest_side(operations, 1), smallest_side(operations, 2)
    height, width = shape[-2:]
    if min(height, width) < smallest:
        raise InputError(
            f"This network needs images of at least {smallest}×{smallest} pixels: at {height}×{width} "
            f"a pooling without padding would have nothing left to pool."
        )
    rows = tuple(layer_row(op, op.layer) for op in operations if op.layer is not None)
    macs = sum(row.macs for row in rows)
    return Summary(rows, count_parameters(net), macs, operations[-1].depth, smallest, useful)


def smallest_input(net: nn.Module) -> int:
    """Side of the smallest image for which every layer of stride 2 still gets two pixels per side.

    Below that a padded convolution sees one pixel and padding, so the stages after it compute nothing useful,
    though the network runs. 17 for a ResNet-50, 29 for a DenseNet-121.
    """
    first = next(layer for layer in net.modules() if isinstance(layer, nn.Conv2d))
    return smallest_side(trace_network(net, (first.in_channels, 1, 1)), 2)


def check_size(net: nn.Module, shape: Shape) -> None:
    """Raise InputError if images of ``shape`` (C, H, W) are too small for training ``net``."""
    smallest = smallest_input(net)
    height, width = shape[-2:]
    if min(height, width) < smallest:
        raise InputError(
            f"Training this network needs images of at least {smallest}×{smallest} pixels: at "
            f"{height}×{width} a layer that halves the image would get fewer than two pixels per side."
        )


def create_uninitialized(name: str, in_channels: int, num_classes: int) -> Network:
    """``create_model`` on the meta device: layers and shapes without values, so it takes no memory."""
    with torch.device("meta"), _SkipInitialisation():
        return create_model(name, in_channels, num_classes).requires_grad_(False)


class _SkipInitialisation(TorchFunctionMode):
    """Skips the functions that fill a tensor with values."""

    FILLING = frozenset({"fill_", "zero_", "normal_", "uniform_", "kaiming_normal_", "kaiming_uniform_"})

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - PyTorch's own signature
        kwargs = kwargs or {}
        if getattr(func, "__name__", "") in self.FILLING:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def smallest_side(operations: Sequence[TracedOp], halved: int) -> int:
    """Side of the smallest input for which a layer that halves gets ``halved`` pixels.

    From the last operation to the first, the formula for a layer's output side is solved for its input side;
    where paths meet, the larger side is used.
    """
    sides = dict.fromkeys(operations, 1)
    for op in reversed(operations):
        side = sides[op]
        sliding = window(op.layer)
        if sliding:
            kernel, stride, padding = sliding
            side = max((side - 1) * stride + kernel - 2 * padding, halved if stride > 1 else 1)
        for before in op.inputs:
            sides[before] = max(sides[before], side)
    return sides[operations[0]]


def layer_row(op: TracedOp, layer: nn.Module) -> Row:
    """The row of the operation ``op``, which runs ``layer``."""
    stage = op.block.rpartition(".")[0] or op.block
    field = op.receptive_field.size if op.receptive_field else None
    return Row(op.name, op.kind, stage, op.shape, op.params, count_macs(layer, op.shape), field)


def count_parameters(module: nn.Module) -> int:
    """Number of trainable values, without the running statistics of BatchNorm."""
    return sum(p.numel() for p in module.parameters())


def count_macs(layer: nn.Module, shape: Shape) -> int:
    """Multiply-adds of a layer for one image; ``shape`` is that of its output. 0 unless it is a convolution
    or a linear layer."""
    if isinstance(layer, nn.Conv2d):
        return prod(shape) * layer.in_channels // layer.groups * prod(layer.kernel_size)
    if isinstance(layer, nn.Linear):
        return prod(shape) * layer.in_features
    return 0
