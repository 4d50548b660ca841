"""A network's operations as a walk through its own ``forward``: shapes, receptive fields, no numbers.

``forward`` runs on a stand-in that knows nothing but its shape. The meta device gives the same shapes,
but its first operation imports sympy and torch._dynamo (2 s and 170 MB with PyTorch 2.14); ``torch.fx``
gives the same graph, but while it traces, every module of the process is patched, those that read
somebody's digits in another thread too.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any, NamedTuple

import torch
from torch import nn

from ..errors import InputError
from ..networks.blocks import ZeroPadding

Shape = tuple[int, ...]


class Field(NamedTuple):
    """A receptive field along one side, in input pixels: output ``i`` sees those from ``start + i * jump``
    on, ``size`` of them; what lies outside of the input is padding.

    Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional Neural Networks": eq. 2 for the
    size, the section on the region in the input image for where it starts.
    """

    size: int
    jump: int
    start: int


PIXEL = Field(1, 1, 0)  # of the input itself


@dataclass(eq=False)
class Step:
    """One operation of a network, and at once the stand-in for its output that the next one is given.

    ``kind`` is the layer's type, or "input", "relu", "add", "cat", "flatten"; ``field`` is None once every
    output sees the whole image. Where paths meet, whatever any of them sees counts, and the deepest.
    """

    walk: list[Step] = field(repr=False)
    kind: str
    shape: Shape
    inputs: tuple[Step, ...] = ()
    name: str = ""
    layer: nn.Module | None = None
    field: Field | None = PIXEL
    depth: int = 0

    def then(self, kind: str, shape: Shape, *others: Step, name: str = "", layer: Any = None) -> Step:  # noqa: ANN401
        inputs = (self, *others)
        reach = widen(union([step.field for step in inputs]), layer)
        depth = max(step.depth for step in inputs) + isinstance(layer, (nn.Conv2d, nn.Linear))
        self.walk.append(Step(self.walk, kind, shape, inputs, name, layer, reach, depth))
        return self.walk[-1]

    def __add__(self, other: Step) -> Step:
        if self.shape != other.shape:
            raise ValueError(f"{self.shape} and {other.shape} cannot be added")
        return self.then("add", self.shape, other)

    def flatten(self, start: int) -> Step:
        if start != 1:
            raise NotImplementedError(f"flatten({start})")
        return self.then("flatten", (prod(self.shape),))

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: object,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Step:
        """The functions that the blocks call; PyTorch asks here because an argument is a stand-in."""
        first = args[0]
        if func in (torch.relu, nn.functional.relu):
            return first.then("relu", first.shape)
        if func is torch.cat and args[1:] == (1,):
            inner = {step.shape[1:] for step in first}
            if len(inner) != 1:
                raise ValueError(f"{[step.shape for step in first]} cannot be put side by side")
            return first[0].then("cat", (sum(s.shape[0] for s in first), *inner.pop()), *first[1:])
        raise NotImplementedError(f"no rule for {func.__name__}")


def trace_network(net: nn.Module, shape: Shape) -> list[Step]:
    """The operations of ``net`` for one input of ``shape`` (C, H, W), in the order they run.

    Sizes are what the layers' formulas say; that they make sense is for ``refuse_smaller`` to judge.
    """
    walk: list[Step] = []
    walk.append(Step(walk, "input", shape))
    shell(net)(walk[0])
    return walk


def shell(net: nn.Module, name: str = "") -> nn.Module:
    """A copy without hooks that shares the tensors; its leaves pass a stand-in on instead of computing.

    Hooks stay out: they wait for numbers, and there are none.
    """
    twin = copy.copy(net)
    twin._forward_hooks, twin._forward_pre_hooks = OrderedDict(), OrderedDict()
    twin._modules = {key: child and shell(child, f"{name}.{key}") for key, child in net._modules.items()}
    if isinstance(net, ZeroPadding) or not net._modules:
        twin.forward = partial(apply, name.removeprefix("."), net)
    return twin


def apply(name: str, layer: nn.Module, x: Step) -> Step:
    """What ``layer`` makes of the stand-in ``x``."""
    return x.then(type(layer).__name__, output_shape(layer, x.shape), name=name, layer=layer)


def output_shape(layer: nn.Module, shape: Shape) -> Shape:
    """The shape (C, H, W) or (C,) that ``layer`` makes of ``shape``."""
    wanted = getattr(layer, "in_channels", getattr(layer, "num_features", getattr(layer, "in_features", 0)))
    if wanted and wanted != shape[0]:
        raise InputError(f"This network takes images of {wanted} channels, not of {shape[0]}.")
    sliding = window(layer)
    if sliding:
        kernel, stride, padding = sliding
        sides = ((side + 2 * padding - kernel) // stride + 1 for side in shape[1:])
        more = layer.channels if isinstance(layer, ZeroPadding) else 0
        return (getattr(layer, "out_channels", shape[0] + more), *sides)
    if isinstance(layer, nn.AdaptiveAvgPool2d):
        return (shape[0], layer.output_size, layer.output_size)
    if isinstance(layer, nn.Linear):
        return (layer.out_features,)
    if isinstance(layer, (nn.BatchNorm2d, nn.ReLU, nn.Identity)):
        return shape
    raise NotImplementedError(f"no rule for {type(layer).__name__}")


def window(layer: nn.Module | None) -> tuple[int, int, int] | None:
    """Kernel, stride and padding of a layer that slides over the image, None for another."""
    if isinstance(layer, ZeroPadding):
        return 1, layer.stride, 0
    if not isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
        return None
    kernel, stride, padding = (
        v if isinstance(v, int) else v[0] for v in (layer.kernel_size, layer.stride, layer.padding)
    )
    return kernel, stride, padding


def union(fields: list[Field | None]) -> Field | None:
    """The field where paths meet."""
    if None in fields:
        return None
    start, end = min(f.start for f in fields), max(f.start + f.size for f in fields)
    return Field(end - start, max(f.jump for f in fields), start)


def widen(seen: Field | None, layer: nn.Module | None) -> Field | None:
    """The field behind ``layer``, given the one before it."""
    if seen is None or isinstance(layer, (nn.AdaptiveAvgPool2d, nn.Linear)):
        return None
    size, jump, start = seen
    kernel, stride, padding = window(layer) or (1, 1, 0)
    return Field(size + (kernel - 1) * jump, jump * stride, start - padding * jump)
