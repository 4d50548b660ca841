"""Checkpoint files: round trip, atomic writes, and one sentence for everything that does not fit."""

from __future__ import annotations

import json
import os
import pickletools
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from model import CheckpointError, load_checkpoint, save_checkpoint
from model.inference.checkpoint import RESUME, Card, read_file, weights_hash


def one_sentence(error: pytest.ExceptionInfo[CheckpointError], path: Path) -> str:
    text = str(error.value)
    assert str(path) in text
    assert "\n" not in text
    return text


def test_round_trip(checkpoint: Path, net: nn.Module, card: Card) -> None:
    loaded, loaded_card = load_checkpoint(checkpoint)
    assert not loaded.training
    assert {key: loaded_card[key] for key in card} == card
    assert loaded.state_dict().keys() == net.state_dict().keys()
    for name, tensor in net.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name


def test_the_state_of_an_unfinished_run_is_not_part_of_the_network(
    tmp_path: Path, net: nn.Module, card: Card
) -> None:
    tensors = net.state_dict() | {f"{RESUME}optimizer.0.momentum_buffer": torch.ones(3)}
    save_checkpoint(tmp_path / "run", tensors, card)
    loaded, _ = load_checkpoint(tmp_path / "run")
    assert loaded.state_dict().keys() == net.state_dict().keys()
    assert f"{RESUME}optimizer.0.momentum_buffer" in read_file(tmp_path / "run")[0]


def test_the_file_is_a_readable_header_and_raw_numbers_without_pickle(checkpoint: Path) -> None:
    content = checkpoint.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    assert json.loads(header["__metadata__"]["card"])["arch"]["name"] == "mnist_resnet"
    assert len(content) <= 4_000_000
    assert not content.startswith((b"PK", b"\x80"))
    with pytest.raises(ValueError, match=r".*"):
        list(pickletools.genops(content))


def test_other_users_can_read_the_file(checkpoint: Path) -> None:
    assert checkpoint.stat().st_mode & 0o044 == 0o044


def rewrite(path: Path, tensors: dict[str, Tensor], card: object) -> Path:
    save_file(tensors, path, metadata={"card": json.dumps(card)})
    return path


MISFITS = {
    "another preprocessing": (lambda t, c: c["preprocessing"].update(mean=0.5), "different preprocessing"),
    "no preprocessing": (lambda t, c: c.pop("preprocessing"), "different preprocessing"),
    "unknown network": (lambda t, c: c["arch"].update(name="mnist_resnot"), "network 'mnist_resnot'"),
    "no network": (lambda t, c: c.pop("arch"), "cannot be built"),
    "half a network": (lambda t, c: c["arch"].pop("num_classes"), "num_classes"),
    "missing tensor": (lambda t, c: t.pop("fc.bias"), "tensor 'fc.bias' is missing"),
    "extra tensor": (lambda t, c: t.update(spare=torch.ones(1)), "tensor 'spare' is unexpected"),
    "misshapen tensor": (
        lambda t, c: t.update({"fc.bias": torch.ones(3)}),
        "tensor 'fc.bias' has the wrong shape",
    ),
    "other classes": (lambda t, c: c["arch"].update(num_classes=4), "tensor 'fc.bias' has the wrong shape"),
    "another format": (lambda t, c: c.update(format=99), "does not have the format 1"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_everything_that_does_not_fit_has_its_own_sentence(checkpoint: Path, name: str) -> None:
    tensors, card = read_file(checkpoint)
    spoil, sentence = MISFITS[name]
    spoil(tensors, card)
    path = rewrite(checkpoint, tensors, card)
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(path)
    assert sentence in one_sentence(error, path)


def test_a_missing_file_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(tmp_path / "none.safetensors")
    assert "python train_mnist.py" in one_sentence(error, tmp_path / "none.safetensors")


@pytest.mark.parametrize("keep", [0, 4, 100, 0.5, 0.999])
def test_a_truncated_file_is_called_damaged(checkpoint: Path, keep: float) -> None:
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: keep if isinstance(keep, int) else int(len(content) * keep)])
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(checkpoint)
    assert "damaged" in one_sentence(error, checkpoint)


@pytest.mark.parametrize("content", [b"hello", b"\x80\x04K\x01.", b"\xff" * 64])
def test_a_file_of_another_kind_is_reported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(content)
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(path)
    assert "not a safetensors file" in one_sentence(error, path)


@pytest.mark.parametrize("metadata", [None, {"card": "{"}, {"card": "[]"}, {"note": "x"}])
def test_weights_without_a_card_are_refused(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    path = tmp_path / "bare.safetensors"
    save_file({"fc.bias": torch.ones(2)}, path, metadata=metadata)
    with pytest.raises(CheckpointError) as error:
        load_checkpoint(path)
    assert "card" in one_sentence(error, path)


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_before_the_rename_leaves_only_the_old_file(
    checkpoint: Path, net: nn.Module, card: Card, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = checkpoint.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(*(os, "fsync", fail) if step == "fsync" else (Path, "replace", fail))
    with pytest.raises(OSError, match="No space left"):
        save_checkpoint(checkpoint, {name: t * 0 for name, t in net.state_dict().items()}, card)
    assert checkpoint.read_bytes() == before
    assert list(checkpoint.parent.iterdir()) == [checkpoint]


def test_the_content_is_on_disk_before_the_rename(
    checkpoint: Path, net: nn.Module, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (steps.append("fsync"), fsync(handle))[1])
    monkeypatch.setattr(Path, "replace", lambda a, b: (steps.append("rename"), replace(a, b))[1])
    save_checkpoint(checkpoint, net.state_dict(), card)
    assert steps[:2] == ["fsync", "rename"]


SAVE_FOR_EVER = """
import sys, torch
torch.set_num_threads(1)
from model import create_model, save_checkpoint
from model.inference.checkpoint import read_file
path = sys.argv[1]
tensors, card = read_file(path)
number = 0
while True:
    number += 1
    save_checkpoint(path, {name: torch.full_like(t, number) for name, t in tensors.items()}, card)
    if number == 1:
        print("saving", flush=True)
"""


@pytest.mark.slow
def test_kill_minus_nine_at_any_moment_leaves_a_whole_file(checkpoint: Path) -> None:
    torch.manual_seed(0)
    seen = set()
    for attempt in range(8):
        process = subprocess.Popen([sys.executable, "-c", SAVE_FOR_EVER, checkpoint], stdout=subprocess.PIPE)
        process.stdout.readline()
        time.sleep(0.0137 * (attempt + 1))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        tensors, _ = read_file(checkpoint)
        values = {float(value) for tensor in tensors.values() for value in (tensor.min(), tensor.max())}
        assert len(values) == 1, "two saves are mixed in one file"
        seen |= values
        load_checkpoint(checkpoint)
    assert len(seen) > 1


def test_the_hash_depends_only_on_the_weights(net: nn.Module, checkpoint: Path, card: Card) -> None:
    expected = weights_hash(net)
    assert weights_hash(load_checkpoint(checkpoint)[0]) == expected
    save_checkpoint(checkpoint, net.state_dict(), {**card, "figures": {"test": {"n": 1}}})
    assert weights_hash(load_checkpoint(checkpoint)[0].to(memory_format=torch.channels_last)) == expected
    with torch.no_grad():
        net.fc.bias[3] = torch.nextafter(net.fc.bias[3], torch.tensor(9.0))
    assert weights_hash(net) != expected
