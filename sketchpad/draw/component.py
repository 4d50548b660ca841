"""The drawing pad with its answer, as one Gradio HTML component.

The pad keeps strokes, sends them to ``live`` and writes the answer into its own DOM: no component
event, no queue. That answers in about 20 ms, during the stroke too; `gr.Sketchpad` takes a second.
"""

from __future__ import annotations

import gradio as gr

from ..ui.component import PAD_SIDE, ServerFunction, read_asset

# One script in parts, which see each other's functions; a part uses the values of those before it.
SCRIPTS = tuple(
    f"draw/{name}.js" for name in ("client", "document", "pen", "result", "examples", "steps", "corrections")
)
STYLES = ("draw/canvas.css", "draw/result.css")


class DigitPad(gr.HTML):
    """``asks`` are what the page's script calls on the server, each with one argument; see `draw.py`."""

    def __init__(self, asks: list[ServerFunction], device: str) -> None:
        super().__init__(
            html_template=read_asset("draw/canvas.html"),
            css_template="".join(map(read_asset, STYLES)),
            js_on_load="".join(map(read_asset, SCRIPTS)),
            apply_default_css=False,
            server_functions=asks,
            device=device,
            side=PAD_SIDE,
        )
