"""A checkpoint's own record as HTML: what its card says, section by section; what it lacks is left out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from typing import Any

from model.datasets.label_errors import DOUBTFUL

from ..ui.format import percent
from ..ui.i18n import marked
from ..ui.svg import confusion_table, model_image_png, reliability_diagram

Figures = dict[str, Any]
# Of a history's rows, for the curves.
KEPT = ("epoch", "loss", "train_accuracy", "val_accuracy", "lr", "grad_norm")


def key_figures(figures: Figures) -> str:
    """Accuracies, each with its n: test, collections of drawn digits, validation."""
    collections = {name: ("drawn", scores) for name, scores in figures.get("drawn", {}).items()}
    measured = {
        "test": ("test", figures.get("test")),
        **collections,
        "validation": ("validation", figures.get("validation")),
    }
    return "".join(
        f'<div class="card">{marked("h3", f"training.{kind}")}'
        f"<strong>{percent(scores['accuracy'])}</strong>"
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
    test, last = card["figures"].get("test", {}), (card["history"] or [{}])[-1]
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
    if "train_accuracy" in last:
        facts["as_shown"] = percent(last["train_accuracy"])
    return "".join(
        f"<div>{marked('dt', f'training.{key}')}<dd>{escape(str(value))}</dd></div>"
        for key, value in facts.items()
    )


def history(card: dict[str, Any]) -> str:
    """The rows that the curves are drawn of, as JSON."""
    rows = [{key: row[key] for key in KEPT if key in row} for row in card["history"]]
    return json.dumps(rows, separators=(",", ":"))


def confusion(test: Figures, mnist: bool) -> str:
    """The confusion matrix, and beside it the misread images where the card has them."""
    if "confusion" not in test:
        return ""
    wrong = test["n"] - test["correct"]
    about = marked("p", "training.confusion.about", n=f"{test['n']:,}", wrong=f"{wrong:,}")
    mistakes = test.get("mistakes", [])
    cells = {(each["label"], each["predicted"]) for each in mistakes}
    table = confusion_table(test["confusion"], sorted(cells))
    return (
        f'<section class="confusions">{marked("h3", "training.confusion")}{about}<div class="beside">'
        f"<div>{table}</div>{misread(mistakes, wrong, mnist)}</div></section>"
    )


def misread(mistakes: Sequence[Figures], wrong: int, mnist: bool) -> str:
    """The images, the surest mistakes first; a cell of the matrix shows its own alone."""
    if not wrong:
        return ""
    title = marked("h4", "training.mistakes", n=len(mistakes), wrong=f"{wrong:,}")
    if not mistakes:
        command = '<pre tabindex="0"><code>python -m model evaluate --record</code></pre>'
        return f'<div class="misread">{title}{marked("p", "training.mistakes.none")}{command}</div>'
    figures = "".join(mistake(each, mnist) for each in mistakes)
    doubtful = sum(mnist and each["index"] in DOUBTFUL for each in mistakes)
    voted = marked("p", "training.votes.about", n=doubtful) if doubtful else ""
    return (
        f'<div class="misread"><div class="misread-title">{title}'
        '<button type="button" data-cell="" data-text="training.mistakes.all" hidden></button></div>'
        '<p class="spoken" role="status"></p>'
        '<div class="images" tabindex="0" role="region" data-text-label="training.mistakes.region">'
        f"{figures}</div>{voted}</div>"
    )


def mistake(each: Figures, mnist: bool) -> str:
    """One image: what it was meant to be, what was read, how sure; and what people say, if they differ."""
    label, predicted, number = each["label"], each["predicted"], each["index"]
    values = {"label": label, "predicted": predicted, "index": number}
    alt = escape(json.dumps(values))
    votes = DOUBTFUL.get(number) if mnist else None
    people = ""
    if votes:
        cast = [(label, votes.for_label), (votes.other, votes.for_other), (None, votes.neither)]
        said = [f"{n}× {'–' if digit is None else digit}" for digit, n in cast if n]
        people = f'<span class="votes">{marked("i", "training.votes")} {", ".join(said)}</span>'
    return (
        f'<figure data-of="{label}-{predicted}"><img src="{model_image_png(each["image"])}" width="56" '
        f'height="56" role="img" data-text-label="training.mistakes.alt" data-values="{alt}">'
        f"<figcaption><b>{label} → {predicted}</b><span>{percent(each['probability'], 1)}</span>"
        f'<span class="number">№ {number}</span>{people}</figcaption></figure>'
    )


def reliability(figures: Figures) -> str:
    """A reliability diagram of each set that was measured, and the same as a table."""
    measured = {"MNIST": figures.get("test", {}), **figures.get("drawn", {})}
    measured = {name: scores for name, scores in measured.items() if scores.get("reliability")}
    if not measured:
        return ""
    drawn = "".join(
        f"<figure><figcaption>{escape(name)} <b>ECE {scores['ece']:.4f}</b> · n = {scores['n']:,}"
        + "</figcaption>"
        + reliability_diagram(scores["reliability"], name)
        + bins(scores["reliability"])
        + "</figure>"
        for name, scores in measured.items()
    )
    return (
        f'<section class="reliability">{marked("h3", "training.reliability")}'
        f'{marked("p", "training.reliability.about")}<div class="columns">{drawn}</div></section>'
    )


def bins(rows: Sequence[Sequence[float]]) -> str:
    heads = "".join(marked("th", f"training.reliability.{key}") for key in ("n", "sure", "right"))
    body = "".join(
        f"<tr><td>{n:,}</td><td>{percent(sure, 1)}</td><td>{percent(right, 1)}</td></tr>"
        for n, sure, right in rows
    )
    return (
        f"<details>{marked('summary', 'training.reliability.table')}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></details>"
    )


def drawn_digits(drawn: dict[str, Figures]) -> str:
    """Accuracy on drawings: a row a collection, a column a digit."""
    rows = []
    for name, scores in drawn.items():
        rows.append(drawn_row(escape(name), scores))
        if "moved" in scores:
            rows.append(
                drawn_row(f"{escape(name)},<br>{marked('span', 'training.drawn.moved')}", scores["moved"])
            )
    if not rows:
        return ""
    keys = ("all", *range(10), "writers", "worst", "turned_away")
    heads = "".join(
        f'<th scope="col">{key}</th>' if isinstance(key, int) else worded_head(f"training.drawn.{key}")
        for key in ("set", *keys)
    )
    return (
        f'<section class="drawn-digits">{marked("h3", "training.drawn.title")}'
        f"{marked('p', 'training.drawn.digits')}"
        '<div class="scroll" tabindex="0" role="region" data-text-label="training.drawn.title">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        "</section>"
    )


def worded_head(key: str) -> str:
    return marked("th", key).replace("<th", '<th scope="col"', 1)


def drawn_row(name: str, scores: Figures) -> str:
    """Percentages; the lower, the stronger the tint."""
    writers = scores.get("writers", {})
    shares = [scores["accuracy"], *scores.get("per_digit", [])]
    cells = "".join(
        f'<td style="--share:{min(1, 8 * (1 - share)):.2f}" class="share">{100 * share:.1f}</td>'
        for share in shares
    )
    rest = [
        f"{writers['n']}" if writers else "–",
        percent(writers["worst"], 1) if writers else "–",
        percent(scores["turned_away"], 1) if "turned_away" in scores else "–",
    ]
    return (
        f'<tr><th scope="row">{name} <small>n = {scores["n"]:,}</small></th>{cells}'
        f"{''.join(f'<td>{cell}</td>' for cell in rest)}</tr>"
    )


def seeds(runs: Sequence[Figures]) -> str:
    """The same recipe from other seeds: how much of the figure above is luck."""
    if not runs:
        return ""
    heads = "".join(worded_head(f"training.seeds.{key}") for key in ("seed", "accuracy", "missed", "epochs"))
    rows = "".join(
        f'<tr><th scope="row">{run["seed"]}</th><td>{percent(1 - run["missed"] / run["n"])}</td>'
        f"<td>{run['missed']} / {run['n']:,}</td><td>{run['epochs']}</td></tr>"
        for run in runs
    )
    about = marked("p", "training.seeds.about" if len(runs) > 1 else "training.seeds.one")
    return (
        f'<section class="seeds">{marked("h3", "training.seeds")}{about}'
        '<div class="scroll" tabindex="0" role="region" data-text-label="training.seeds">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def versus(cards: dict[str, tuple[dict[str, Any], int]]) -> str:
    """Two checkpoints' key figures side by side: name → (card, parameters)."""
    sides = {name: said_of(card, params) for name, (card, params) in cards.items()}
    keys = list(dict.fromkeys(key for side in sides.values() for key in side))
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in sides)
    cells = {key: [escape(side.get(key, "–")) for side in sides.values()] for key in keys}
    rows = "".join(
        f"<tr>{row_head(key)}{''.join(f'<td>{cell}</td>' for cell in cells[key])}</tr>" for key in keys
    )
    return (
        '<div class="scroll versus" tabindex="0" role="region" data-text-label="training.compare">'
        f"<table><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def row_head(key: str) -> str:
    """A sentence's key, or the name of a collection of drawings behind a colon."""
    kind, _, name = key.partition(":")
    return f'<th scope="row">{marked("span", kind)}{f" ({escape(name)})" if name else ""}</th>'


def said_of(card: dict[str, Any], params: int) -> dict[str, str]:
    """What is worth comparing of a checkpoint, by the key of its name."""
    figures, rows = card["figures"], card["history"]
    facts = {
        "training.network": str(card["arch"]["name"]),
        "training.params": f"{params:,}",
        "training.seed": str(card.get("seed", "–")),
        "training.minutes": f"{sum(row['seconds'] for row in rows) / 60:.1f}",
    }
    if rows:
        facts["training.loss"] = f"{rows[-1]['loss']:.4f}"
    measured = {
        "training.validation": figures.get("validation"),
        "training.test": figures.get("test"),
        **{f"training.drawn:{name}": scores for name, scores in figures.get("drawn", {}).items()},
    }
    for key, scores in measured.items():
        if scores:
            facts[key] = f"{percent(scores['accuracy'])} (n = {scores['n']:,})"
    test = figures.get("test") or figures.get("validation") or {}
    if "ece" in test:
        facts["training.ece"] = f"{test['ece']:.4f}"
    return facts
