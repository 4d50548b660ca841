"""The head of the served page: what a link to it looks like elsewhere, and its icons.

Gradio's page has no title until its script runs, and two sets of preview tags: one for Gradio itself, with a
literal "{url}", and one without a description. Its link to a manifest fails behind a path prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from gradio.routes import templates
from jinja2 import BaseLoader, Environment
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ..icons.app_icons import links
from ..ui.assets import PACKAGE
from ..ui.html import render
from ..ui.i18n import TEXTS

PICTURE = PACKAGE.parent / "docs" / "page.png"
ADDRESS = "/preview.png"
START = '<meta charset="utf-8" />'
TAG = re.compile(r'<(?:meta\s+(?:property="og:|name="twitter:)|link\s+rel="manifest")[^>]*>\s*')


class OwnPreview(BaseLoader):
    """Gradio's templates with our tags in place of its own."""

    def __init__(self, loader: BaseLoader) -> None:
        self.loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, file, is_current = self.loader.get_source(environment, template)
        return with_preview(source), file, is_current


def with_preview(source: str) -> str:
    """The source of a template with our tags."""
    # `root` is the page's address as the visitor's request has it: Gradio fills it in.
    preview = render(
        "preview.html",
        title=TEXTS["en"]["page.title"],
        description=TEXTS["en"]["page.tagline"],
        root="{{ config.root }}",
        picture=ADDRESS,
    )
    source = TAG.sub("", source).replace(START, f"{START}\n{preview}", 1)
    return source.replace("</head>", f"{links()}</head>", 1)


def replace_preview() -> None:
    """Make Gradio fill in our tags."""
    loader = templates.env.loader
    if loader is None or isinstance(loader, OwnPreview):
        return
    if START not in loader.get_source(templates.env, "frontend/index.html")[0]:
        raise RuntimeError("This version of Gradio has another page; the link's preview would not be ours.")
    templates.env.loader = OwnPreview(loader)


async def _serve(_: Request) -> Response:
    return FileResponse(PICTURE, headers={"cache-control": "public, max-age=3600"})


def route() -> Route:
    """For the web application."""
    return Route(ADDRESS, _serve)
