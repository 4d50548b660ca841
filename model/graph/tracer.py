"""A network's operations, recorded by running its ``forward`` on a shape instead of an image.

Every layer is replaced by the formula for its output shape, so nothing is computed. The meta device gives the
same shapes, but its first operation imports sympy and torch._dynamo (2 s and 170 MB with PyTorch 2.14).
``torch.fx`` gives the same graph, but while it traces it patches every module of the process, including a
network that reads digits in another thread.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any, NamedTuple

import torch
from torch import nn

from ..errors import InputError
from ..networks.blocks import ZeroPadding

Shape = tuple[int, ...]


class ReceptiveField(NamedTuple):
    """A receptive field along one side, in input pixels.

    Output ``i`` depends on the ``size`` pixels from ``start + i * stride`` on; pixels outside of the image
    are padding. Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks":
    eq. 2 for the size, the section on the region in the input image for the start.
    """

    size: int
    stride: int
    start: int


PIXEL = ReceptiveField(1, 1, 0)  # of the input itself


@dataclass(eq=False)
class TracedOp:
    """One operation of a network. In the traced ``forward`` it takes the place of its output tensor.

    ``kind`` is the layer's type, or "input", "relu", "add", "cat" or "flatten". ``shape`` is (C, H, W) or
    (C,). ``name`` and ``layer`` are "" and None for a function. ``receptive_field`` is the union over all
    paths from the input, None once every output depends on the whole image. ``depth`` counts the
    convolutions and linear layers on the longest path.
    """

    trace: list[TracedOp] = field(repr=False)
    kind: str
    shape: Shape
    inputs: tuple[TracedOp, ...] = ()
    name: str = ""
    layer: nn.Module | None = None
    receptive_field: ReceptiveField | None = PIXEL
    depth: int = 0

    @property
    def block(self) -> str:
        """The block it belongs to: "image", "stem", "stages.1.0" or "head". A function belongs to the block
        of its first input."""
        if self.kind == "input":
            return "image"
        if not self.name:
            return self.inputs[0].block
        first = self.name.split(".")[0]
        if first == "stages":
            return ".".join(self.name.split(".")[:3])
        return "stem" if first == "stem" else "head"

    @property
    def on_shortcut(self) -> bool:
        """Whether it is part of a block's shortcut, a module that every block calls ``shortcut``."""
        return "shortcut" in self.name.split(".")

    @property
    def params(self) -> int:
        """Number of parameters of its layer."""
        return sum(p.numel() for p in self.layer.parameters()) if self.layer else 0

    def record(
        self, kind: str, shape: Shape, *others: TracedOp, name: str = "", layer: nn.Module | None = None
    ) -> TracedOp:
        """Append to the trace an operation on this output and those of ``others``."""
        inputs = (self, *others)
        receptive_field = field_after(layer, union([op.receptive_field for op in inputs]))
        depth = max(op.depth for op in inputs) + isinstance(layer, (nn.Conv2d, nn.Linear))
        self.trace.append(TracedOp(self.trace, kind, shape, inputs, name, layer, receptive_field, depth))
        return self.trace[-1]

    def __add__(self, other: TracedOp) -> TracedOp:
        if self.shape != other.shape:
            raise ValueError(f"{self.shape} and {other.shape} cannot be added")
        return self.record("add", self.shape, other)

    def flatten(self, start: int) -> TracedOp:
        if start != 1:
            raise NotImplementedError(f"flatten({start})")
        return self.record("flatten", (prod(self.shape),))

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> TracedOp:
        """PyTorch's protocol for functions of torch that are called with a TracedOp."""
        if func in (torch.relu, nn.functional.relu):
            x: TracedOp = args[0]
            return x.record("relu", x.shape)
        if func is torch.cat and args[1:] == (1,):
            first, *others = parts = list[TracedOp](args[0])
            if any(part.shape[1:] != first.shape[1:] for part in others):
                raise ValueError(f"{[part.shape for part in parts]} cannot be concatenated")
            channels = sum(part.shape[0] for part in parts)
            return first.record("cat", (channels, *first.shape[1:]), *others)
        raise NotImplementedError(f"no rule for {func.__name__}")


