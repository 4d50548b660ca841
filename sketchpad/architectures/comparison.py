"""The whole zoo side by side: a plot, and a table that sorts."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import torch

from model import DigitReader, list_models
from model.graph.summary import create_uninitialized, summarise
from model.networks.registry import IMAGENET, Spec, get_spec

from ..ui.i18n import marked
from ..ui.svg import shape_text
from .scatter import Dot, brief, scatter, short

READINGS = 30
HEADS = ("network", "input", "depth", "params", "macs", "published", "accuracy", "time")


@dataclass(frozen=True)
class Measured:
    """What the loaded checkpoint adds to its network's line."""

    name: str
    accuracy: float | None  # None where the card has none
    n: int
    of: str  # "test", "validation" or "nothing"
    milliseconds: float  # median of ``READINGS`` readings of one digit


def family(name: str, spec: Spec) -> str:
    """The company that a network is drawn and listed in; see FAMILIES."""
    if name.startswith("mnist"):
        return "own"
    if name.startswith("densenet"):
        return "dense"
    if name.endswith("_cifar"):
        return "cifar"
    if re.fullmatch(r"(resnet|plain)(20|32|44|56|110)(_b)?", name):
        return "small"
    return "imagenet" if spec.shape == IMAGENET else "book"


def measure(reader: DigitReader) -> Measured:
    """Accuracy from the card, milliseconds on this machine."""
    figures: dict[str, Any] = reader.card["figures"]
    of = next((key for key in ("test", "validation") if figures.get(key)), "nothing")
    image = torch.zeros((1, 28, 28), dtype=torch.uint8)
    times = [timed(reader.read_batch, image) for _ in range(READINGS)]
    scores = figures.get(of, {"accuracy": None, "n": 0})
    name = reader.card["arch"]["name"]
    return Measured(name, scores["accuracy"], scores["n"], of, 1e3 * statistics.median(times))


def timed(read: Callable[[torch.Tensor], object], image: torch.Tensor) -> float:
    started = time.perf_counter()
    read(image)
    return time.perf_counter() - started


def all_dots() -> list[Dot]:
    """Every network at its published input, as the registry declares it; the depth from the module."""
    dots = []
    for name in list_models():
        spec = get_spec(name)
        summary = summarise(create_uninitialized(name, spec.shape[0], spec.classes), spec.shape)
        dots.append(Dot(name, family(name, spec), summary.params, summary.macs, summary.depth))
    return dots


def comparison(measured: Measured) -> str:
    """Plot and table of the whole zoo, with what was measured of the loaded network."""
    dots = all_dots()
    plots = f'<div class="wide">{scatter(dots, 1080, 620, 12)}</div>'
    plots += f'<div class="narrow">{scatter(dots, 340, 560, 11, brief)}</div>'
    key = "".join(
        f'<li class="f-{kind}">{marked("span", f"arch.family.{kind}")}</li>'
        for kind in dict.fromkeys(dot.family for dot in dots)
    )
    heads = "".join(
        f'<th scope="col" class="c-{head}"{" aria-sort=none" if head != "published" else ""}>'
        + marked("button" if head != "published" else "span", f"arch.compare.{head}")
        + "</th>"
        for head in HEADS
    )
    rows = "".join(table_row(dot, measured) for dot in dots)
    about = marked("p", f"arch.compare.measured.{measured.of}", n=f"{measured.n:,}", readings=READINGS)
    return (
        f'<figure>{plots}<ul class="key">{key}</ul></figure>'
        f'<div class="scroll zoo" tabindex="0" role="region" data-text-label="arch.compare.title">'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{about}"
    )


def table_row(dot: Dot, measured: Measured) -> str:
    spec = get_spec(dot.name)
    mine = measured if measured.name == dot.name else None
    published = " · ".join(figure for figure in (spec.published_params, spec.published_macs) if figure)
    cells = [
        (f"{spec.shape[1] * spec.shape[2] * spec.shape[0]}", shape_text(spec.shape)),
        (f"{dot.depth}", f"{dot.depth}"),
        (f"{dot.params}", f"{dot.params:,}"),
        (f"{dot.macs}", f'<span title="{dot.macs:,}">{short(dot.macs)}</span>'),
        ("", published or "–"),
        (f"{mine.accuracy}", f"{100 * mine.accuracy:.2f} %") if mine and mine.accuracy else ("", "–"),
        (f"{mine.milliseconds}", f"{mine.milliseconds:.2g} ms") if mine else ("", "–"),
    ]
    filled = "".join(f'<td data-value="{value}">{said}</td>' for value, said in cells)
    return (
        f'<tr data-value="{escape(dot.name)}"><th scope="row" data-value="{escape(dot.name)}">'
        f'<button data-choose="{escape(dot.name)}" class="f-{dot.family}">{escape(dot.name)}</button></th>'
        f"{filled}</tr>"
    )
