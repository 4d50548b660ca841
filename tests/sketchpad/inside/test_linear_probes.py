"""The predictions of the linear probes, and the table that shows them."""

from __future__ import annotations

import numpy as np
import pytest

from model import DigitReader
from sketchpad.inside.linear_probes import linear_probes
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.sketchpad.inside.conftest import call


def test_each_depth_has_a_prediction_and_the_answer_is_the_readers(
    trained: DigitReader, context: PageContext, seven: np.ndarray
) -> None:
    response = call("linear_probes", context, {"image": to_base64(seven)})
    probabilities, (verdict,) = trained.read_batch(seven[None])
    assert response["answer"]["label"] == 7
    assert response["answer"]["verdict"] == verdict
    assert response["answer"]["probabilities"] == pytest.approx(probabilities[0].tolist(), abs=1e-5)
    labels = [depth["label"] for depth in response["depths"]]
    assert len(labels) == linear_probes.html(context).count("<button")
    for depth in response["depths"]:
        assert sum(depth["probabilities"]) == pytest.approx(1, abs=1e-5)
        assert depth["label"] == np.argmax(depth["probabilities"])
    assert response["first"] == labels.index(7)
    assert set(labels[response["settled"] :]) == {7}
    assert response["settled"] == 0 or labels[response["settled"] - 1] != 7


def test_without_probes_the_page_shows_the_command(untrained_context: PageContext) -> None:
    page = linear_probes.html(untrained_context)
    assert "<code>python -m model probes --data-dir data</code>" in page
    assert 'class="linear-probes"' not in page
    assert "no linear probes" in call("linear_probes", untrained_context, {})["error"]
