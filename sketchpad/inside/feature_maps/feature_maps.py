"""Feature maps: the loaded network as a strip of nodes, and the maps of one node for this drawing."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from model import InputError
from model.explain.activations import FeatureMaps

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...ui.html import render
from ..sprite_sheet import levels, sprite, square
from .arithmetic import pixel_response
from .network_strip import network_strip

COUNTS = (8, 16, 32, 0)  # choices for the number of maps; 0 is all
DEFAULT_COUNT = 16


def html(context: PageContext) -> Markup:
    explainer = context.explainer
    return render(
        "inside/feature_maps/feature_maps.html",
        shortcuts=any(path.shortcut for path in explainer.block_paths),
        strip=network_strip(explainer),
        counts=COUNTS,
        default_count=DEFAULT_COUNT,
    )


def response(context: PageContext, payload: object) -> Json:
    """The strongest map of every node, the ``count`` strongest of ``node`` and the values of one ``channel``.

    ``payload`` is ``{image, node, count, channel}``; the default channel is the strongest. With ``pixel`` it
    is a request for the numbers behind one pixel: see ``pixel_response``. Raises InputError.
    """
    explainer, image = context.explainer, model_image(payload)
    request = payload if isinstance(payload, dict) else {}
    node, count, channel = explainer.node(request.get("node")), request.get("count"), request.get("channel")
    if "pixel" in request:
        return pixel_response(explainer, explainer.run(image[None]), node, request)
    if type(count) is not int or count not in COUNTS:
        raise InputError(f"The number of maps must be one of {', '.join(map(str, COUNTS))}.")
    activations, limits = explainer.run(image[None]), explainer.colour_limits
    feature_maps = explainer.feature_maps(activations, node)
    channels = feature_maps.channels
    if channel is None:
        channel = channels[0]
    if type(channel) is not int or channel not in channels:
        raise InputError(f"This node has maps 0 to {len(channels) - 1}.")
    thumbnails = [
        thumbnail(explainer.feature_maps(activations, each), limits[each.name]) for each in explainer.nodes
    ]
    maps = levels(feature_maps.maps[: count or None].numpy(), limits[node.name])
    url, boxes = sprite([*thumbnails, *maps])
    # A vector is shown by its values.
    strengths = feature_maps.strengths if len(node.shape) == 3 else feature_maps.maps[:, 0, 0].tolist()
    strongest = zip(channels, strengths, boxes[len(thumbnails) :], strict=False)
    values = feature_maps.maps[channels.index(channel)].tolist()
    return {
        "sprite": url,
        "thumbs": boxes[: len(thumbnails)],
        "maps": [
            {"channel": c, "strength": round(strength, 3), "box": box} for c, strength, box in strongest
        ],
        "limit": limits[node.name],
        "channel": channel,
        "values": [[round(value, 4) for value in row] for row in values],
    }


def thumbnail(feature_maps: FeatureMaps, limit: float) -> np.ndarray:
    """The strongest map, uint8 [H, W]; for a vector, all values in order, as a square."""
    if len(feature_maps.node.shape) == 3:
        return levels(feature_maps.maps[0].numpy(), limit)
    vector = np.empty(len(feature_maps.channels), np.float32)
    vector[feature_maps.channels] = feature_maps.maps[:, 0, 0].numpy()
    return levels(square(vector), limit)
