"""Attribution: why this digit and not another, as maps on the drawing, and the nearest training digits."""

from __future__ import annotations

from copy import deepcopy

from markupsafe import Markup
from torch import Tensor

from model import DigitReader
from model.explain.attribution import STEPS, Attribution, Evidence
from model.explain.companion_files import MISSING, OTHER
from model.explain.neighbours import Neighbours

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...server.zero_gpu import ZERO_GPU, on_zero_gpu
from ...ui.html import render
from ..sprite_sheet import levels, sprite

METHODS = ("integrated", "grad_cam")  # attributes of Evidence
NEIGHBOURS = 8
GPU_MULTIPLY_ADDS = 500_000_000  # per image; below this a GPU is not worth the wait for ZeroGPU
NO_INDEX = {MISSING: "attribution.nearest.missing", OTHER: "attribution.nearest.other"}


def html(context: PageContext) -> Markup:
    index = context.neighbours
    values: dict[str, object]
    if isinstance(index, Neighbours):
        values = {"count": len(index.images), "typical": f"{index.typical_distance:.1f}", "missing": None}
    else:
        values = {"missing": NO_INDEX[index.kind], "checkpoint": context.reader.path}
    return render("inside/attribution/attribution.html", **values)


@on_zero_gpu
def explain_on_gpu(reader: DigitReader, image: Tensor, other: int | None) -> Evidence:
    """`Attribution.explain` with a copy of the network, on a GPU assigned for this call only."""
    return Attribution(DigitReader(deepcopy(reader.net), reader.card, "cuda")).explain(image, other)


def response(context: PageContext, payload: object) -> Json:
    """Attribution maps for a drawing's digit and for another one, and its nearest training digits.

    ``payload`` is ``{image, other}``; the default for ``other`` is the runner-up. One sprite holds all
    pictures: for each method the maps for the digit, for the other and for their difference, then the
    neighbours. ``logits``, divided by the temperature, ``sums``, ``rises`` and ``errors`` are in nats, for
    the digit and for the other. Raises InputError.
    """
    image = model_image(payload)
    other = payload.get("other") if isinstance(payload, dict) else None
    if ZERO_GPU and context.multiply_adds > GPU_MULTIPLY_ADDS:
        evidence = explain_on_gpu(context.reader, image, other)
    else:
        evidence = context.attribution.explain(image, other)
    index = context.neighbours
    nearest = index.nearest(evidence.features, NEIGHBOURS) if isinstance(index, Neighbours) else []
    methods = {name: evidence.maps(name) for name in METHODS}
    pictures = [picture for maps, limit in methods.values() for picture in levels(maps.numpy(), limit)]
    url, boxes = sprite([*pictures, *(neighbour.image.numpy() for neighbour in nearest)])
    box = iter(boxes)
    return {
        "label": evidence.label,
        "other": evidence.other,
        "sprite": url,
        "methods": {
            name: {"limit": limit, "boxes": [next(box) for _ in maps]}
            for name, (maps, limit) in methods.items()
        },
        "logits": evidence.logits.tolist(),
        "sums": evidence.integrated.sum((1, 2)).tolist(),
        "rises": (evidence.logits - evidence.blank_logits).tolist(),
        "errors": evidence.completeness_error.tolist(),
        "steps": STEPS,
        "neighbours": [
            {"label": neighbour.label, "distance": neighbour.distance, "box": next(box)}
            for neighbour in nearest
        ],
    }
