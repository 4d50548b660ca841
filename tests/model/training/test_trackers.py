"""Trackers: one line of JSON per epoch, trackio and TensorBoard, and no harm by a tracker that fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

import train_mnist
from model import load_checkpoint
from model.errors import TrainingError
from model.training import trackers
from model.training.resume import run_file
from model.training.trackers import JsonLog, log_file, notify
from tests.helpers.training_run import run, stop_after

KEYS = {
    "epoch",
    "loss",
    "train_accuracy",
    "val_accuracy",
    "lr",
    "grad_norm",
    "ema_gap",
    "images_per_s",
    "seconds",
}


def rows(out: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in log_file(out).read_text().splitlines()]


def test_each_epoch_is_a_line_and_equals_the_row_of_the_card(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    assert run(small, out) == 0
    assert rows(out) == load_checkpoint(out)[1]["history"]
    assert [row["epoch"] for row in rows(out)] == [1, 2, 3]
    assert all(set(row) == KEYS for row in rows(out))
    assert all(row["grad_norm"] > 0 for row in rows(out))


@pytest.mark.parametrize("cut", ["whole", "half a line", "a line too many", "none"])
def test_a_resumed_run_continues_its_log_without_gap_or_double(small: Path, tmp_path: Path, cut: str) -> None:
    out = tmp_path / "net.safetensors"
    stop_after(2, small, out)
    text = log_file(out).read_text()
    assert len(text.splitlines()) == 1  # stopped between the file and the line
    left = {"whole": text, "half a line": text[:-20], "a line too many": text * 3, "none": ""}[cut]
    log_file(out).write_text(left)
    assert run(small, out, "--resume") == 0
    assert [row["epoch"] for row in rows(out)] == [1, 2, 3]
    assert rows(out) == load_checkpoint(out)[1]["history"]


def test_a_new_run_overwrites_its_log(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    for epochs in (2, 1):
        assert run(small, out, epochs=epochs) == 0
    assert [row["epoch"] for row in rows(out)] == [1]


def test_the_ema_gap_is_that_of_the_saved_weights(small: Path, tmp_path: Path) -> None:
    """Against the run file's own tensors, one by one in double precision."""
    out = tmp_path / "net.safetensors"
    stop_after(1, small, out)
    tensors = load_file(run_file(out))
    names = [n for n in tensors if not n.startswith("resume.") and "running" not in n and "tracked" not in n]
    last = torch.cat([tensors[f"resume.net.{name}"].double().flatten() for name in names])
    averaged = torch.cat([tensors[name].double().flatten() for name in names])
    gap = load_checkpoint(run_file(out))[1]["history"][0]["ema_gap"]
    assert gap == pytest.approx(((averaged - last).norm() / last.norm()).item(), rel=1e-4)
    assert run(small, out, "--recipe", "plain", "--model", "mnist_resnet_fast", epochs=1) == 0
    assert rows(out)[0]["ema_gap"] == 0  # nothing is averaged there


@pytest.mark.parametrize(("flag", "package"), [("--track", "trackio"), ("--tensorboard", "tensorboard")])
def test_a_tracker_that_is_not_installed_is_refused_before_training(
    flag: str, package: str, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(trackers, "find_spec", lambda name: None)
    monkeypatch.setattr(train_mnist, "train", lambda *_: pytest.fail("training began"))
    assert run(small, tmp_path / "net.safetensors", flag) == 1
    error = capsys.readouterr().err
    assert (
        error == f"train_mnist.py: {flag} needs {package}, which is not installed: pip install {package}.\n"
    )


class Fake:
    """In the place of trackio; records its calls."""

    def __init__(self) -> None:
        self.calls: list[tuple] = []

    def init(self, project: str, **more: object) -> Fake:
        self.calls.append((project, more["name"], more["resume"]))
        return self

    def log(self, row: dict[str, float], step: int) -> None:
        self.calls.append((step, set(row)))

    def finish(self) -> None:
        self.calls.append(("over",))


def test_trackio_gets_each_epoch_once_also_of_a_resumed_run(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, out = Fake(), tmp_path / "net.safetensors"
    monkeypatch.setitem(sys.modules, "trackio", fake)
    monkeypatch.setattr(trackers, "find_spec", lambda name: object())
    assert run(small, out, "--track", epochs=2) == 0
    each = KEYS - {"epoch"}
    begun = ("resnet-sketchpad", "net", "never")
    assert fake.calls == [begun, (1, each), (2, each), (2, {"test_accuracy"}), ("over",)]
    trackers.Trackio("net").on_start({"history": [{}], "config": {}, "commit": "", "hardware": ""}, 1)
    assert fake.calls[-1] == ("resnet-sketchpad", "net", "allow")


def test_tensorboard_gets_scalars_and_a_resumed_run_purges_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple] = []

    def writer(folder: str, purge_step: int) -> SimpleNamespace:
        calls.append((Path(folder).name, purge_step))
        return SimpleNamespace(
            add_scalar=lambda *a: calls.append(a), flush=lambda: None, close=lambda: calls.append(("closed",))
        )

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=writer))
    monkeypatch.setattr(trackers, "find_spec", lambda name: object())
    tracker = trackers.TensorBoard(tmp_path / "net.tensorboard")
    card = {"history": [{"epoch": 1, "loss": 2.0}], "figures": {"test": {"accuracy": 0.9}}}
    tracker.on_start(card, 1)
    tracker.on_epoch({"epoch": 2, "loss": 1.0})
    tracker.on_end(card)
    assert calls == [("net.tensorboard", 2), ("loss", 1.0, 2), ("test_accuracy", 0.9, 1), ("closed",)]


def test_a_tracker_that_fails_is_dropped_and_the_others_continue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(JsonLog):
        def on_epoch(self, row: dict[str, float]) -> None:
            raise ConnectionError("no server")

    several = [Broken(tmp_path / "a"), JsonLog(tmp_path / "b")]
    notify(several, "on_start", {"history": []}, 1)
    for number in (1, 2):
        notify(several, "on_epoch", {"epoch": number})
    assert capsys.readouterr().err == (
        "Broken failed and was dropped: ConnectionError('no server'); training continues.\n"
    )
    assert len((tmp_path / "b").read_text().splitlines()) == 2
    with pytest.raises(TrainingError):
        trackers.require("no_such_package_anywhere", "--flag")
