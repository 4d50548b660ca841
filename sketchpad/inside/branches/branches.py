"""Skip against branch: what a block's two ways carry, and what is read without some of the branches."""

from __future__ import annotations

import json
from typing import Any

from torch import Tensor

from model import DigitReader
from model.explain.activations import Explainer, explain
from model.graph.nodes import BlockPaths

from ...server.wire import answered, model_image
from ...ui.component import ServerFunction, read_asset
from ...ui.format import percent
from ...ui.i18n import marked

CELLS = {"add": ("skip", "branch", "cosine"), "cat": ("skip", "branch"), "": ("branch",)}
HEADS = {"skip": "branches.skip", "branch": "branches.branch", "cosine": "branches.cosine"}
NOTES = {"add": "branches.veit", "cat": "branches.dense", "": "branches.plain"}


def html(reader: DigitReader) -> str:
    ways = explain(reader).ways
    ablation = reader.card.get("figures", {}).get("ablation") or {}
    without = ablation.get("without", {})
    skips = sum(way.skip is not None for way in ways)
    paths = f"{2**skips:,}" if skips <= 20 else f"2^{skips}"
    joins = dict.fromkeys(way.join for way in ways)
    notes = "".join(marked("p", NOTES[join], blocks=skips, paths=paths) for join in joins)
    if without:
        whole, n = percent(ablation["whole"]), f"{ablation['n']:,}"
        notes = marked("p", "branches.ablation", whole=whole, n=n) + notes
    return (
        read_asset("inside/branches/branches.html")
        .replace("@rows", "".join(row(way, without.get(way.block)) for way in ways))
        .replace("@notes", notes)
        .replace("@bars", "".join(bar(digit) for digit in range(10)))
        .replace("@able", "" if skips else "hidden")
    )


def row(way: BlockPaths, accuracy: float | None) -> str:
    """A block: its norms and their cosine, the accuracy without its branch, and the switch of the branch."""
    stage, number = way.block.split(".")[1:]
    named = f"data-values='{json.dumps({'stage': int(stage) + 1, 'n': int(number) + 1})}'"
    cells = [
        f'<div>{marked("dt", HEADS[key])}<dd data-share="{key}"><b>–</b>'
        f'<span class="bar" aria-hidden="true"><i></i></span></dd></div>'
        for key in CELLS[way.join]
    ]
    if accuracy is not None:
        cells.append(f"<div>{marked('dt', 'branches.without')}<dd><b>{percent(accuracy)}</b></dd></div>")
    switch = (
        f'<label><input type="checkbox" role="switch" checked data-text-label="branches.switch" {named}>'
        f"{marked('span', 'branches.on')}</label>"
    )
    return (
        f'<li data-block="{way.block}"><h4 data-text="branches.block" {named}></h4>'
        f"<dl>{''.join(cells)}</dl>{switch if way.skip is not None else ''}</li>"
    )


def bar(digit: int) -> str:
    return (
        f'<li><span class="digit">{digit}</span><span class="track" aria-hidden="true">'
        '<i class="before"></i><i class="after"></i></span><span class="shares"></span></li>'
    )


def asks(reader: DigitReader) -> list[ServerFunction]:
    async def branches(payload: object) -> dict[str, Any]:
        return await answered(look, explain(reader), payload)

    return [branches]


def look(taken_apart: Explainer, payload: object) -> dict[str, Any]:
    """The shares of every block, and the answer ``before`` and ``after``: without the branches ``off``.

    ``payload`` is {image, off: [block, ...]}.
    """
    image = model_image(payload)
    off = taken_apart.blocks(payload.get("off") if isinstance(payload, dict) else None)
    known = taken_apart.run(image[None])
    before = taken_apart.judge(known)
    return {
        "shares": [
            {"block": share.block, "skip": share.skip, "branch": share.branch, "cosine": share.cosine}
            for share in taken_apart.shares(known)
        ],
        "before": told(*before),
        "after": told(*(taken_apart.judge(taken_apart.run(image[None], off)) if off else before)),
    }


def told(probabilities: Tensor, verdicts: list[str]) -> dict[str, Any]:
    """The one answer of a batch of one."""
    label = int(probabilities[0].argmax())
    return {"label": label, "probabilities": probabilities[0].tolist(), "verdict": verdicts[0]}
