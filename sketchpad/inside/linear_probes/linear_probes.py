"""Depth for learners: what is read after the stem and each block, and plain networks beside residual ones."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from model import CheckpointError, DigitReader
from model.explain.activations import Explainer, explain
from model.explain.linear_probes import LinearProbes, load_linear_probes, probes_path, settling

from ...server.wire import answered, model_image
from ...ui.component import ServerFunction
from ...ui.format import percent
from ...ui.i18n import marked
from ..degradation.degradation import degradation

COMMAND = "python -m model probes --data-dir data"


@lru_cache(maxsize=2)
def lens_of(reader: DigitReader) -> LinearProbes | None:
    """The probes that lie beside the reader's checkpoint; None where there are none of these weights."""
    if reader.path is None:
        return None
    try:
        return load_linear_probes(probes_path(reader.path), explain(reader))
    except CheckpointError:
        return None


def html(reader: DigitReader) -> str:
    lens = lens_of(reader)
    return (table(reader, lens) if lens else missing(reader)) + degradation()


def heading() -> str:
    """Stands with what it speaks of: a blank pad has neither."""
    return marked("h3", "linear_probes.title") + marked("p", "linear_probes.about")


def missing(reader: DigitReader) -> str:
    """What makes the probes that are not there."""
    of = f" --checkpoint checkpoints/{reader.path.name}" if reader.path else ""
    return (
        f'{heading()}{marked("p", "linear_probes.missing")}<pre tabindex="0"><code>{COMMAND}{of}</code></pre>'
    )


def table(reader: DigitReader, lens: LinearProbes) -> str:
    """A column for each depth and one for the answer, a row for each digit, to be filled in by the script."""
    columns = [(f"<button type=button aria-pressed=false>{named(p.block)}</button>", p) for p in lens.probes]
    heads = "".join(f'<th scope="col">{button}</th>' for button, _ in columns)
    cells = "<td><b></b><i></i></td>" * (len(columns) + 1)
    rows = "".join(f'<tr><th scope="row">{digit}</th>{cells}</tr>' for digit in range(10))
    accuracies = [probe.accuracy for _, probe in columns]
    accuracies.append(reader.card["figures"].get("validation", {}).get("accuracy"))
    right = "".join(f"<td>{share_right(accuracy)}</td>" for accuracy in accuracies)
    heads += f'<th scope="col">{marked("span", "linear_probes.answer")}</th>'
    places = json.dumps([{"block": p.block, "right": share_right(p.accuracy)} for p in lens.probes])
    return (
        f"<div class=lens hidden data-places='{places}' data-n='{lens.n:,}'>{heading()}"
        '<p class="where" role="status"></p>'
        '<div class="scroll" tabindex="0" role="region" data-text-label="linear_probes.table">'
        f'<table style="--columns:{len(accuracies)}"><thead><tr><td></td>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody>"
        f'<tfoot><tr><th scope="row">{marked("span", "linear_probes.right")}</th>{right}</tr>'
        "</tfoot></table></div>"
        f'<p class="at" role="status"></p>{marked("p", "linear_probes.probes", n=f"{lens.n:,}")}</div>'
    )


def named(block: str) -> str:
    """ "Stem", or stage and number: "2.1"."""
    if block == "stem":
        return marked("span", "linear_probes.stem")
    _, stage, number = block.split(".")
    return f"<span>{int(stage) + 1}.{int(number) + 1}</span>"


def share_right(share: float | None) -> str:
    return "–" if share is None else percent(share, 1)


def asks(reader: DigitReader) -> list[ServerFunction]:
    async def linear_probes(payload: object) -> dict[str, Any]:
        return await answered(look, explain(reader), lens_of(reader), payload)

    return [linear_probes] if lens_of(reader) else []


def look(taken_apart: Explainer, lens: LinearProbes, payload: object) -> dict[str, Any]:
    """What is read at every depth of ``{image}``, the ``answer``, and from which depth on it stands."""
    known = taken_apart.run(model_image(payload)[None])
    probabilities, (verdict,) = taken_apart.judge(known)
    read = lens.read(known)
    labels = read.argmax(1).tolist()
    answer = int(probabilities[0].argmax())
    first, settled = settling(labels, answer)
    return {
        "depths": [
            {"label": label, "probabilities": row.tolist()} for label, row in zip(labels, read, strict=True)
        ],
        "answer": {"label": answer, "probabilities": probabilities[0].tolist(), "verdict": verdict},
        "first": first,
        "settled": settled,
    }
