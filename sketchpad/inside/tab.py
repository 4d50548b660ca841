"""The Inside tab: what the residual network does with the drawing on the pad.

A frame and its sections, in the order in which a learner asks; each can be folded. A section is a folder with
a Python module, a script and a style sheet of its name.
tab.js updates the sections with the chosen digit, only while the tab is visible.
"""

from __future__ import annotations

import json
from typing import Protocol

import gradio as gr
from markupsafe import Markup
from starlette.responses import Response

from ..server.context import PageContext
from ..server.wire import Json, respond
from ..ui.assets import ServerFunction, read_asset
from ..ui.html import render
from ..ui.modules import load_module
from .added_block import added_block
from .attack import attack
from .attribution import attribution
from .branches import branches
from .damage import damage
from .degradation import degradation
from .digit_map import digit_map
from .feature_maps import feature_maps
from .linear_probes import linear_probes
from .logits import logits
from .prefix_predictions import prefix_predictions


class Section(Protocol):
    """A section's module: its part of the page, and the response to its script."""

    def html(self, context: PageContext) -> Markup: ...

    def response(self, context: PageContext, payload: object) -> Json: ...


SECTIONS: dict[str, Section] = {
    "feature_maps": feature_maps,
    "logits": logits,
    "attribution": attribution,
    "digit_map": digit_map,
    "added_block": added_block,
    "branches": branches,
    "linear_probes": linear_probes,
    "prefix_predictions": prefix_predictions,
    "attack": attack,
    "damage": damage,
}
RECORD = "degradation"  # needs neither a drawing nor the server
ALWAYS = (RECORD, "digit_map")  # also shown while the pad is blank
TITLES = {  # in the order on the page
    "feature_maps": "feature_maps.title",
    "logits": "logits.title",
    "attribution": "attribution.title",
    "digit_map": "digit_map.title",
    "branches": "branches.title",
    "added_block": "added_block.title",
    RECORD: "degradation.title",
    "linear_probes": "linear_probes.title",
    "prefix_predictions": "prefix_predictions.title",
    "attack": "attack.title",
    "damage": "damage.title",
}


def build(context: PageContext) -> gr.HTML:
    """Fill the current tab with every section and return it."""
    styles = ["inside/tab.css", *(f"inside/{name}/{name}.css" for name in TITLES)]
    return gr.HTML(
        html_template=html(context),
        css_template="".join(map(read_asset, styles)),
        js_on_load=load_module("inside/tab.js"),
        elem_id="inside",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=server_functions(context),
    )


def html(context: PageContext) -> Markup:
    """The frame with all sections. Those about a drawing are hidden until there is one."""
    pages = {name: section.html(context) for name, section in SECTIONS.items()}
    pages[RECORD] = degradation.html()
    return render("inside/tab.html", titles=TITLES, pages=pages, always=ALWAYS)


async def map_response(context: PageContext, payload: object) -> Response:
    """The map's response, for the fast path: it is requested twenty times a second while the pen moves."""
    content = json.dumps(await respond(digit_map.response, context, payload), separators=(",", ":"))
    return Response(content, media_type="application/json")


def server_functions(context: PageContext) -> list[ServerFunction]:
    """A function for each section, which its script calls by the section's name."""

    def server_function(name: str, section: Section) -> ServerFunction:
        async def function(payload: object) -> Json:
            return await respond(section.response, context, payload)

        function.__name__ = name
        return function

    return [server_function(name, section) for name, section in SECTIONS.items()]
