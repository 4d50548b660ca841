"""The page as an app of its own: its icons and its web app manifest, in place of Gradio's.

Gradio answers at /manifest.json and /favicon.ico with its own logo; our routes come before its own. Every
address is relative, so that the page may be served behind a path prefix. There is no service worker: without
the server the page could read nothing.
"""

from __future__ import annotations

import json

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..ui.assets import PACKAGE
from ..ui.html import render
from ..ui.i18n import TEXTS

BACKGROUND = {"light": "#f5f7f9", "dark": "#10151c"}  # of the page
_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon"}
_ICONS = {
    path.name: (path.read_bytes(), _TYPES[path.suffix])
    for path in sorted((PACKAGE / "icons").iterdir())
    if path.suffix in _TYPES
}
_HEADERS = {"cache-control": "public, max-age=3600"}


def manifest() -> dict[str, object]:
    """The web app manifest (https://www.w3.org/TR/appmanifest/)."""
    pictures = [("icons/icon.svg", "any", "any")]
    pictures += [
        (f"icons/{kind}-{side}.png", f"{side}x{side}", purpose)
        for kind, purpose in (("icon", "any"), ("maskable", "maskable"))
        for side in (192, 512)
    ]
    return {
        "id": "./",
        "name": TEXTS["en"]["page.title"],
        "short_name": "Sketchpad",
        "description": TEXTS["en"]["page.tagline"],
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "theme_color": BACKGROUND["light"],
        "background_color": BACKGROUND["light"],
        "icons": [
            {"src": src, "sizes": sizes, "type": _TYPES[src[-4:]], "purpose": purpose}
            for src, sizes, purpose in pictures
        ],
    }


def files() -> dict[str, bytes]:
    """The manifest and the icons that it and `links` name, by address: for a page of static files."""
    icons = {f"icons/{name}": content for name, (content, _) in _ICONS.items()}
    return {"manifest.json": json.dumps(manifest()).encode(), **icons}


def links() -> Markup:
    """For the page's head, after its <base>."""
    return render("icons/links.html", background=BACKGROUND)


async def _serve_manifest(_: Request) -> Response:
    return Response(json.dumps(manifest()), media_type="application/manifest+json", headers=_HEADERS)


async def _serve_icon(request: Request) -> Response:
    icon = _ICONS.get(request.path_params.get("name", "favicon.ico"))
    if icon is None:
        raise HTTPException(404)
    content, media_type = icon
    return Response(content, media_type=media_type, headers=_HEADERS)


def routes() -> list[Route]:
    """For the web application."""
    return [
        Route("/manifest.json", _serve_manifest),
        Route("/favicon.ico", _serve_icon),
        Route("/icons/{name}", _serve_icon),
    ]
