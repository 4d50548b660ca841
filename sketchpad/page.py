"""The whole page: header, tabs, style, and the launch options that belong to them."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from model import DigitReader

from . import api, architectures, draw, inside, service, training
from .canvas import DigitPad, beside
from .shortcut import Shortcut
from .texts import LANGUAGES, TEXTS, marked

TABS = {
    "Draw": draw.build,
    "Inside": inside.build,
    "Architectures": architectures.build,
    "Training": training.build,
}


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
    with Page(title=TEXTS["en"]["page.title"], analytics_enabled=False) as page:
        gr.HTML(header(), elem_id="header", apply_default_css=False)
        with gr.Tabs(overflow_behavior="wrap"):
            for name, fill in TABS.items():
                # Drawn though hidden: a drawing survives a look at another tab.
                with gr.Tab(name, id=name, elem_id=f"tab-{name}", render_children=True):
                    fill(reader)
        api.build(reader)
        gr.HTML(marked("p", "page.privacy"), elem_id="privacy", apply_default_css=False)
    pad = next(block for block in page.blocks.values() if isinstance(block, DigitPad))
    page.app_options = {
        **service.app_options(reader, metrics),
        "middleware": [Middleware(Shortcut, asks={"live": (pad._id, pad.live)})],
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
    style = f"<style>{beside('page.css')}</style>"
    return f"{style}<script>window.sketchpadTexts = {sentences};\n{beside('page.js')}</script>"


def theme() -> gr.themes.Base:
    """Gradio's base with the system's own fonts: nothing is fetched from another host."""
    return gr.themes.Base(
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
        primary_hue="teal",
        neutral_hue="slate",
    ).set(body_background_fill="#f5f7f9", body_background_fill_dark="#10151c")
