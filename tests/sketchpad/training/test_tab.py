"""The Training tab without a browser: the record as HTML, comparing, the one run that is trained here."""

from __future__ import annotations

import json
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import DigitReader, InputError, save_checkpoint
from model.datasets.label_errors import DOUBTFUL
from model.datasets.mnist import Labelled
from model.inference.checkpoint import Card, read_file
from model.training.timed import TIMED, learn
from sketchpad.training import record as records
from sketchpad.training import tab as training
from sketchpad.training.tab import TRAINED_HERE, beside_ours, others_of
from sketchpad.training.train_here import ON, TrainingRun, allowed
from sketchpad.training.writing_styles import glyphs, styles
from sketchpad.ui.svg import confusion_table, model_image_png, reliability_diagram

ONE = [[[140.0, 40.0], [140.0, 240.0]]]


def test_a_perfect_network_can_be_shown() -> None:
    perfect = [[10 if t == r else 0 for r in range(10)] for t in range(10)]
    assert 'class="wrong"' not in confusion_table(perfect)
    test = {"n": 100, "correct": 100, "confusion": perfect, "mistakes": []}
    assert records.misread([], 0, True) == ""
    assert "data-cell" not in records.confusion(test, mnist=True)
    assert "<svg" in reliability_diagram([[100, 1.0, 1.0]], "perfect")


def test_every_collection_of_drawn_digits_has_its_card() -> None:
    scores = {"n": 200, "correct": 190, "accuracy": 0.95}
    cards = records.key_figures({"test": scores, "drawn": {"pens": scores, "fingers": scores}})
    assert cards.count('class="card"') == 3
    assert "pens" in cards
    assert "fingers" in cards


def test_a_card_with_next_to_nothing_in_it_is_shown(card: Card) -> None:
    card |= {"seed": 1, "commit": "c", "hardware": "h", "versions": {"torch": "2"}}
    card["config"] = {"epochs": 1, "seed": 1}
    assert "<dd>863,291</dd>" in records.recipe(card, 863_291)
    parts = (
        records.confusion({}, True),
        records.reliability({}),
        records.drawn_digits({}),
        records.seeds([]),
    )
    assert parts == ("", "", "", "")
    assert training.curves(card) == ""


def test_a_seam_image_is_dark_ink_on_white() -> None:
    seam = np.zeros((28, 28), dtype=np.uint8)
    seam[3:9, 5] = 255
    address = model_image_png(b64encode(seam.tobytes()).decode())
    head, _, content = address.partition(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.array(Image.open(BytesIO(b64decode(content)))), 255 - seam)


def test_cells_with_images_can_be_pressed_and_no_others(trained: DigitReader) -> None:
    test = trained.card["figures"]["test"]
    html = records.confusion(test, mnist=True)
    assert html.count("<figure") == len(test["mistakes"]) == test["n"] - test["correct"]
    cells = {(t, r) for t, row in enumerate(test["confusion"]) for r, n in enumerate(row) if n and t != r}
    assert set(re.findall(r'data-cell="(\d)-(\d)"', html)) == {(str(t), str(r)) for t, r in cells}
    for t, r in cells:
        assert html.count(f'data-of="{t}-{r}"') == test["confusion"][t][r]


def test_the_labels_in_doubt_are_those_of_the_test_set(mnist_test: Labelled) -> None:
    assert len(DOUBTFUL) == 15  # Northcutt et al. 2021, table 2
    for index, votes in DOUBTFUL.items():
        assert votes.label == int(mnist_test.labels[index])
        assert votes.for_label + votes.for_other + votes.neither == 5
        assert votes.for_label < 3


def test_votes_are_shown_for_mnist_alone(trained: DigitReader) -> None:
    test = trained.card["figures"]["test"]
    doubtful = [each for each in test["mistakes"] if each["index"] in DOUBTFUL]
    assert records.confusion(test, mnist=True).count('class="votes"') == len(doubtful)
    assert 'class="votes"' not in records.confusion(test, mnist=False)


