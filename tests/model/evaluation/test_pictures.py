"""Pictures: every figure by hand, bad folders named, the contact sheet of failures, the card."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copy
from types import SimpleNamespace
from typing import cast

import pytest
from PIL import Image, ImageDraw

from model import DigitReader
from model.__main__ import main
from model.evaluation.contact_sheet import CAPTION, GAP, SIDE, write_contact_sheet
from model.evaluation.pictures import (
    LabelledPicture,
    PictureResult,
    describe_pictures,
    load_labels,
    picture_figures,
    read_pictures,
)
from model.inference.checkpoint import read_file
from model.inference.reader import Reading

LABELS = [("one.png", "1", "scan"), ("two.png", "17", "scan"), ("blank.png", "", "photo")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of 1, of 11 under the label 17, and of nothing."""
    folder = tmp_path / "made"
    folder.mkdir()
    for name, bars in (("one", 1), ("two", 2), ("blank", 0)):
        image = Image.new("L", (200, 150), 255)
        for bar in range(bars):
            ImageDraw.Draw(image).line([(70 + 60 * bar, 40), (70 + 60 * bar, 110)], fill=0, width=7)
        image.save(folder / f"{name}.png")
    rows = [{"file": file, "label": label, "kind": kind, "digits": 9} for file, label, kind in LABELS]
    (folder / "labels.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


def result(label: str, text: str, kind: str, ms: float = 1, verdict: str = "digit") -> PictureResult:
    """A picture with this label, read as ``text``."""
    digits = [SimpleNamespace(verdict=verdict) for _ in "".join(text.split())]
    reading = cast(Reading, SimpleNamespace(text=text, digits=digits))
    return PictureResult(LabelledPicture(Path("p.png"), label, kind), reading, ms)


def test_every_figure_by_hand(untrained: DigitReader) -> None:
    results = [
        result("1", "1", "scan", ms=1),
        result("2", "", "scan", ms=2),
        result("3", "3", "photo", ms=3),
        result("1234", "12\n34", "photo", ms=4),
        result("567", "6778", "photo", ms=95),  # 5 missing; a 7 and an 8 too many
        result("88", "9", "register", ms=5),
        result("", "", "scan", ms=6),
        result("", "5", "photo", ms=7, verdict="not a digit"),
        result("", "5", "photo", ms=8),
    ]
    figures = picture_figures(results, untrained)
    assert [figures["one"][key] for key in ("n", "correct", "accuracy")] == [3, 2, 2 / 3]
    assert [figures["several"][key] for key in ("n", "correct", "accuracy")] == [2, 1, 1 / 2]
    assert [figures["all"][key] for key in ("n", "correct", "accuracy")] == [5, 3, 3 / 5]
    assert figures["one"]["cer"] == 1 / 3
    assert figures["several"]["cer"] == 3 / 7
    assert figures["all"]["cer"] == 4 / 10
    kinds = figures["kinds"]
    assert {name: kind["all"]["n"] for name, kind in kinds.items()} == {"photo": 3, "register": 1, "scan": 2}
    assert kinds["register"] == dict.fromkeys(("several", "all"), kinds["register"]["all"])
    assert kinds["register"]["all"]["cer"] == 2 / 2
    assert figures["without_digits"]["accuracy"] == 2 / 3
    times = figures["milliseconds"]
    assert [times[key] for key in ("n", "median", "longest")] == [9, 5, 95]
    assert times["95th percentile"] == pytest.approx(8 + 0.6 * (95 - 8))
    lines = describe_pictures("some", figures).splitlines()
    titles = [line[2:34].strip() for line in lines[1:]]
    assert titles[:4] == ["one digit", "several digits", "both", "registers, several digits"]
    assert titles[4:8] == ["photo, one digit", "photo, several digits", "photo, both", "scan, one digit"]
    assert "66.67% of 3 (95 % interval 20.8% to 93.9%), CER 33.33%" in lines[1]


def test_the_pictures_of_a_folder_are_each_read_once(
    trained: DigitReader, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    read = trained.read_image
    monkeypatch.setattr(trained, "read_image", lambda image: (sizes.append(image.size), read(image))[1])
    results = read_pictures(trained, load_labels(folder))
    assert sizes.count((200, 150)) == 3
    assert [each.text for each in results] == ["1", "11", ""]
    assert [each.correct for each in results] == [True, False, True]
    assert all(each.milliseconds > 0 for each in results)


def test_the_command_prints_draws_and_records(
    trained: DigitReader, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = tmp_path / "copy.safetensors"
    copy(trained.path or "", checkpoint)
    before = read_file(checkpoint)[1]
    sheet = tmp_path / "sheets" / "failures.png"
    arguments = ["evaluate", "--checkpoint", str(checkpoint), "--pictures", str(folder)]
    assert main([*arguments, "--failures", str(sheet), "--record", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)["pictures"]["made"]
    assert (printed["one"]["accuracy"], printed["several"]["accuracy"], printed["all"]["cer"]) == (
        1,
        0,
        1 / 3,
    )
    after = read_file(checkpoint)[1]
    assert after["figures"].pop("pictures") == {"made": printed}
    assert after == before | {"figures": {k: v for k, v in before["figures"].items() if k != "pictures"}}
    assert not any(file in json.dumps(printed) for file, _, _ in LABELS)
    with Image.open(sheet) as image:
        assert image.size == (2 * SIDE + 2 * GAP, SIDE + 2 * CAPTION + GAP)  # one cell: the 17
        # The boxes of its digits, on the ink.
        colours = image.convert("RGB").crop((GAP + SIDE, CAPTION, *image.size)).getcolors(1 << 16) or []
        assert (26, 127, 55) in {colour for _, colour in colours}


def test_a_sheet_without_failures_says_so(trained: DigitReader, tmp_path: Path) -> None:
    write_contact_sheet(tmp_path / "sheet.png", [], "0 of 3 pictures are misread", trained)
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.convert("L").getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{", "line 4, is not a label: "),
        ("[1]", "line 4, is not a label: "),
        ('{"file": "one.png", "label": 7, "kind": "scan"}', "line 4, is not a label: "),
        ('{"file": "one.png", "label": "7a", "kind": "scan"}', "line 4, is not a label: "),
        ('{"file": "one.png", "label": "7"}', "line 4, is not a label: "),
        ('{"file": "none.png", "label": "7", "kind": "scan"}', "no picture {folder}/none.png, which line 4 "),
        (
            '{"file": "labels.jsonl", "label": "7", "kind": "scan"}',
            "labels.jsonl is damaged or not a picture.",
        ),
        ('{"file": "cut.png", "label": "7", "kind": "scan"}', "cut.png is damaged or not a picture."),
    ],
)
def test_a_bad_line_or_picture_is_named(
    checkpoint: Path, folder: Path, line: str, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "cut.png").write_bytes((folder / "two.png").read_bytes()[:-60])
    with (folder / "labels.jsonl").open("a") as file:
        file.write(line)
    assert main(["evaluate", "--checkpoint", str(checkpoint), "--pictures", str(folder)]) == 1
    message = capsys.readouterr().err
    assert problem.format(folder=folder) in message
    assert message.count("\n") == 1


def test_a_folder_without_labels_is_named(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["evaluate", "--checkpoint", str(checkpoint), "--pictures", str(tmp_path)]
    assert main(arguments) == 1
    assert capsys.readouterr().err.endswith(f"There is no file {tmp_path}/labels.jsonl.\n")
    (tmp_path / "labels.jsonl").write_text("")
    assert main(arguments) == 1
    assert capsys.readouterr().err.endswith(f"There is no picture in {tmp_path}/labels.jsonl.\n")
    assert main([*arguments, str(tmp_path)]) == 1


def test_folders_of_the_same_name_and_failures_of_nothing_are_refused(
    checkpoint: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["evaluate", "--checkpoint", str(checkpoint)]
    assert main([*command, "--pictures", str(folder), str(folder)]) == 1
    assert "the same name" in capsys.readouterr().err
    assert main([*command, "--failures", "sheet.png"]) == 1
    assert "--failures needs --pictures" in capsys.readouterr().err
