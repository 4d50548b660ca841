"""The steps from logits to probabilities: each follows from the one before, and the last is the reader's."""

from __future__ import annotations

import numpy as np

from model import DigitReader
from sketchpad.inside.logits import logits
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.sketchpad.inside.conftest import call


def test_every_figure_follows_from_the_one_before(
    trained: DigitReader, context: PageContext, seven: np.ndarray
) -> None:
    response = call("logits", context, {"image": to_base64(seven)})
    steps = {key: np.array(response[key]) for key in ("logits", "scaled", "probabilities")}
    temperature = trained.card["calibration"]["temperature"]
    np.testing.assert_allclose(steps["scaled"], steps["logits"][:10] / temperature, rtol=1e-5)
    powers = np.exp(steps["scaled"])
    np.testing.assert_allclose(steps["probabilities"], powers / powers.sum(), rtol=1e-4)
    read, _ = trained.read_batch(seven[None])
    np.testing.assert_allclose(steps["probabilities"], read[0], atol=1e-5)
    undivided = np.exp(steps["logits"])
    np.testing.assert_allclose(response["not_digit"], undivided[10] / undivided.sum(), rtol=1e-4)


def test_the_evidence_starts_from_the_divided_logits(context: PageContext, seven: np.ndarray) -> None:
    payload = {"image": to_base64(seven), "other": 1}
    scaled = call("logits", context, payload)["scaled"]
    evidence = call("attribution", context, payload)
    np.testing.assert_allclose(evidence["logits"], [scaled[7], scaled[1]], atol=1e-3)


def test_a_network_without_the_class_of_non_digits_has_no_row_for_it(
    context: PageContext, untrained_context: PageContext
) -> None:
    assert 'class="not-digit"' in logits.html(context)
    page = logits.html(untrained_context)
    rejects = untrained_context.reader.card["arch"]["num_classes"] > 10
    assert ('class="not-digit"' in page) is rejects
