"""The smallest change to another digit, as the page gets it."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest

from model import DigitReader
from model.explain.attack import Attack
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.sketchpad.inside.conftest import BLANK, call, cut


def test_the_change_is_the_difference_of_the_images(
    trained: DigitReader, context: PageContext, seven: np.ndarray
) -> None:
    response = call("attack", context, {"image": to_base64(seven), "target": 9})
    changed = np.frombuffer(b64decode(response["image"]), np.uint8).reshape(28, 28).copy()
    probabilities, _ = trained.read_batch(changed[None])
    assert response["target"] == response["after"]["label"] == int(probabilities.argmax()) == 9
    assert response["before"]["label"] == 7
    difference = changed.astype(float) - seven
    assert response["largest"] == np.abs(difference).max()
    assert response["changed"] == np.count_nonzero(difference)
    assert response["size"] == pytest.approx(np.linalg.norm(difference / 255))
    assert response["pixels"] == pytest.approx(response["size"] ** 2)
    shown = (cut(response["sprite"], response["box"]).astype(float) - 128) / 127 * response["largest"]
    np.testing.assert_allclose(shown, difference, atol=response["largest"] / 127)


def test_a_search_that_found_nothing_says_so(
    context: PageContext, seven: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context.attacker, "attack", lambda image, target: Attack(3))
    response = call("attack", context, {"image": to_base64(seven), "target": 3})
    assert response["target"] == 3
    assert response["after"] is None


@pytest.mark.parametrize("target", [10, -1, True, "3", 2.0, float("nan")], ids=str)
def test_a_target_that_is_no_digit_is_refused(untrained_context: PageContext, target: object) -> None:
    response = call("attack", untrained_context, {"image": BLANK, "target": target})
    assert response["error"] == "The digit to change to must be a whole number from 0 to 9."
