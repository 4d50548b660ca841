"""What a network is made of: shapes, parameters, multiply-adds, receptive field of every layer.

Shapes and counts come from the module itself; no memory is touched and no number is computed, so a
ResNet-152 at 224×224 takes a fraction of a second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from ..errors import InputError
from ..networks.registry import create_model
from .tracer import Shape, Step, trace_network, window


@dataclass(frozen=True)
class Row:
    """One layer. Shapes are without the batch; ``receptive_field`` is in input pixels, None past pooling
    over the whole image."""

    name: str
    kind: str
    output_shape: Shape
    params: int
    macs: int
    receptive_field: int | None

    @property
    def stage(self) -> str:
        """The part of the network the layer belongs to: "stem", "stages.0", "stages.1", ..., "head"."""
        first, *rest = self.name.split(".")
        return f"stages.{rest[0]}" if first == "stages" else first if first == "stem" else "head"


@dataclass(frozen=True)
class Summary:
    """All layers in the order they run, with totals.

    ``depth`` counts the convolutions and linear layers on the longest way through, as the numbers in the
    networks' names do; ``smallest`` is the side of the smallest image (see ``smallest_input``).
    """

    rows: tuple[Row, ...]
    params: int
    macs: int
    depth: int
    smallest: int


def summarise(net: nn.Module, shape: Shape) -> Summary:
    """Summary of ``net`` for one input of ``shape`` (C, H, W); ``net`` is left as it is.

    Multiply-adds are counted for convolutions and linear layers, without biases, as the papers do.
    Raises InputError for an image smaller than the network takes.
    """
    steps = trace_network(net, shape)
    least = least_side(steps)
    refuse_smaller(least, shape)
    rows = tuple(row_of(step) for step in steps if step.layer is not None)
    params = sum(p.numel() for p in net.parameters())
    return Summary(rows, params, sum(row.macs for row in rows), steps[-1].depth, least)


def smallest_input(net: nn.Module) -> int:
    """Side of the smallest image that ``net`` takes: whatever halves an image still gets two pixels a side.

    Below that an unpadded pooling fails, and a padded convolution goes on with one pixel and its padding:
    the stages behind it do work that means nothing. 17 for a ResNet-50, 29 for a DenseNet-121.
    """
    return least_side(trace_network(net, (first_channels(net), 1, 1)))


def check_size(net: nn.Module, shape: Shape) -> None:
    """Raise InputError where images of ``shape`` (C, H, W) are smaller than ``net`` takes."""
    refuse_smaller(smallest_input(net), shape)


def refuse_smaller(least: int, shape: Shape) -> None:
    height, width = shape[-2:]
    if min(height, width) < least:
        raise InputError(
            f"This network takes images of {least}×{least} pixels and more: at {height}×{width} a layer "
            f"that halves the image would have fewer than two pixels to halve."
        )


def create_uninitialized(name: str, in_channels: int, num_classes: int) -> nn.Module:
    """``create_model`` without numbers: the network's layers on the meta device, nothing initialised."""
    with torch.device("meta"), _Uninitialised():
        return create_model(name, in_channels, num_classes).requires_grad_(False)


class _Uninitialised(TorchFunctionMode):
    """Passes over what would fill a tensor with numbers."""

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


def least_side(steps: list[Step]) -> int:
    """Side of the smallest input, from the end of the walk to its start.

    The output formula of a convolution solved for its input; where paths meet, the neediest counts.
    """
    sides = dict.fromkeys(steps, 1)
    for step in reversed(steps):
        side = sides[step]
        sliding = window(step.layer)
        if sliding:
            kernel, stride, padding = sliding
            side = max((side - 1) * stride + kernel - 2 * padding, 2 if stride > 1 else 1)
        for parent in step.inputs:
            sides[parent] = max(sides[parent], side)
    return sides[steps[0]]


def first_channels(net: nn.Module) -> int:
    """Channels of the image that ``net`` takes: those of its first convolution."""
    return next(layer.in_channels for layer in net.modules() if isinstance(layer, nn.Conv2d))


def row_of(step: Step) -> Row:
    params = sum(p.numel() for p in step.layer.parameters())
    return Row(
        step.name,
        step.kind,
        step.shape,
        params,
        count_macs(step.layer, step.shape),
        step.field and step.field.size,
    )


def count_macs(layer: nn.Module, shape: Shape) -> int:
    """Multiply-adds of one layer for one image, given its output's shape: 0 for what neither convolves
    nor multiplies."""
    if isinstance(layer, nn.Conv2d):
        return prod(shape) * layer.in_channels // layer.groups * prod(layer.kernel_size)
    if isinstance(layer, nn.Linear):
        return prod(shape) * layer.in_features
    return 0