def test_styles_are_shown_the_worst_first() -> None:
    read = {
        (7, "crossed"): 9,
        (7, "plain"): 10,
        (7, "flag <falling>"): 6,
        (7, "serif"): 8,
        (4, "open"): 5,
        (3, "round"): 10,
    }
    rows = [{"label": label, "style": name, "n": 10, "correct": n} for (label, name), n in read.items()]
    table, _, everything = styles(rows).partition("<details>")
    assert table.index("open") < table.index("falling") < table.index("serif") < table.index("crossed")
    assert "flag &lt;falling&gt;" in table
    assert "plain" not in table  # the fourth of its digit
    assert "82.50" in table  # 33 of 40
    assert "round" not in table
    assert everything.count("<li>") == 6
    assert styles([]) == ""


def test_the_picture_of_a_way_to_write_is_that_digit(trained: DigitReader) -> None:
    shown = glyphs()
    assert {label for label, _ in shown} == set(range(10))
    right = 0
    for (label, _), picture in shown.items():
        left, top, width, height = map(int, re.findall(r'viewBox="(.*?)"', picture)[0].split())
        lines = [line.split("L") for line in re.findall(r' d="M(.*?)"', picture)]
        strokes = [[[float(v) for v in point.split()] for point in line] for line in lines]
        assert all(left < x < left + width and top < y < top + height for line in strokes for x, y in line)
        right += trained.read_strokes(strokes).text == str(label)
    assert right >= 0.97 * len(shown)


def test_the_curves_have_the_gradients_norm_where_it_was_noted(card: Card) -> None:
    row = {"epoch": 1, "loss": 0.5, "lr": 0.1, "seconds": 3.0}
    card["history"] = [row, row | {"epoch": 2, "grad_norm": 0.7, "images_per_s": 100.0}]
    first, second = json.loads(records.history(card))
    assert "grad_norm" not in first
    assert second["grad_norm"] == 0.7
    assert "seconds" not in second


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint: Path) -> Path:
    """A folder of checkpoints: the page's own, and one beside it that has learnt for two epochs."""
    monkeypatch.setattr(training, "CHECKPOINTS", tmp_path)
    tensors, card = read_file(checkpoint)
    card["history"] = [{"epoch": n, "loss": 1 / n, "lr": 0.1, "seconds": 30.0} for n in (1, 2)]
    save_checkpoint(tmp_path / "other.safetensors", tensors, card)
    return tmp_path


def test_the_checkpoints_beside_this_one_can_be_compared(folder: Path, checkpoint: Path) -> None:
    reader, classroom = DigitReader.load(checkpoint, "cpu"), TrainingRun()
    (folder / "untrained.probes.safetensors").write_bytes(b"beside a checkpoint, and none")
    assert list(others_of(reader, classroom)) == ["other.safetensors"]
    found = beside_ours(reader, classroom, "other.safetensors")
    assert [row["loss"] for row in found["history"]] == [1.0, 0.5]
    assert "untrained.safetensors" in found["html"]
    assert "<td>1.0</td>" in found["html"]  # minutes
    json.dumps(found)


@pytest.mark.parametrize(
    "name",
    [
        "../other.safetensors",
        "/etc/passwd",
        "untrained.safetensors",
        "untrained.probes.safetensors",
        "",
        None,
        3,
        TRAINED_HERE,
    ],
)
def test_no_other_file_is_opened(folder: Path, checkpoint: Path, name: object) -> None:
    (folder / "untrained.probes.safetensors").write_bytes(b"no checkpoint")
    (folder.parent / "other.safetensors").touch()
    with pytest.raises(InputError, match="no such checkpoint"):
        beside_ours(DigitReader.load(checkpoint, "cpu"), TrainingRun(), name)


def test_a_space_trains_only_if_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv(ON, raising=False)
    assert allowed()
    monkeypatch.setenv("SPACE_ID", "somebody/sketchpad")
    assert not allowed()
    with pytest.raises(InputError, match="switched off"):
        TrainingRun().start()
    assert "data-here" not in training.here()
    monkeypatch.setenv(ON, "1")
    assert allowed()
    assert "data-here" in training.here()


