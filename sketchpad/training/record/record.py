"""The record in a checkpoint's card, arranged for the templates of the Training tab.

A card may lack any figure, and the tab then leaves it out. Accuracies and other shares lie between 0 and 1.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from markupsafe import Markup
from PIL import Image

from model.datasets.label_errors import DOUBTFUL
from model.evaluation.pictures import REGISTER
from model.image import SIZE
from model.inference.checkpoint import Card

from ...ui.format import percent, thousands
from ...ui.html import render
from ...ui.svg import figure, label, path, text

Scores = dict[str, Any]  # what `model.evaluation` measured on one set: "n", "correct", "accuracy", ...
CURVES = ("epoch", "loss", "train_accuracy", "val_accuracy", "lr", "grad_norm")  # columns of the history
BINS = 15  # of a reliability diagram
# Collections by the name in a card: their own names, and the sentences that say what they are.
NAMES = {"pendigits_dev": "UCI Pen Digits", "digilets_dev": "DigiLeTs", "unipen_dev": "UNIPEN"}
SOURCES = {
    "pendigits_dev": "training.source.pendigits_dev",
    "digilets_dev": "training.source.digilets_dev",
    "unipen_dev": "training.source.unipen_dev",
    "pictures": "training.source.pictures",
    "made_photographs": "training.source.made_photographs",
}


def record(card: Card, parameters: int) -> dict[str, Any]:
    """The values for ``training/tab.html`` that come from the card."""
    figures = card["figures"]
    test: Scores = figures.get("test", {})
    on_mnist = card["config"].get("dataset", "mnist") == "mnist"
    drawn = {NAMES.get(name, name): scores for name, scores in figures.get("drawn", {}).items()}
    mistakes = [{**each, **mistake_values(each, on_mnist)} for each in test.get("mistakes", [])]
    return {
        "sets": measured_sets(figures),
        "recipe": recipe(card, parameters),
        "history": curves(card),
        "test": test,
        "mistakes": mistakes,
        "mistaken_cells": {(each["label"], each["predicted"]) for each in mistakes},
        "most_confused": most_confused(test.get("confusion", [])),
        "reliability": [
            (name, scores, reliability_diagram(scores["reliability"], name))
            for name, scores in {"MNIST": test, **drawn}.items()
            if scores.get("reliability")
        ],
        "drawn": drawn,
        "pictures": picture_rows(figures.get("pictures", {})),
        "sources": {
            kind: [SOURCES[name] for name in figures.get(kind, {}) if name in SOURCES]
            for kind in ("drawn", "pictures")
        },
    }


def measured_sets(figures: dict[str, Any]) -> list[tuple[str, str, Scores]]:
    """Kind, name and scores of each set that was measured: test, drawings, pictures, validation."""
    drawn = [("drawn", NAMES.get(name, name), scores) for name, scores in figures.get("drawn", {}).items()]
    test, validation = ((kind, kind, figures.get(kind)) for kind in ("test", "validation"))
    pictures = [
        (f"pictures.{size}", name, scores.get(size))
        for name, scores in figures.get("pictures", {}).items()
        for size in ("one", "several")
    ]
    return [each for each in (test, *drawn, *pictures, validation) if each[2]]


def picture_rows(pictures: dict[str, Any]) -> list[tuple[str, Scores, bool]]:
    """Name, scores by size, and whether they are those of the registers, of each folder of pictures."""
    rows = []
    for name, figures in pictures.items():
        registers = figures.get("kinds", {}).get(REGISTER, {})
        rows += [(name, sizes, sizes is registers) for sizes in (figures, registers) if "all" in sizes]
    return rows


def recipe(card: Card, parameters: int) -> dict[str, object]:
    """What is needed to train the same weights again."""
    test, last = card["figures"].get("test", {}), (card["history"] or [{}])[-1]
    facts = {
        "params": thousands(parameters),
        "epochs": card["config"]["epochs"],
        "seed": card["seed"],
        "hardware": card["hardware"],
        "torch": card["versions"]["torch"],
        "commit": card["commit"][:12],
        "nll": f"{test['nll']:.4f}" if "nll" in test else "–",
        "ece": f"{test['ece']:.4f}" if "ece" in test else "–",
    }
    if "train_accuracy" in last:
        facts["as_shown"] = percent(last["train_accuracy"])
    return facts


def curves(card: Card) -> list[dict[str, float]]:
    """The rows of the history, one per epoch, with the columns that the charts draw."""
    return [{key: row[key] for key in CURVES if key in row} for row in card["history"]]


def most_confused(confusion: Sequence[Sequence[int]]) -> int:
    """The most mistakes in one cell of the matrix, at least 1."""
    return max(
        (n for label, counts in enumerate(confusion) for read, n in enumerate(counts) if label != read and n),
        default=1,
    )


def mistake_values(mistake: dict[str, Any], on_mnist: bool) -> dict[str, str]:
    """The picture of a misread image, and how people voted on it if its MNIST label is doubtful."""
    votes = DOUBTFUL.get(mistake["index"]) if on_mnist else None
    cast: tuple[tuple[int, object], ...] = ()
    if votes:
        cast = (votes.for_label, mistake["label"]), (votes.for_other, votes.other), (votes.neither, "–")
    return {
        "png": model_image_png(mistake["image"]),
        "votes": ", ".join(f"{n}× {digit}" for n, digit in cast if n),
    }


def model_image_png(image: str) -> str:
    """A model image, uint8 [28, 28] in base64, as the data URL of a PNG with dark ink on white."""
    file = BytesIO()
    paper = bytes(255 - ink for ink in b64decode(image))
    Image.frombytes("L", (SIZE, SIZE), paper).save(file, "png")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def compare_cards(cards: dict[str, tuple[Card, int]]) -> Markup:
    """Checkpoints' key figures side by side, from each one's card and number of parameters."""
    sides = [key_figures(card, parameters) for card, parameters in cards.values()]
    keys = dict.fromkeys(key for side in sides for key in side)
    rows = {key: [side.get(key, "–") for side in sides] for key in keys}
    return render("training/record/comparison.html", names=list(cards), rows=rows)


def key_figures(card: Card, parameters: int) -> dict[tuple[str, str], str]:
    """Key figures, by text key and collection of drawings ("" for none)."""
    figures, rows = card["figures"], card["history"]
    facts = {
        "network": str(card["arch"]["name"]),
        "params": thousands(parameters),
        "seed": str(card.get("seed", "–")),
        "minutes": f"{sum(row['seconds'] for row in rows) / 60:.1f}",
    }
    if rows:
        facts["loss"] = f"{rows[-1]['loss']:.4f}"
    named = {(key, ""): value for key, value in facts.items()}
    order = ("validation", "test", "drawn", "pictures.one", "pictures.several")
    for kind, name, scores in sorted(measured_sets(figures), key=lambda each: order.index(each[0])):
        measured = f"{percent(scores['accuracy'])} (n = {thousands(scores['n'])})"
        named[kind, "" if name == kind else name] = measured
    test = figures.get("test") or figures.get("validation") or {}
    if "ece" in test:
        named["ece", ""] = f"{test['ece']:.4f}"
    return named


def reliability_diagram(bins: Sequence[Sequence[float]], name: str) -> Markup:
    """Accuracy over confidence, from the (n, mean confidence, accuracy) of each bin that is not empty.

    A bar reaches from the axis to the accuracy; a line crosses it at the mean confidence.
    """
    width, height, left, bottom, side = 340, 300, 40, 258, 226
    right = width - 12

    def x(confidence: float) -> float:
        return left + confidence * (right - left)

    def y(accuracy: float) -> float:
        return bottom - accuracy * side

    body = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        body.append(path([(left, y(tick)), (right, y(tick))], "grid"))
        body.append(text(left - 6, y(tick) + 4, f"{100 * tick:g}", "muted end"))
        body.append(text(x(tick), bottom + 16, f"{100 * tick:g}", "muted centre"))
    body.append(label((left + width) / 2, bottom + 34, "training.reliability.x", "muted centre"))
    body.append(path([(x(0), y(0)), (x(1), y(1))], "diagonal"))
    for n, confidence, accuracy in bins:
        start = x(min(BINS - 1, int(confidence * BINS)) / BINS) + 1.5
        end = start + x(1 / BINS) - x(0) - 3
        bar = Markup('<rect x="{:g}" y="{:g}" width="{:g}" height="{:g}" class="bin{}"/>')
        few = " few" if n < 10 else ""
        body.append(bar.format(start, y(accuracy), end - start, max(0, bottom - y(accuracy)), few))
        body.append(path([(start, y(confidence)), (end, y(confidence))], "confidence"))
    return figure(width, height, body, "training.reliability.label", name=name)
