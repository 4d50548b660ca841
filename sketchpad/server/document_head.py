"""The head of the served page: its modules and style, its icons, and what a link to it looks like elsewhere.

Gradio adds a `head=` only once its own scripts run, which is late to fetch ours. Its page has no title until
then, and two sets of preview tags: one for Gradio itself, with a literal "{url}", and one without a
description. Its link to a manifest fails behind a path prefix.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import gradio
from gradio.routes import templates
from jinja2 import BaseLoader, Environment
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from ..icons.app_icons import links
from ..ui.assets import PACKAGE
from ..ui.html import render
from ..ui.i18n import TEXTS

ASSETS = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
PICTURE = PACKAGE.parent / "docs" / "page.png"
ADDRESS = "/preview.png"
START = """<base href="{{ base_url | default('./') }}" />"""  # ours come after it, early in the head
ENTRY = re.compile(r'src="\./assets/([\w-]+\.js)"')
DEPENDENCIES = re.compile(r"m\.f=\[([^]]*)\]")  # Vite's list of the files that a module's imports need
FIRST = ("Blocks", "HTML")  # what every page with our components imports then
TAG = re.compile(r'<(?:meta\s+(?:property="og:|name="twitter:)|link\s+rel="manifest")[^>]*>\s*')


def preloads(source: str, assets: Path) -> Markup:
    """Tags for Gradio's files that the page needs first, in its folder ``assets``: the entry of the template
    ``source``, and what that imports step by step, each step a round trip."""
    entry = ENTRY.search(source)
    if entry is None:
        return Markup()
    dependencies = DEPENDENCIES.search((assets / entry[1]).read_text("utf-8"))
    names = [entry[1], *re.findall(r"\./([\w.-]+)", dependencies[1] if dependencies else "")]
    names += [path.name for first in FIRST for path in sorted(assets.glob(f"{first}-*"))]
    kinds = {".js": Markup('rel="modulepreload"'), ".css": Markup('rel="preload" as="style"')}
    return Markup("").join(
        Markup('<link {} crossorigin href="./assets/{}">\n').format(kinds[Path(name).suffix], name)
        for name in names
    )


class OwnHead(BaseLoader):
    """Gradio's templates with our tags in place of its own."""

    def __init__(self, loader: BaseLoader, head: Markup) -> None:
        self.loader = loader
        self.head = head

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        source, file, is_current = self.loader.get_source(environment, template)
        return with_head(source, self.head), file, is_current


def with_head(source: str, head: Markup) -> str:
    """The source of a template with our tags and ``head``."""
    # `root` is the page's address as the visitor's request has it: Gradio fills it in.
    preview = render(
        "preview.html",
        title=TEXTS["en"]["page.title"],
        description=TEXTS["en"]["page.tagline"],
        root="{{ config.root }}",
        picture=ADDRESS,
    )
    ours = f"{START}\n{preview}{{% raw %}}{links()}{preloads(source, ASSETS)}{head}{{% endraw %}}"
    return TAG.sub("", source).replace(START, ours, 1)


def replace_head(head: Markup) -> None:
    """Make Gradio fill in our tags."""
    loader = templates.env.loader
    if loader is None or isinstance(loader, OwnHead):
        return
    if START not in loader.get_source(templates.env, "frontend/index.html")[0]:
        raise RuntimeError("This version of Gradio has another page; ours would not start in it.")
    templates.env.loader = OwnHead(loader, head)


async def _serve(_: Request) -> Response:
    return FileResponse(PICTURE, headers={"cache-control": "public, max-age=3600"})


def route() -> Route:
    """For the web application."""
    return Route(ADDRESS, _serve)
