"""The Training tab's server functions: comparing checkpoints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model import DigitReader, InputError, save_checkpoint
from model.inference.checkpoint import read_file
from sketchpad.training import tab
from sketchpad.training.tab import TRAINED_HERE, compare_with, other_checkpoints
from sketchpad.training.train_here import SWITCH, TrainingRun


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint: Path) -> Path:
    """A folder of checkpoints: the page's own, and one beside it with a history of two epochs."""
    monkeypatch.setattr(tab, "CHECKPOINTS", tmp_path)
    tensors, card = read_file(checkpoint)
    card["history"] = [{"epoch": n, "loss": 1 / n, "lr": 0.1, "seconds": 30.0} for n in (1, 2)]
    save_checkpoint(tmp_path / "other.safetensors", tensors, card)
    return tmp_path


def test_the_checkpoints_beside_this_one_can_be_compared(folder: Path, checkpoint: Path) -> None:
    reader, run = DigitReader.load(checkpoint, "cpu"), TrainingRun()
    (folder / "untrained.probes.safetensors").write_bytes(b"no checkpoint")
    assert list(other_checkpoints(reader, run)) == ["other.safetensors"]
    response = compare_with(reader, run, "other.safetensors")
    assert [row["loss"] for row in response["history"]] == [1.0, 0.5]
    assert "untrained.safetensors" in response["html"]
    assert "<td>1.0</td>" in response["html"]  # minutes
    json.dumps(response)


def test_a_card_without_the_figures_that_are_compared_is_refused(folder: Path, checkpoint: Path) -> None:
    tensors, card = read_file(checkpoint)
    save_checkpoint(folder / "other.safetensors", tensors, card | {"history": [{"epoch": 1}]})
    with pytest.raises(InputError, match=r"The card of other\.safetensors has no record"):
        compare_with(DigitReader.load(checkpoint, "cpu"), TrainingRun(), "other.safetensors")


@pytest.mark.parametrize(
    "name",
    [
        "../other.safetensors",
        "/etc/passwd",
        "untrained.safetensors",
        "untrained.probes.safetensors",
        "",
        None,
        3,
        TRAINED_HERE,
    ],
)
def test_no_other_file_is_opened(folder: Path, checkpoint: Path, name: object) -> None:
    (folder / "untrained.probes.safetensors").write_bytes(b"no checkpoint")
    (folder.parent / "other.safetensors").touch()
    with pytest.raises(InputError, match="no other checkpoint"):
        compare_with(DigitReader.load(checkpoint, "cpu"), TrainingRun(), name)


def test_the_start_button_is_there_only_where_visitors_may_train(
    trained: DigitReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SWITCH, "0")
    html = str(tab.page(trained))
    assert "data-here" not in html
    assert SWITCH in html
    monkeypatch.setenv(SWITCH, "1")
    assert "data-here" in tab.page(trained)
