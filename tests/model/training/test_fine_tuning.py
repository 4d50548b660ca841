"""--extra: a checkpoint fine-tuned on corrections, and the corrections that are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

import train_mnist
from model import DigitReader, create_model
from model.datasets import mnist as data
from model.datasets.stroke_files import PENS, load_corrections, load_drawings
from model.datasets.synthetic import generate
from model.evaluation.evaluate import evaluate_strokes
from model.image import NOT_A_DIGIT
from model.inference.checkpoint import read_file, save_checkpoint
from model.training import calibrate
from model.training.config import FINE_TUNING
from tests.helpers.paths import CHECKPOINT
from tests.helpers.small_run import HELD_OUT
from tests.helpers.training_run import lay


@pytest.fixture(autouse=True)
def few_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "HELD_OUT", HELD_OUT)


# A 7 with a foot, like the foot of a 1.
FOOTED = [[[0, 0], [60, 0], [25, 100]], [[0, 100], [60, 100]]]


def footed_sevens(path: Path, count: int, seed: int) -> Path:
    """A strokes file of one made-up writer's sevens: points 2 % of the height off, slightly rotated."""
    random = np.random.default_rng(seed)
    lines = []
    for angle in random.normal(0, 0.05, count):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        strokes = [((np.array(s) + random.normal(0, 2, (len(s), 2))) @ turn).tolist() for s in FOOTED]
        lines.append(json.dumps({"source": "test", "writer": "foot", "label": "7", "strokes": strokes}))
    path.write_text("\n".join(lines))
    return path


def test_ten_corrections_teach_a_new_way_of_writing(
    trained: DigitReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The committed checkpoint misreads a made-up writer; ten corrections teach it the other sevens."""
    digits = generate(1_000, seed=5, not_digits=0.0)
    parts = (digits.images.numpy(), digits.labels.numpy())
    lay(tmp_path / "data" / "MNIST" / "raw", data.MNIST_MD5, parts, parts, monkeypatch)
    monkeypatch.setattr(data, "VALIDATION", 100)
    corrections = footed_sevens(tmp_path / "mine.jsonl", 10, seed=1)
    others = load_drawings(footed_sevens(tmp_path / "others.jsonl", 40, seed=2))
    out = tmp_path / "mine.safetensors"
    options = ["--data-dir", str(tmp_path / "data"), "--device", "cpu", "--batch-size", "50", "--epochs", "1"]
    synthetic = "300" if len(trained.net.state_dict()["fc.bias"]) > 10 else "0"
    tuning = ["--extra", str(corrections), "--checkpoint", str(CHECKPOINT), "--out", str(out)]
    assert train_mnist.main([*options, *tuning, "--synthetic", synthetic]) == 0
    before, after = (evaluate_strokes(r, others)["accuracy"] for r in (trained, DigitReader.load(out, "cpu")))
    assert before < 0.5
    assert after > 0.9
    card = read_file(out)[1]
    assert card["start"]["file"] == CHECKPOINT.name
    assert card["images"]["corrections"] == 10 * len(PENS)
    assert card["config"]["recipe"] == FINE_TUNING.recipe
    known = trained.read_batch(digits.images)[0].argmax(1) == digits.labels
    still = DigitReader.load(out, "cpu").read_batch(digits.images)[0].argmax(1) == digits.labels
    assert still.float().mean() > known.float().mean() - 0.01


def test_a_correction_is_drawn_in_each_pen_and_any_other_label_is_not_a_digit(tmp_path: Path) -> None:
    rows = [
        {"writer": "me", "label": label, "strokes": FOOTED} for label in ("7", "y", "not a digit", "77", 3)
    ]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)))
    images, labels = load_corrections(tmp_path / "mine.jsonl")
    assert images.shape == (5 * len(PENS), 28, 28)
    assert images.dtype == torch.uint8
    assert labels.tolist() == [7, NOT_A_DIGIT, NOT_A_DIGIT, NOT_A_DIGIT, 3] * len(PENS)
    ink = images[:: len(rows)].float().sum((1, 2))
    assert (ink.diff() > 0).all()


GOOD = json.dumps({"writer": "me", "label": "7", "strokes": FOOTED})


WRONG = ["", "{", "7", '{"writer": "me", "strokes": [[[0, 0], [1, 1]]]}']
WRONG += [
    '{"writer": "me", "label": "7", "strokes": []}',
    '{"writer": "me", "label": "7", "strokes": [[[0]]]}',
]


@pytest.mark.parametrize("line", WRONG)
def test_a_bad_line_is_named_and_nothing_is_trained(
    line: str, checkpoint: Path, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = checkpoint.read_bytes()
    extra = tmp_path / "mine.jsonl"
    extra.write_text("\n".join([GOOD, line, GOOD]))
    options = ["--extra", str(extra), "--checkpoint", str(checkpoint), "--data-dir", str(small)]
    assert train_mnist.main([*options, "--synthetic", "60", "--device", "cpu"]) == 1
    message = capsys.readouterr().err
    assert "mine.jsonl, line 2, is not a drawing" in message
    assert "Traceback" not in message
    assert checkpoint.read_bytes() == before


def test_a_correction_that_is_no_digit_needs_a_class_for_it(
    small: Path, tmp_path: Path, card: dict, capsys: pytest.CaptureFixture[str]
) -> None:
    ten = tmp_path / "ten.safetensors"
    card["arch"]["num_classes"] = 10
    save_checkpoint(ten, create_model("mnist_resnet", 1, 10).state_dict(), card)
    extra = tmp_path / "mine.jsonl"
    extra.write_text(json.dumps({"writer": "me", "label": "y", "strokes": FOOTED}))
    options = ["--extra", str(extra), "--checkpoint", str(ten), "--data-dir", str(small), "--device", "cpu"]
    assert train_mnist.main(options) == 1
    assert "has drawings that are not digits" in capsys.readouterr().err
    assert train_mnist.main([*options, "--synthetic", "60"]) == 1
    assert "has 10 classes, but this run has 11" in capsys.readouterr().err
