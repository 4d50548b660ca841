"""The stage diagram, against the feature maps of a forward pass."""

from __future__ import annotations

import re

import pytest
import torch

from model.graph.block_structure import stages_of
from model.graph.summary import create_uninitialized, summarise
from model.graph.tracer import trace_network
from sketchpad.architectures.stage_diagram import parts_of, scale_of, stage_diagram


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "resnet20", "mnist_resnet"])
def test_slabs_are_in_proportion(name: str) -> None:
    """Heights and widths against the feature maps of a forward pass."""
    net, shape = create_uninitialized(name, 3, 10), (3, 64, 64)
    sizes = [shape]
    for part in (net.stem, *net.stages):
        part.register_forward_hook(lambda _m, _i, out: sizes.append(tuple(out.shape[1:])))
    net.eval()(torch.empty(1, *shape, device="meta"))
    for part in (net.stem, *net.stages):
        part._forward_hooks.clear()
    parts = parts_of(summarise(net, shape), stages_of(net, trace_network(net, shape)), shape)
    assert [part.shape for part in parts[:-1]] == sizes
    scale = scale_of(parts)
    svg = stage_diagram(name, parts, scale)
    drawn = re.findall(r'<rect [^>]*width="([\d.]+)" height="([\d.]+)"[^>]*class="slab', svg)
    for (width, height), size in zip(drawn, sizes, strict=False):
        if float(width) > 2:  # the least that can be seen
            assert float(width) / size[0] == pytest.approx(140 / scale[0], rel=0.01)
        if float(height) > 2:
            assert float(height) / size[1] == pytest.approx(128 / scale[1], rel=0.01)
