"""Damage, as the page gets it."""

from __future__ import annotations

import numpy as np
import pytest

from sketchpad.inside.damage import damage
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.sketchpad.inside.conftest import BLANK, call

WHOLE = {"noise": 0, "seed": 0, "off": ""}


def test_a_branch_at_zero_is_the_same_as_one_switched_off(context: PageContext, seven: np.ndarray) -> None:
    image = to_base64(seven)
    whole = call("damage", context, {"image": image, **WHOLE})
    assert whole["before"] == whole["after"]
    assert whole["accuracy"] == whole["whole"] > 0.98
    damaged = call("damage", context, {"image": image, **WHOLE, "off": "stages.1.0.conv2"})
    off = call("branches", context, {"image": image, "off": ["stages.1.0"]})
    assert damaged["after"]["probabilities"] == pytest.approx(off["after"]["probabilities"], abs=1e-6)
    assert damaged["accuracy"] < damaged["whole"] == whole["whole"]
    assert call("damage", context, {"image": image, **WHOLE, "noise": 1.0})["accuracy"] < 0.4


def test_every_choice_is_accepted(context: PageContext) -> None:
    page = damage.html(context)
    values = [part.split('"')[0] for part in page.split('<option value="')[1:]]
    assert len(values) == 14  # nothing, the stem, and two convolutions and a shortcut of each of four blocks
    for value in values:
        assert context.damaged_network.check(0, 0, value).off == value
    assert "150" in page


def test_without_an_index_there_is_no_accuracy(untrained_context: PageContext) -> None:
    assert "damage.digits" not in damage.html(untrained_context)
    response = call("damage", untrained_context, {"image": BLANK, **WHOLE})
    assert response["accuracy"] is response["whole"] is None


@pytest.mark.parametrize(
    "wrong", [{"noise": 2}, {"noise": float("nan")}, {"seed": -1}, {"off": "x"}, {"off": None}]
)
def test_damage_out_of_range_gets_one_sentence(
    untrained_context: PageContext, wrong: dict[str, object]
) -> None:
    response = call("damage", untrained_context, {"image": BLANK, **WHOLE, **wrong})
    assert response.keys() == {"error", "code", "values"}
