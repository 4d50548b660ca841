"""The Architectures tab without a browser: every figure against what shares no code with it."""

from __future__ import annotations

import csv
import io
import re
import statistics
import time
from functools import cache
from xml.etree import ElementTree

import pytest
import torch
from torch import nn

from model import create_model, list_models
from model.graph.block_structure import describe, stages_of
from model.graph.summary import summarise
from model.graph.tracer import trace_network
from model.networks.blocks import (
    BasicBlock,
    Bottleneck,
    DenseLayer,
    Transition,
    bare_projection,
    no_shortcut,
    zero_padding,
)
from model.networks.registry import get_spec
from sketchpad.architectures import tab as architectures
from sketchpad.architectures.block_diagram import block_diagram
from sketchpad.architectures.layer_table import layer_csv
from sketchpad.architectures.stage_diagram import parts_of, scale_of, stage_diagram
from sketchpad.architectures.tab import answer, page

SHAPE = (64, 16, 16)


def asked(network: str, size: int = 64, channels: int = 3, classes: int = 10, beside: str = "") -> dict:
    return {"network": network, "size": size, "channels": channels, "classes": classes, "beside": beside}


@cache
def real(name: str) -> nn.Module:
    with torch.device("meta"):
        return create_model(name, 3)


def convolutions(svg: str) -> list[str]:
    """The lines under "k × k convolution" in a diagram, as "64 → 128"."""
    return re.findall(r"<tspan>([\d,]+ → [\d,]+)</tspan>", svg)


@pytest.mark.parametrize("name", list_models())
def test_every_block_is_drawn_with_its_own_channels(name: str) -> None:
    """The first of each stage against the weights' shapes, which the diagram does not look at."""
    net = real(name)
    for index, stage in enumerate(stages_of(net, trace_network(net, (3, 64, 64)))):
        drawn = "".join(block_diagram(used.block) for used in stage.kinds)
        ElementTree.fromstring(drawn if len(stage.kinds) == 1 else f"<g>{drawn}</g>")
        placed = {place for used in stage.kinds for place in used.places}
        assert placed == set(range(1, len(net.stages[index]) + 1))
        for used in stage.kinds:
            block = net.stages[index][used.places[0] - 1]
            weights = [m for m in block.modules() if isinstance(m, nn.Conv2d)]
            wanted = sorted(f"{m.in_channels:,} → {m.out_channels:,}" for m in weights)
            others = sum(
                op.kind in ("pool", "zeros") for op in (*used.block.branch, *(used.block.skip or ()))
            )
            found = sorted(convolutions(block_diagram(used.block)))
            assert len(found) == len(wanted) + others
            assert set(wanted) <= set(found)


@pytest.mark.parametrize(
    ("module", "skip", "join", "words"),
    [
        (
            BasicBlock(64, 64),
            "identity",
            "add",
            "3×3 conv 64→64 → BatchNorm → ReLU → 3×3 conv 64→64 → BatchNorm",
        ),
        (BasicBlock(64, 128, 2), "projection", "add", None),
        (BasicBlock(64, 128, 2, shortcut=zero_padding), "zeros", "add", None),
        (BasicBlock(64, 128, 2, shortcut=bare_projection, bias=True), "bare", "add", None),
        (BasicBlock(64, 64, shortcut=no_shortcut), "none", "", None),
        (Bottleneck(64, 32, groups=32, base_width=4), "projection", "add", None),
        (DenseLayer(64, 32), "identity", "cat", None),
        (Transition(64, 32), "none", "", "BatchNorm → ReLU → 1×1 conv 64→32 → 2×2 pool 32→32, stride 2"),
        (nn.Conv2d(64, 32, 3, 2, 1), "none", "", "3×3 conv 64→32, stride 2, bias"),
    ],
)
def test_a_block_is_described_as_it_is(module: nn.Module, skip: str, join: str, words: str | None) -> None:
    block = describe(module, SHAPE)
    assert (block.skip_kind, block.join) == (skip, join)
    assert block.out == tuple(module.eval()(torch.zeros(1, *SHAPE)).shape[1:])
    if words:
        assert " → ".join(op.words for op in block.branch) == words
    svg = block_diagram(block)
    assert "<title data-text=" in svg
    assert "<desc data-text=" in svg


def test_stride_groups_and_bias_are_drawn_where_they_are() -> None:
    grouped = block_diagram(describe(Bottleneck(64, 64, 2, groups=32, base_width=4), SHAPE))
    assert grouped.count("arch.op.groups") == 1
    assert grouped.count("arch.op.stride") == 2  # the 3×3 and the projection, as the block's docstring says
    assert "arch.op.bias" not in grouped
    assert block_diagram(describe(BasicBlock(64, 64, bias=True), SHAPE)).count("arch.op.bias") == 2


def test_a_block_with_its_addition_at_the_end_has_nothing_after_it() -> None:
    class Late(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x):  # noqa: ANN001, ANN202
            return x + self.conv(x)

    assert describe(Late(), (4, 8, 8)).after == ()


@pytest.mark.parametrize("name", ["resnet50", "densenet121", "resnet20", "mnist_resnet"])
def test_slabs_are_in_proportion(name: str) -> None:
    """Heights and widths against feature maps of a real forward."""
    net, shape = real(name), (3, 64, 64)
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


