"""What a network is made of: shapes, parameters, multiply-adds, receptive field of every layer.

Run on the meta device: shapes and counts come from the module itself, no memory is touched and no
number is computed, so a ResNet-152 at 224×224 takes a fraction of a second.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, fx, nn

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


@dataclass(frozen=True)
class Summary:
    """All layers in the order they run, with totals."""

    rows: tuple[Row, ...]
    params: int
    macs: int


def summarise(net: nn.Module, shape: Shape) -> Summary:
    """Summary of ``net`` for one input of ``shape`` (C, H, W); ``net`` is left as it is.

    Multiply-adds are counted for convolutions and linear layers, without biases, as the papers do.
    """
    traced = fx.symbolic_trace(copy.deepcopy(net).to("meta").eval())
    walk = _Walk(traced)
    with torch.no_grad():
        walk.run(torch.empty(1, *shape, device="meta"))
    params = sum(p.numel() for p in net.parameters())
    return Summary(tuple(walk.rows), params, sum(row.macs for row in walk.rows))


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
    if not isinstance(layer, (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)):
        return field
    size, jump = field
    kernel, stride = (v if isinstance(v, int) else v[0] for v in (layer.kernel_size, layer.stride))
    return size + (kernel - 1) * jump, jump * stride


def count_macs(layer: nn.Module, output: Tensor) -> int:
    """Multiply-adds of one layer for one image: 0 for what neither convolves nor multiplies."""
    if isinstance(layer, nn.Conv2d):
        kernel = layer.kernel_size[0] * layer.kernel_size[1]
        return output[0].numel() * layer.in_channels // layer.groups * kernel
    if isinstance(layer, nn.Linear):
        return output[0].numel() * layer.in_features
    return 0
