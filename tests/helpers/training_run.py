"""For the tests of training: small data sets with their own MD5 sums, and the command run on them."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import train_mnist
from model.datasets import mnist as data
from model.inference.checkpoint import save_checkpoint
from model.training import calibrate, loop
from model.training.resume import run_file
from tests.helpers.paths import ROOT
from tests.helpers.small_run import HELD_OUT

SMALL = ["--device", "cpu", "--synthetic", "60"]
NETWORK = ["--model", "mnist_resnet_fast"]


def write(raw: Path, part: str, images: np.ndarray, labels: np.ndarray) -> None:
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        (raw / f"{part}-{kind}-ubyte").write_bytes(header + array.astype(np.uint8).tobytes())


def lay(
    raw: Path,
    sums: dict[str, str],
    training: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Write small files instead of a data set's, and accept them as the published ones."""
    raw.mkdir(parents=True)
    write(raw, "train", *training)
    write(raw, "t10k", *test)
    for name in sums:
        monkeypatch.setitem(sums, name, hashlib.md5((raw / name).read_bytes()).hexdigest())


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """280 training and 50 test images: noise, with a bright square whose position is the class."""
    random = np.random.default_rng(0)
    parts = []
    for count in (280, 50):
        labels = random.integers(0, 10, count)
        images = random.integers(0, 60, (count, 28, 28))
        for image, label in zip(images, labels, strict=True):
            image[4 + label // 5 * 12 :][:8, 3 + label % 5 * 5 :][:, :5] += 190
        parts.append((images, labels))
    for folder, sums in (("MNIST", data.MNIST_MD5), ("FashionMNIST", data.FASHION_MD5)):
        lay(tmp_path / "data" / folder / "raw", sums, *parts, monkeypatch)
    monkeypatch.setattr(data, "VALIDATION", 80)
    monkeypatch.setattr(calibrate, "HELD_OUT", HELD_OUT)
    return tmp_path / "data"


def run(root: Path, out: Path, *more: str, epochs: int = 3) -> int:
    options = ["--data-dir", str(root), "--out", str(out), "--epochs", str(epochs), "--batch-size", "40"]
    network = [] if "--extra" in more else NETWORK  # --extra keeps the checkpoint's network
    return train_mnist.main([*options, *SMALL, *network, *more])


def command(root: Path, out: Path, *more: str) -> list[str]:
    options = ["--out", str(out), "--batch-size", "40", *SMALL, *NETWORK, *more]
    return [sys.executable, str(ROOT / "tests" / "helpers" / "small_run.py"), str(root), "80", *options]


def same_weights(first: Path, second: Path) -> bool:
    a, b = load_file(first), load_file(second)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def stop_after(epoch: int, root: Path, out: Path, *more: str, epochs: int = 3) -> bytes:
    """Run the command until Ctrl-C right after ``epoch`` is saved. Returns the bytes of the run file."""

    def save_and_stop(path: Path, tensors: dict[str, torch.Tensor], card: dict) -> None:
        save_checkpoint(path, tensors, card)
        if len(card["history"]) == epoch:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "save_checkpoint", save_and_stop)
        assert run(root, out, *more, epochs=epochs) == 130
    return run_file(out).read_bytes()


def error_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The only line on stderr."""
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line
