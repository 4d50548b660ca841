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
from tests.sketchpad.inside.conftest import BLANK, call, cut


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


def test_a_pixel_is_the_sum_of_the_products_that_are_shown(context: PageContext, seven: np.ndarray) -> None:
    image, node = to_base64(seven), "stages.1.0.conv1"
    request = {"image": image, "node": node, "count": 0, "channel": 5}
    values = call("feature_maps", context, request)["values"]
    response = call("feature_maps", context, {**request, "pixel": [6, 7], "input": None})
    window, steps = response["window"], response["steps"]
    assert np.multiply(window["patch"], window["kernel"]) == pytest.approx(
        np.array(window["products"]), abs=1e-5
    )
    largest = max(window["sums"], key=lambda pair: abs(pair[1]))
    assert largest[0] == window["input"]
    assert np.sum(window["products"]) == pytest.approx(largest[1], abs=1e-5)
    assert sorted(channel for channel, _ in window["sums"]) == list(range(16))
    assert sum(total for _, total in window["sums"]) == pytest.approx(steps[0]["value"], abs=1e-4)
    assert [step["kind"] for step in steps] == ["sum", "norm", "relu"]
    assert steps[-1]["value"] == pytest.approx(values[6][7], abs=1e-4)
    chosen = call("feature_maps", context, {**request, "pixel": [6, 7], "input": 3})
    assert chosen["window"]["input"] == 3
    assert chosen["steps"] == steps


def test_the_contributions_add_up_to_the_two_logits(context: PageContext, seven: np.ndarray) -> None:
    request = {"image": to_base64(seven), "node": "fc", "count": 0, "channel": 7, "pixel": [0, 0]}
    logits = context.explainer.run(torch.from_numpy(seven)[None])[context.explainer.operations[-1]][0]
    second = int(logits[:10].topk(2).indices[1])
    for other, wanted in ((None, second), (3, 3), (7, second)):
        classes = call("feature_maps", context, {**request, "other": other})["classes"]
        assert classes["labels"] == (7, wanted)
        assert classes["logits"] == pytest.approx(logits[[7, wanted]].tolist(), abs=1e-5)
        listed = np.array([feature["contributions"] for feature in classes["features"]])
        sums = listed.sum(0) + classes["rest"]["contributions"] + classes["bias"]
        assert sums == pytest.approx(classes["logits"], abs=1e-4)
        weighted = [[f["value"] * weight for weight in f["weights"]] for f in classes["features"]]
        assert listed == pytest.approx(np.array(weighted), abs=1e-4)
        gaps = np.abs(listed[:, 0] - listed[:, 1])
        assert (gaps[:-1] >= gaps[1:] - 1e-6).all()
        assert len(listed) + classes["rest"]["count"] == 192


@pytest.mark.parametrize(
    "values",
    [
        {"pixel": None},
        {"pixel": [1]},
        {"pixel": [28, 0]},
        {"pixel": [0, -1]},
        {"pixel": [0, float("nan")]},
        {"pixel": [0, 0], "channel": None},
        {"pixel": [0, 0], "input": 1},
        {"pixel": [0, 0], "input": "0"},
        {"pixel": [0, 0], "node": "fc", "other": 11},
        {"pixel": [0, 0], "node": "fc", "other": [3]},
        {"pixel": [0, 0], "node": "nothing"},
    ],
    ids=str,
)
def test_numbers_behind_no_pixel_are_refused(untrained_context: PageContext, values: dict[str, Any]) -> None:
    request = {"image": BLANK, "node": "stem.0", "count": 8, "channel": 0, **values}
    response = call("feature_maps", untrained_context, request)
    assert response.keys() == {"error", "code", "values"}
    assert response["error"].endswith(".")
