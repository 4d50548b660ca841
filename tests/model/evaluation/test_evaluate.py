"""The evaluation command: every drawing counted, bad files named, figures as text and as JSON."""

from __future__ import annotations

import json
import random
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from model import DigitReader
from model.__main__ import main
from model.datasets.mnist import Labelled
from model.datasets.stroke_files import Drawing, load_drawings
from model.evaluation.evaluate import evaluate_rows, evaluate_strokes, moved, row_of
from model.inference.checkpoint import read_file

BAR = [[[10.0, 10.0], [12.0, 90.0]]]
LOOP = [[[50.0, 10.0], [80.0, 50.0], [50.0, 90.0], [20.0, 50.0], [50.0, 10.0]]]


def write(path: Path, labels: str) -> Path:
    rows = [
        {"source": "s", "writer": f"w{n % 2}", "label": label, "strokes": LOOP if n % 3 else BAR}
        for n, label in enumerate(labels)
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    return path


def test_every_drawing_is_counted(untrained: DigitReader, tmp_path: Path) -> None:
    drawings = load_drawings(write(tmp_path / "some.jsonl", "0123456789" * 3 + "xyAEo"))
    figures = evaluate_strokes(untrained, drawings)
    right = sum(untrained.read_strokes(d.strokes).text == d.label for d in drawings if d.is_digit)
    assert figures["n"] == 30
    assert figures["correct"] == right
    assert figures["accuracy"] == pytest.approx(right / 30)
    assert figures["writers"]["n"] == 2
    assert figures["letters"]["n"] == 4  # an o is like a nought
    assert 0 <= figures["letters"]["auroc"] <= 1
    json.dumps(figures)


def test_moved_drawings_keep_their_shape_and_stay_on_the_pad() -> None:
    rng = random.Random(1)
    for _ in range(100):
        points = np.array(moved(Drawing("w", "0", LOOP), rng).strokes[0])
        assert points.min() >= -1e-6
        assert points.max() <= 280 + 1e-6
        before = np.linalg.norm(np.diff(np.array(LOOP[0]), axis=0), axis=1)
        after = np.linalg.norm(np.diff(points, axis=0), axis=1)
        assert after / after[0] == pytest.approx(before / before[0])


def test_a_row_has_its_digits_left_to_right_and_apart() -> None:
    row = row_of([Drawing("w", label, LOOP) for label in "2026"], random.Random(0))
    assert row.label == "2026"
    spans = [(min(x for x, _ in stroke), max(x for x, _ in stroke)) for stroke in row.strokes]
    assert all(a[1] < b[0] for a, b in pairwise(spans))


def test_rows_are_counted(untrained: DigitReader, tmp_path: Path) -> None:
    figures = evaluate_rows(untrained, load_drawings(write(tmp_path / "some.jsonl", "0123x")), n=7)
    assert figures["n"] == 7
    assert figures["accuracy"] == figures["correct"] / 7


def test_the_command_prints_text_or_json(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    strokes = str(write(tmp_path / "some.jsonl", "0123456789x"))
    arguments = ["evaluate", "--checkpoint", str(checkpoint), "--strokes", strokes, "--robust"]
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert "some: " in text
    assert "of 10 (" in text
    assert main([*arguments, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["some"]["n"] == figures["some"]["moved"]["n"] == 10


def test_figures_are_recorded_in_the_card(checkpoint: Path, tmp_path: Path) -> None:
    before, card = read_file(checkpoint)
    strokes = write(tmp_path / "some.jsonl", "0123456789x")
    assert (
        main(["evaluate", "--checkpoint", str(checkpoint), "--strokes", str(strokes), "--rows", "--record"])
        == 0
    )
    after, recorded = read_file(checkpoint)
    assert recorded["figures"]["drawn"]["some"]["n"] == 10
    assert recorded["figures"]["drawn"]["some"]["rows"]["n"] == 500
    assert {k: v for k, v in recorded.items() if k != "figures"} == {
        k: v for k, v in card.items() if k != "figures"
    }
    assert all(torch.equal(tensor, after[name]) for name, tensor in before.items())


def test_the_test_sets_figures_are_recorded_with_the_mistakes_images(
    checkpoint: Path, mnist_root: Path, mnist_test: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = Labelled(mnist_test.images[:300], mnist_test.labels[:300])
    monkeypatch.setattr("model.evaluation.evaluate.load_mnist", lambda *_, **__: part)
    strokes = write(checkpoint.parent / "some.jsonl", "0123456789")
    for arguments in (["--strokes", str(strokes)], ["--data-dir", str(mnist_root)]):
        assert main(["evaluate", "--checkpoint", str(checkpoint), *arguments, "--record"]) == 0
    figures = read_file(checkpoint)[1]["figures"]
    assert figures["drawn"]["some"]["n"] == 10  # kept
    test = figures["test"]
    assert test["n"] == 300
    assert len(test["mistakes"]) == min(100, 300 - test["correct"]) > 0
    cells = [(each["label"], each["predicted"]) for each in test["mistakes"]]
    assert all(cells.count((t, r)) <= test["confusion"][t][r] for t, r in cells)


@pytest.mark.parametrize("content", ["", '{"writer": "w", "label": "x", "strokes": [[[1, 2], [3, 4]]]}\n'])
def test_a_file_without_digits_is_told(
    checkpoint: Path, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(content)
    assert main(["evaluate", "--checkpoint", str(checkpoint), "--strokes", str(path)]) == 1
    assert "python -m model evaluate: " in capsys.readouterr().err


def test_a_missing_file_is_told(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--checkpoint", str(checkpoint), "--strokes", "/nowhere.jsonl"]) == 1
    assert capsys.readouterr().err == "python -m model evaluate: There is no file /nowhere.jsonl.\n"


def test_a_digit_that_is_not_among_the_drawings_has_no_share(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"writer": "w", "label": "7", "strokes": [[[0, 0], [9, 0], [3, 9]]]}\n')
    assert main(["evaluate", "--checkpoint", str(checkpoint), "--strokes", str(path)]) == 0
    (shares,) = re.findall(r"by digit  (.*)", capsys.readouterr().out)
    assert re.fullmatch(r"7:\d+\.0%", shares)
