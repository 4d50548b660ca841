"""How one value of a feature map is computed: every number that its node multiplies, adds and normalises.

The numbers are the network's own weights and activations, combined again in float64, step by step.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import InputError
from ..graph.nodes import Node, main_op
from ..graph.tracer import TracedOp
from ..graph.tracer import window as sliding_window
from ..image import MEAN, STD
from ..networks.blocks import ZeroPadding
from .activations import Activations


@dataclass(frozen=True, eq=False)
class Window:
    """The part of a layer's input that one output value depends on, and its weights.

    ``channels`` are the C input channels. ``patch`` float64 [C, k, k] is zero outside of the map, where
    ``inside``, bool [k, k], is False. ``kernel`` float64 [C, k, k]: of an average, each value's share; of a
    maximum, 1 at the largest value and 0 elsewhere.
    """

    channels: range
    patch: Tensor
    inside: Tensor
    kernel: Tensor

    @property
    def products(self) -> Tensor:
        return self.patch * self.kernel

    @property
    def sums(self) -> Tensor:
        """The sum of each channel's products, float64 [C]."""
        return self.products.sum((1, 2))


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the computation: the output ``value`` of ``op``, computed from the step before.

    ``kind`` is one of these; ``numbers`` has what else it takes.
    - "sum": a window's sum, plus "bias", which is 0 for a layer without one;
    - "mean", "max": of a window;
    - "norm": BatchNorm, (v - mean) / sqrt(variance + eps) * weight + bias;
    - "relu";
    - "add": "branch" plus "shortcut";
    - "copy": an identity, a concatenation, or zero padding;
    - "input": (pixel / 255 - mean) / std.
    """

    kind: str
    op: TracedOp
    value: float
    numbers: dict[str, float]


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """The steps of a node to one value of its maps.

    ``window`` is that of the first step, None if it has none. An addition ends with the ReLU after it, which
    the node's map is shown without.
    """

    window: Window | None
    steps: tuple[Step, ...]


def arithmetic(
    activations: Activations, node: Node, channel: object, row: object, column: object
) -> Arithmetic:
    """How ``node`` computes one value, for activations of one image. A vector has row and column 0 only.

    Raises InputError for a place outside of the node's maps.
    """
    channels, height, width = (*node.shape, 1, 1)[:3]
    place = []
    for what, index, count in (("map", channel, channels), ("row", row, height), ("column", column, width)):
        if type(index) is not int or not 0 <= index < count:
            raise InputError(f"The {what} of a value of this node is a whole number from 0 to {count - 1}.")
        place.append(index)
    start = node.operations.index(main_op(node.operations))
    window: Window | None = None
    steps: list[Step] = []
    for op in node.operations[start:]:
        if op.kind == "flatten":
            continue
        if not steps:
            window = window_of(op, activations, *place)
        steps.append(step_of(op, activations, place, window, steps[-1].value if steps else 0.0))
    return Arithmetic(window, tuple(steps))


def step_of(
    op: TracedOp, activations: Activations, place: list[int], window: Window | None, before: float
) -> Step:
    """The step of one operation after a step with the value ``before``."""
    channel, row, column = place
    layer = op.layer
    if isinstance(layer, nn.BatchNorm2d):
        numbers = norm_numbers(layer, channel)
        scale = numbers["weight"] / (numbers["variance"] + numbers["eps"]) ** 0.5
        return Step("norm", op, (before - numbers["mean"]) * scale + numbers["bias"], numbers)
    if op.kind in ("ReLU", "relu"):
        return Step("relu", op, max(0.0, before), {})
    if window is not None:
        total = float(window.sums.sum())
        if not isinstance(layer, (nn.Conv2d, nn.Linear)):
            return Step("max" if isinstance(layer, nn.MaxPool2d) else "mean", op, total, {})
        bias = 0.0 if layer.bias is None else layer.bias[channel].item()
        return Step("sum", op, total + bias, {"bias": bias})
    if op.kind == "add":
        values = [float(activations[each][0, channel, row, column]) for each in op.inputs]
        branch, shortcut = values if op.inputs[1].on_shortcut else values[::-1]
        return Step("add", op, branch + shortcut, {"branch": branch, "shortcut": shortcut})
    if op.kind == "input":
        pixel = round((float(activations[op][0, channel, row, column]) * STD + MEAN) * 255)
        return Step("input", op, (pixel / 255 - MEAN) / STD, {"pixel": pixel, "mean": MEAN, "std": STD})
    return Step("copy", op, copied(op, activations, *place), {})


def copied(op: TracedOp, activations: Activations, channel: int, row: int, column: int) -> float:
    """The value of an input that an identity, a concatenation or zero padding passes on; 0 for padding."""
    stride = op.layer.stride if isinstance(op.layer, ZeroPadding) else 1
    for source in op.inputs:
        if channel < source.shape[0]:
            return float(activations[source][0, channel, row * stride, column * stride])
        channel -= source.shape[0]
    return 0.0


def norm_numbers(layer: nn.BatchNorm2d, channel: int) -> dict[str, float]:
    """The statistics and parameters of one channel."""
    assert layer.running_mean is not None
    assert layer.running_var is not None
    return {
        "mean": layer.running_mean[channel].item(),
        "variance": layer.running_var[channel].item(),
        "eps": layer.eps,
        "weight": layer.weight[channel].item(),
        "bias": layer.bias[channel].item(),
    }


def window_of(op: TracedOp, activations: Activations, channel: int, row: int, column: int) -> Window | None:
    """The window of one output value of a convolution, a linear layer or a pooling; None for any other."""
    layer = op.layer
    if not isinstance(layer, (nn.Conv2d, nn.Linear, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)):
        return None
    maps = activations[op.inputs[0]][0].double().cpu()
    maps = maps.view(len(maps), *(maps.shape[1:] or (1, 1)))
    side, stride, padding = sliding_window(layer) or (maps.shape[1], 1, 0)
    if isinstance(layer, nn.Conv2d):
        count = layer.in_channels // layer.groups
        first = channel // (layer.out_channels // layer.groups) * count
        channels = range(first, first + count)
    else:
        channels = range(len(maps)) if isinstance(layer, nn.Linear) else range(channel, channel + 1)
    top, left = row * stride, column * stride
    around = [padding] * 4
    cut = slice(top, top + side), slice(left, left + side)
    patch = F.pad(maps[channels.start : channels.stop], around)[:, cut[0], cut[1]]
    inside = F.pad(torch.ones(maps.shape[1:], dtype=torch.bool), around)[cut]
    if isinstance(layer, (nn.Conv2d, nn.Linear)):
        kernel = layer.weight[channel].detach().double().cpu().view(patch.shape)
    elif isinstance(layer, nn.MaxPool2d):
        largest = patch.masked_fill(~inside, -torch.inf).argmax()
        kernel = torch.zeros(patch.numel(), dtype=patch.dtype).index_fill(0, largest, 1).view(patch.shape)
    else:
        kernel = torch.full_like(patch, 1 / side**2)
    return Window(channels, patch, inside, kernel)
