"""The Play tab: twenty sums answered by hand. Everything but the reading happens in the browser."""

from __future__ import annotations

import gradio as gr

from ..server.batching import Batcher
from ..server.wire import live_function
from ..ui.assets import PAD_SIDE, read_asset
from ..ui.html import render
from ..ui.modules import load_module

LEVELS = {"ten": "3 + 4", "twenty": "8 + 5", "tables": "6 × 7"}  # with an example; sums.js defines them


def build(batcher: Batcher) -> gr.HTML:
    """Fill the current tab and return its component."""
    return gr.HTML(
        render("play/tab.html", levels=LEVELS, side=PAD_SIDE),
        css_template=read_asset("play/tab.css"),
        js_on_load=load_module("play/tab.js"),
        elem_id="play",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=[live_function(batcher)],
        side=PAD_SIDE,
    )
