"""The Training tab: what the checkpoint says of itself."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from model import DigitReader

from .figures import confusion_table, curve
from .texts import marked

COMMAND = "python train_mnist.py --epochs {epochs} --seed {seed}"  # what made the checkpoint


def build(reader: DigitReader) -> None:
    """Fill the current tab from the card; a figure that the card does not have is left out."""
    card = reader.card
    command = COMMAND.format(**card["config"])
    params = sum(p.numel() for p in reader.net.parameters())
    gr.HTML(
        f"{marked('h2', 'training.title')}{marked('p', 'training.about')}"
        f'<div class="key-figures">{key_figures(card["figures"])}</div>'
        f'<dl class="recipe">{recipe(card, params)}</dl>'
        f"{curves(card['history'])}"
        f"{confusion(card['figures'].get('test', {}))}"
        f'{marked("h3", "training.retrain")}<pre tabindex="0"><code>{command}</code></pre>',
        elem_classes="page-tab",
        apply_default_css=False,
    )


def key_figures(figures: dict[str, Any]) -> str:
    """Accuracies, each with its n: test, collections of drawn digits, validation."""
    collections = {name: ("drawn", scores) for name, scores in figures.get("drawn", {}).items()}
    measured = {
        "test": ("test", figures.get("test")),
        **collections,
        "validation": ("validation", figures.get("validation")),
    }
    return "".join(
        f'<div class="card">{marked("h3", f"training.{kind}")}'
        f"<strong>{100 * scores['accuracy']:.2f} %</strong>"
        + marked(
            "p",
            f"training.{kind}.about",
            correct=f"{scores['correct']:,}",
            n=f"{scores['n']:,}",
            name=name,
        )
        + "</div>"
        for name, (kind, scores) in measured.items()
        if scores
    )


def recipe(card: dict[str, Any], params: int) -> str:
    """The facts that somebody needs to make the same weights again."""
    test = card["figures"].get("test", {})
    facts = {
        "params": f"{params:,}",
        "epochs": card["config"]["epochs"],
        "seed": card["seed"],
        "hardware": card["hardware"],
        "torch": card["versions"]["torch"],
        "commit": card["commit"][:12],
        "nll": f"{test['nll']:.4f}" if "nll" in test else "–",
        "ece": f"{test['ece']:.4f}" if "ece" in test else "–",
    }
    return "".join(
        f"<div>{marked('dt', f'training.{key}')}<dd>{escape(str(value))}</dd></div>"
        for key, value in facts.items()
    )


def curves(history: list[dict[str, float]]) -> str:
    """Loss and validation error over the epochs."""
    if len(history) < 2:
        return ""
    loss = [epoch["loss"] for epoch in history]
    error = [100 * (1 - epoch["val_accuracy"]) for epoch in history]
    drawn = curve(loss, "training.loss", 3) + curve(error, "training.error", 2)
    return f'{marked("h3", "training.curves")}<div class="columns">{drawn}</div>'


def confusion(test: dict[str, Any]) -> str:
    """The confusion matrix of the test images, where the card has one."""
    if "confusion" not in test:
        return ""
    about = marked(
        "p",
        "training.confusion.about",
        n=f"{test['n']:,}",
        wrong=f"{test['n'] - test['correct']:,}",
    )
    return f"{marked('h3', 'training.confusion')}{about}{confusion_table(test['confusion'])}"
