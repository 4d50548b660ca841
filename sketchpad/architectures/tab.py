"""The Architectures tab: any network of the zoo at any input, drawn from the module itself.

The tab asks the server when somebody looks at it, and not before: ``show`` for the networks chosen,
``compare`` for the whole zoo. Both are server functions of one HTML component, as the pad's are.
"""

from __future__ import annotations

import json
from functools import cache, lru_cache
from html import escape
from typing import Any

import anyio.to_thread
import gradio as gr
from torch import nn

from model import DigitReader, InputError, list_models
from model.graph.block_structure import stages_of
from model.graph.summary import Summary, create_uninitialized, summarise
from model.graph.tracer import trace_network
from model.networks.registry import get_spec

from ..ui.component import read_asset
from ..ui.i18n import marked
from ..ui.svg import worded
from .comparison import comparison, family, measure
from .layer_table import layer_csv
from .network_report import Network, sheet
from .scatter import FAMILIES

LIMITS = {"size": 4096, "channels": 4096, "classes": 1_000_000}


def build(reader: DigitReader) -> None:
    """Fill the current tab: the form, and a place for what it asks for."""
    arch, size = reader.card["arch"], reader.card["preprocessing"]["size"]
    compared = cache(lambda: comparison(measure(reader)))

    async def show(payload: object) -> dict[str, Any]:
        return await anyio.to_thread.run_sync(answer, payload)

    async def compare(_: object) -> str:
        return await anyio.to_thread.run_sync(compared)

    chosen = {"size": size, "channels": arch["in_channels"], "classes": arch["num_classes"]}
    gr.HTML(
        html_template=form(arch["name"], chosen),
        css_template=read_asset("architectures/tab.css"),
        js_on_load=read_asset("architectures/tab.js"),
        elem_id="architectures",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=[show, compare],
    )


def form(name: str, chosen: dict[str, int]) -> str:
    """What can be chosen; ``name`` and ``chosen`` are what is asked for first."""
    options: dict[str, list[str]] = {}
    for model in list_models():
        spec = get_spec(model)
        published = dict(zip(("channels", "size", "classes"), (*spec.shape[:2], spec.classes), strict=True))
        options.setdefault(family(model, spec), []).append(
            f'<option value="{model}" data-published="{escape(json.dumps(published))}"'
            f"{' selected' if model == name else ''}>{model}</option>"
        )
    groups = "".join(
        f'<optgroup data-text-group="arch.family.{kind}" label="{kind}">{"".join(options[kind])}</optgroup>'
        for kind in FAMILIES
    )
    none = '<option value="" data-text="arch.form.none"></option>'
    numbers = "".join(
        f"<label>{marked('span', f'arch.form.{key}')}"
        f'<input name="{key}" type="number" inputmode="numeric" min="1" max="{most}" step="1" '
        f'value="{chosen[key]}" required></label>'
        for key, most in LIMITS.items()
    )
    return (
        read_asset("architectures/tab.html")
        .replace("@numbers", numbers)
        .replace("@networks", groups)
        .replace("@others", none + groups.replace(" selected", ""))
    )


def answer(payload: object) -> dict[str, Any]:
    """What the page shows for a form as a client sent it: ``html`` and ``csv`` by network, or ``error``."""
    try:
        asked = parse(payload)
        return {"html": page(*asked), "csv": {n: csv_of(n, *asked[1:4]) for n in names(asked)}}
    except InputError as error:
        return {"error": f"<p>{escape(str(error))}</p>"}
    except TooSmallError as error:
        return {"error": error.html}


Asked = tuple[str, int, int, int, str]


def names(asked: Asked) -> list[str]:
    """The networks asked for, one or two."""
    return [name for name in dict.fromkeys((asked[0], asked[4])) if name]


def parse(payload: object) -> Asked:
    """(network, size, channels, classes, the network beside it or ""); InputError for anything else."""
    if not isinstance(payload, dict):
        raise InputError("A network, a size, channels and classes are asked for, as an object.")
    name, beside_it = payload.get("network"), payload.get("beside") or ""
    get_spec(name if isinstance(name, str) else str(name)[:60])
    if beside_it:
        get_spec(beside_it if isinstance(beside_it, str) else str(beside_it)[:60])
    numbers = []
    for key, most in LIMITS.items():
        value = payload.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value % 1:
            raise InputError(f"The {key} must be a whole number.")
        if not 1 <= value <= most:
            raise InputError(f"The {key} must lie between 1 and {most:,}.")
        numbers.append(int(value))
    size, channels, classes = numbers
    return str(name), size, channels, classes, str(beside_it)


class TooSmallError(Exception):
    """An image smaller than a network takes; ``html`` says so, and offers the smallest."""

    def __init__(self, name: str, size: int, smallest: int) -> None:
        super().__init__(f"{name} takes {smallest} pixels and more, not {size}")
        said = marked("span", "arch.small", name=name, size=size, smallest=smallest)
        use = worded("button", "arch.small.use", f'type="button" data-size="{smallest}"', smallest=smallest)
        self.html = f"<p>{said} {use}</p>"


@lru_cache(maxsize=4)
def network(name: str, channels: int, classes: int) -> nn.Module:
    """The network without numbers: what it is made of."""
    return create_uninitialized(name, channels, classes)


@lru_cache(maxsize=16)
def summary_of(name: str, size: int, channels: int, classes: int) -> Summary:
    net = network(name, channels, classes)
    try:
        return summarise(net, (channels, size, size))
    except InputError:
        least = summarise(net, (channels, LIMITS["size"], LIMITS["size"])).smallest
        raise TooSmallError(name, size, least) from None


@lru_cache(maxsize=16)
def page(name: str, size: int, channels: int, classes: int, beside_it: str) -> str:
    """Everything about one network, or about two side by side."""
    shape = (channels, size, size)
    shown = []
    for each in names((name, size, channels, classes, beside_it)):
        summary = summary_of(each, size, channels, classes)
        net = network(each, channels, classes)
        shown.append(Network(each, summary, stages_of(net, trace_network(net, shape)), shape, classes))
    return sheet(shown)


def csv_of(name: str, size: int, channels: int, classes: int) -> str:
    return layer_csv(summary_of(name, size, channels, classes))
