"""The walk: the loaded network as a strip of places, and the feature maps of one of them for this drawing."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor

from model import DigitReader, InputError
from model.explain.activations import Explainer, View, explain

from ...server.wire import answered, model_image
from ...ui.component import ServerFunction, read_asset
from ..sprite_sheet import levels, sprite, square
from .network_strip import strip

COUNTS = (8, 16, 32, 0)  # maps to choose from; 0 is all of them
FIRST = 16  # until somebody chooses


def html(reader: DigitReader) -> str:
    counts = "".join(
        f'<button type="button" data-count="{count}" aria-pressed="{str(count == FIRST).lower()}"'
        + (f">{count}</button>" if count else ' data-text="feature_maps.all"></button>')
        for count in COUNTS
    )
    taken_apart = explain(reader)
    about = "feature_maps.about" if any(way.skip for way in taken_apart.ways) else "feature_maps.about.plain"
    page = read_asset("inside/feature_maps/feature_maps.html").replace("@about", about)
    return page.replace("@strip", strip(taken_apart)).replace("@counts", counts)


def asks(reader: DigitReader) -> list[ServerFunction]:
    async def feature_maps(payload: object) -> dict[str, Any]:
        return await answered(look, explain(reader), payload)

    return [feature_maps]


def look(taken_apart: Explainer, payload: object) -> dict[str, Any]:
    """The strongest map of every place, the ``count`` strongest of ``node``, and the values of one of them.

    ``payload`` is {image, node, count, channel}; without a channel it is the strongest whose values come.
    """
    image = model_image(payload)
    asked = payload if isinstance(payload, dict) else {}
    node, count, channel = taken_apart.node(asked.get("node")), asked.get("count"), asked.get("channel")
    if type(count) is not int or count not in COUNTS:
        raise InputError(f"The number of maps must be one of {', '.join(map(str, COUNTS))}.")
    known, limits = taken_apart.run(image[None]), taken_apart.limits
    view = taken_apart.view(known, node)
    if channel is None:
        channel = view.channels[0]
    if type(channel) is not int or channel not in view.channels:
        raise InputError(f"This place has maps 0 to {len(view.channels) - 1}.")
    thumbs = [thumbnail(taken_apart.view(known, each), limits[each.name]) for each in taken_apart.nodes]
    shown = view.channels[: count or None]
    maps = levels(view.maps[: len(shown)].numpy(), limits[node.name])
    url, boxes = sprite([*thumbs, *maps])
    return {
        "sprite": url,
        "thumbs": boxes[: len(thumbs)],
        "maps": [
            {"channel": number, "strength": round(size, 3), "box": box}
            for number, size, box in zip(shown, strengths(view), boxes[len(thumbs) :], strict=False)
        ],
        "limit": limits[node.name],
        "channel": channel,
        "values": rounded(view.maps[view.channels.index(channel)]),
    }


def thumbnail(view: View, limit: float) -> np.ndarray:
    """A node's strongest map; of a vector all of it, in its own order."""
    if len(view.node.shape) == 3:
        return levels(view.maps[0].numpy(), limit)
    vector = np.empty(len(view.channels), np.float32)
    vector[view.channels] = view.maps[:, 0, 0].numpy()
    return levels(square(vector), limit)


def strengths(view: View) -> list[float]:
    """How strong each map is; of a vector the values themselves."""
    return view.strengths if len(view.node.shape) == 3 else view.maps[:, 0, 0].tolist()


def rounded(values: Tensor) -> list[list[float]]:
    return [[round(value, 4) for value in row] for row in values.tolist()]
