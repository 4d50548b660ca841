"""The numbers behind one pixel of a feature map, and behind the logits of two classes."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from model import InputError
from model.explain.activations import Activations, Explainer
from model.explain.arithmetic import Window, arithmetic
from model.graph.nodes import Node
from model.image import DIGITS

from ...server.wire import Json

FEATURES = 6  # of the classifier's input, listed one by one
DECIMALS = 6


def pixel_response(explainer: Explainer, activations: Activations, node: Node, request: Json) -> Json:
    """The steps to the value at ``pixel`` [row, column] of the map ``channel``.

    ``request`` may choose the ``input`` channel whose products are listed; the default has the largest sum.
    For the classifier it may choose the ``other`` class; the default is the likeliest. Raises InputError.
    """
    pixel, channel = request.get("pixel"), request.get("channel")
    if not isinstance(pixel, list) or len(pixel) != 2:
        raise InputError("A pixel is a list of a row and a column.")
    result = arithmetic(activations, node, channel, *pixel)
    response: Json = {
        "channel": channel,
        "pixel": pixel,
        "steps": [{"kind": step.kind, "value": step.value, "numbers": step.numbers} for step in result.steps],
        "window": None,
        "classes": None,
    }
    if node.role == "classifier":
        label = int(channel or 0)
        logits = activations[node.output][0, :DIGITS]
        likeliest = [each for each in logits.argsort(descending=True).tolist() if each != label]
        other = request.get("other")
        other = likeliest[0] if other in (None, label) else other
        second = arithmetic(activations, node, other, 0, 0)
        assert result.window is not None
        assert second.window is not None
        response["classes"] = classes_json(
            (label, other), (result.window, second.window), (result.steps[0].value, second.steps[0].value)
        )
    elif result.window is not None:
        response["window"] = window_json(result.window, request.get("input"))
    return response


def window_json(window: Window, chosen: object) -> Json:
    """The sum of every input channel, the largest first; the patch, kernel and products of one channel."""
    order = window.sums.abs().argsort(descending=True, stable=True).tolist()
    channels = [window.channels[n] for n in order]
    if chosen is None:
        chosen = channels[0]
    if type(chosen) is not int or chosen not in window.channels:
        first, last = window.channels[0], window.channels[-1]
        raise InputError(f"The input channel of this value is a whole number from {first} to {last}.")
    at = chosen - window.channels.start
    return {
        "input": chosen,
        "sums": list(zip(channels, numbers(window.sums[order]), strict=True)),
        "patch": numbers(window.patch[at]),
        "kernel": numbers(window.kernel[at]),
        "products": numbers(window.products[at]),
        "inside": window.inside.tolist(),
    }


def classes_json(
    labels: tuple[int, int], windows: tuple[Window, Window], logits: tuple[float, float]
) -> Json:
    """The contributions to two logits: of the features that favour one of the two most, and of the rest."""
    contributions = torch.stack([window.sums for window in windows])
    order = (contributions[0] - contributions[1]).abs().argsort(descending=True, stable=True)
    first, rest = order[:FEATURES], order[FEATURES:]
    weights = torch.stack([window.kernel.flatten() for window in windows])
    sums = contributions.sum(1)
    return {
        "labels": labels,
        "features": [
            {
                "feature": feature,
                "value": numbers(windows[0].patch[feature, 0, 0]),
                "weights": numbers(weights[:, feature]),
                "contributions": numbers(contributions[:, feature]),
            }
            for feature in first.tolist()
        ],
        "rest": {"count": len(rest), "contributions": numbers(contributions[:, rest].sum(1))},
        "bias": numbers(torch.tensor(logits) - sums),
        "logits": logits,
    }


def numbers(values: Tensor) -> Any:  # noqa: ANN401 - a number, or lists of any depth
    """A tensor as nested lists of rounded numbers."""
    return values.double().round(decimals=DECIMALS).tolist()
