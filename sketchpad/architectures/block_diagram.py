"""A block as an SVG: the branch from top to bottom, the shortcut on its right, and where they join."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from model.graph.block_structure import Block, Op

from ..ui.format import shape_text, thousands
from ..ui.svg import arrow, diagram, path, rectangle, text, tspan

BRANCH, SHORTCUT = 192, 152  # widths of the boxes on each path
GAP = 11
ONE_LINE = ("norm", "relu")  # kinds of operations without details


def block_diagram(block: Block) -> Markup:
    """All diagrams have one scale and one width, whether the block has a shortcut or not."""
    middle = BRANCH / 2 + 2
    aside = BRANCH + 30 + SHORTCUT / 2
    fork, top = 46, 62
    bottom = top + column_height(block.branch)
    join = bottom + 26
    end = bottom if block.shortcut is None else join + 13
    below = end + GAP + 4
    leave = below + column_height(block.after) + 16 if block.after else end + 24
    body = [arrow([(middle, 34), (middle, leave)])]
    if block.shortcut is not None:
        around = [(middle, fork), (aside, fork), (aside, join), (middle + 15, join)]
        body.append(arrow(around, "skip", "skip-head"))
        body.append(Markup('<circle cx="{:g}" cy="{}" r="3.5" class="dot"/>').format(middle, fork))
        body += shortcut_column(block, aside, (fork + join) / 2)
        body += join_sign(block.join, middle, join)
    body.append(text(middle, 11, tspan("arch.block.input"), "centre muted"))
    body.append(text(middle, 28, shape_text(block.in_shape), "centre shape"))
    body += column(block.branch, middle, top, BRANCH)
    body += column(block.after, middle, below, BRANCH)
    body.append(text(middle, leave + 18, tspan("arch.block.output"), "centre muted"))
    body.append(text(middle, leave + 34, shape_text(block.out_shape), "centre shape"))
    return diagram(
        aside + SHORTCUT / 2 + 2,
        leave + 42,
        body,
        f"arch.block.{block.join or 'chain'}",
        kind=block.kind,
        branch=in_words(block.branch),
        after=in_words(block.after),
        skip=in_words(block.shortcut or ()),
        into=shape_text(block.in_shape),
        out=shape_text(block.out_shape),
    )


def in_words(ops: Sequence[Op]) -> str:
    return " → ".join(op.text for op in ops) or "–"


def column_height(ops: Sequence[Op]) -> float:
    return sum(map(op_height, ops)) + GAP * max(0, len(ops) - 1)


def op_height(op: Op) -> int:
    """The height for one to three lines of text."""
    return 26 if op.kind in ONE_LINE else 30 + 16 * len(details(op))


def column(ops: Sequence[Op], middle: float, top: float, width: float) -> list[Markup]:
    """Operations one below the other."""
    body = []
    for op in ops:
        height = op_height(op)
        radius = 13 if op.kind in ONE_LINE else 7
        body.append(rectangle(middle - width / 2, top, width, height, f"op {op.kind}", radius))
        if op.kind in ONE_LINE:
            body.append(text(middle, top + 17.5, op.text, "centre small"))
        else:
            name = tspan(f"arch.op.{op.kind}", k=op.kernel)
            body.append(text(middle, top + 20, name, "centre name"))
            for n, line in enumerate(details(op)):
                body.append(text(middle, top + 36 + 16 * n, line, "centre muted"))
        top += height + GAP
    return body


def details(op: Op) -> list[Markup]:
    """Channels, then stride, groups and bias if they differ from 1, 1 and none, in one line or two."""
    channels = Markup("<tspan>{} → {}</tspan>").format(thousands(op.in_channels), thousands(op.out_channels))
    parts = []
    if op.stride > 1:
        parts.append(tspan("arch.op.stride", n=op.stride))
    if op.groups > 1:
        parts.append(tspan("arch.op.groups", n=op.groups))
    if op.bias:
        parts.append(tspan("arch.op.bias"))
    dot = Markup("<tspan> · </tspan>")
    return [dot.join([channels, *parts])] if len(parts) < 2 else [channels, dot.join(parts)]


def shortcut_column(block: Block, middle: float, centre: float) -> list[Markup]:
    """The operations of the shortcut under its name, around the height ``centre``."""
    top = centre - column_height(block.shortcut) / 2 if block.shortcut else centre + 14
    name = text(middle, top - 9, tspan(f"arch.skip.{block.shortcut_kind}"), "centre halo accent")
    return [*column(block.shortcut or (), middle, top, SHORTCUT), name]


def join_sign(join: str, x: float, y: float) -> list[Markup]:
    """A circle with a plus for an addition, with two slabs for a concatenation of channels."""
    body = [Markup('<circle cx="{:g}" cy="{:g}" r="13" class="join"/>').format(x, y)]
    if join == "add":
        body += [path([(x - 6, y), (x + 6, y)], "sign"), path([(x, y - 6), (x, y + 6)], "sign")]
    else:
        body += [rectangle(x - 7, y - 6, 6, 12, "slab old", 1), rectangle(x + 1, y - 6, 6, 12, "slab new", 1)]
    return [*body, text(x - 17, y + 4, tspan(f"arch.join.{join}"), "end small muted halo")]
