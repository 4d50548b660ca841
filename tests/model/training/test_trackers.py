"""A run as it is watched: a line of JSON an epoch, trackers that are installed, and no harm by either."""

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
from model.training import trackers as watch
from model.training.resume import run_file
from model.training.trackers import Log, Trackers, log_file
from tests.helpers.training_run import StopAfterEpoch, run

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


def test_each_epoch_is_a_line_and_the_same_as_in_the_card(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    assert run(small, out) == 0
    assert rows(out) == load_checkpoint(out)[1]["history"]
    assert [row["epoch"] for row in rows(out)] == [1, 2, 3]
    assert all(set(row) == KEYS for row in rows(out))
    assert all(row["grad_norm"] > 0 for row in rows(out))


@pytest.mark.parametrize("cut", ["whole", "half a line", "a line too many", "none"])
def test_a_resumed_run_goes_on_in_its_log_without_gap_or_double(
    small: Path, tmp_path: Path, cut: str
) -> None:
    out = tmp_path / "net.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(2))
        assert run(small, out) == 130
    text = log_file(out).read_text()
    assert len(text.splitlines()) == 1  # stopped between the file and the line
    left = {"whole": text, "half a line": text[:-20], "a line too many": text * 3, "none": ""}[cut]
    log_file(out).write_text(left)
    assert run(small, out, "--resume") == 0
    assert [row["epoch"] for row in rows(out)] == [1, 2, 3]
    assert rows(out) == load_checkpoint(out)[1]["history"]


def test_a_new_run_begins_its_log_anew(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    for epochs in (2, 1):
        assert run(small, out, epochs=epochs) == 0
    assert [row["epoch"] for row in rows(out)] == [1]


def test_the_gap_is_that_of_the_weights_that_are_kept(small: Path, tmp_path: Path) -> None:
    """Against the run file's own tensors, one by one in double precision."""
    out = tmp_path / "net.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(1))
        run(small, out)
    tensors = load_file(run_file(out))
    names = [n for n in tensors if not n.startswith("resume.") and "running" not in n and "tracked" not in n]
    last = torch.cat([tensors[f"resume.net.{name}"].double().flatten() for name in names])
    averaged = torch.cat([tensors[name].double().flatten() for name in names])
    gap = load_checkpoint(run_file(out))[1]["history"][0]["ema_gap"]
    assert gap == pytest.approx(((averaged - last).norm() / last.norm()).item(), rel=1e-4)
    assert run(small, out, "--recipe", "plain", "--model", "mnist_resnet_fast", epochs=1) == 0
    assert rows(out)[0]["ema_gap"] == 0  # nothing is averaged there


@pytest.mark.parametrize(("flag", "package"), [("--track", "trackio"), ("--tensorboard", "tensorboard")])
def test_a_tracker_that_is_not_installed_is_told_before_training(
    flag: str, package: str, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(watch, "find_spec", lambda name: None)
    monkeypatch.setattr(train_mnist, "train", lambda *_: pytest.fail("training began"))
    assert run(small, tmp_path / "net.safetensors", flag) == 1
    told = capsys.readouterr().err
    assert told == f"train_mnist.py: {flag} needs {package}, which is not installed: pip install {package}.\n"


class Fake:
    """Stands in for trackio: what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple] = []

    def init(self, project: str, **more: object) -> Fake:
        self.told.append((project, more["name"], more["resume"]))
        return self

    def log(self, row: dict[str, float], step: int) -> None:
        self.told.append((step, set(row)))

    def finish(self) -> None:
        self.told.append(("over",))


def test_trackio_is_told_each_epoch_once_also_of_a_resumed_run(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake, out = Fake(), tmp_path / "net.safetensors"
    monkeypatch.setitem(sys.modules, "trackio", fake)
    monkeypatch.setattr(watch, "find_spec", lambda name: object())
    assert run(small, out, "--track", epochs=2) == 0
    each = KEYS - {"epoch"}
    begun = ("resnet-sketchpad", "net", "never")
    assert fake.told == [begun, (1, each), (2, each), (2, {"test_accuracy"}), ("over",)]
    watch.Trackio("net").begin({"history": [{}], "config": {}, "commit": "", "hardware": ""})
    assert fake.told[-1] == ("resnet-sketchpad", "net", "allow")


def test_tensorboard_gets_scalars_and_a_resumed_run_purges_what_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple] = []

    def writer(folder: str, purge_step: int) -> SimpleNamespace:
        told.append((Path(folder).name, purge_step))
        return SimpleNamespace(
            add_scalar=lambda *a: told.append(a), flush=lambda: None, close=lambda: told.append(("closed",))
        )

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=writer))
    monkeypatch.setattr(watch, "find_spec", lambda name: object())
    all_of_them = watch.make_trackers(tmp_path / "net.safetensors", track=False, tensorboard=True)
    card = {"history": [{"epoch": 1, "loss": 2.0}], "figures": {"test": {"accuracy": 0.9}}}
    all_of_them.begin(card)
    all_of_them.epoch({"epoch": 2, "loss": 1.0})
    all_of_them.end(card)
    assert told == [("net.tensorboard", 2), ("loss", 1.0, 2), ("test_accuracy", 0.9, 1), ("closed",)]


def test_a_tracker_that_fails_is_left_out_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken(Log):
        def epoch(self, row: dict[str, float]) -> None:
            raise ConnectionError("no server")

    several = Trackers([Broken(tmp_path / "a"), Log(tmp_path / "b")])
    several.begin({"history": []})
    for number in (1, 2):
        several.epoch({"epoch": number})
    assert capsys.readouterr().err == (
        "Broken failed and is left out: ConnectionError('no server'); training goes on.\n"
    )
    assert len((tmp_path / "b").read_text().splitlines()) == 2
    with pytest.raises(TrainingError):
        watch.need("no_such_package_anywhere", "--flag")
