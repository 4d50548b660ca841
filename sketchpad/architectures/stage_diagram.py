"""A network's parts, and the stage diagram: one slab a part, as high as its feature maps and as wide as its
channels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from model.graph.block_structure import Stage
from model.graph.summary import Row, Summary
from model.graph.tracer import Shape

from ..ui.format import percent_of, shape_text
from ..ui.i18n import data_text
from ..ui.svg import arrow, diagram, rectangle, text, tspan

WIDEST, HIGHEST, ROW = 140, 128, 70


@dataclass(frozen=True)
class Part:
    """The input, the stem, a stage or the head, with the shape of its output and its layers."""

    name: str  # "input", "stem", "stages.0", ..., "head"
    shape: Shape
    rows: tuple[Row, ...] = ()
    blocks: str = ""  # of a stage: "4 × Bottleneck"

    @property
    def params(self) -> int:
        return sum(row.params for row in self.rows)

    @property
    def macs(self) -> int:
        return sum(row.macs for row in self.rows)

    @property
    def receptive_field(self) -> int | None:
        """The largest of its layers: the last layer may be on a shortcut, whose field is smaller."""
        fields = [row.receptive_field for row in self.rows]
        return None if None in fields else max(field or 0 for field in fields)

    @property
    def title_key(self) -> str:
        return "arch.part.stage" if self.blocks else f"arch.part.{self.name}"

    @property
    def title_values(self) -> dict[str, int]:
        return {"n": int(self.name.split(".")[1]) + 1} if self.blocks else {}


def parts_of(summary: Summary, stages: Sequence[Stage], shape: Shape) -> list[Part]:
    """The network from its input to its classifier."""
    parts = [Part("input", shape)]
    for name, group in groupby(summary.rows, key=lambda row: row.stage):
        rows = tuple(group)
        if name.startswith("stages."):
            stage = stages[int(name.split(".")[1])]
            parts.append(Part(name, stage.out_shape, rows, blocks_text(stage)))
        else:
            parts.append(Part(name, rows[-1].output_shape, rows))
    return parts


def blocks_text(stage: Stage) -> str:
    """ "4 × Bottleneck", or for a DenseNet's stage "Transition + 12 × DenseLayer"."""
    counts: Counter[str] = Counter()
    for group in stage.groups:
        counts[group.first.kind.replace("Conv2d", "3×3 conv")] += len(group.positions)
    return " + ".join(kind if n == 1 else f"{n} × {kind}" for kind, n in counts.items())


def scale_of(parts: Sequence[Part]) -> tuple[int, int]:
    """The most channels and the highest feature map, for diagrams that share one scale."""
    return max(part.shape[0] for part in parts), max(part.shape[-1] for part in parts if len(part.shape) == 3)


def stage_diagram(name: str, parts: Sequence[Part], scale: tuple[int, int]) -> Markup:
    """``scale`` is what `scale_of` returns for the parts of all diagrams that are shown together."""
    params, macs = sum(part.params for part in parts), sum(part.macs for part in parts)
    middle, left, top = WIDEST / 2 + 2, WIDEST + 24, 6.0
    body: list[Markup] = []
    below = None  # the lower edge of the slab above
    for part in parts:
        width = max(2.0, WIDEST * part.shape[0] / scale[0])
        side = part.shape[-1] if len(part.shape) == 3 else 0
        height = max(2.0, HIGHEST * side / scale[1])
        row = max(ROW, height + 18)
        centre = top + row / 2
        if below is not None:
            body.append(arrow([(middle, below + 3), (middle, centre - height / 2 - 3)]))
        slab = "slab stage" if part.blocks else "slab outer"
        body.append(rectangle(middle - width / 2, centre - height / 2, width, height, slab, 2))
        below = centre + height / 2
        body += caption(part, left, centre, params, macs)
        top += row
    shapes = " → ".join(shape_text(part.shape) for part in parts)
    return diagram(left + 224, top + 4, body, "arch.stages", name=name, shapes=shapes)


def caption(part: Part, x: float, centre: float, params: int, macs: int) -> list[Markup]:
    """Title and shape, a stage's blocks, and the shares of parameters and multiply-adds if it has any."""
    title = Markup('<tspan class="name" {}></tspan><tspan class="shape"> · {}</tspan>').format(
        data_text(part.title_key, **part.title_values), shape_text(part.shape)
    )
    below = []
    if part.blocks:
        below.append((Markup("<tspan>{}</tspan>").format(part.blocks), "small"))
    if part.params:
        shares = {"params": percent_of(part.params, params), "macs": percent_of(part.macs, macs)}
        below.append((tspan("arch.part.share", **shares), "muted tiny"))
    y = centre - 8.5 * len(below) + 5
    lines = [Markup('<text x="{:g}" y="{:g}">{}</text>').format(x, y, title)]
    return lines + [text(x, y + 17 * n, line, style) for n, (line, style) in enumerate(below, 1)]