@pytest.mark.parametrize("name", list_models())
def test_tables_add_up_to_what_the_registry_declares(name: str) -> None:
    spec = get_spec(name)
    got = answer(asked(name, spec.shape[1], spec.shape[0], spec.classes))
    html = got["html"]
    total = re.search(r'class="line total">.*?<span>([\d,]+)</span><span>([\d,]+)</span>', html)
    assert total.groups() == (f"{spec.params:,}", f"{spec.macs:,}")
    cells = re.findall(r"<tr><th scope=\"row\">[\w.]+</th>(<td.*?)</tr>", html.replace("<wbr>", ""))
    rows = [re.findall(r">([\d,]+)</td>", row)[:2] for row in cells]
    sums = [sum(int(row[i].replace(",", "")) for row in rows) for i in (0, 1)]
    assert sums == [spec.params, spec.macs]
    table = list(csv.DictReader(io.StringIO(got["csv"][name])))
    assert sum(int(row["parameters"]) for row in table[:-1]) == spec.params == int(table[-1]["parameters"])
    assert sum(int(row["multiply_adds"]) for row in table[:-1]) == spec.macs
    assert sum(float(row["share_of_parameters"]) for row in table[:-1]) == pytest.approx(1, abs=1e-3)
    assert len(table) - 1 == len(rows) == html.count('<tr><th scope="row">') - html.count("versus")


def test_a_stage_sees_as_far_as_its_last_block() -> None:
    """Counted by hand: behind the 11 pixels of the stem each 3×3 adds twice the stride in front of it."""
    html = answer(asked("resnet50", 224, 3, 1000))["html"]
    seen = re.findall(r"<summary.*?<span>([\d,]+)</span><span data-text=\"arch.layers.count", html)
    assert seen == ["11", "35", "91", "267", "427"]


def test_csv_says_what_a_layer_is() -> None:
    table = list(csv.DictReader(io.StringIO(layer_csv(summarise(real("resnet18"), (3, 224, 224))))))
    assert table[0] | {"share_of_parameters": "", "share_of_multiply_adds": ""} == {
        "layer": "stem.0",
        "kind": "Conv2d",
        "stage": "stem",
        "output_shape": "64x112x112",
        "parameters": "9408",
        "multiply_adds": "118013952",
        "receptive_field": "7",
        "share_of_parameters": "",
        "share_of_multiply_adds": "",
    }


def test_two_networks_share_one_scale_and_are_set_against_each_other() -> None:
    html = answer(asked("resnet18", 224, 3, 1000, "resnet50"))["html"]
    assert html.count("<article") == 2
    assert f"{25_557_032 / 11_689_512:.3g} ×" in html
    one = answer(asked("resnet18", 224, 3, 1000))["html"]
    slabs = r'<rect [^>]*width="([\d.]+)" [^>]*class="slab stage'
    alone, beside = (float(re.findall(slabs, html)[3]) for html in (one, html))
    assert alone / beside == pytest.approx(2048 / 1000, rel=0.01)  # its widest is the classifier


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network": "resnet5"}, "resnet50"),
        ({"network": None}, "There is no network"),
        ({"network": "<b>" * 99}, "There is no network"),
        ({"beside": "densnet121"}, "densenet121"),
        ({"size": None}, "whole number"),
        ({"size": 10**9}, "between 1 and 4,096"),
        ({"size": float("nan")}, "whole number"),
        ({"channels": 0}, "between 1"),
        ({"channels": True}, "whole number"),
        ({"classes": "10"}, "whole number"),
        ({"classes": 2.5}, "whole number"),
    ],
)
def test_bad_input_is_told_in_a_sentence(change: dict, words: str) -> None:
    got = answer(asked("resnet18") | change)
    assert set(got) == {"error"}
    assert words in got["error"]
    assert "<b>" not in got["error"]


@pytest.mark.parametrize("payload", [None, [], "resnet18", 3])
def test_what_is_no_form_is_refused(payload: object) -> None:
    assert "error" in answer(payload)


@pytest.mark.parametrize("name", list_models())
def test_too_small_a_size_is_told_the_smallest_that_works(name: str) -> None:
    got = answer(asked(name, 1))
    least = int(re.search(r'data-size="(\d+)"', got["error"])[1])
    assert "arch.small" in got["error"]
    assert "html" in answer(asked(name, least))
    assert "error" in answer(asked(name, least - 1))


def test_the_deepest_network_is_shown_in_under_a_second() -> None:
    """In seconds of a processor: what else the machine does meanwhile is not ours."""
    times = []
    for _ in range(5):
        for cached in (architectures.network, architectures.summary_of, page):
            cached.cache_clear()
        started = time.thread_time()
        assert "html" in answer(asked("resnet152", 224, 3, 1000))
        times.append(time.thread_time() - started)
    print(f"resnet152 at 224: n = {len(times)}, median {statistics.median(times):.3f} s")
    assert statistics.median(times) < 1


def test_an_unknown_layer_is_named() -> None:
    with pytest.raises(NotImplementedError, match="Tanh"):
        summarise(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh()), (3, 8, 8))
