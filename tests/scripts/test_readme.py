"""The figures of README.md, from the card."""

from __future__ import annotations

import pytest

from model.inference.checkpoint import read_file
from scripts import readme
from tests.helpers.paths import CHECKPOINT


def test_pictures_have_rows_where_the_card_has_their_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    tensors, card = read_file(CHECKPOINT)
    card["figures"].pop("pictures", None)
    monkeypatch.setattr(readme, "read_file", lambda path: (tensors, card))
    assert "pictures" not in readme.figures()
    scores = {"n": 200, "correct": 190, "accuracy": 0.95, "interval": [0.9104, 0.9726], "cer": 0.125}
    card["figures"]["pictures"] = {
        "phones": {"one": scores, "several": scores | {"n": 1_900, "accuracy": 0.1}, "all": scores},
        "scans": {"one": scores, "all": scores},
        "empty": {},
    }
    lines = readme.figures().splitlines()
    assert "| pictures of one digit, `phones` | 200 | 95.00% | 10 | – |" in lines
    assert "| pictures of several digits, `phones` | 1,900 | 10.00% | 1,710 | – |" in lines
    assert sum(line.startswith("| pictures of") for line in lines) == 3
    assert "`phones`: character error rate 12.50% (n = 200)." in lines
    assert "`scans`: character error rate 12.50% (n = 200)." in lines
