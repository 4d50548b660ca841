"""What a network is made of: shapes, parameters, multiply-adds, receptive field of every layer.

Run on the meta device: shapes and counts come from the module itself, no memory is touched and no
number is computed, so a ResNet-152 at 224×224 takes a fraction of a second.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from .blocks import ZeroPadding
from .errors import InputError

Shape = tuple[int, ...]


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
    """All layers in the order they run, with totals."""

    rows: tuple[Row, ...]
    params: int
    macs: int


def summarise(net: nn.Module, shape: Shape) -> Summary:
    """Summary of ``net`` for one input of ``shape`` (C, H, W); ``net`` is left as it is.

    Multiply-adds are counted for convolutions and linear layers, without biases, as the papers do.
    Raises InputError for an image smaller than the network takes.
    """
    traced = trace(net)
    refuse_smaller(least_side(traced), shape)
    walk = _Walk(traced)
    with torch.no_grad():
        walk.run(torch.empty(1, *shape, device="meta"))
    params = sum(p.numel() for p in net.parameters())
    return Summary(tuple(walk.rows), params, sum(row.macs for row in walk.rows))


def smallest_input(net: nn.Module) -> int:
    """Side of the smallest image that ``net`` takes: whatever halves an image still gets two pixels a side.

    Below that an unpadded pooling fails, and a padded convolution goes on with one pixel and its padding:
    the stages behind it do work that means nothing. 17 for a ResNet-50, 29 for a DenseNet-121.
    """
    return least_side(trace(net))


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


class _Tracer(fx.Tracer):
    """Keeps the parameter-free shortcut whole, so that it is a layer of the table like the others.

    Hooks stay out, here and in ``_Walk``: they wait for numbers, and there are none.
    """

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, ZeroPadding) or super().is_leaf_module(m, module_qualified_name)

    def call_module(
        self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:  # noqa: ANN401 - fx's own signature
        return super().call_module(m, m.forward, args, kwargs)


def trace(net: nn.Module) -> fx.GraphModule:
    """The graph of ``net`` in eval mode, on a copy whose tensors are on the meta device."""
    meta: dict[int, object] = {id(p): nn.Parameter(p.detach().to("meta"), False) for p in net.parameters()}
    meta |= {id(b): b.to("meta") for b in net.buffers()}
    hollow = copy.deepcopy(net, meta).eval()
    return fx.GraphModule(hollow, _Tracer().trace(hollow))


def window(layer: nn.Module) -> tuple[int, int, int] | None:
    """Kernel, stride and padding of a layer that slides over the image, None for another."""
    if isinstance(layer, ZeroPadding):
        return 1, layer.stride, 0
    if not isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
        return None
    kernel, stride, padding = (
        v if isinstance(v, int) else v[0] for v in (layer.kernel_size, layer.stride, layer.padding)
    )
    return kernel, stride, padding


def least_side(traced: fx.GraphModule) -> int:
    """Side of the smallest input, from the end of the graph to its start.

    The output formula of a convolution solved for its input; where paths meet, the neediest counts.
    """
    sides = dict.fromkeys(traced.graph.nodes, 1)
    for node in reversed(traced.graph.nodes):
        side = sides[node]
        sliding = window(traced.get_submodule(node.target)) if node.op == "call_module" else None
        if sliding:
            kernel, stride, padding = sliding
            side = max((side - 1) * stride + kernel - 2 * padding, 2 if stride > 1 else 1)
        for parent in node.all_input_nodes:
            sides[parent] = max(sides[parent], side)
    return max(side for node, side in sides.items() if node.op == "placeholder")


class _Walk(fx.Interpreter):
    """Runs the traced network node by node, so that additions and skips are seen as well as layers.

    A node's field is (receptive field, jump), both in input pixels, after Araujo, Norris and Sim 2019,
    "Computing Receptive Fields of Convolutional Neural Networks", eq. 2; the widest path counts where
    paths meet. None once every output sees the whole image.
    """

    def __init__(self, traced: fx.GraphModule) -> None:
        super().__init__(traced)
        self.rows: list[Row] = []
        self.fields: dict[fx.Node, tuple[int, int] | None] = {}

    def call_module(self, target: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
        return self.fetch_attr(target).forward(*args, **kwargs)

    def run_node(self, n: fx.Node) -> Tensor:
        output = super().run_node(n)
        before = [self.fields[parent] for parent in n.all_input_nodes]
        field = (1, 1) if not before else None if None in before else max(before)
        if n.op == "call_module":
            layer = self.fetch_attr(n.target)
            field = widen(field, layer)
            self.rows.append(
                Row(
                    n.target,
                    type(layer).__name__,
                    tuple(output.shape[1:]),
                    sum(p.numel() for p in layer.parameters()),
                    count_macs(layer, output),
                    field and field[0],
                )
            )
        self.fields[n] = field
        return output


def widen(field: tuple[int, int] | None, layer: nn.Module) -> tuple[int, int] | None:
    """The field behind ``layer``, given the one before it."""
    if field is None or isinstance(layer, (nn.AdaptiveAvgPool2d, nn.Linear)):
        return None
    sliding = window(layer)
    if sliding is None:
        return field
    size, jump = field
    kernel, stride, _ = sliding
    return size + (kernel - 1) * jump, jump * stride


def count_macs(layer: nn.Module, output: Tensor) -> int:
    """Multiply-adds of one layer for one image: 0 for what neither convolves nor multiplies."""
    if isinstance(layer, nn.Conv2d):
        kernel = layer.kernel_size[0] * layer.kernel_size[1]
        return output[0].numel() * layer.in_channels // layer.groups * kernel
    if isinstance(layer, nn.Linear):
        return output[0].numel() * layer.in_features
    return 0
