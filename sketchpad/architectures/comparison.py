"""All networks of the registry side by side: a scatter plot, and a table that can be sorted."""

from __future__ import annotations

import re
import statistics
import time
from dataclasses import dataclass
from typing import Any

import torch
from markupsafe import Markup

from model import DigitReader, list_models
from model.graph.summary import create_uninitialized, summarise
from model.image import SIZE
from model.networks.registry import IMAGENET, Spec, get_spec

from ..ui.html import render
from .scatter import Dot, brief, scatter

READINGS = 30


@dataclass(frozen=True)
class Measurement:
    """What the loaded checkpoint adds to the row of its network."""

    name: str
    accuracy: float | None  # None where the card has none
    n: int
    dataset: str  # "test", "validation" or "nothing"
    milliseconds: float  # median of ``READINGS`` readings of one digit


def family_of(name: str, spec: Spec) -> str:
    """One of scatter.FAMILIES: the colour of a network's dot, and its group in the form."""
    if name.startswith("mnist"):
        return "own"
    if name.startswith("densenet"):
        return "dense"
    if name.endswith("_cifar"):
        return "cifar"
    if re.fullmatch(r"(resnet|plain)(20|32|44|56|110)(_b)?", name):
        return "small"
    return "imagenet" if spec.shape == IMAGENET else "book"


def measure(reader: DigitReader) -> Measurement:
    """Accuracy from the card, milliseconds on this machine."""
    figures: dict[str, Any] = reader.card["figures"]
    dataset = next((key for key in ("test", "validation") if figures.get(key)), "nothing")
    scores = figures.get(dataset, {"accuracy": None, "n": 0})
    image = torch.zeros((1, SIZE, SIZE), dtype=torch.uint8)
    seconds = []
    for _ in range(READINGS):
        started = time.perf_counter()
        reader.read_batch(image)
        seconds.append(time.perf_counter() - started)
    milliseconds = 1e3 * statistics.median(seconds)
    return Measurement(reader.card["arch"]["name"], scores["accuracy"], scores["n"], dataset, milliseconds)


def all_dots() -> list[Dot]:
    """Every network at its published input, computed from the module."""
    dots = []
    for name in list_models():
        spec = get_spec(name)
        summary = summarise(create_uninitialized(name, spec.shape[0], spec.classes), spec.shape)
        dots.append(Dot(name, family_of(name, spec), summary.params, summary.macs, summary.depth))
    return dots


def comparison(measurement: Measurement) -> Markup:
    """Plot and table, with the measurement in the row of its network."""
    dots = all_dots()
    return render(
        "architectures/comparison.html",
        wide_plot=scatter(dots, 1080, 620, 12),
        narrow_plot=scatter(dots, 340, 560, 11, brief),
        networks=[(dot, get_spec(dot.name)) for dot in dots],
        measurement=measurement,
        readings=READINGS,
    )
