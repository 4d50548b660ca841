"""The training command, run as a person runs it, on small data: it learns, stops, goes on, and says so.

The data are real IDX files, small, under MD5 sums of their own; everything else is the command itself.
"""

from __future__ import annotations

import hashlib
import re
import signal
import subprocess
import sys
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import train_mnist
from model import DigitReader, data, load_checkpoint
from model.checkpoint import read_file
from model.data import load_mnist

ROOT = Path(__file__).parent.parent

# Runs train_mnist.py with sys.argv[4:] on the small files in sys.argv[1]; [2] is the validation size.
COMMAND = """
import hashlib, pathlib, sys
import torch
torch.set_num_threads(1)
from model import data
raw = pathlib.Path(sys.argv[1]) / "MNIST" / "raw"
for name in data.MNIST_MD5:
    data.MNIST_MD5[name] = hashlib.md5((raw / name).read_bytes()).hexdigest()
data.VALIDATION = int(sys.argv[2])
import train_mnist
train_mnist.HELD_OUT = 200
sys.exit(train_mnist.main(["--data-dir", sys.argv[1], *sys.argv[3:]]))
"""


def write(raw: Path, part: str, images: np.ndarray, labels: np.ndarray) -> None:
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        (raw / f"{part}-{kind}-ubyte").write_bytes(header + array.astype(np.uint8).tobytes())


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """280 training and 50 test pictures: a bright square whose place is its class, with noise."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    for part, count in (("train", 280), ("t10k", 50)):
        labels = random.integers(0, 10, count)
        images = random.integers(0, 60, (count, 28, 28))
        for image, label in zip(images, labels, strict=True):
            image[4 + label // 5 * 12 :][:8, 3 + label % 5 * 5 :][:, :5] += 190
        write(raw, part, images, labels)
    for name in data.MNIST_MD5:
        monkeypatch.setitem(data.MNIST_MD5, name, hashlib.md5((raw / name).read_bytes()).hexdigest())
    monkeypatch.setattr(data, "VALIDATION", 80)
    return tmp_path / "data"


def run(root: Path, out: Path, *more: str, epochs: int = 3) -> int:
    options = ["--data-dir", str(root), "--out", str(out), "--epochs", str(epochs), "--batch-size", "40"]
    return train_mnist.main([*options, "--device", "cpu", "--synthetic", "60", *more])


def command(root: Path, out: Path, *more: str) -> list[str]:
    options = ["--out", str(out), "--device", "cpu", "--batch-size", "40", "--synthetic", "60", *more]
    return [sys.executable, "-c", COMMAND, str(root), "80", *options]


@pytest.fixture(autouse=True)
def few_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train_mnist, "HELD_OUT", 200)


def test_a_run_ends_with_a_checkpoint_that_loads_and_a_card_that_tells(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "net.safetensors"
    assert run(small, out) == 0
    net, card = load_checkpoint(out)
    assert not net.training
    assert [row["epoch"] for row in card["history"]] == [1, 2, 3]
    assert all(row["images_per_s"] > 0 for row in card["history"])
    assert card["config"]["batch_size"] == 40
    assert card["seed"] == 1
    for key in ("commit", "versions", "hardware", "split", "calibration", "preprocessing"):
        assert card[key], key
    assert card["figures"]["validation"]["n"] == 80
    assert card["figures"]["test"]["n"] == 50
    assert list(out.parent.iterdir()) == [out]  # the run file is gone
    DigitReader.load(out, "cpu").read_strokes([[[0, 0], [5, 9]]])
    printed = capsys.readouterr().out
    assert str(out) in printed
    assert "of 50" in printed


def test_the_figures_are_those_of_the_written_weights(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    run(small, out)
    reader = DigitReader.load(out, "cpu")
    test = load_mnist(small, train=False)
    guesses = reader.read_batch(test.images)[0].argmax(1)
    assert reader.card["figures"]["test"]["correct"] == int((guesses == test.labels).sum())


def test_the_seed_decides_the_weights(small: Path, tmp_path: Path) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        run(small, tmp_path / name, "--seed", seed, epochs=1)
    assert same_weights(tmp_path / "a", tmp_path / "b")
    assert not same_weights(tmp_path / "a", tmp_path / "c")


def same_weights(first: Path, second: Path) -> bool:
    a, b = load_file(first), load_file(second)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


class StopAfterEpoch:
    """Stands in for save_checkpoint: the real one, then Ctrl-C once epoch ``number`` is kept."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, path: Path, tensors: dict[str, torch.Tensor], card: dict) -> None:
        real_save(path, tensors, card)
        if len(card["history"]) == self.number:
            raise KeyboardInterrupt


real_save = train_mnist.save_checkpoint


@pytest.mark.parametrize("stop", [1, 2])
def test_a_resumed_run_ends_bit_by_bit_as_one_never_stopped(
    small: Path, tmp_path: Path, stop: int, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parted = tmp_path / "whole.safetensors", tmp_path / "parted.safetensors"
    assert run(small, whole) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(stop))
        assert run(small, parted) == 130
    assert not parted.exists()
    torch.manual_seed(99)  # nothing may hang on what the generator happens to be
    capsys.readouterr()
    assert run(small, parted, "--resume") == 0
    assert capsys.readouterr().out.count("validation") == 3 - stop
    assert same_weights(whole, parted)
    assert len(read_file(parted)[1]["history"]) == 3
    figures = read_file(whole)[1]["figures"], read_file(parted)[1]["figures"]
    assert figures[0] == figures[1]


