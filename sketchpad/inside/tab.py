"""The Inside tab: what the residual network does with the drawing on the pad.

A frame and its sections. A section is a folder with a Python module, a script and a style sheet of its name.
tab.js passes the chosen digit to the scripts of the sections, only while the tab is visible.
"""

from __future__ import annotations

from typing import Protocol

import gradio as gr
from markupsafe import Markup

from ..server.context import PageContext
from ..ui.component import ServerFunction, read_asset
from ..ui.html import render
from .attribution import attribution
from .branches import branches
from .feature_maps import feature_maps
from .linear_probes import linear_probes
from .prefix_predictions import prefix_predictions


class Section(Protocol):
    """The interface of a section's module."""

    def html(self, context: PageContext) -> Markup:
        """The section's part of the page."""

    def server_functions(self, context: PageContext) -> list[ServerFunction]:
        """The functions that the section's script calls by their names."""


SECTIONS: dict[str, Section] = {
    "feature_maps": feature_maps,
    "branches": branches,
    "attribution": attribution,
    "prefix_predictions": prefix_predictions,
    "linear_probes": linear_probes,
}


def build(context: PageContext) -> None:
    """Fill the current tab with every section."""
    paths = ["inside/tab", *(f"inside/{name}/{name}" for name in SECTIONS)]
    scripts = [read_asset(f"{path}.js") for path in paths]
    gr.HTML(
        html_template=html(context),
        css_template="".join(read_asset(f"{path}.css") for path in paths),
        # A section's script is the body of a function, so that its names do not replace those of the frame.
        js_on_load=scripts[0] + "".join(f"(() => {{\n{script}}})();\n" for script in scripts[1:]),
        elem_id="inside",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=[
            function for section in SECTIONS.values() for function in section.server_functions(context)
        ],
    )


def html(context: PageContext) -> Markup:
    """The frame with all sections, which are hidden until there is a drawing."""
    sections = {name: section.html(context) for name, section in SECTIONS.items()}
    return render("inside/tab.html", sections=sections)
