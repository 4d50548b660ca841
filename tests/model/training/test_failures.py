"""What goes wrong in training is told in one sentence, and what was kept before stays."""

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
from model.training.resume import run_file
from model.training.step_metrics import NotANumberError, StepMetrics
from tests.helpers.training_run import StopAfterEpoch, run


def stop_after(number: int, small: Path, out: Path) -> bytes:
    """A run that Ctrl-C has ended after that epoch; its file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(number))
        assert run(small, out) == 130
    return run_file(out).read_bytes()


def told(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr."""
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_another_network_is_no_run_to_go_on_with(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    before = stop_after(1, small, out)
    capsys.readouterr()
    assert run(small, out, "--resume", "--model", "resnet20") == 1
    assert "was begun with model = mnist_resnet_fast, not resnet20" in told(capsys)
    assert run_file(out).read_bytes() == before


def test_a_network_that_the_code_has_changed_since_is_told(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    before = stop_after(1, small, out)
    capsys.readouterr()
    create = train_mnist.create_model
    monkeypatch.setattr(train_mnist, "create_model", lambda name, **more: create("resnet20", **more))
    assert run(small, out, "--resume") == 1
    assert "holds another network than this code's mnist_resnet_fast: begin without" in told(capsys)
    assert run_file(out).read_bytes() == before


def test_a_run_from_before_a_setting_existed_is_not_taken_up_with_a_value_that_it_never_had(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    stop_after(1, small, out)
    tensors, card = read_file(run_file(out))
    del card["config"]["label_smoothing"]
    checkpoint.save_checkpoint(run_file(out), tensors, card)
    before = run_file(out).read_bytes()
    capsys.readouterr()
    assert run(small, out, "--resume") == 1
    assert "is of a version without label_smoothing: begin without --resume." in told(capsys)
    assert run_file(out).read_bytes() == before


def test_a_loss_that_is_no_number_names_step_and_batch_and_keeps_the_last_epoch(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    cross_entropy, calls = train_mnist.F.cross_entropy, []

    def later_broken(logits: torch.Tensor, targets: torch.Tensor, **more: float) -> torch.Tensor:
        calls.append(1)
        return cross_entropy(logits, targets, **more) * (float("nan") if len(calls) == 10 else 1)

    monkeypatch.setattr(train_mnist.F, "cross_entropy", later_broken)
    assert run(small, out) == 1
    line = told(capsys)
    # 260 images are six batches of 40, of seven that the schedule counts for 299.
    assert "The loss became nan in epoch 2 at batch 4 of 7 (step 11 of the run); epoch 1 is kept in" in line
    assert str(run_file(out)) in line
    assert len(calls) == 10, "it went on"
    assert len(read_file(run_file(out))[1]["history"]) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("loss", "gradient", "what"), [(1.0, float("inf"), "gradient"), (float("nan"), 1.0, "loss")]
)
def test_a_gpu_is_asked_once_an_epoch_and_finds_the_same_step(
    loss: float, gradient: float, what: str
) -> None:
    net = torch.nn.Linear(2, 2)
    meter = StepMetrics(net, 2, 5, torch.device("cpu"), train_mnist.ProcessGroup())
    meter.at_once = False  # as on a GPU
    for step in range(4):
        for parameter in net.parameters():
            parameter.grad = torch.full_like(parameter, gradient if step == 2 else 0.5)
        value = torch.tensor(loss if step == 2 else 1.0)
        meter.add(value, torch.eye(2), torch.tensor([0, 1]))
    with pytest.raises(
        NotANumberError, match=rf"The {what} became (nan|inf) in epoch 3 at batch 3 of 5 \(step 13 "
    ):
        meter.read()


def test_a_meter_gives_the_means_of_its_steps() -> None:
    net = torch.nn.Linear(3, 1, bias=False)
    meter = StepMetrics(net, 0, 9, torch.device("cpu"), train_mnist.ProcessGroup())
    for loss, size in ((1.0, 2.0), (4.0, 4.0)):
        net.weight.grad = torch.tensor([[size, 0, 0]])
        meter.add(torch.tensor(loss), torch.eye(2), torch.tensor([0, 0]))
    assert meter.read() == {"loss": 2.5, "train_accuracy": 0.5, "grad_norm": 3.0}


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
    line = told(capsys)
    assert re.search(r"The disk that holds .* is full; epoch 1 is kept in .*\. Make room .* --resume", line)
    assert not out.exists()
    monkeypatch.setattr(checkpoint.os, "fsync", fsync)
    assert run(small, out, "--resume") == 0
    assert not [file for file in tmp_path.iterdir() if file.name.startswith(".")]


@pytest.mark.parametrize("kind", ["folder that is a file", "read-only folder", "a folder itself"])
def test_where_nothing_can_be_written_nothing_is_trained(
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
    assert re.search("take another --out|is a folder", told(capsys))


def test_out_of_memory_suggests_half_the_batch(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A real one: 40 images of 100,000 pixels a side are 1.6 TB."""
    out = tmp_path / "net.safetensors"
    assert run(small, out, "--size", "100000") == 1
    line = told(capsys)
    assert "There is not enough memory for batches of 40 images; nothing was written." in line
    assert line.endswith("Begin again with --batch-size 20.")

    def too_much(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    monkeypatch.setattr(train_mnist, "to_input", too_much)
    assert run(small, out) == 1
    assert told(capsys).endswith("--batch-size 20.")


def test_what_another_run_has_kept_is_not_called_this_ones(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    before = stop_after(2, small, out)
    assert "epoch 2 is kept in" in told(capsys)
    assert run(small, out, "--lr", "1e30") == 1
    assert "nothing was written" in told(capsys)
    assert run_file(out).read_bytes() == before


def test_a_mistake_of_the_codes_is_not_hidden(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(*_: object) -> None:
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(train_mnist, "to_input", wrong)
    with pytest.raises(RuntimeError, match="mat1"):
        run(small, tmp_path / "net.safetensors")


def test_leftovers_of_a_kill_are_swept_and_nothing_else(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    left, others = tmp_path / ".net.run.safetensors.abcd1234", tmp_path / ".other.safetensors.abcd1234"
    for file in (left, others):
        file.write_bytes(b"half")
    assert run(small, out, epochs=1) == 0
    assert not left.exists()
    assert others.exists()


def test_a_checkpoint_on_the_hub_is_not_written_to(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="cannot be written to"):
        checkpoint.save_checkpoint("hf://user/name", {}, {})
