"""The Architectures tab: any network of the registry at any input, drawn from the module itself.

Nothing is computed before a visitor opens the tab. The page's script then calls two server functions:
``show`` for the selected networks and ``compare`` for all of them.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import anyio.to_thread
import gradio as gr
from markupsafe import Markup

from model import DigitReader, InputError, list_models
from model.networks.registry import get_spec

from ..server.wire import Json
from ..ui.assets import read_asset
from ..ui.html import render
from ..ui.modules import load_module
from .comparison import comparison, family_of, measure
from .network_report import LARGEST, layer_csv, network_report, summary_of
from .scatter import FAMILIES

LIMITS = {"size": LARGEST, "channels": 4096, "classes": 1_000_000}


class Selection(NamedTuple):
    """What the form selects: a network, a second one or "", and the input and the classes of both."""

    network: str
    beside: str
    size: int  # of an image's side
    channels: int
    classes: int

    @property
    def names(self) -> tuple[str, ...]:
        """One network or two."""
        return tuple(name for name in dict.fromkeys((self.network, self.beside)) if name)


def build(reader: DigitReader) -> None:
    """Fill the current tab."""
    arch, size = reader.card["arch"], reader.card["preprocessing"]["size"]
    comparison_of_reader = cache(lambda: comparison(measure(reader)))

    async def show(payload: object) -> Json:
        return await anyio.to_thread.run_sync(show_networks, payload)

    async def compare(_: object) -> str:
        return await anyio.to_thread.run_sync(comparison_of_reader)

    values = {"size": size, "channels": arch["in_channels"], "classes": arch["num_classes"]}
    gr.HTML(
        html_template=form(arch["name"], values),
        css_template=read_asset("architectures/tab.css"),
        js_on_load=load_module("architectures/tab.js"),
        elem_id="architectures",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=[show, compare],
    )


def form(network: str, values: dict[str, int]) -> Markup:
    """The form with ``network`` selected and ``values`` in the fields of LIMITS."""
    families: dict[str, dict[str, dict[str, int]]] = {family: {} for family in FAMILIES}
    for name in list_models():
        spec = get_spec(name)
        channels, size, _ = spec.shape
        published = {"channels": channels, "size": size, "classes": spec.classes}
        families[family_of(name, spec)][name] = published
    return render("architectures/tab.html", families=families, network=network, limits=LIMITS, values=values)


def show_networks(payload: object) -> Json:
    """The selected report as ``html`` with the layers as ``csv`` by network, or the ``error`` as HTML."""
    try:
        selection = parse(payload)
        tables = {name: layer_csv(summary_of(name, *selection[2:])) for name in selection.names}
        return {"html": network_report(selection.names, *selection[2:]), "csv": tables}
    except InputError as error:
        return {"error": render("architectures/problem.html", sentence=str(error), values=error.values)}


def parse(payload: object) -> Selection:
    """The selection in a form as the page sends it. Raises InputError."""
    if not isinstance(payload, dict):
        raise InputError("The request must be an object with a network, a size, channels and classes.")
    names = [payload.get("network"), payload.get("beside") or ""]
    for name in names if names[1] else names[:1]:
        get_spec(name if isinstance(name, str) else str(name)[:60])
    numbers = []
    for key, most in LIMITS.items():
        value: Any = payload.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value % 1:
            raise InputError(f"The {key} must be a whole number.")
        if not 1 <= value <= most:
            raise InputError(f"The {key} must lie between 1 and {most:,}.")
        numbers.append(int(value))
    return Selection(str(names[0]), str(names[1]), *numbers)
