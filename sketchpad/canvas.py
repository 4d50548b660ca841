"""The drawing pad with its answer, as one Gradio HTML component.

The pad keeps strokes, sends them to ``live`` and writes the answer into its own DOM: no component
event, no queue. That answers in about 20 ms, during the stroke too; `gr.Sketchpad` takes a second.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent
# One script in parts, which see each other's functions; a part uses the values of those before it.
SCRIPTS = ("ask.js", "canvas.js", "pen.js", "answer.js", "start.js", "steps.js", "corrections.js")
STYLES = ("canvas.css", "answer.css")
SIDE = 280  # the pad's own units a side

Ask = Callable[[object], Awaitable[object]]


def beside(name: str) -> str:
    """A file of this package."""
    return (HERE / name).read_text(encoding="utf-8")


class DigitPad(gr.HTML):
    """``asks`` are what the page's script calls on the server, each with one argument; see `draw.py`."""

    def __init__(self, asks: list[Ask], device: str) -> None:
        super().__init__(
            html_template=beside("canvas.html"),
            css_template="".join(map(beside, STYLES)),
            js_on_load="".join(map(beside, SCRIPTS)),
            apply_default_css=False,
            server_functions=asks,
            device=device,
            side=SIDE,
        )
