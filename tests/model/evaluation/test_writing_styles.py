"""Accuracy by way of writing: every skeleton of a digit, its own drawings, counted right."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from shutil import copyfile
from types import SimpleNamespace

import numpy as np
import pytest

from model import DigitReader
from model.__main__ import main
from model.datasets.skeletons import skeletons
from model.evaluation import evaluate
from model.evaluation.writing_styles import by_digit, describe_styles, evaluate_styles
from model.inference.checkpoint import read_file


class Stub:
    """Reads 7, whatever is drawn, but a drawing of many strokes as 77, and rejects wide ones."""

    shown = 0

    def read_drawings(self, drawings: list[list[np.ndarray]]) -> list[SimpleNamespace]:
        self.shown += len(drawings)
        return [self.read(drawing) for drawing in drawings]

    def read(self, drawing: list[np.ndarray]) -> SimpleNamespace:
        width, height = np.ptp(np.concatenate(drawing), axis=0)
        verdict = "not a digit" if width > 0.8 * height else "digit"
        return SimpleNamespace(text="7" * len(drawing), digits=[SimpleNamespace(verdict=verdict)])


def test_every_way_to_write_a_digit_is_counted() -> None:
    reader = Stub()
    rows = evaluate_styles(reader, each=6)
    digits = [skeleton for skeleton in skeletons() if skeleton.label < 10]
    assert [row["label"] for row in rows] == sorted(row["label"] for row in rows)
    assert {(row["label"], row["style"]) for row in rows} == {(s.label, s.name) for s in digits}
    assert len(rows) == len(digits)
    assert reader.shown == 6 * len(rows)
    correct = {row["style"]: row["correct"] for row in rows if row["label"] == 7}
    assert correct["upright"] == 6
    assert correct["crossed"] == 0  # two strokes
    assert correct["wide"] < 6  # rejected
    assert all(row["correct"] == 0 for row in rows if row["label"] != 7)
    assert rows == evaluate_styles(Stub(), each=6)


def test_the_hardest_comes_first() -> None:
    right = {"plain": 10, "crossed": 4, "serif": 9}
    rows = [{"label": 7, "style": name, "n": 10, "correct": n} for name, n in right.items()]
    assert [row["style"] for row in by_digit(rows)[7]] == ["crossed", "serif", "plain"]
    assert describe_styles(rows).endswith("7: 76.67%   crossed 40%; serif 90%")


def test_the_committed_network_reads_nearly_all(trained: DigitReader) -> None:
    rows = evaluate_styles(trained, each=5)
    assert np.mean([row["correct"] / row["n"] for row in rows]) > 0.97


def test_the_card_keeps_them(
    checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evaluate, "evaluate_styles", partial(evaluate_styles, each=2))
    path = tmp_path / "net.safetensors"
    copyfile(checkpoint, path)
    assert main(["evaluate", "--checkpoint", str(path), "--styles", "--record"]) == 0
    assert "writing styles, " in capsys.readouterr().out
    before, after = (read_file(file)[1] for file in (checkpoint, path))
    rows = after["figures"].pop("styles")
    assert len(rows) == len([s for s in skeletons() if s.label < 10])
    assert all(row["n"] == 2 for row in rows)
    assert after["figures"] == before["figures"]
