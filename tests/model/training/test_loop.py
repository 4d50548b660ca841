"""The training command on small data: what a run computes, prints and writes.

The data are real IDX files, small, with MD5 sums of their own; everything else is the command itself.
"""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import train_mnist
from model import CheckpointError, DigitReader, load_checkpoint
from model.datasets import mnist as data
from model.datasets.mnist import Labelled, load_mnist
from model.inference.checkpoint import read_file, save_checkpoint
from model.training import loop
from model.training.batches import Mixture, batches, predict
from model.training.config import TrainConfig
from model.training.loop import Step, Trainer
from model.training.resume import run_file
from model.training.schedule import learning_rate
from model.training.trackers import log_file
from tests.helpers.paths import ROOT
from tests.helpers.training_run import command, lay, run, same_weights


def test_a_run_writes_a_checkpoint_with_a_complete_card(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "net.safetensors"
    assert run(small, out) == 0
    net, card = load_checkpoint(out)
    assert not net.training
    assert [row["epoch"] for row in card["history"]] == [1, 2, 3]
    assert all(row["images_per_s"] > 0 for row in card["history"])
    assert card["history"][2]["train_accuracy"] > card["history"][0]["train_accuracy"] > 0
    assert card["labels"] == [*"0123456789", "not a digit"]
    assert card["images"] == {"real": 200, "synthetic": 60, "corrections": 0}
    assert card["config"]["batch_size"] == 40
    assert card["seed"] == 1
    for key in ("commit", "versions", "hardware", "split", "calibration", "preprocessing"):
        assert card[key], key
    assert card["figures"]["validation"]["n"] == 80
    assert card["figures"]["test"]["n"] == 50
    assert sorted(out.parent.iterdir()) == [log_file(out), out]  # the run file is gone
    DigitReader.load(out, "cpu").read_strokes([[[0, 0], [5, 9]]])
    printed = capsys.readouterr().out
    assert str(out) in printed
    assert "of 50" in printed


def test_the_figures_are_those_of_the_saved_weights(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    run(small, out)
    reader = DigitReader.load(out, "cpu")
    test = load_mnist(small, train=False)
    guesses = reader.read_batch(test.images)[0].argmax(1)
    assert reader.card["figures"]["test"]["correct"] == int((guesses == test.labels).sum())


def test_the_seed_determines_the_weights(small: Path, tmp_path: Path) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        run(small, tmp_path / name, "--seed", seed, epochs=1)
    assert same_weights(tmp_path / "a", tmp_path / "b")
    assert not same_weights(tmp_path / "a", tmp_path / "c")


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
        save_checkpoint(path, tensors, card)

    monkeypatch.setattr(data, "read_idx", reading)
    monkeypatch.setattr(loop, "save_checkpoint", saving)
    assert run(small, tmp_path / "net.safetensors") == 0
    assert [event for event in events if event.startswith("t10k")] == ["t10k-images-idx3", "t10k-labels-idx1"]
    assert events.index("t10k-images-idx3") > events.index("saved with 3 epochs")


def test_a_diverging_run_stops_with_a_sentence(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    out.write_bytes(b"the old one")
    assert run(small, out, "--lr", "1e30") == 1
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert re.search(
        r"became (nan|inf) in epoch 1 at batch \d of 7 \(step \d .*; nothing was written\. Try a smaller",
        message,
    )
    assert out.read_bytes() == b"the old one"
    assert not run_file(out).exists()


def test_a_batch_larger_than_an_epoch_is_refused(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small, tmp_path / "net.safetensors", "--batch-size", "100000") == 1
    assert "batch" in capsys.readouterr().err


def test_output_without_a_terminal_is_one_plain_line_per_epoch(small: Path, tmp_path: Path) -> None:
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
    assert re.search(r"Stopped: epoch \d+ is kept in .*net\.run\.safetensors; continue with --resume", errors)
    assert "Traceback" not in errors
    assert len(read_file(run_file(out))[1]["history"]) >= 2
    DigitReader.load(run_file(out), "cpu")  # the page can show an unfinished run
    assert not out.exists()


def test_a_checkpoint_of_another_data_set_has_its_labels_and_is_refused_by_the_reader(
    small: Path, tmp_path: Path
) -> None:
    out = tmp_path / "net.safetensors"
    options = ["--data-dir", str(small), "--out", str(out), "--epochs", "1", "--batch-size", "40"]
    assert train_mnist.main([*options, "--device", "cpu", "--dataset", "fashion"]) == 0
    net, card = load_checkpoint(out)
    assert card["config"]["dataset"] == "fashion"
    assert card["labels"][9] == "Ankle boot"
    assert net.fc.out_features == len(card["labels"]) == 10
    with pytest.raises(CheckpointError, match=r"cannot read digits: its classes are T-shirt/top, .*"):
        DigitReader.load(out, "cpu")


def test_a_checkpoint_of_another_size_records_it_and_is_refused_by_the_reader(
    small: Path, tmp_path: Path
) -> None:
    out = tmp_path / "net.safetensors"
    assert run(small, out, "--size", "20", epochs=1) == 0
    net, card = load_checkpoint(out)
    assert card["size"] == 20
    with pytest.raises(CheckpointError, match="needs images of 20×20 pixels, but drawings are read at 28×28"):
        DigitReader.load(out, "cpu")
    test = load_mnist(small, train=False)
    guesses = predict(net, test.images, 20)[:, :10].argmax(1)
    assert card["figures"]["test"]["correct"] == int((guesses == test.labels).sum())


@pytest.mark.slow
def test_a_short_run_on_real_digits_reaches_a_plausible_accuracy(
    mnist_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6,000 training and 2,000 test digits, three epochs: above a floor, and below what would be a leak."""
    parts = []
    for train, count in ((True, 7_000), (False, 2_000)):
        whole = load_mnist(mnist_root, train)
        parts.append((whole.images[:count].numpy(), whole.labels[:count].numpy()))
    lay(tmp_path / "data" / "MNIST" / "raw", data.MNIST_MD5, *parts, monkeypatch)
    monkeypatch.setattr(data, "VALIDATION", 1_000)
    out = tmp_path / "net.safetensors"
    started = time.perf_counter()
    options = ["--data-dir", str(tmp_path / "data"), "--out", str(out), "--device", "cpu", "--epochs", "5"]
    assert train_mnist.main([*options, "--batch-size", "64", "--lr", "0.05", "--synthetic", "5000"]) == 0
    figures = load_checkpoint(out)[1]["figures"]["test"]
    print(f"\n{figures['accuracy']:.2%} of {figures['n']:,} in {time.perf_counter() - started:.0f} s")
    assert figures["n"] == 2_000
    assert 0.95 <= figures["accuracy"] < 1


def test_the_last_epochs_show_the_data_set_without_augmentation(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refined = []

    def recorded(
        mixture: Mixture, config: TrainConfig, generator: torch.Generator, refine: bool, *more: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        refined.append(refine)
        return batches(mixture, config, generator, refine, *more)

    monkeypatch.setattr(loop, "batches", recorded)
    assert run(small, tmp_path / "net.safetensors", epochs=8) == 0
    assert refined == [False] * 7 + [True]


def random_images(count: int = 60) -> Mixture:
    images = torch.randint(256, (count, 28, 28), generator=torch.Generator().manual_seed(0))
    return Mixture.of(Labelled(images.to(torch.uint8), torch.arange(count) % 10))


FEW = TrainConfig(model="mnist_resnet_fast", epochs=1, batch_size=10, synthetic=0, ema_decay=0.5)


def test_the_average_covers_the_weights_and_the_batchnorm_statistics() -> None:
    """Against the formula, in double precision, from the network after each step."""
    trainer = Trainer(FEW, 10, torch.device("cpu"))
    states: list[dict[str, Tensor]] = []

    def on_step(_: Step) -> None:
        state = trainer.net.state_dict().items()
        states.append({name: tensor.double() for name, tensor in state if tensor.is_floating_point()})

    trainer.train_epoch(random_images(), 0, on_step)
    assert len(states) == 6
    expected = dict(states[0])
    for n, state in enumerate(states[1:], 1):
        decay = min(0.5, (1 + n) / (10 + n))
        for name, tensor in state.items():
            expected[name] = decay * expected[name] + (1 - decay) * tensor
    average = trainer.ema_net.module.state_dict()
    for name, tensor in expected.items():
        torch.testing.assert_close(average[name].double(), tensor, rtol=1e-4, atol=1e-6)
    statistics = [name for name in expected if "running" in name]
    assert statistics
    assert not any(torch.allclose(average[name].double(), states[-1][name]) for name in statistics)


def test_on_step_can_end_an_epoch_and_progress_can_drive_the_learning_rate() -> None:
    trainer = Trainer(FEW, 10, torch.device("cpu"))
    steps: list[Step] = []

    def on_step(step: Step) -> bool:
        steps.append(step)
        return len(steps) == 3

    progress = iter([0.1, 0.5, 1.0])
    row = trainer.train_epoch(random_images(), 0, on_step, get_progress=lambda: next(progress))
    assert [step.progress for step in steps] == [0.1, 0.5, 1.0]
    assert [step.lr for step in steps] == [learning_rate(FEW, share) for share in (0.1, 0.5, 1.0)]
    assert row["loss"] == pytest.approx(torch.stack([step.loss for step in steps]).mean().item())
    assert row["lr"] == steps[-1].lr
