"""Train here: one run at a time, in a process of its own, stopped by who started it or by the clock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model import InputError
from model.inference.checkpoint import read_file
from sketchpad.training.train_here import SWITCH, TrainingRun, may_train

ONE = [[[140.0, 40.0], [140.0, 240.0]]]


def test_on_a_space_training_is_off_unless_it_is_switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv(SWITCH, raising=False)
    assert may_train()
    monkeypatch.setenv("SPACE_ID", "somebody/sketchpad")
    assert not may_train()
    with pytest.raises(InputError, match="switched off"):
        TrainingRun().start()
    monkeypatch.setenv(SWITCH, "1")
    assert may_train()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TrainingRun]:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))  # none there: synthetic drawings alone
    run = TrainingRun(seconds=8, limit=40)
    yield run
    run.close()


def wait(run: TrainingRun, state: str, seconds: float = 60) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (response := run.state(None))["state"] == state:
            return response
        time.sleep(0.1)
    raise AssertionError(response)


@pytest.mark.slow
def test_one_trains_at_a_time_others_watch_and_all_may_draw_on_it(run: TrainingRun) -> None:
    assert run.state(None)["state"] == "none"
    with pytest.raises(InputError, match="Nothing has been trained"):
        run.read(ONE)
    started = run.start()
    assert started["token"]
    second = run.start()
    assert second["busy"]
    assert "token" not in second
    for wrong in (None, {}, {"token": ""}, {"token": "é"}, {"token": 3}):
        with pytest.raises(InputError, match="Only the visitor who started"):
            run.stop(wrong)
    over = wait(run, "over")
    assert over["phase"] == "done"
    assert 0 < over["rows"][-1]["val_accuracy"] <= 1
    received = {"run": over["run"], "after": len(over["rows"])}
    assert run.state(received)["rows"] == []
    assert run.read(ONE).digits
    assert run.path
    assert read_file(run.path)[1]["figures"]["validation"]["n"] == 1000
    assert run.start()["run"] == over["run"] + 1


@pytest.mark.slow
def test_who_started_a_run_can_stop_it_and_its_network_stays(run: TrainingRun) -> None:
    run._seconds = 60
    token = run.start()["token"]
    while not run.state(None)["rows"]:
        time.sleep(0.1)
    run.stop({"token": token})
    assert wait(run, "over", 20)["phase"] == "done"
    assert run.path
    assert read_file(run.path)[1]["calibration"]["not_digit"] != 0.5  # calibrated all the same


@pytest.mark.slow
def test_a_run_that_takes_too_long_is_killed(run: TrainingRun) -> None:
    run._limit = 0.5
    run.start()
    failed = wait(run, "failed", 10)
    assert failed["failure"]
