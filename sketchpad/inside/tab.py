"""The Inside tab: what the residual network does with the drawing on the pad.

A frame and its sections. Each section is a module here with ``html(reader)``, its part of the page,
``asks(reader)``, what its script calls on the server, and NAME.js and NAME.css beside it. The frame tells
a section's script which digit is looked at, and only while somebody looks. What all sections need to
take a payload apart is in ``payload.py``: this module imports them, so that they cannot import it.
"""

from __future__ import annotations

from types import ModuleType

import gradio as gr

from model import DigitReader

from ..ui.component import ServerFunction, read_asset
from .attribution import attribution
from .branches import branches
from .feature_maps import feature_maps
from .linear_probes import linear_probes
from .prefix_predictions import prefix_predictions

SECTIONS: tuple[ModuleType, ...] = (
    feature_maps,
    branches,
    attribution,
    prefix_predictions,
    linear_probes,
)


def build(reader: DigitReader) -> None:
    """Fill the current tab with every section."""
    names = [section.__name__.rpartition(".")[2] for section in SECTIONS]
    paths = [f"{name}/{name}" for name in names]
    sections = "".join(
        f'<section data-section="{name}" hidden>{section.html(reader)}</section>'
        for name, section in zip(names, SECTIONS, strict=True)
    )
    asks: list[ServerFunction] = [ask for section in SECTIONS for ask in section.asks(reader)]
    gr.HTML(
        html_template=read_asset("inside/tab.html").replace("@sections", sections),
        css_template="".join(read_asset(f"inside/{name}.css") for name in ("tab", *paths)),
        # Each section's script is a function's: a mere block would let its functions replace the frame's.
        js_on_load=read_asset("inside/tab.js")
        + "".join(f"(() => {{\n{read_asset(f'inside/{path}.js')}}})();\n" for path in paths),
        elem_id="inside",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=asks,
    )
