"""One network's report, or two side by side: facts, stages, blocks, layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from model.graph.block_structure import Stage
from model.graph.summary import Summary
from model.graph.tracer import Shape
from model.networks.registry import get_spec

from ..ui.format import compact, thousands
from ..ui.html import render
from .block_diagram import block_diagram
from .stage_diagram import parts_of, scale_of, stage_diagram


@dataclass(frozen=True)
class Network:
    """A network at an input of ``shape`` (C, H, W)."""

    name: str
    summary: Summary
    stages: list[Stage]
    shape: Shape


def network_report(networks: Sequence[Network]) -> Markup:
    """The tab's content below the form."""
    parts = [parts_of(net.summary, net.stages, net.shape) for net in networks]
    scale = scale_of([part for each in parts for part in each])
    reports = [
        {
            "name": net.name,
            "summary": net.summary,
            "spec": get_spec(net.name),
            "facts": facts(net.summary),
            "stages": net.stages,
            "parts": own,
            "stage_diagram": stage_diagram(net.name, own, scale),
        }
        for net, own in zip(networks, parts, strict=True)
    ]
    return render("architectures/network_report.html", reports=reports, block_diagram=block_diagram)


def facts(summary: Summary) -> list[tuple[str, str, str]]:
    """Key, figure, and the exact number where the figure is rounded, else ""."""
    field = max(row.receptive_field or 0 for row in summary.rows)
    return [
        ("params", compact(summary.params), thousands(summary.params)),
        ("macs", compact(summary.macs), thousands(summary.macs)),
        ("depth", str(summary.depth), ""),
        ("field", thousands(field), ""),
        ("smallest", str(summary.smallest), ""),
    ]