@pytest.mark.parametrize("option", [["--lr", "0.01"], ["--seed", "8"], ["--synthetic", "0"]])
def test_resuming_with_other_options_is_refused(
    small: Path, tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(1))
        run(small, out)
    before = train_mnist.run_file(out).read_bytes()
    assert run(small, out, "--resume", *option) == 1
    message = capsys.readouterr().err
    assert option[0].strip("-") in message
    assert "same options" in message
    assert train_mnist.run_file(out).read_bytes() == before
    assert not out.exists()


def test_resuming_nothing_says_so(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(small, tmp_path / "none.safetensors", "--resume") == 1
    assert "There is no checkpoint" in capsys.readouterr().err


def test_the_test_set_is_read_once_after_the_last_epoch(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    read_idx = data.read_idx

    def reading(path: Path) -> np.ndarray:
        events.append(path.name.split("-ubyte")[0])
        return read_idx(path)

    def saving(path: Path, tensors: dict[str, torch.Tensor], card: dict) -> None:
        events.append(f"saved with {len(card['history'])} epochs")
        real_save(path, tensors, card)

    monkeypatch.setattr(data, "read_idx", reading)
    monkeypatch.setattr(train_mnist, "save_checkpoint", saving)
    assert run(small, tmp_path / "net.safetensors") == 0
    assert [event for event in events if event.startswith("t10k")] == ["t10k-images-idx3", "t10k-labels-idx1"]
    assert events.index("t10k-images-idx3") > events.index("saved with 3 epochs")


def test_a_loss_that_is_no_number_stops_with_a_sentence(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    out.write_bytes(b"the old one")
    assert run(small, out, "--lr", "1e30") == 1
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert re.search(
        r"The loss became (nan|inf) in epoch 1; nothing was written\. Try a smaller --lr", message
    )
    assert out.read_bytes() == b"the old one"
    assert not train_mnist.run_file(out).exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "resnot"], "no network 'resnot'"),
        (["--device", "abacus"], "no device 'abacus'"),
    ],
)
def test_what_is_not_there_is_told_without_a_traceback(
    small: Path, tmp_path: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small, tmp_path / "net.safetensors", *arguments) == 1
    message = capsys.readouterr().err
    assert sentence in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "arguments",
    [["--epochs", "0"], ["--batch-size", "-1"], ["--lr", "fast"], ["--synthetic", "-1"], ["--go"]],
)
def test_senseless_flags_are_refused_by_name(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(arguments)
    assert arguments[0] in capsys.readouterr().err


def test_more_than_the_images_in_a_batch_is_told(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small, tmp_path / "net.safetensors", "--batch-size", "100000") == 1
    assert "batch" in capsys.readouterr().err


TAKEN = ["--model", "--epochs", "--batch-size", "--lr", "--seed", "--device", "--data-dir", "--out"]
TAKEN += ["--synthetic", "--resume"]


def test_help_explains_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    options = text.split("options:")[1]
    for flag in TAKEN:
        assert re.search(rf"{flag}( [A-Z\[.]\S*)* [a-z]\w+", options), f"{flag} has no help"
    assert set(re.findall(r"--[a-z-]+", options)) == {*TAKEN, "--help"}
    for field in fields(train_mnist.TrainConfig):
        if field.name in ("epochs", "lr", "seed", "batch_size"):
            assert f"(default: {field.default})" in text, field.name
    assert "Ctrl-C" in text


def test_output_that_is_no_terminal_is_plain_lines_as_they_happen(small: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(small, tmp_path / "net.safetensors", "--epochs", "2"),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    with process.stdout:
        lines = list(process.stdout)
    assert process.wait() == 0, b"".join(lines).decode()
    text = b"".join(lines).decode()
    assert "\r" not in text
    assert "\x1b" not in text
    assert len(re.findall(r"^epoch +\d/2 .*loss .*validation .*images/s .*left$", text, re.MULTILINE)) == 2


def test_ctrl_c_keeps_the_last_finished_epoch_and_says_so(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    process = subprocess.Popen(
        command(small, out, "--epochs", "5000"),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for line in process.stdout:
            if line.startswith("epoch   2/"):
                break
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert re.search(r"Stopped\. The last finished epoch is in .*net\.run\.safetensors.*--resume", errors)
    assert "Traceback" not in errors
    assert len(read_file(train_mnist.run_file(out))[1]["history"]) >= 2
    DigitReader.load(train_mnist.run_file(out), "cpu")  # the page can show an unfinished run
    assert not out.exists()


@pytest.mark.slow
def test_a_short_real_run_learns_mnist_but_not_by_heart(
    mnist_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6,000 training and 2,000 test digits, three epochs: above a floor, and below what would be a leak."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part, count in (("train", 7_000), ("t10k", 2_000)):
        whole = load_mnist(mnist_root, train=part == "train")
        write(raw, part, whole.images[:count].numpy(), whole.labels[:count].numpy())
    for name in data.MNIST_MD5:
        monkeypatch.setitem(data.MNIST_MD5, name, hashlib.md5((raw / name).read_bytes()).hexdigest())
    monkeypatch.setattr(data, "VALIDATION", 1_000)
    out = tmp_path / "net.safetensors"
    started = time.perf_counter()
    options = ["--data-dir", str(tmp_path / "data"), "--out", str(out), "--device", "cpu", "--epochs", "5"]
    assert train_mnist.main([*options, "--batch-size", "64", "--lr", "0.05", "--synthetic", "5000"]) == 0
    figures = load_checkpoint(out)[1]["figures"]["test"]
    print(f"\n{figures['accuracy']:.2%} of {figures['n']:,} in {time.perf_counter() - started:.0f} s")
    assert figures["n"] == 2_000
    assert 0.95 <= figures["accuracy"] < 1
