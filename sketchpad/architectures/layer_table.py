"""The layers of a network as CSV; ``layer_table.html`` shows the same table."""

from __future__ import annotations

import csv
import io

from model.graph.summary import Summary

HEADS = (
    *("layer", "kind", "stage", "output_shape", "parameters", "multiply_adds", "receptive_field"),
    *("share_of_parameters", "share_of_multiply_adds"),
)


def layer_csv(summary: Summary) -> str:
    """One line a layer and a line of totals. An empty receptive field means the whole image."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    for row in summary.rows:
        shares = row.params / max(1, summary.params), row.macs / max(1, summary.macs)
        shape = "x".join(map(str, row.output_shape))
        counts = row.params, row.macs, row.receptive_field or ""
        writer.writerow([row.name, row.kind, row.stage, shape, *counts, *(f"{s:.6f}" for s in shares)])
    writer.writerow(["total", "", "", "", summary.params, summary.macs, "", "1", "1"])
    return out.getvalue()