@pytest.fixture
def classroom(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TrainingRun]:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))  # none there: synthetic drawings alone
    room = TrainingRun(seconds=8, limit=40)
    yield room
    room.close()


def wait(room: TrainingRun, state: str, seconds: float = 60) -> dict:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (found := room.state(None))["state"] == state:
            return found
        time.sleep(0.1)
    raise AssertionError(found)


@pytest.mark.slow
def test_one_trains_at_a_time_others_watch_and_all_may_draw_on_it(classroom: TrainingRun) -> None:
    assert classroom.state(None)["state"] == "none"
    with pytest.raises(InputError, match="Nothing has been trained"):
        classroom.read(ONE)
    started = classroom.start()
    assert started["token"]
    second = classroom.start()
    assert second["busy"]
    assert "token" not in second
    for wrong in (None, {}, {"token": ""}, {"token": "é"}, {"token": 3}):
        with pytest.raises(InputError, match="Only who has started"):
            classroom.stop(wrong)
    over = wait(classroom, "over")
    assert over["phase"] == "done"
    assert 0 < over["rows"][-1]["val_accuracy"] <= 1
    news = classroom.state({"run": over["run"], "after": len(over["rows"])})
    assert news["rows"] == []
    assert classroom.read(ONE).digits
    card = read_file(classroom.path)[1]
    assert card["figures"]["validation"]["n"] == 1000
    assert classroom.start()["run"] == over["run"] + 1


@pytest.mark.slow
def test_who_started_it_stops_it_and_keeps_what_it_has_learnt(classroom: TrainingRun) -> None:
    classroom._seconds = 60
    token = classroom.start()["token"]
    while not classroom.state(None)["rows"]:
        time.sleep(0.1)
    classroom.stop({"token": token})
    assert wait(classroom, "over", 20)["phase"] == "done"
    assert read_file(classroom.path)[1]["calibration"]["not_digit"] != 0.5  # calibrated all the same


@pytest.mark.slow
def test_what_takes_too_long_is_ended(classroom: TrainingRun) -> None:
    classroom._limit = 0.5
    classroom.start()
    failed = wait(classroom, "failed", 10)
    assert failed["said"]


@pytest.mark.slow
def test_a_minute_learns_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "minute.safetensors"
    rows = list(learn(TIMED, tmp_path, out, seconds=12))
    assert rows[0] == {"phase": "drawing", "mnist": False}
    assert [row["phase"] for row in rows[1:]] == ["learning"] * (len(rows) - 2) + ["done"]
    assert rows[-1]["val_accuracy"] > 0.5
    assert rows[-1]["lr"] == pytest.approx(0, abs=1e-9)
    card = DigitReader.load(out, "cpu").card
    assert len(card["history"]) == len(rows) - 1
    assert card["images"]["real"] >= 4000


MARKUP = "<img src=x onerror=alert(1)>\"'&"


def spoilt(value: object, key: str = "") -> object:
    """A card's value with markup for every text that the page does not need to know, and for names."""
    if isinstance(value, dict):
        return {name: spoilt(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [spoilt(each, key) for each in value]
    needed = ("arch", "labels", "preprocessing", "name", "dataset", "image", "images")
    return MARKUP if isinstance(value, str) and key not in needed else value


def test_no_text_of_a_card_is_markup_on_the_page(trained: DigitReader) -> None:
    """The host chooses the checkpoint, and may have it from anybody."""
    card = spoilt(trained.card)
    card["config"] |= {"epochs": MARKUP, "seed": MARKUP}
    card["figures"]["drawn"] = {MARKUP + name: given for name, given in card["figures"]["drawn"].items()}
    shown = training.page(DigitReader(trained.net, card, "cpu"))
    assert "&lt;img src=x" in shown
    assert "<img src=x" not in shown
    assert "<img src=x" not in records.versus({MARKUP: (card, 1), "other": (card, 2)})
