"""The layer table, folded by stage, and the same as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from html import escape
from itertools import groupby

from model.graph.summary import Row, Summary
from model.graph.tracer import Shape

from ..ui.i18n import marked
from ..ui.svg import shape_text, worded
from .stage_diagram import Part, percent

HEADS = ("name", "params", "macs", "shape", "field", "kind")
CSV_HEADS = (
    *("layer", "kind", "stage", "output_shape", "parameters", "multiply_adds", "receptive_field"),
    *("share_of_parameters", "share_of_multiply_adds"),
)
COLUMNS = "<colgroup>" + "".join(f'<col class="c-{head}">' for head in HEADS) + "</colgroup>"


def layer_table(name: str, summary: Summary, parts: Sequence[Part]) -> str:
    """One table a stage under its totals. A bar under a number is that layer's share, the network's
    largest layer filling the cell; the stage's bars are shares of the whole."""
    shapes = {part.name: part.shape for part in parts}
    most = max(row.params for row in summary.rows), max(row.macs for row in summary.rows)
    stages = [
        stage_rows(shapes[stage], stage, list(rows), summary, most)
        for stage, rows in groupby(summary.rows, key=lambda row: row.stage)
    ]
    heads = "".join(marked("span", f"layer.{head}") for head in HEADS)
    total = (
        f'<div class="line total">{marked("span", "layer.total")}<span>{summary.params:,}</span>'
        f"<span>{summary.macs:,}</span></div>"
    )
    unfold = worded("button", "arch.layers.open", 'type="button" data-unfold')
    save = worded("button", "arch.layers.csv", f'type="button" data-csv="{escape(name)}"')
    return (
        f'<p class="actions">{unfold}{save}</p>'
        '<div class="scroll" tabindex="0" role="region" data-text-label="arch.layers">'
        f'<div class="layers"><div class="line heads" aria-hidden="true">{heads}</div>'
        f"{''.join(stages)}{total}</div></div>"
    )


def stage_rows(shape: Shape, stage: str, rows: Sequence[Row], summary: Summary, most: tuple[int, int]) -> str:
    params, macs = sum(row.params for row in rows), sum(row.macs for row in rows)
    fields = [row.receptive_field for row in rows]
    widest = None if None in fields else max(fields)  # the last row may be a shortcut, which sees less
    key = "arch.part.stage" if stage.startswith("stages.") else f"arch.part.{stage}"
    number = {"n": int(stage.split(".")[1]) + 1} if stage.startswith("stages.") else {}
    summed = (
        f'<summary class="line"><span>{marked("b", key, **number)}</span>'
        f"{share(params, summary.params)}{share(macs, summary.macs)}<span>{shape_text(shape)}</span>"
        f"{reach(widest, 'span')}{marked('span', 'arch.layers.count', n=len(rows))}</summary>"
    )
    heads = "".join(worded("th", f"layer.{head}", 'scope="col"') for head in HEADS)
    body = "".join(layer_row(row, most) for row in rows)
    return (
        f"<details>{summed}<table>{COLUMNS}<thead><tr>{heads}</tr></thead>"
        f"<tbody>{body}</tbody></table></details>"
    )


def layer_row(row: Row, most: tuple[int, int]) -> str:
    name = escape(row.name).replace(".", ".<wbr>")
    return (
        f'<tr><th scope="row">{name}</th>{bar(row.params, most[0])}{bar(row.macs, most[1])}'
        f"<td>{shape_text(row.output_shape)}</td>{reach(row.receptive_field, 'td')}<td>{row.kind}</td></tr>"
    )


def bar(value: int, most: int) -> str:
    if not value:
        return '<td class="none">0</td>'
    return f'<td class="bar" style="--p:{value / max(1, most):.4f}">{value:,}</td>'


def share(value: int, whole: int) -> str:
    portion = value / whole if whole else 0
    return f'<span class="bar" style="--p:{portion:.4f}">{value:,} <i>{percent(value, whole)}</i></span>'


def reach(field: int | None, tag: str) -> str:
    return f"<{tag}>{field:,}</{tag}>" if field else marked(tag, "layer.whole")


def layer_csv(summary: Summary) -> str:
    """The same table for a spreadsheet; an empty receptive field is the whole image."""
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
