"""The drawing pad with its reading, as one Gradio HTML component.

The pad keeps strokes, sends them to ``live`` and writes the response into its own DOM, without component
events or the queue. A response takes about 20 ms, also during a stroke; `gr.Sketchpad` takes a second.
"""

from __future__ import annotations

import gradio as gr

from ..ui.component import PAD_SIDE, ServerFunction, read_asset
from ..ui.modules import load_module

STYLES = ("draw/canvas.css", "draw/result.css")


def drawing_pad(server_functions: list[ServerFunction], device: str) -> gr.HTML:
    """The pad; its script calls ``server_functions``, each with one argument (see ``handlers.py``)."""
    return gr.HTML(
        html_template=read_asset("draw/canvas.html"),
        css_template="".join(map(read_asset, STYLES)),
        js_on_load=load_module("draw/index.js"),
        apply_default_css=False,
        server_functions=server_functions,
        device=device,
        side=PAD_SIDE,
    )
