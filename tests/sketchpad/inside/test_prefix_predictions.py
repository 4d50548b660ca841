"""The predictions for the prefixes of a drawing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from model import DigitReader
from model.explain.prefix_predictions import PREFIXES
from sketchpad.server.context import PageContext
from tests.browser.hand import DIGITS
from tests.sketchpad.inside.conftest import call, cut

EIGHT = DIGITS[8]["one stroke"]


def test_every_prefix_has_its_prediction_and_its_model_image(
    trained: DigitReader, context: PageContext
) -> None:
    digit = trained.read_strokes(EIGHT).digits[0]
    response = call("prefix_predictions", context, {"strokes": EIGHT})
    assert {len(response[key]) for key in ("probabilities", "answers", "boxes")} == {PREFIXES}
    np.testing.assert_array_equal(cut(response["sprite"], response["boxes"][-1]), digit.image)
    assert response["probabilities"][-1] == pytest.approx(digit.probabilities, abs=1e-4)
    assert len(json.dumps(response)) < 40_000


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (None, "must be a list"),
        ({"strokes": "7"}, "must be a list"),
        ({"strokes": []}, "no strokes to replay"),
        ({"strokes": [[]]}, "no strokes to replay"),
        ({"strokes": [[[0, None]]]}, "not two numbers"),
        ({"strokes": [[[0, 0]]] * 2001}, "Too many strokes"),
    ],
)
def test_a_payload_without_strokes_gets_a_sentence(
    untrained_context: PageContext, payload: object, sentence: str
) -> None:
    assert sentence in call("prefix_predictions", untrained_context, payload)["error"]


def test_a_dot_has_predictions_too(untrained_context: PageContext) -> None:
    response = call("prefix_predictions", untrained_context, {"strokes": [[[5, 5]]]})
    assert response["flips"] == []
    assert response["settled"] == 0
