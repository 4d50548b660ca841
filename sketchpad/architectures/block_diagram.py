"""Blocks and stages as SVG. Colours come from the style sheet; words are named by key and filled in by
the page in the visitor's language. Every drawing says in its title and description what it shows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from model.graph.block_structure import Block, Op

from ..ui.svg import path, shape_text, text

COLUMN, ASIDE = 192, 152  # widths of the boxes on the branch and on the skip
GAP = 11


def drawing(width: float, height: float, body: Sequence[str], title: str, **values: object) -> str:
    """An SVG as wide as its column up to ``width`` pixels, named ``title`` and described ``title.desc``."""
    filled = escape(json.dumps(values, ensure_ascii=False))
    heading = f'<title data-text="{title}" data-values="{filled}"></title>'
    about = f'<desc data-text="{title}.desc" data-values="{filled}"></desc>'
    return (
        f'<svg class="diagram" viewBox="0 0 {width:g} {height:g}" style="max-width:{width:g}px" role="img">'
        f"{heading}{about}{''.join(body)}</svg>"
    )


def words(x: float, y: float, key: str, style: str = "", **values: object) -> str:
    """A line of text by its key."""
    return f'<text x="{x:g}" y="{y:g}" class="{style}">{span(key, **values)}</text>'


def span(key: str, **values: object) -> str:
    return f"<tspan {keyed(key, **values)}></tspan>"


def keyed(key: str, **values: object) -> str:
    """The attributes that let the page fill in the sentence ``key``."""
    filled = f' data-values="{escape(json.dumps(values))}"' if values else ""
    return f'data-text="{key}"{filled}'


def rectangle(x: float, y: float, width: float, height: float, style: str, radius: float = 6) -> str:
    return (
        f'<rect x="{x:.4g}" y="{y:.4g}" width="{width:.4g}" height="{height:.4g}" '
        f'rx="{min(radius, width / 2, height / 2):.3g}" class="{style}"/>'
    )


def arrow(points: Sequence[tuple[float, float]], style: str = "wire", head: str = "head") -> str:
    """A path that says which way it goes: straight down, or to the left, at its end."""
    x, y = points[-1]
    down = points[-2][0] == x
    tip = f"M{x:g} {y:g}l-4 -7h8z" if down else f"M{x:g} {y:g}l7 -4v8z"
    return f'{path(points, style)}<path d="{tip}" class="{head}"/>'


def block_diagram(block: Block) -> str:
    """The branch from top to bottom, the skip on its right, and where they meet."""
    alone = block.skip is None
    middle = COLUMN / 2 + 2
    aside = COLUMN + 30 + ASIDE / 2
    width = aside + ASIDE / 2 + 2  # of a block without a skip too, so that all have one scale
    fork, top = 46, 62
    bottom = top + stack_height(block.branch)
    join = bottom + 26
    body: list[str] = []
    end = bottom if alone else join + 13
    below = end + GAP + 4
    leave = below + stack_height(block.after) + 16 if block.after else end + 24
    body.append(arrow([(middle, 34), (middle, leave)]))
    if block.skip is not None:
        around = [(middle, fork), (aside, fork), (aside, join), (middle + 15, join)]
        body.append(arrow(around, "skip", "skip-head"))
        body.append(f'<circle cx="{middle:g}" cy="{fork}" r="3.5" class="dot"/>')
        body.extend(aside_of(block, aside, fork, join))
        body.extend(meeting(block.join, middle, join))
    body.append(words(middle, 11, "arch.block.input", "centre muted"))
    body.append(text(middle, 28, shape_text(block.into), "centre shape"))
    body.extend(stack(block.branch, middle, top, COLUMN))
    body.extend(stack(block.after, middle, below, COLUMN))
    body.append(words(middle, leave + 18, "arch.block.output", "centre muted"))
    body.append(text(middle, leave + 34, shape_text(block.out), "centre shape"))
    return drawing(width, leave + 42, body, f"arch.block.{block.join or 'chain'}", **told(block))


def told(block: Block) -> dict[str, str]:
    """The blanks of a block's title and description."""
    said = {"kind": block.kind, "branch": line(block.branch), "after": line(block.after)}
    return {
        **said,
        "skip": line(block.skip or ()),
        "into": shape_text(block.into),
        "out": shape_text(block.out),
    }


def line(ops: Sequence[Op]) -> str:
    return " → ".join(op.words for op in ops) or "–"


def stack_height(ops: Sequence[Op]) -> float:
    return sum(map(height_of, ops)) + GAP * max(0, len(ops) - 1)


def height_of(op: Op) -> int:
    """One line of text, two, or three where stride, groups and bias come together."""
    return 26 if op.kind in ("norm", "relu") else 30 + 16 * len(details(op))


def stack(ops: Sequence[Op], middle: float, top: float, width: float) -> list[str]:
    """Operations one below the other."""
    body: list[str] = []
    for op in ops:
        height = height_of(op)
        corner = 13 if height < 30 else 7
        body.append(rectangle(middle - width / 2, top, width, height, f"op {op.kind}", corner))
        if op.kind in ("norm", "relu"):
            body.append(text(middle, top + 17.5, op.words, "centre small"))
        else:
            body.append(words(middle, top + 20, f"arch.op.{op.kind}", "centre name", k=op.kernel))
            for index, said in enumerate(details(op)):
                at = f'x="{middle:g}" y="{top + 36 + 16 * index:g}"'
                body.append(f'<text {at} class="centre muted">{said}</text>')
        top += height + GAP
    return body


def details(op: Op) -> list[str]:
    """Channels, and of stride, groups and bias what is out of the ordinary; in two lines if it is much."""
    channels, parts = f"<tspan>{op.into:,} → {op.out:,}</tspan>", []
    if op.stride > 1:
        parts.append(span("arch.op.stride", n=op.stride))
    if op.groups > 1:
        parts.append(span("arch.op.groups", n=op.groups))
    if op.bias:
        parts.append(span("arch.op.bias"))
    dot = "<tspan> · </tspan>"
    return [dot.join([channels, *parts])] if len(parts) < 2 else [channels, dot.join(parts)]


def aside_of(block: Block, middle: float, fork: float, join: float) -> list[str]:
    """What stands on the skip: operations, or the word that there are none."""
    centre = (fork + join) / 2
    if block.skip:
        top = centre - stack_height(block.skip) / 2
        name = words(middle, top - 9, f"arch.skip.{block.skip_kind}", "centre halo accent")
        return [*stack(block.skip, middle, top, ASIDE), name]
    return [words(middle, centre + 5, "arch.skip.identity", "centre halo accent")]


def meeting(join: str, x: float, y: float) -> list[str]:
    """A plus in a circle; for channels put side by side, two slabs in one."""
    body = [f'<circle cx="{x:g}" cy="{y:g}" r="13" class="join"/>']
    if join == "add":
        body += [path([(x - 6, y), (x + 6, y)], "sign"), path([(x, y - 6), (x, y + 6)], "sign")]
    else:
        body += [rectangle(x - 7, y - 6, 6, 12, "slab old", 1), rectangle(x + 1, y - 6, 6, 12, "slab new", 1)]
    body.append(words(x - 17, y + 4, f"arch.join.{join}", "end small muted halo"))
    return body
