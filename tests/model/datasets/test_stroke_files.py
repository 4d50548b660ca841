"""Files of pen drawings: one JSON object a line, and the line that is not one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from model import DataError
from model.datasets.stroke_files import PENS, Drawing, load_corrections, load_drawings
from model.image import NOT_A_DIGIT
from model.input.rasterizer import rasterise_digit
from model.input.strokes import parse_strokes

BAR = [[[10.0, 10.0], [12.0, 90.0]]]
BLANK = '{"writer": "w", "label": "3", "strokes": [[]]}'


def write(path: Path, labels: str) -> Path:
    rows = [
        {"source": "s", "writer": f"w{n % 2}", "label": label, "strokes": BAR}
        for n, label in enumerate(labels)
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    return path


def test_drawings_are_read_line_by_line(tmp_path: Path) -> None:
    drawings = load_drawings(write(tmp_path / "some.jsonl", "07x"))
    assert [drawing.label for drawing in drawings] == ["0", "7", "x"]
    assert [drawing.is_digit for drawing in drawings] == [True, True, False]
    assert drawings[1].writer == "s/w1"


@pytest.mark.parametrize("label", ["", "12", "x", "10", "٣"])
def test_only_ten_labels_are_digits(label: str) -> None:
    assert not Drawing("w", label, BAR).is_digit


@pytest.mark.parametrize("line", ["{", "[]", '"a"', "{}", BLANK, '{"writer": 1, "label": "3"}', "5"])
def test_a_line_that_is_no_drawing_is_reported(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "some.jsonl", "12")
    path.write_text(path.read_text() + line + "\n")
    with pytest.raises(DataError, match=r"some\.jsonl, line 3, is not a drawing"):
        load_drawings(path)


def test_corrections_are_drawn_with_every_pen_width(tmp_path: Path) -> None:
    images, labels = load_corrections(write(tmp_path / "some.jsonl", "3x"))
    assert labels.tolist() == [3, NOT_A_DIGIT] * len(PENS)
    for n, pen in enumerate(PENS):
        assert torch.equal(images[2 * n], torch.from_numpy(rasterise_digit(parse_strokes(BAR), pen)))


@pytest.mark.parametrize("content", ["", '{"writer": "w", "label": "3", "strokes": [[[1, 2, 3]]]}\n'])
def test_corrections_without_a_drawing_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text(content)
    with pytest.raises(DataError, match=r"no drawing in .*some\.jsonl|some\.jsonl, line 1, is not a drawing"):
        load_corrections(path)
