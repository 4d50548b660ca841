"""The drawing pad with its answer, as one Gradio HTML component.

The pad keeps strokes, sends them to ``live`` and writes the answer into its own DOM: no component
event, no queue. That answers in about 20 ms, during the stroke too; `gr.Sketchpad` takes a second.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import gradio as gr

HERE = Path(__file__).parent


def beside(name: str) -> str:
    """A file of this package."""
    return (HERE / name).read_text(encoding="utf-8")


class DigitPad(gr.HTML):
    """``live`` takes stroke lists as a client sent them and returns a dict; see `draw.py`."""

    def __init__(self, live: Callable[[object], Awaitable[object]], device: str) -> None:
        super().__init__(
            html_template=beside("canvas.html"),
            css_template=beside("canvas.css"),
            js_on_load=beside("answer.js") + beside("canvas.js"),
            apply_default_css=False,
            server_functions=[live],
            device=device,
        )
