"""Skip against branch: answers with and without branches, and the record of the ablation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from model import DigitReader, InputError
from sketchpad.inside.branches import branches
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.sketchpad.inside.conftest import BLANK


def test_the_answer_agrees_with_the_reader(
    trained: DigitReader, context: PageContext, seven: np.ndarray
) -> None:
    image = to_base64(seven)
    response = branches.response(context, {"image": image, "off": []})
    probabilities, (verdict,) = trained.read_batch(seven[None])
    assert response["before"] == response["after"]
    assert response["before"]["verdict"] == verdict
    np.testing.assert_allclose(response["before"]["probabilities"], probabilities[0], atol=1e-5)
    assert response["before"]["label"] == 7
    ablated = branches.response(context, {"image": image, "off": ["stages.0.0", "stages.1.0"]})
    assert ablated["before"] == response["before"]
    assert ablated["after"]["probabilities"] != response["before"]["probabilities"]
    assert sum(ablated["after"]["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_norms_are_those_of_the_network_with_the_branches_that_are_on(
    trained: DigitReader, context: PageContext, seven: np.ndarray
) -> None:
    image = to_base64(seven)
    whole = branches.response(context, {"image": image, "off": []})["shares"]
    off = branches.response(context, {"image": image, "off": ["stages.1.0"]})["shares"]
    assert off[:2] == whole[:2]  # what comes before, and what the branch would add
    explainer = context.explainer
    activations = explainer.run(torch.from_numpy(seven)[None], ["stages.1.0"])
    for now, before, norms in zip(off[2:], whole[2:], explainer.path_norms(activations)[2:], strict=True):
        assert now["skip"] != before["skip"]
        assert (now["skip"], now["branch"], now["cosine"]) == (norms.shortcut, norms.branch, norms.cosine)


def test_only_an_identity_is_called_x(context: PageContext) -> None:
    page = branches.html(context)
    assert page.count('data-text="branches.skip"') == 1  # the first stage keeps the stem's channels
    assert page.count('data-text="branches.skip.projected"') == 3
    assert page.count('data-text="branches.projected"') == 1


def test_a_row_shows_the_accuracy_without_its_branch_if_the_card_has_it(
    untrained: DigitReader, untrained_context: PageContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "branches.without" not in branches.html(untrained_context)
    without = {"stages.0.0": 0.4321, "stages.1.0": 0.98765, "stages.2.0": 0.5}
    ablation = {"n": 10_000, "whole": 0.9964, "without": without}
    monkeypatch.setitem(untrained.card["figures"], "ablation", ablation)
    page = branches.html(untrained_context).replace("\N{NO-BREAK SPACE}", " ")
    assert page.count('data-text="branches.without"') == 3
    assert "43.21 %" in page
    assert "98.77 %" in page or "98.76 %" in page
    assert "99.64 %" in page
    assert "10,000" in page


@pytest.mark.parametrize("off", [None, "stages.0.0", ["stem"], ["stages.0.0"] * 50, [1], {}], ids=str)
def test_unknown_branches_are_refused(untrained_context: PageContext, off: object) -> None:
    with pytest.raises(InputError):
        branches.response(untrained_context, {"image": BLANK, "off": off})
