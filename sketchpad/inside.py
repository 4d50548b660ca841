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

from . import branches, depth, timeline, walk, why
from .canvas import Ask, beside

SECTIONS: tuple[ModuleType, ...] = (walk, branches, why, timeline, depth)


def build(reader: DigitReader) -> None:
    """Fill the current tab with every section."""
    names = [section.__name__.rpartition(".")[2] for section in SECTIONS]
    sections = "".join(
        f'<section data-section="{name}" hidden>{section.html(reader)}</section>'
        for name, section in zip(names, SECTIONS, strict=True)
    )
    asks: list[Ask] = [ask for section in SECTIONS for ask in section.asks(reader)]
    gr.HTML(
        html_template=beside("inside.html").replace("@sections", sections),
        css_template="".join(beside(f"{name}.css") for name in ("inside", *names)),
        # Each section's script is a function's: a mere block would let its functions replace the frame's.
        js_on_load=beside("inside.js")
        + "".join(f"(() => {{\n{beside(f'{name}.js')}}})();\n" for name in names),
        elem_id="inside",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=asks,
    )
