"""A map of training digits, on which the drawing is a dot that moves with the pen."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache

import numpy as np
from markupsafe import Markup
from torch import Tensor

from model import InputError
from model.explain.companion_files import OTHER
from model.explain.neighbours import PLACED_BY, Neighbours
from model.image import SIZE

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...ui.assets import PAD_SIDE
from ...ui.html import render
from ..sprite_sheet import WIDTH, sprite

LINES = 5  # nearest digits that the drawing's dot is connected to
SHADES = 17  # grey levels of the small pictures are multiples of it: sixteen take half the bytes of 256


def html(context: PageContext) -> Markup:
    index = mapped(context)
    values: dict[str, object] = {"missing": "digit_map.missing", "checkpoint": context.reader.path}
    if index:
        values = {"missing": None, "count": len(index.images), "by": PLACED_BY, "side": PAD_SIDE}
    elif not isinstance(context.neighbours, Neighbours) and context.neighbours.kind == OTHER:
        values["missing"] = "attribution.nearest.other"
    return render("inside/digit_map/digit_map.html", **values)


def mapped(context: PageContext) -> Neighbours | None:
    """The reader's index of training digits if it has a map."""
    index = context.neighbours
    return index if isinstance(index, Neighbours) and index.positions is not None else None


def response(context: PageContext, payload: object) -> Json:
    """For ``{image}`` its place on the map and the nearest digits; for ``{dot}``, the number of a digit, the
    network's reading of it; for anything else all dots. Places are from 0 to 1. Raises InputError."""
    index = mapped(context)
    if index is None:
        raise InputError("There is no map of digits for the weights of this network.")
    if isinstance(payload, dict) and "image" in payload:
        place, nearest = index.place(context.attribution.features(model_image(payload)))
        near = [{"dot": each.index, "distance": each.distance} for each in nearest[:LINES]]
        return {"place": place.tolist(), "nearest": near}
    if isinstance(payload, dict) and "dot" in payload:
        return reading(context, index.images, payload["dot"])
    return dots(index)


def reading(context: PageContext, images: Tensor, dot: object) -> Json:
    """The network's prediction for one of the images."""
    if type(dot) is not int or not 0 <= dot < len(images):
        raise InputError(f"A digit of the map must be a whole number from 0 to {len(images) - 1}.")
    probabilities, (verdict,) = context.reader.read_batch(images[dot : dot + 1])
    return {
        "label": int(probabilities.argmax()),
        "probabilities": probabilities[0].tolist(),
        "verdict": verdict,
    }


@lru_cache(maxsize=1)
def dots(index: Neighbours) -> Json:
    """The places of all digits as uint16 in base64, their labels, and a sprite of their images in rows."""
    assert index.positions is not None
    places = (index.positions.numpy() * 65535).round().astype("<u2")
    shaded = (index.images.numpy() / SHADES).round().astype(np.uint8) * SHADES
    url, _ = sprite(list(shaded), compress_level=6)
    return {
        "places": b64encode(places.tobytes()).decode(),
        "labels": "".join(map(str, index.labels.tolist())),
        "sprite": url,
        "columns": WIDTH // SIZE,
    }
