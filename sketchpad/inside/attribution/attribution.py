"""Why this digit and not that one: evidence on the drawing, and the training digits most like it."""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from torch import Tensor

from model import DigitReader
from model.explain.attribution import STEPS, Attribution, Evidence
from model.explain.neighbours import MISSING, OTHER, Neighbours, NoIndexError, index_path, load_neighbours
from model.graph.summary import summarise
from model.image import SIZE

from ...server.wire import answered, model_image
from ...server.zero_gpu import ZERO_GPU, on_zero_gpu
from ...ui.component import ServerFunction, read_asset
from ...ui.i18n import marked
from ..sprite_sheet import levels, sprite

METHODS = {"integrated": "integrated", "camera": "placed"}  # the page's name: the evidence's
NEAREST = 8
HEAVY = 500_000_000  # multiply-adds an image, from which evidence is worth waiting for a ZeroGPU GPU
COMMAND = "python -m model neighbours --data-dir data"
ABSENT = {MISSING: "attribution.nearest.missing", OTHER: "attribution.nearest.other"}


def html(reader: DigitReader) -> str:
    _, index = prepared(reader)
    others = "".join(
        f'<button type="button" data-other="{digit}" aria-pressed="false">{digit}</button>'
        for digit in range(10)
    )
    if isinstance(index, Neighbours):
        count, typical = f"{len(index.images):,}", f"{index.typical:.1f}"
        about = marked("p", "attribution.nearest.about", n=count, typical=typical)
    else:
        of = f" --checkpoint checkpoints/{escape(reader.path.name)}" if reader.path else ""
        about = f'{marked("p", ABSENT[index.kind])}<pre tabindex="0"><code>{COMMAND}{of}</code></pre>'
    return (
        read_asset("inside/attribution/attribution.html")
        .replace("@others", others)
        .replace("@nearest", about)
    )


def asks(reader: DigitReader) -> list[ServerFunction]:
    async def attribution(payload: object) -> dict[str, Any]:
        return await answered(look, reader, payload)

    return [attribution]


@lru_cache(maxsize=2)
def prepared(reader: DigitReader) -> tuple[Attribution, Neighbours | NoIndexError]:
    """What the section needs of a reader, made once; in place of its index the reason why there is none."""
    try:
        index = load_neighbours(index_path(reader.path or Path("none")), reader.net)
    except NoIndexError as error:
        return Attribution(reader), error
    return Attribution(reader), index


@lru_cache(maxsize=2)
def macs(reader: DigitReader) -> int:
    return summarise(reader.net, (1, SIZE, SIZE)).macs


@on_zero_gpu
def explain_lent(reader: DigitReader, image: Tensor, other: int | None) -> Evidence:
    """``Attribution.explain`` of a copy on a GPU that is there for this call alone."""
    return Attribution(DigitReader(deepcopy(reader.net), reader.card, "cuda")).explain(image, other)


def look(reader: DigitReader, payload: object) -> dict[str, Any]:
    """The maps of one drawing's digit and of another, and its neighbours; ``payload`` is {image, other}.

    Without ``other`` it is the runner-up. All pictures are in one sprite: for each method the maps for the
    digit, for the other and for their difference, then the neighbours.
    """
    attribution, index = prepared(reader)
    image = model_image(payload)
    other = payload.get("other") if isinstance(payload, dict) else None
    if ZERO_GPU and macs(reader) > HEAVY:
        evidence = explain_lent(reader, image, other)
    else:
        evidence = attribution.explain(image, other)
    trios = [evidence.trio(METHODS[name]) for name in METHODS]
    near = index.nearest(evidence.features, NEAREST) if isinstance(index, Neighbours) else []
    pictures = [picture for maps, limit in trios for picture in levels(maps.numpy(), limit)]
    url, boxes = sprite([*pictures, *(neighbour.image.numpy() for neighbour in near)])
    methods = {
        name: {"limit": limit, "boxes": boxes[3 * n : 3 * n + 3]}
        for n, (name, (_, limit)) in enumerate(zip(METHODS, trios, strict=True))
    }
    return {
        "label": evidence.label,
        "other": evidence.other,
        "sprite": url,
        "methods": methods,
        **figures(evidence),
        "neighbours": [
            {"label": neighbour.label, "distance": neighbour.distance, "box": box}
            for neighbour, box in zip(near, boxes[3 * len(METHODS) :], strict=True)
        ],
    }


def figures(evidence: Evidence) -> dict[str, Any]:
    """The numbers beside the maps, in nats: for the digit and for the other."""
    return {
        "gap": (evidence.logits[0] - evidence.logits[1]).item(),
        "sums": evidence.integrated.sum((1, 2)).tolist(),
        "rises": (evidence.logits - evidence.blank).tolist(),
        "errors": evidence.error.tolist(),
        "steps": STEPS,
    }
