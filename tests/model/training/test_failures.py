"""Each failure of training is one sentence, and what was saved before stays."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest
import torch

import train_mnist
from model import CheckpointError
from model.inference import checkpoint
from model.inference.checkpoint import read_file
from model.training import loop
from model.training.resume import run_file
from tests.helpers.training_run import error_line, run, stop_after


def test_a_loss_that_is_nan_names_the_step_and_keeps_the_last_epoch(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    cross_entropy, calls = loop.F.cross_entropy, []

    def later_broken(logits: torch.Tensor, targets: torch.Tensor, **more: float) -> torch.Tensor:
        calls.append(1)
        return cross_entropy(logits, targets, **more) * (float("nan") if len(calls) == 10 else 1)

    monkeypatch.setattr(loop.F, "cross_entropy", later_broken)
    assert run(small, out) == 1
    line = error_line(capsys)
    # 260 images are six batches of 40, of seven that the schedule counts for 299.
    assert "The loss became nan in epoch 2 at batch 4 of 7 (step 11 of the run); epoch 1 is kept in" in line
    assert str(run_file(out)) in line
    assert len(calls) == 10, "it went on"
    assert len(read_file(run_file(out))[1]["history"]) == 1
    assert not out.exists()


def test_a_full_disk_keeps_the_last_epoch(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The disk is full once the first epoch is kept."""
    out = tmp_path / "net.safetensors"
    fsync = checkpoint.os.fsync

    def full(handle: int) -> None:
        if run_file(out).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(checkpoint.os, "fsync", full)
    assert run(small, out) == 1
    line = error_line(capsys)
    assert re.search(r"The disk of .* is full; epoch 1 is kept in .*\. Free some space .* --resume", line)
    assert not out.exists()
    monkeypatch.setattr(checkpoint.os, "fsync", fsync)
    assert run(small, out, "--resume") == 0
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


@pytest.mark.parametrize("kind", ["folder that is a file", "read-only folder", "a folder itself"])
def test_a_folder_that_cannot_be_written_is_refused_before_training(
    kind: str,
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "folder" / "net.safetensors"
    if kind == "folder that is a file":
        out.parent.write_text("a file")
    elif kind == "a folder itself":
        out.mkdir(parents=True)
    else:  # whoever runs the tests may be root, whom no permission stops

        def refuse(*_: object, **__: object) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    monkeypatch.setattr(train_mnist, "train", lambda *_: pytest.fail("training began"))
    assert run(small, out) == 1
    assert re.search("choose another --out|is a folder", error_line(capsys))


def test_out_of_memory_suggests_half_the_batch_size(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real one: 40 images of 100,000 pixels a side are 1.6 TB."""
    out = tmp_path / "net.safetensors"
    assert run(small, out, "--size", "100000") == 1
    line = error_line(capsys)
    assert "There is not enough memory for batches of 40 images; nothing was written." in line
    assert line.endswith("Start again with --batch-size 20.")

    def too_much(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(loop, "to_input", too_much)
    assert run(small, out) == 1
    assert error_line(capsys).endswith("--batch-size 20.")


def test_the_progress_of_another_run_is_not_reported_as_this_ones(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    before = stop_after(2, small, out)
    assert "epoch 2 is kept in" in error_line(capsys)
    assert run(small, out, "--lr", "1e30") == 1
    assert "nothing was written" in error_line(capsys)
    assert run_file(out).read_bytes() == before


def test_a_bug_keeps_its_traceback(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(loop, "to_input", wrong)
    with pytest.raises(RuntimeError, match="mat1"):
        run(small, tmp_path / "net.safetensors")


def test_temporary_files_of_a_killed_run_are_deleted_and_nothing_else(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    left, others = tmp_path / ".net.run.safetensors.abcd1234", tmp_path / ".other.safetensors.abcd1234"
    for file in (left, others):
        file.write_bytes(b"half")
    assert run(small, out, epochs=1) == 0
    assert not left.exists()
    assert others.exists()


def test_a_checkpoint_on_the_hub_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be written to"):
        checkpoint.save_checkpoint("hf://user/name", {}, {})
