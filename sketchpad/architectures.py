"""The Architectures tab: the loaded network's picture, its blocks and its layers, from the module itself."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from itertools import groupby

import gradio as gr
from torch import fx, nn

from model import DigitReader
from model.summary import Summary, summarise

from .figures import Block, Unit, block_figure, network_figure, shape_text
from .texts import marked


def build(reader: DigitReader) -> None:
    """Fill the current tab. The network does not change while the page is served: plain HTML."""
    size = reader.card["preprocessing"]["size"]
    shape = (reader.card["arch"]["in_channels"], size, size)
    summary = summarise(reader.net, shape)
    blocks = residual_blocks(reader.net)
    facts = marked(
        "p",
        "architectures.facts",
        name=reader.card["arch"]["name"],
        params=f"{summary.params:,}",
        macs=f"{summary.macs:,}",
        shape=shape_text(shape),
    )
    gr.HTML(
        f'<div class="columns"><section>{marked("h2", "architectures.title")}{facts}'
        f"{marked('h3', 'architectures.body')}{marked('p', 'architectures.body.about')}</section>"
        f"{network_figure(units(summary, blocks, shape))}</div>"
        f"{marked('h3', 'architectures.blocks')}{marked('p', 'architectures.blocks.about')}"
        f"{block_gallery(blocks)}"
        f"{marked('h3', 'architectures.layers')}{marked('p', 'architectures.layers.about')}"
        f"{layer_table(summary)}",
        elem_classes="page-tab",
        apply_default_css=False,
    )


def residual_blocks(net: nn.Module) -> dict[str, nn.Module]:
    """The network's blocks by name: composed modules of `model.blocks`."""
    return {
        name: module
        for name, module in net.named_modules()
        if type(module).__module__ == "model.blocks" and any(module.children())
    }


def units(summary: Summary, blocks: dict[str, nn.Module], shape: tuple[int, ...]) -> list[Unit]:
    """The network from input to classifier, one row a block; what is outside of blocks by its part."""

    def part(name: str) -> str:
        inside = [block for block in blocks if name.startswith(f"{block}.")]
        return inside[0] if inside else name.split(".")[0]

    drawn = [Unit("input", shape, 0, residual=False)]
    for name, group in groupby(summary.rows, key=lambda row: part(row.name)):
        rows = list(group)
        params = sum(row.params for row in rows)
        drawn.append(Unit(name, rows[-1].output_shape, params, residual=name in blocks))
    return drawn


def block_gallery(blocks: dict[str, nn.Module]) -> str:
    """A diagram of each block that differs from the others, and where it is used."""
    used: dict[Block, list[str]] = defaultdict(list)
    for name, module in blocks.items():
        used[describe(module)].append(name)
    drawn = (
        f"<figure><figcaption><b>{escape(block.kind)}</b> "
        f"{marked('span', 'architectures.where', names=', '.join(names))}</figcaption>"
        f"{block_figure(block)}</figure>"
        for block, names in used.items()
    )
    return f'<div class="gallery">{"".join(drawn)}</div>'


def describe(module: nn.Module) -> Block:
    """Trace a block: the two ways into its addition, and what comes after it."""
    traced = fx.symbolic_trace(module)
    nodes = list(traced.graph.nodes)
    add = next(node for node in nodes if operation(traced, node) == "+")

    def way(node: fx.Node) -> tuple[str, ...]:
        names: list[str] = []
        while node.op != "placeholder":
            names.insert(0, operation(traced, node))
            node = node.all_input_nodes[0]
        return tuple(name for name in names if name != "Identity")

    skip, branch = sorted((way(node) for node in add.all_input_nodes), key=len)
    after = (operation(traced, n) for n in nodes[nodes.index(add) + 1 :] if n.op != "output")
    return Block(type(module).__name__, branch, skip, tuple(after))


def operation(traced: fx.GraphModule, node: fx.Node) -> str:
    """What a node does, as a diagram says it: kernel, channels and stride for a convolution."""
    if node.op != "call_module":
        name = getattr(node.target, "__name__", str(node.target))
        return {"add": "+", "iadd": "+", "relu": "ReLU"}.get(name, name)
    layer = traced.get_submodule(str(node.target))
    if isinstance(layer, nn.Conv2d):
        kernel, stride = layer.kernel_size[0], layer.stride[0]
        return f"{kernel}×{kernel} conv, {layer.out_channels}" + (f", /{stride}" if stride > 1 else "")
    return {"BatchNorm2d": "BatchNorm"}.get(type(layer).__name__, type(layer).__name__)


def layer_table(summary: Summary) -> str:
    """Every layer with its figures; scrolls inside its own box on a narrow screen."""
    heads = "".join(
        marked("th", f"layer.{key}") for key in ("name", "kind", "shape", "params", "macs", "field")
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(row.name)}</th><td>{row.kind}</td>'
        f"<td>{shape_text(row.output_shape)}</td><td>{row.params:,}</td><td>{row.macs:,}</td>"
        + (f"<td>{row.receptive_field}</td>" if row.receptive_field else marked("td", "layer.whole"))
        + "</tr>"
        for row in summary.rows
    )
    total = (
        f"<tr>{marked('th', 'layer.total')}<td></td><td></td><td>{summary.params:,}</td>"
        f"<td>{summary.macs:,}</td><td></td></tr>"
    )
    return (
        '<div class="scroll" tabindex="0" role="region" data-text-label="architectures.layers">'
        f'<table class="layers"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>'
        f"<tfoot>{total}</tfoot></table></div>"
    )
