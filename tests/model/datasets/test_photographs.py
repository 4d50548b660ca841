"""Made photographs: repeatable, with the digits that were asked for, where the boxes say they are."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.__main__ import main
from model.datasets.camera import choose_view
from model.datasets.handwriting import STYLES, UNUSUAL, write_page
from model.datasets.papers import PAPERS
from model.datasets.photographs import Photograph, non_digit_pictures, photograph
from model.datasets.scenes import SCENES
from model.datasets.skeletons import skeletons
from model.datasets.synthetic import trace

SIDE = 420  # px


@pytest.fixture(scope="module")
def made() -> list[Photograph]:
    """A photograph of seven digits on every paper."""
    rng = np.random.default_rng(5)
    return [photograph(rng, 7, paper, side=SIDE) for paper in PAPERS]


def test_the_same_seed_makes_the_same_photograph() -> None:
    first, again, other = (
        photograph(np.random.default_rng(seed), 5, "ruled", side=300) for seed in (1, 1, 2)
    )
    assert np.array_equal(first.image, again.image)
    assert first.lines == again.lines
    assert np.array_equal(first.boxes, again.boxes)
    assert first.image.shape != other.image.shape or not np.array_equal(first.image, other.image)


def test_every_paper_shows_the_digits_that_were_asked_for(made: list[Photograph]) -> None:
    for each in made:
        assert each.image.dtype == np.uint8
        assert each.image.ndim == 3
        assert max(each.image.shape) == SIDE
        assert len(each.label) == 7
        assert each.label.isdecimal()
        assert each.boxes.shape == (7, 4)


def test_the_boxes_lie_in_the_picture_and_contain_ink(made: list[Photograph]) -> None:
    for each in made:
        grey = each.image.min(2) if each.paper != "dark" else 255 - each.image.max(2)
        height, width = grey.shape
        for x0, y0, x1, y1 in each.boxes:
            assert x0 > -1
            assert y0 > -1
            assert x1 < width + 1
            assert y1 < height + 1
            box = grey[int(max(y0, 0)) : int(y1) + 1, int(max(x0, 0)) : int(x1) + 1].astype(float)
            around = cv2.GaussianBlur(grey, (0, 0), 12)[
                int(max(y0, 0)) : int(y1) + 1, int(max(x0, 0)) : int(x1) + 1
            ]
            assert (around - box).max() > 12, each.paper


def test_boxes_follow_the_order_of_reading() -> None:
    made = photograph(np.random.default_rng(3), 12, "plain", side=SIDE, style="grid")
    middles = (made.boxes[:, :2] + made.boxes[:, 2:]) / 2
    start = 0
    above = -np.inf
    for line in made.lines:
        row = middles[start : start + len(line)]
        assert (np.diff(row[:, 0]) > 0).all()
        assert row[:, 1].mean() > above
        start, above = start + len(line), row[:, 1].mean()
    assert start == 12


@pytest.mark.parametrize("style", STYLES)
def test_every_style_writes_all_digits_and_no_two_on_one_another(style: str) -> None:
    page = write_page(np.random.default_rng(8), 20, style, blots=1)
    assert sum(map(len, page.lines)) == 20
    assert "".join(glyph.label for glyph in page.glyphs) == "".join(page.lines)
    assert len(page.glyphs) == 21
    boxes = [(np.concatenate(g.strokes).min(0), np.concatenate(g.strokes).max(0)) for g in page.glyphs]
    for first, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[first + 1 :]:
            assert (np.minimum(high, other_high) - np.maximum(low, other_low)).min() < 0.1


def outline(strokes: list[np.ndarray]) -> np.ndarray:
    """40 points of the strokes in a box 1 high: float [40, 2]."""
    points = np.concatenate(strokes)
    points = points[np.linspace(0, len(points) - 1, 40).astype(int)]
    return (points - points.min(0)) / np.ptp(points[:, 1])


def test_the_strokes_are_those_of_the_label() -> None:
    page = write_page(np.random.default_rng(4), 30, "lines")
    table = [
        (each.label, outline([s.numpy() for s in trace(each, 2.0)]))
        for each in skeletons()
        if each.label < 10
    ]

    def nearest(strokes: list[np.ndarray]) -> int:
        mine = outline(strokes)
        far = [np.linalg.norm(mine[:, None] - other, axis=2) for _, other in table]
        return table[int(np.argmin([each.min(0).mean() + each.min(1).mean() for each in far]))][0]

    assert np.mean([nearest(glyph.strokes) == int(glyph.label) for glyph in page.glyphs]) > 0.9


def test_the_forms_that_are_left_out_exist_and_leave_some() -> None:
    for label, left_out in UNUSUAL.items():
        names = {each.name for each in skeletons() if each.label == label}
        assert left_out < names


def test_a_turned_page_is_the_page_turned() -> None:
    straight, turned = (
        photograph(np.random.default_rng(6), 9, "plain", side=SIDE, turned=degrees) for degrees in (0, 90)
    )
    assert turned.turned == 90
    assert turned.lines == straight.lines
    assert np.array_equal(turned.image, np.rot90(straight.image, -1))
    x0, y0, x1, y1 = straight.boxes.T
    height = len(straight.image)
    assert np.allclose(turned.boxes, np.stack([height - y1, x0, height - y0, x1], 1))
    assert photograph(np.random.default_rng(6), 5, "plain", side=300, turned=180).turned == 0


def test_the_view_projects_to_where_its_maps_look() -> None:
    view = choose_view(np.random.default_rng(1), (300, 400), (300, 420), on_table=True)
    x, y = view.maps()
    rows, columns = np.array([40, 150, 260]), np.array([60, 200, 350])
    back = view.project(np.stack([x[rows, columns], y[rows, columns]], 1))
    assert np.allclose(back, np.stack([columns, rows], 1), atol=0.05)


def test_pictures_without_digits_have_an_empty_label() -> None:
    pictures = list(islice(non_digit_pictures(np.random.default_rng(0), side=160), len(SCENES) + len(PAPERS)))
    assert {each.clutter[0] for each in pictures} == set(SCENES) | {f"blank-{paper}" for paper in PAPERS}
    for each in pictures:
        assert each.label == ""
        assert each.lines == []
        assert each.paper == "no digits"
        assert each.image.dtype == np.uint8
        assert max(each.image.shape) == 160


def test_the_command_writes_pictures_and_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = [
        "photographs",
        str(tmp_path),
        "-n",
        "2",
        "--digits",
        "3",
        "4",
        "--paper",
        "plain",
        "--side",
        "300",
    ]
    assert main([*flags, "--non-digits", "1"]) == 0
    lines = [json.loads(line) for line in (tmp_path / "labels.jsonl").read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["plain", "plain", "no digits"]
    for line in lines:
        assert list(line) == ["file", "label", "kind", "digits", "clutter"]
        assert len(line["label"]) == line["digits"]
        assert line["digits"] in (3, 4) or line["kind"] == "no digits"
        assert all(isinstance(word, str) for word in line["clutter"])
        assert max(cv2.imread(str(tmp_path / line["file"])).shape) == 300
    assert main([*flags, "--digits", "4", "3"]) == 1
    assert "--digits" in capsys.readouterr().err