def trace_network(net: nn.Module, shape: Shape) -> list[TracedOp]:
    """The operations of ``net`` for one input of ``shape`` (C, H, W), in the order they run.

    Shapes follow the layers' formulas, even for an input that is too small (see ``check_size``). Raises
    InputError for a wrong number of channels.
    """
    trace: list[TracedOp] = []
    trace.append(TracedOp(trace, "input", shape))
    traceable_copy(net)(trace[0])
    return trace


def traceable_copy(module: nn.Module, name: str = "") -> nn.Module:
    """A copy whose layers record operations. It shares the tensors and has no hooks, which expect tensors."""
    twin = copy.copy(module)
    twin._forward_hooks, twin._forward_pre_hooks = OrderedDict(), OrderedDict()
    twin._modules = {
        k: child and traceable_copy(child, f"{name}.{k}") for k, child in module._modules.items()
    }
    if isinstance(module, ZeroPadding) or not module._modules:
        twin.forward = partial(record_layer, name.removeprefix("."), module)
    return twin


def record_layer(name: str, layer: nn.Module, x: TracedOp) -> TracedOp:
    """Record the operation ``layer`` on ``x``."""
    return x.record(type(layer).__name__, output_shape(layer, x.shape), name=name, layer=layer)


def output_shape(layer: nn.Module, shape: Shape) -> Shape:
    """The shape (C, H, W) or (C,) of ``layer``'s output for an input of ``shape``."""
    channels = getattr(layer, "in_channels", getattr(layer, "num_features", getattr(layer, "in_features", 0)))
    if channels and channels != shape[0]:
        raise InputError(f"This network takes images of {channels} channels, not of {shape[0]}.")
    if isinstance(layer, nn.AdaptiveAvgPool2d):
        return (shape[0], first_of(layer.output_size), first_of(layer.output_size))
    if isinstance(layer, nn.Linear):
        return (layer.out_features,)
    if isinstance(layer, (nn.BatchNorm2d, nn.ReLU, nn.Identity)):
        return shape
    sliding = window(layer)
    if sliding is None:
        raise NotImplementedError(f"no rule for {type(layer).__name__}")
    kernel, stride, padding = sliding
    out_channels = layer.out_channels if isinstance(layer, nn.Conv2d) else shape[0]
    out_channels += layer.channels if isinstance(layer, ZeroPadding) else 0
    return (out_channels, *((side + 2 * padding - kernel) // stride + 1 for side in shape[1:]))


def window(layer: nn.Module | None) -> tuple[int, int, int] | None:
    """Kernel, stride and padding of a layer that slides over the image, None for any other."""
    if isinstance(layer, ZeroPadding):
        return 1, layer.stride, 0
    if isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
        return first_of(layer.kernel_size), first_of(layer.stride), first_of(layer.padding)
    return None


def first_of(value: Any) -> int:  # noqa: ANN401 - PyTorch stores one number, or one number per axis
    return int(value if isinstance(value, int) else value[0])


def union(fields: Sequence[ReceptiveField | None]) -> ReceptiveField | None:
    """The smallest receptive field that contains all of ``fields``."""
    bounded = [each for each in fields if each is not None]
    if len(bounded) < len(fields):
        return None
    start, end = min(f.start for f in bounded), max(f.start + f.size for f in bounded)
    return ReceptiveField(end - start, max(f.stride for f in bounded), start)


def field_after(layer: nn.Module | None, before: ReceptiveField | None) -> ReceptiveField | None:
    """The receptive field of ``layer``'s output, given that of its input."""
    if before is None or isinstance(layer, (nn.AdaptiveAvgPool2d, nn.Linear)):
        return None
    size, step, start = before
    kernel, stride, padding = window(layer) or (1, 1, 0)
    return ReceptiveField(size + (kernel - 1) * step, step * stride, start - padding * step)
