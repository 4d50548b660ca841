"""A block added to the network: the answers with it."""

from __future__ import annotations

import numpy as np
import pytest

from model import InputError
from sketchpad.inside.added_block import added_block
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.sketchpad.inside.conftest import BLANK, call


def test_the_residual_block_keeps_every_answer(context: PageContext, seven: np.ndarray) -> None:
    payload = {"image": to_base64(seven), "block": "stages.2.0"}
    own, residual, plain = call("added_block", context, payload)["networks"]
    probabilities = own["prediction"]["probabilities"]
    assert residual["prediction"]["probabilities"] == pytest.approx(probabilities, abs=1e-6)
    assert plain["prediction"]["probabilities"] != pytest.approx(probabilities, abs=0.1)
    assert own["kept"] == residual["kept"] == 200
    assert plain["kept"] < 60
    assert own["parameters"] < residual["parameters"] == plain["parameters"]
    page = added_block.html(context)
    assert page.count("<option") == 4
    assert '"n": 200' in page.unescape()


def test_without_stored_digits_nothing_is_counted(untrained_context: PageContext) -> None:
    block = {"image": BLANK, "block": "stages.0.0"}
    rows = added_block.response(untrained_context, block)["networks"]
    assert [row["kept"] for row in rows] == [None] * 3
    assert "added_block.kept" not in added_block.html(untrained_context)


@pytest.mark.parametrize("block", [None, "", "stem", ["stages.0.0"]], ids=str)
def test_an_unknown_block_is_refused(untrained_context: PageContext, block: object) -> None:
    with pytest.raises(InputError):
        added_block.response(untrained_context, {"image": BLANK, "block": block})
