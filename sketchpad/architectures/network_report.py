"""One network's report, or two side by side: facts, stages, blocks, layers; and the layers as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import lru_cache, partial

from markupsafe import Markup

from model import InputError
from model.graph.block_structure import stages_of
from model.graph.summary import Summary, create_uninitialized, summarise
from model.graph.tracer import trace_network
from model.networks.network import Network
from model.networks.registry import Spec, get_spec

from ..ui.format import compact, shape_text, thousands
from ..ui.html import render
from .block_diagram import block_diagram
from .stage_diagram import parts_of, scale_of, stage_diagram

LARGEST = 4096  # maximum side of an image in pixels
CSV_HEADS = (
    *("layer", "kind", "stage", "output_shape", "parameters", "multiply_adds", "receptive_field"),
    *("share_of_parameters", "share_of_multiply_adds"),
)


@lru_cache(maxsize=4)
def uninitialized(name: str, channels: int, classes: int) -> Network:
    """The network without weights."""
    return create_uninitialized(name, channels, classes)


@lru_cache(maxsize=16)
def summary_of(name: str, size: int, channels: int, classes: int) -> Summary:
    """Raises InputError for an image that is too small, with the network and the sizes as its values."""
    net = uninitialized(name, channels, classes)
    try:
        return summarise(net, (channels, size, size))
    except InputError as error:
        smallest = summarise(net, (channels, LARGEST, LARGEST)).smallest
        raise InputError(str(error), name=name, size=size, smallest=smallest) from None


@lru_cache(maxsize=16)
def network_report(names: Sequence[str], size: int, channels: int, classes: int) -> Markup:
    """Everything about one network, or about two on one scale."""
    shape = (channels, size, size)
    summaries = [summary_of(name, size, channels, classes) for name in names]
    nets = [uninitialized(name, channels, classes) for name in names]
    stages = [stages_of(net, trace_network(net, shape)) for net in nets]
    parts = [parts_of(*each, shape) for each in zip(summaries, stages, strict=True)]
    scale = scale_of([part for each in parts for part in each])
    reports = [
        {
            "name": name,
            "spec": get_spec(name),
            "summary": summaries[n],
            "facts": facts(summaries[n]),
            "stages": stages[n],
            "parts": parts[n],
            "stage_diagram": stage_diagram(name, parts[n], scale),
        }
        for n, name in enumerate(names)
    ]
    return render(
        "architectures/network_report.html",
        reports=reports,
        size=size,
        block_diagram=block_diagram,
        code=partial(code, channels=channels, classes=classes),
    )


def code(name: str, spec: Spec, channels: int, classes: int) -> str:
    """The lines that build the network on view, with pretrained weights if it has some for this input."""
    pretrained = spec.weights and (channels, classes) == (spec.shape[0], spec.classes)
    arguments = 'weights="DEFAULT"' if pretrained else f"in_channels={channels}, num_classes={classes}"
    return f'from model import create_model\nnet = create_model("{name}", {arguments})'


def facts(summary: Summary) -> list[tuple[str, str, str]]:
    """Key, figure, and the exact number where the figure is rounded, else ""."""
    field = max(row.receptive_field or 0 for row in summary.rows)
    return [
        ("params", compact(summary.params), thousands(summary.params)),
        ("macs", compact(summary.macs), thousands(summary.macs)),
        ("depth", str(summary.depth), ""),
        ("field", thousands(field), ""),
        ("smallest", shape_text((summary.smallest, summary.smallest)), ""),
    ]


def layer_csv(summary: Summary) -> str:
    """One line a layer and a line of totals. An empty receptive field means the whole image."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(CSV_HEADS)
    for row in summary.rows:
        shares = row.params / max(1, summary.params), row.macs / max(1, summary.macs)
        shape = "x".join(map(str, row.output_shape))
        counts = row.params, row.macs, row.receptive_field or ""
        writer.writerow([row.name, row.kind, row.stage, shape, *counts, *(f"{s:.6f}" for s in shares)])
    writer.writerow(["total", "", "", "", summary.params, summary.macs, "", "1", "1"])
    return out.getvalue()
