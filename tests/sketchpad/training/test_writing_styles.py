"""Writing styles on the Training tab: their order, and their drawings."""

from __future__ import annotations

import re

from model import DigitReader
from sketchpad.training.record.writing_styles import glyphs, writing_styles
from sketchpad.ui.html import render


def test_styles_are_shown_the_worst_first() -> None:
    correct = {
        (7, "crossed"): 9,
        (7, "plain"): 10,
        (7, "flag <falling>"): 6,
        (7, "serif"): 8,
        (4, "open"): 5,
        (3, "round"): 10,
    }
    rows = [{"label": label, "style": name, "n": 10, "correct": n} for (label, name), n in correct.items()]
    html = str(render("training/record/writing_styles.html", **writing_styles(rows)))
    table, _, everything = html.partition("<details>")
    assert table.index("open") < table.index("falling") < table.index("serif") < table.index("crossed")
    assert "flag &lt;falling&gt;" in table
    assert "plain" not in table  # the fourth of its digit
    assert "82.50" in table  # 33 of 40
    assert "round" not in table
    assert everything.count("<li>") == 6
    assert not writing_styles([])["styles"]


def test_the_drawing_of_a_style_is_read_as_that_digit(trained: DigitReader) -> None:
    drawings = glyphs()
    assert {label for label, _ in drawings} == set(range(10))
    correct = 0
    for (label, _), svg in drawings.items():
        left, top, width, height = map(int, re.findall(r'viewBox="(.*?)"', svg)[0].split())
        lines = [line.split("L") for line in re.findall(r' d="M(.*?)"', svg)]
        strokes = [[[float(v) for v in point.split()] for point in line] for line in lines]
        assert all(left < x < left + width and top < y < top + height for line in strokes for x, y in line)
        correct += trained.read_strokes(strokes).text == str(label)
    assert correct >= 0.97 * len(drawings)
