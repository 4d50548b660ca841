"""One network's page, or two side by side: facts, stages, blocks, layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from model.graph.block_structure import Block, Op, Stage, Used
from model.graph.summary import Summary
from model.graph.tracer import Shape
from model.networks.registry import get_spec

from ..ui.i18n import marked
from ..ui.svg import shape_text, worded
from .block_diagram import block_diagram
from .layer_table import layer_table
from .scatter import short
from .stage_diagram import Part, parts_of, scale_of, stage_diagram


@dataclass(frozen=True)
class Network:
    """A network as asked for."""

    name: str
    summary: Summary
    stages: list[Stage]
    shape: Shape
    classes: int


def sheet(networks: Sequence[Network]) -> str:
    """The tab's content below the form."""
    parts = [parts_of(net.summary, net.stages, net.shape) for net in networks]
    scales = [scale_of(each) for each in parts]
    scale = max(widest for widest, _ in scales), max(highest for _, highest in scales)
    pair = " pair" if len(networks) > 1 else ""
    facts = "".join(head(net) for net in networks)
    both = versus(networks) if pair else ""
    figures = "".join(figures_of(net, its, scale) for net, its in zip(networks, parts, strict=True))
    tables = "".join(
        (f"<h4>{escape(net.name)}</h4>" if pair else "") + layer_table(net.name, net.summary, its)
        for net, its in zip(networks, parts, strict=True)
    )
    return (
        f'<div class="heads{pair}">{facts}</div>{both}<div class="sheets{pair}">{figures}</div>'
        f"<section>{marked('h3', 'arch.layers')}{marked('p', 'arch.layers.about')}{tables}</section>"
    )


def head(net: Network) -> str:
    """Name, source, the figures that people compare by, and whether they are the published ones."""
    spec, summary = get_spec(net.name), net.summary
    reach = max(row.receptive_field or 0 for row in summary.rows)
    facts = {
        "params": (f"{short(summary.params)}", f"{summary.params:,}"),
        "macs": (f"{short(summary.macs)}", f"{summary.macs:,}"),
        "depth": (f"{summary.depth}", ""),
        "field": (f"{reach:,}", ""),
        "smallest": (f"{summary.smallest}", ""),
    }
    shown = "".join(
        f"<div>{marked('dt', f'arch.fact.{key}')}<dd><b>{big}</b>"
        + (f"<small>{exact}</small>" if exact else marked("small", f"arch.fact.{key}.unit"))
        + "</dd></div>"
        for key, (big, exact) in facts.items()
    )
    published = " · ".join(figure for figure in (spec.published_params, spec.published_macs) if figure)
    at = {"shape": shape_text(spec.shape), "classes": f"{spec.classes:,}"}
    if published:
        note = worded("p", "arch.published", 'class="note"', figures=published, **at)
    else:
        declared = {"params": f"{spec.params:,}", "macs": f"{spec.macs:,}"}
        note = worded("p", "arch.declared", 'class="note"', **declared, **at)
    return (
        f'<section class="head"><h2>{escape(net.name)}</h2><p class="source">{escape(spec.source)}</p>'
        f'<dl class="facts">{shown}</dl>{note}</section>'
    )


def versus(networks: Sequence[Network]) -> str:
    """How many times one is the other."""
    a, b = (net.summary for net in networks)
    rows = "".join(
        f"<tr>{marked('th', f'arch.fact.{key}')}<td>{x:,}</td><td>{y:,}</td><td>{times(x, y)}</td></tr>"
        for key, x, y in (
            ("params", a.params, b.params),
            ("macs", a.macs, b.macs),
            ("depth", a.depth, b.depth),
        )
    )
    heads = "".join(f'<th scope="col">{escape(net.name)}</th>' for net in networks)
    return (
        f'<div class="scroll versus"><table><thead><tr><td></td>{heads}'
        f"{marked('th', 'arch.ratio')}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def times(x: int, y: int) -> str:
    return f"{y / x:.3g} ×" if x else "–"


def figures_of(net: Network, parts: Sequence[Part], scale: tuple[int, int]) -> str:
    return (
        f'<article data-network="{escape(net.name)}">'
        f'<section class="stages">{marked("h3", "arch.stages.title")}'
        f"{marked('p', 'arch.stages.about')}{stage_diagram(net.name, parts, scale)}</section>"
        f'<section class="blocks">{marked("h3", "arch.blocks.title")}{gallery(net)}</section></article>'
    )


def gallery(net: Network) -> str:
    """The blocks of one stage at a time; the stage where the shape changes first is shown first."""
    first = min(1, len(net.stages) - 1)
    picks = "".join(
        worded(
            "button",
            "arch.part.stage",
            f'type="button" data-stage="{index}" aria-pressed="{str(index == first).lower()}"',
            n=index + 1,
        )
        for index in range(len(net.stages))
    )
    shown = "".join(
        f'<div class="gallery" data-stage="{index}"{"" if index == first else " hidden"}>'
        + "".join(figure(used, stage.count) for used in stage.kinds)
        + "</div>"
        for index, stage in enumerate(net.stages)
    )
    return f'<div class="picks" role="group" data-text-label="arch.blocks.pick">{picks}</div>{shown}'


def figure(used: Used, count: int) -> str:
    """A block's diagram, where it stands, and the same as a table."""
    block, places = used.block, used.places
    where = f"{places[0]}" if len(places) == 1 else f"{places[0]}–{places[-1]}"
    kind = f"arch.kind.{block.skip_kind}" if block.skip is not None else "arch.kind.chain"
    place = marked("span", "arch.blocks.where", where=where, count=count)
    grown = ""
    if used.last.into != block.into:
        grown = marked(
            "p",
            "arch.blocks.grown",
            first=block.into[0],
            last=used.last.into[0],
            more=block.out[0] - block.into[0],
        )
    return (
        f"<figure><figcaption><b>{escape(block.kind)}</b> {place}<br>{marked('span', kind)}</figcaption>"
        f"{block_diagram(block)}<div>{grown}{as_table(block)}</div></figure>"
    )


def as_table(block: Block) -> str:
    heads = "".join(marked("th", f"arch.table.{head}") for head in ("way", "op", "into", "out", "stride"))
    rows = "".join(
        table_row(way, op)
        for way, ops in (("branch", block.branch), ("skip", block.skip or ()), ("after", block.after))
        for op in ops
    )
    if block.skip == ():
        rows += f"<tr>{marked('td', 'arch.table.skip')}{marked('td', 'arch.skip.identity')}"
        rows += f"<td>{block.into[0]:,}</td><td>{block.into[0]:,}</td><td>1</td></tr>"
    return (
        f"<details>{marked('summary', 'arch.blocks.table')}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def table_row(way: str, op: Op) -> str:
    name = op.words.split(f" {op.into}→")[0] + (f", {op.groups} groups" if op.groups > 1 else "")
    return (
        f"<tr>{marked('td', f'arch.table.{way}')}<td>{name}</td><td>{op.into:,}</td><td>{op.out:,}</td>"
        f"<td>{op.stride}</td></tr>"
    )
