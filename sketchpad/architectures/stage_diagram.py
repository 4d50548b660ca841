"""The stage diagram: one slab a stage, as high as its map and as wide as its channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from model.graph.block_structure import Stage
from model.graph.summary import Summary
from model.graph.tracer import Shape

from ..ui.svg import shape_text
from .block_diagram import arrow, drawing, keyed, rectangle, span

WIDEST, HIGHEST, ROW = 140, 128, 70


@dataclass(frozen=True)
class Part:
    """The stem, a stage or the head with its share of the whole."""

    name: str  # "input", "stem", "stages.0", ..., "head"
    shape: Shape
    params: int
    macs: int
    blocks: str  # "4 × Bottleneck"; "" outside of the stages


def parts_of(summary: Summary, stages: Sequence[Stage], shape: Shape) -> list[Part]:
    """The network from its input to its classifier."""
    parts = [Part("input", shape, 0, 0, "")]
    for name, group in groupby(summary.rows, key=lambda row: row.stage):
        rows = list(group)
        totals = sum(row.params for row in rows), sum(row.macs for row in rows)
        if name.startswith("stages."):
            stage = stages[int(name.split(".")[1])]
            parts.append(Part(name, stage.out, *totals, blocks_text(stage)))
        else:
            parts.append(Part(name, rows[-1].output_shape, *totals, ""))
    return parts


def blocks_text(stage: Stage) -> str:
    """ "4 × Bottleneck", or with a transition in front "Transition + 12 × DenseLayer"."""
    counts: dict[str, int] = {}
    for used in stage.kinds:
        counts[used.block.kind] = counts.get(used.block.kind, 0) + len(used.places)
    short = {"Conv2d": "3×3 conv"}
    return " + ".join(
        short.get(kind, kind) if n == 1 else f"{n} × {short.get(kind, kind)}" for kind, n in counts.items()
    )


def scale_of(parts: Sequence[Part]) -> tuple[int, int]:
    """The widest and the highest of the maps, for diagrams that are to share one scale."""
    return max(part.shape[0] for part in parts), max(part.shape[-1] for part in parts if len(part.shape) == 3)


def stage_diagram(name: str, parts: Sequence[Part], scale: tuple[int, int]) -> str:
    """``scale`` is what ``scale_of`` says, of this network or of the larger of two."""
    params, macs = sum(part.params for part in parts), sum(part.macs for part in parts)
    middle, left, top = WIDEST / 2 + 2, WIDEST + 24, 6.0
    body: list[str] = []
    leave = None
    for part in parts:
        width = max(2.0, WIDEST * part.shape[0] / scale[0])
        side = part.shape[-1] if len(part.shape) == 3 else 0
        height = max(2.0, HIGHEST * side / scale[1])
        row = max(ROW, height + 18)
        centre = top + row / 2
        if leave is not None:
            body.append(arrow([(middle, leave + 3), (middle, centre - height / 2 - 3)]))
        slab = "slab " + ("stage" if part.blocks else "outer")
        body.append(rectangle(middle - width / 2, centre - height / 2, width, height, slab, 2))
        leave = centre + height / 2
        body.extend(caption(part, left, centre, params, macs))
        top += row
    said = " → ".join(shape_text(part.shape) for part in parts)
    return drawing(left + 224, top + 4, body, "arch.stages", name=name, shapes=said)


def caption(part: Part, x: float, y: float, params: int, macs: int) -> list[str]:
    """Name and shape, the blocks if there are any, the share of the whole if there is one."""
    key = "arch.part.stage" if part.name.startswith("stages.") else f"arch.part.{part.name}"
    number = {"n": int(part.name.split(".")[1]) + 1} if part.blocks else {}
    below = [f"<tspan>{part.blocks}</tspan>"] if part.blocks else []
    if part.params:
        shares = {"params": percent(part.params, params), "macs": percent(part.macs, macs)}
        below.append(span("arch.part.share", **shares))
    y -= 8.5 * len(below) - 5
    lines = [
        f'<text x="{x:g}" y="{y:g}"><tspan class="name" {keyed(key, **number)}></tspan>'
        f'<tspan class="shape"> · {shape_text(part.shape)}</tspan></text>'
    ]
    for index, said in enumerate(below, 1):
        style = "small" if part.blocks and index == 1 else "muted tiny"
        lines.append(f'<text x="{x:g}" y="{y + 17 * index:g}" class="{style}">{said}</text>')
    return lines


def percent(part: int, whole: int) -> str:
    """A share in as many digits as it needs: "24 %", "3.1 %", "< 0.1 %"."""
    share = 100 * part / whole if whole else 0.0
    if 0 < share < 0.1:
        return "< 0.1 %"
    return f"{share:.0f} %" if share >= 9.95 or not part else f"{share:.1f} %"
