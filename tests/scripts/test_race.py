"""The rows of the race are as published, and its record becomes a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.inference.checkpoint import read_file, save_checkpoint
from model.training.config import RECIPES
from model.training.loop import Step
from scripts import race, readme, scaling


def test_the_published_networks_have_their_published_number_of_parameters() -> None:
    """Layer by layer by hand: weights and biases of the two convolutions and the two linear layers."""
    fast = (25 * 24 + 24) + (24 * 9 * 32 + 32) + (800 * 256 + 256) + (256 * 10 + 10)
    example = (9 * 32 + 32) + (32 * 9 * 64 + 64) + (9216 * 128 + 128) + (128 * 10 + 10)
    for made, right in ((race.fast_cnn_network(), fast), (race.example_network(), example)):
        assert sum(p.numel() for p in made.parameters()) == right
        assert made(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_our_rows_are_the_recipe_of_the_command() -> None:
    one, whole = race.OURS.values()
    assert whole == RECIPES["fast"]
    assert one.epochs == 1
    differing = {key for key in vars(one) if getattr(one, key) != getattr(whole, key)}
    assert differing == {"epochs"}


def test_the_record_becomes_a_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    about = {"hardware": "two cores", "load": 0.1, "torch": "2.0"}
    runs = [{"seconds": s, "correct": c, "n": 10_000} for s, c in ((3, 9901), (1, 9905), (2, 9900))]
    record = {"ours": {**about, "runs": runs}, "start": {**about, "first step": 1.1, "import torch": 1.0}}
    rates = {"1 process": [100, 90, 110], "2 processes": [150, 160, 170]}
    few = {"1 process": [40], "2 processes": [60]}
    record["processes"] = {
        "fast": {**about, "epochs": 2, "images_per_s": rates},
        "default": {**about, "load": 0.7, "epochs": 2, "images_per_s": few},
    }
    path = tmp_path / "race.json"
    path.write_text(json.dumps(record))
    monkeypatch.setattr(readme, "RACE", path)
    text = readme.race()
    assert "| ours | 2.0 (1.0 to 3.0) | 99.01% (99.00% to 99.05%) | 3 |" in text
    assert "1.10 times `import torch`" in text
    assert "two cores, PyTorch 2.0; load 0.1" in text
    assert "processes" not in text
    text = readme.processes()
    assert "| fast | 100 (90 to 110), 1.00× | 160 (150 to 170), 1.60× | 3 |" in text
    assert "| default | 40 (40 to 40), 1.00× | 60 (60 to 60), 1.50× | 1 |" in text
    assert "two cores, PyTorch 2.0; load 0.7" in text


def test_the_rate_is_the_median_of_the_epochs_after_the_first(
    monkeypatch: pytest.MonkeyPatch, checkpoint: Path
) -> None:
    tensors, card = read_file(checkpoint)
    card["history"] = [{"images_per_s": rate} for rate in (1.0, 40.0, 50.0)]
    calls: list[tuple[list[str], str]] = []

    def run(command: list[str], env: dict[str, str], **_: object) -> None:
        calls.append((command, env["OMP_NUM_THREADS"]))
        save_checkpoint(Path(command[command.index("--out") + 1]), tensors, card)

    monkeypatch.setattr(scaling.subprocess, "run", run)
    assert scaling.rate("fast", 1, 2, 3, Path("data")) == 45
    assert scaling.rate("fast", 2, 1, 3, Path("data")) == 45
    (alone, threads), (together, each) = calls
    assert (threads, each) == ("2", "1")
    assert "torch.distributed.run" not in alone
    assert together[together.index("--nproc-per-node") + 1] == "2"


def test_a_new_result_replaces_the_one_of_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "race.json"
    race.record({"a": 1, "b": 2}, path)
    race.record({"b": 3}, path)
    assert json.loads(path.read_text()) == {"a": 1, "b": 3}


def test_start_trains_one_step_of_the_fast_recipe(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[None] = []
    step = race.Trainer.train_epoch

    def counted(trainer: race.Trainer, *arguments: object, on_step: Callable[[Step], bool]) -> object:
        return step(trainer, *arguments, on_step=lambda s: steps.append(None) or on_step(s))

    monkeypatch.setattr(race, "FAST", replace(race.FAST, batch_size=40))
    monkeypatch.setattr(race.Trainer, "train_epoch", counted)
    race.first_step(small, torch.device("cpu"))
    assert len(steps) == 1


def test_a_block_is_replaced_between_its_markers_only() -> None:
    text = "a <!-- race -->\nold\n<!-- /race --> b"
    assert readme.replace_block(text, "race", "new") == "a <!-- race -->\nnew\n<!-- /race --> b"
    assert readme.replace_block(text, "figures", "new") == text
