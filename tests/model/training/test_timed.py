"""The timed run: it trains by the clock, reports every second, and ends calibrated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model import DigitReader
from model.training.timed import TIMED, train_timed


@pytest.mark.slow
def test_a_timed_run_learns_and_reports_each_second(tmp_path: Path) -> None:
    out, rows = tmp_path / "timed.safetensors", []
    train_timed(TIMED, tmp_path, out, seconds=12, report=rows.append)
    assert rows[0] == {"phase": "drawing", "mnist": False}
    assert [row["phase"] for row in rows[1:]] == ["learning"] * (len(rows) - 2) + ["done"]
    assert rows[-1]["val_accuracy"] > 0.5
    assert rows[-1]["lr"] == pytest.approx(0, abs=1e-9)
    card = DigitReader.load(out, "cpu").card
    assert len(card["history"]) == len(rows) - 1
    assert card["images"]["real"] >= 4000
    assert card["calibration"]["not_digit"] != 0.5


def test_a_timed_run_that_is_stopped_ends_after_its_first_step(tmp_path: Path) -> None:
    out = tmp_path / "timed.safetensors"
    rows: list[dict[str, Any]] = []
    train_timed(TIMED, tmp_path, out, seconds=60, report=rows.append, stopped=lambda: True)
    assert [row["phase"] for row in rows] == ["drawing", "done"]
    assert rows[-1]["images"] == TIMED.batch_size
    assert DigitReader.load(out, "cpu").card["figures"]["validation"]["n"] == 1000
