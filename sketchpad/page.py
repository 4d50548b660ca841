"""The whole page: header, tabs, footer, style, and its launch options."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from markupsafe import Markup
from starlette.middleware import Middleware

from model import DigitReader, __version__

from .architectures import tab as architectures
from .draw import tab as draw
from .icons import app_icons
from .inside import tab as inside
from .lesson import lesson
from .play import tab as play
from .server import api, document_head, lifecycle
from .server.batching import Batcher
from .server.compression import Compression
from .server.context import PageContext
from .server.fast_path import FastPath
from .server.remote_pictures import limit_downloads
from .server.request_limits import UPLOAD_LIFETIME, RequestLimits
from .server.security_headers import SecurityHeaders, check_origins
from .server.wire import live_response
from .training import tab as training
from .ui import modules
from .ui.assets import read_asset
from .ui.html import render
from .ui.i18n import LANGUAGES, TEXTS
from .web.serve import BrowserReader

MAX_QUEUE_SIZE = 256  # API requests
# Seconds: the interval of the check, and the age at which uploads are deleted.
DELETE_CACHE = (60, UPLOAD_LIFETIME // 2)


class Page(gr.Blocks):
    """Blocks with default launch options for every caller: `app.py`, a Space, a test."""

    app_options: dict[str, Any]  # of the web application around Gradio's

    def launch(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - Gradio's own signature
        defaults = {
            "theme": theme(),
            "head": style(),
            "footer_links": ["api"],
            "ssr_mode": False,  # needs Node, and was measured to be slower
            "mcp_server": True,  # the API's functions as tools, at /gradio_api/mcp
            "enable_monitoring": False,  # would show everybody how often the API is used
            "run_history": False,  # would write every event into the visitor's browser storage
        }
        from .server.mcp_tools import explain_errors  # imports `mcp`, as the launch below does anyway

        explain_errors()
        document_head.replace_head(head())
        app_kwargs = {**self.app_options, **(options.pop("app_kwargs", None) or {})}
        return super().launch(*args, **{**defaults, **options}, app_kwargs=app_kwargs)

    def block_thread(self) -> None:
        """Serve until a signal; then accept no new connections and answer the open requests."""
        lifecycle.wait_for_stop(lambda: self.is_running)
        self.close(verbose=False)


def build(
    reader: DigitReader,
    metrics: bool = False,
    embed_from: Iterable[str] = (),
    browser_reader: Path | None = None,
) -> Page:
    """The page for one reader, ready to launch.

    ``metrics`` adds /metrics for Prometheus. ``embed_from`` are origins that may show the page in a frame;
    ValueError for what is not an origin. ``browser_reader`` is a folder from `python -m model export web`,
    with which the page reads by itself while the server is silent; ValueError if it is another network's.
    """
    embed_from = check_origins(embed_from)
    in_browser = BrowserReader(browser_reader, reader) if browser_reader else None
    limit_downloads()
    batcher = Batcher(reader.read_drawings)
    context = PageContext(reader)
    page = Page(title=TEXTS["en"]["page.title"], analytics_enabled=False, delete_cache=DELETE_CACHE)
    with page:
        gr.HTML(
            render("header.html", languages=LANGUAGES, lesson=True), elem_id="header", apply_default_css=False
        )
        with gr.Tabs(overflow_behavior="wrap"):
            with tab_panel("Draw"):
                pad = draw.build(reader, batcher, in_browser.address if in_browser else "")
            with tab_panel("Inside"):
                explanations = inside.build(context)
            with tab_panel("Architectures"):
                architectures.build(reader)
            with tab_panel("Training"):
                training.build(reader)
            with tab_panel("Play"):
                sums = play.build(batcher)
        api.build(reader, batcher)
        gr.HTML(render("footer.html", version=__version__), elem_id="privacy", apply_default_css=False)
        lesson.build()
    page.queue(max_size=MAX_QUEUE_SIZE, api_open=False)  # /run bypasses the queue unless api_open=False
    fast_path = Middleware(
        FastPath,
        # Gradio has no public name for a component's id.
        components={
            "live": ((pad._id, sums._id), partial(live_response, batcher)),
            "digit_map": ((explanations._id,), partial(inside.map_response, context)),
        },
        endpoints={"read_strokes": partial(api.run_read_strokes, batcher)},
    )
    app_options = lifecycle.app_options(reader, metrics)
    page.app_options = {
        **app_options,
        "routes": [
            *app_options["routes"],
            modules.route(),
            document_head.route(),
            lesson.route(),
            *app_icons.routes(),
            *([in_browser.route()] if in_browser else []),
        ],
        "middleware": [
            Middleware(SecurityHeaders, embed_from),
            Middleware(RequestLimits),
            Middleware(Compression),
            fast_path,
        ],
    }
    return page


def tab_panel(name: str) -> gr.Tab:
    """A tab that is rendered while hidden, so that a change of tab keeps the drawing."""
    return gr.Tab(name, id=name, elem_id=f"tab-{name}", render_children=True)


def head() -> Markup:
    """The sentences, the style of Gradio's containers, and what imports the modules."""
    return render(
        "head.html",
        style=Markup(read_asset("gradio.css")),
        texts=TEXTS,
        loader=Markup(read_asset("ui/module_loader.js")),
        folder=modules.FOLDER,
        entry=modules.ENTRY,
        first=modules.FIRST,
        later=modules.LATER,
    )


def style() -> str:
    """The style sheet. Gradio adds it after its own, whose rules for headings and paragraphs it replaces.

    `launch(css=...)` would prefix every rule, and rules inside @media would then match nothing.
    """
    return f"<style>{read_asset('page.css')}</style>"


def theme() -> gr.themes.Base:
    """Gradio's base theme with system fonts: nothing is fetched from another host."""
    return gr.themes.Base(
        font=("system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
        primary_hue="teal",
        neutral_hue="slate",
    ).set(
        body_background_fill=app_icons.BACKGROUND["light"],
        body_background_fill_dark=app_icons.BACKGROUND["dark"],
    )
