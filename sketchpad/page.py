"""The whole page: header, tabs, style, and the launch options that belong to them."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from model import DigitReader

from .architectures import tab as architectures
from .draw import handlers as draw
from .draw.component import DigitPad
from .inside import tab as inside
from .server import api
from .server import lifecycle as service
from .server.batching import Batcher
from .server.fast_path import FastPath
from .server.remote_pictures import bound_fetching
from .server.request_limits import KEPT, RequestLimits
from .training import tab as training
from .ui.component import read_asset
from .ui.i18n import LANGUAGES, TEXTS, marked

TABS = {
    "Inside": inside.build,
    "Architectures": architectures.build,
    "Training": training.build,
}


MOST_WAITING = 256  # of the API's questions
SWEEP = (60, KEPT // 2)  # seconds: how often uploads are looked through, and how old those are that go


class Page(gr.Blocks):
    """Blocks that know how they want to be launched, whoever launches them: `app.py`, a Space, a test."""

    app_options: dict[str, Any]  # of the web application around them

    def launch(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - Gradio's own signature
        ours = {
            "theme": theme(),
            "head": head(),
            "footer_links": ["api"],
            "ssr_mode": False,  # needs Node, and was measured to be slower
            "mcp_server": True,  # the API's functions as tools, at /gradio_api/mcp
            "enable_monitoring": False,  # would tell anybody who asks how often the API is used
            "run_history": False,  # would write every event into the visitor's browser storage
        }
        given = {**ours, **options}
        given["app_kwargs"] = {**self.app_options, **(options.get("app_kwargs") or {})}
        return super().launch(*args, **given)

    def block_thread(self) -> None:
        """Serve until told to stop; then let nobody in, and answer what is under way."""
        service.wait_for_stop(lambda: self.is_running)
        self.close(verbose=False)


def build(reader: DigitReader, metrics: bool = False) -> Page:
    """The page for one reader, ready to launch; ``metrics`` adds /metrics for Prometheus."""
    bound_fetching()
    crowd = Batcher(reader.read_drawings)
    tabs = {"Draw": partial(draw.build, crowd=crowd), **TABS}
    with Page(title=TEXTS["en"]["page.title"], analytics_enabled=False, delete_cache=SWEEP) as page:
        gr.HTML(header(), elem_id="header", apply_default_css=False)
        with gr.Tabs(overflow_behavior="wrap"):
            for name, fill in tabs.items():
                # Drawn though hidden: a drawing survives a look at another tab.
                with gr.Tab(name, id=name, elem_id=f"tab-{name}", render_children=True):
                    fill(reader)
        api.build(reader, crowd)
        gr.HTML(marked("p", "page.privacy"), elem_id="privacy", apply_default_css=False)
    page.queue(max_size=MOST_WAITING, api_open=False)  # else `run` would let a picture past the queue
    pad = next(block for block in page.blocks.values() if isinstance(block, DigitPad))
    asks, runs = {"live": (pad._id, pad.live)}, {"read_strokes": partial(api.run_strokes, crowd)}
    page.app_options = {
        **service.app_options(reader, metrics),
        "middleware": [Middleware(RequestLimits), Middleware(FastPath, asks=asks, runs=runs)],
    }
    return page


def header() -> str:
    choices = "".join(
        f'<option value="{code}" lang="{code}">{name}</option>' for code, name in LANGUAGES.items()
    )
    return (
        f"<header><div>{marked('h1', 'page.title')}{marked('p', 'page.tagline')}</div>"
        f'<select id="language" data-text-label="page.language">{choices}</select></header>'
    )


def head() -> str:
    """The style sheet, the sentences, and the script that puts them on the page.

    Not by `launch(css=...)`: that prefixes every rule, and those inside @media then match nothing.
    """
    # "</" would end the script element, whatever the sentence.
    sentences = json.dumps(TEXTS, ensure_ascii=False).replace("</", "<\\/")
    style = f"<style>{read_asset('page.css')}</style>"
    return f"{style}<script>window.sketchpadTexts = {sentences};\n{read_asset('page.js')}</script>"


def theme() -> gr.themes.Base:
    """Gradio's base with the system's own fonts: nothing is fetched from another host."""
    return gr.themes.Base(
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
        primary_hue="teal",
        neutral_hue="slate",
    ).set(body_background_fill="#f5f7f9", body_background_fill_dark="#10151c")
