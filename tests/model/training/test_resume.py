"""Resumed runs end like uninterrupted ones; a run file of something else is refused and left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.inference.checkpoint import read_file, save_checkpoint
from model.training import loop
from model.training.resume import run_file
from tests.helpers.training_run import error_line, run, same_weights, stop_after


@pytest.mark.parametrize("stop", [1, 2])
def test_a_resumed_run_ends_bit_for_bit_like_one_without_interruption(
    small: Path, tmp_path: Path, stop: int, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parted = tmp_path / "whole.safetensors", tmp_path / "parted.safetensors"
    assert run(small, whole) == 0
    stop_after(stop, small, parted)
    assert not parted.exists()
    torch.manual_seed(99)  # the state of the global generator must not matter
    capsys.readouterr()
    assert run(small, parted, "--resume") == 0
    assert capsys.readouterr().out.count("validation") == 3 - stop
    assert same_weights(whole, parted)
    assert len(read_file(parted)[1]["history"]) == 3
    figures = read_file(whole)[1]["figures"], read_file(parted)[1]["figures"]
    assert figures[0] == figures[1]


@pytest.mark.parametrize(
    "options",
    [
        ["--recipe", "plain", "--model", "resnet20"],
        ["--recipe", "d2l", "--model", "mnist_resnet"],
        ["--recipe", "fast"],
    ],
)
def test_every_optimizer_resumes_bit_for_bit(small: Path, tmp_path: Path, options: list[str]) -> None:
    whole, parted = tmp_path / "whole.safetensors", tmp_path / "parted.safetensors"
    options = [*options, "--size", "28", "--synthetic", "0"]
    assert run(small, whole, *options, epochs=2) == 0
    stop_after(1, small, parted, *options, epochs=2)
    assert run(small, parted, "--resume", *options, epochs=2) == 0
    assert same_weights(whole, parted)


@pytest.mark.parametrize("option", [["--lr", "0.01"], ["--seed", "8"], ["--synthetic", "0"]])
def test_resuming_with_other_options_is_refused(
    small: Path, tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    before = stop_after(1, small, out)
    capsys.readouterr()
    assert run(small, out, "--resume", *option) == 1
    message = capsys.readouterr().err
    assert option[0].strip("-") in message
    assert "same options" in message
    assert run_file(out).read_bytes() == before
    assert not out.exists()


def test_resuming_without_a_run_file_is_refused(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small, tmp_path / "none.safetensors", "--resume") == 1
    assert "There is no checkpoint" in capsys.readouterr().err


def test_a_run_of_another_network_is_not_resumed(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    before = stop_after(1, small, out)
    capsys.readouterr()
    assert run(small, out, "--resume", "--model", "resnet20") == 1
    assert "was started with model = mnist_resnet_fast, not resnet20" in error_line(capsys)
    assert run_file(out).read_bytes() == before


def test_a_network_that_the_code_has_changed_since_is_refused(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    before = stop_after(1, small, out)
    capsys.readouterr()
    create = loop.create_model
    monkeypatch.setattr(loop, "create_model", lambda name, **more: create("resnet20", **more))
    assert run(small, out, "--resume") == 1
    assert "is not this version's mnist_resnet_fast: start again without" in error_line(capsys)
    assert run_file(out).read_bytes() == before


def test_a_run_from_before_a_setting_existed_is_refused(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    stop_after(1, small, out)
    tensors, card = read_file(run_file(out))
    del card["config"]["label_smoothing"]
    save_checkpoint(run_file(out), tensors, card)
    before = run_file(out).read_bytes()
    capsys.readouterr()
    assert run(small, out, "--resume") == 1
    assert "is from a version without label_smoothing: start again without --resume." in error_line(capsys)
    assert run_file(out).read_bytes() == before
