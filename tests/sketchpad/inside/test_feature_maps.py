"""The feature maps of a drawing, node by node."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from model import DigitReader, InputError
from sketchpad.inside.feature_maps import feature_maps
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.sketchpad.inside.conftest import BLANK, cut


def test_the_maps_are_those_of_this_drawing(
    trained: DigitReader, context: PageContext, seven: np.ndarray
) -> None:
    request = {"image": to_base64(seven), "node": "stem.0", "count": 8, "channel": 3}
    response = feature_maps.response(context, request)
    with torch.inference_mode():
        maps = trained.net.stem((torch.from_numpy(seven)[None, None].float() / 255 - 0.1307) / 0.3081)[
            0
        ].numpy()
    limit = response["limit"]
    assert len(response["maps"]) == 8
    assert len(response["thumbs"]) == len(context.explainer.nodes)
    for item in response["maps"]:
        level = cut(response["sprite"], item["box"]).astype(float) - 128
        error = np.abs(level / 127 * limit - maps[item["channel"]].clip(-limit, limit))
        assert error.max() <= limit / 254 + 1e-4  # half a level
    np.testing.assert_allclose(response["values"], maps[3], atol=1e-3)
    assert response["channel"] == 3  # not among the eight strongest, but its values come


def test_every_node_can_be_chosen(context: PageContext, seven: np.ndarray) -> None:
    for node in context.explainer.nodes:
        request = {"image": to_base64(seven), "node": node.name, "count": 0, "channel": None}
        response = feature_maps.response(context, request)
        assert len(response["maps"]) == node.shape[0]
        assert response["channel"] == response["maps"][0]["channel"]
        assert np.shape(response["values"]) == (node.shape[1:] or (1, 1))
        assert response["sprite"].startswith("data:image/png")
        assert len(response["sprite"]) < 60_000


@pytest.mark.parametrize(
    "values",
    [
        {"node": "stages.7.7"},
        {"node": None},
        {"count": 7},
        {"count": "8"},
        {"count": True},
        {"count": None},
        {"channel": 64},
        {"channel": -1},
        {"channel": 1.0},
        {"channel": True},
        {"channel": [1]},
    ],
    ids=str,
)
def test_an_unknown_node_count_or_channel_is_refused(
    untrained_context: PageContext, values: dict[str, Any]
) -> None:
    request = {"image": BLANK, "node": "stem.0", "count": 8, "channel": None, **values}
    with pytest.raises(InputError):
        feature_maps.response(untrained_context, request)
