"""The record of a checkpoint as HTML."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model import DigitReader
from model.datasets.label_errors import DOUBTFUL
from model.datasets.mnist import Labelled
from model.inference.checkpoint import Card
from sketchpad.training import tab
from sketchpad.training.record.record import (
    compare_cards,
    curves,
    key_figures,
    model_image_png,
    reliability_diagram,
)
from sketchpad.ui.format import percent

MARKUP = "<img src=x onerror=alert(1)>\"'&"


@pytest.fixture
def bare_card(card: Card) -> Card:
    """A card without figures and history."""
    return card | {
        "seed": 1,
        "commit": "c",
        "hardware": "h",
        "versions": {"torch": "2"},
        "config": {"epochs": 1, "seed": 1},
    }


def page(reader: DigitReader, card: Card, **figures: Any) -> str:  # noqa: ANN401 - as in a card
    """The tab for a card with these figures."""
    return str(tab.page(DigitReader(reader.net, card | {"figures": figures}, "cpu")))


def test_a_card_with_next_to_nothing_in_it_is_shown(
    untrained: DigitReader, bare_card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tab, "experiments", dict)
    html = page(untrained, bare_card)
    assert re.search(r'"training.params"></dt>\s*<dd>863,291</dd>', html)
    assert [name for name in re.findall(r'<section class="([\w-]+)"', html) if name != "here"] == []


def test_a_perfect_network_can_be_shown(untrained: DigitReader, bare_card: Card) -> None:
    perfect = [[10 if label == read else 0 for read in range(10)] for label in range(10)]
    test = {"n": 100, "correct": 100, "accuracy": 1.0, "confusion": perfect, "mistakes": []}
    html = page(untrained, bare_card, test=test)
    assert html.count('<td class="right"') == 10
    assert 'class="wrong"' not in html
    assert "data-cell" not in html
    assert 'class="misread"' not in html
    assert "<svg" in reliability_diagram([[100, 1.0, 1.0]], "perfect")


def test_every_collection_of_drawn_digits_has_its_figures(untrained: DigitReader, bare_card: Card) -> None:
    scores = {"n": 200, "correct": 190, "accuracy": 0.95}
    moved = scores | {"accuracy": 0.5, "turned_away": 0.25, "writers": {"n": 7, "worst": 0.1}}
    html = page(
        untrained, bare_card, test=scores, drawn={"pens": scores | {"moved": moved}, "fingers": scores}
    )
    assert html.count('class="card"') == 3
    assert table_rows(html, "drawn-digits")[1:4] == [
        "pens n = 200 95.0 – – –",
        "pens, n = 200 50.0 7 10.0 % 25.0 %",
        "fingers n = 200 95.0 – – –",
    ]


def test_every_folder_of_pictures_has_its_figures(untrained: DigitReader, bare_card: Card) -> None:
    one = {"n": 1200, "correct": 1140, "accuracy": 0.95, "interval": [0.9361, 0.961], "cer": 0.05}
    both = one | {"n": 1223, "cer": 0.2345}
    registers = {"several": one | {"n": 7, "interval": (0, 0.5)}, "all": one | {"n": 7, "cer": 1.5}}
    folders = {
        "phones": {"one": one, "several": one | {"n": 23}, "all": both, "kinds": {"register": registers}},
        "scans": {"one": one, "all": one, "kinds": {"scan": {"one": one, "all": one}}},
        "empty": {"kinds": {}, "without_digits": one},
    }
    html = page(untrained, bare_card, pictures=folders)
    assert html.count('class="card"') == 3
    assert "training.pictures.register.about" in html
    assert table_rows(html, "pictures")[1:] == [
        "phones 95.0 % n = 1,200, 93.6–96.1 % 95.0 % n = 23, 93.6–96.1 % 23.4 % n = 1,223",
        "phones, – 95.0 % n = 7, 0.0–50.0 % 150.0 % n = 7",
        "scans 95.0 % n = 1,200, 93.6–96.1 % – 5.0 % n = 1,200",
    ]
    html = page(untrained, bare_card, pictures={"scans": folders["scans"]})
    assert "training.pictures.register" not in html
    figures = key_figures(bare_card | {"figures": {"pictures": folders}}, 1)
    assert figures["pictures.one", "phones"] == f"{percent(0.95)} (n = 1,200)"
    assert figures["pictures.several", "phones"] == f"{percent(0.95)} (n = 23)"
    assert ("pictures.several", "scans") not in figures


def table_rows(html: str, section: str) -> list[str]:
    """The text of each row of the table in a section."""
    table = re.sub(r".*<section class=\"" + section + r"\">(.*?)</section>.*", r"\1", html, flags=re.S)
    rows = re.findall(r"<tr>.*?</tr>", table, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).replace(" ,", ",").split()) for row in rows]


def test_a_model_image_is_dark_ink_on_white() -> None:
    image = np.zeros((28, 28), dtype=np.uint8)
    image[3:9, 5] = 255
    head, _, content = model_image_png(b64encode(image.tobytes()).decode()).partition(",")
    assert head == "data:image/png;base64"
    assert np.array_equal(np.array(Image.open(BytesIO(b64decode(content)))), 255 - image)


def test_cells_with_images_are_buttons_and_no_others(trained: DigitReader) -> None:
    test = trained.card["figures"]["test"]
    html = str(tab.page(trained))
    assert html.count("<figure data-of") == len(test["mistakes"]) == test["n"] - test["correct"]
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
    mistakes = trained.card["figures"]["test"]["mistakes"]
    doubtful = [each for each in mistakes if each["index"] in DOUBTFUL]
    assert str(tab.page(trained)).count('class="votes"') == len(doubtful)
    other = trained.card | {"config": trained.card["config"] | {"dataset": "other"}}
    assert 'class="votes"' not in tab.page(DigitReader(trained.net, other, "cpu"))


def test_the_curves_have_the_norm_of_the_gradients_where_the_history_has_it(card: Card) -> None:
    row = {"epoch": 1, "loss": 0.5, "lr": 0.1, "seconds": 3.0}
    card["history"] = [row, row | {"epoch": 2, "grad_norm": 0.7, "images_per_s": 100.0}]
    first, second = curves(card)
    assert "grad_norm" not in first
    assert second["grad_norm"] == 0.7
    assert "seconds" not in second


def with_markup(value: object, key: str = "") -> object:
    """A card's value with markup as every text that the page does not depend on, and as names."""
    if isinstance(value, dict):
        return {name: with_markup(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [with_markup(each, key) for each in value]
    needed = ("arch", "labels", "preprocessing", "name", "dataset", "image", "images")
    return MARKUP if isinstance(value, str) and key not in needed else value


def test_no_text_of_a_card_is_markup_on_the_page(trained: DigitReader) -> None:
    """The host chooses the checkpoint, which may come from anybody."""
    card: Any = with_markup(trained.card)
    card["config"] |= {"epochs": MARKUP, "seed": MARKUP}
    measured = card["figures"]["test"] | {"interval": [0, 1], "cer": 0}
    folder = {"one": measured, "all": measured, "kinds": {"register": {"all": measured}, MARKUP: {}}}
    card["figures"]["pictures"] = {MARKUP: folder}
    card["figures"]["drawn"] = {MARKUP + name: each for name, each in card["figures"]["drawn"].items()}
    html = tab.page(DigitReader(trained.net, card, "cpu"))
    assert "&lt;img src=x" in html
    assert "<img src=x" not in html
    assert "<img src=x" not in compare_cards({MARKUP: (card, 1), "other": (card, 2)})
