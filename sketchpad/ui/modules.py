"""The page's ES modules, served from memory under a path that contains the hash of their content.

A new version has a new path, which relative imports inherit, so browsers may cache every module forever. The
files are read once: a running server does not serve new files under an old hash after an upgrade on disk.
"""

from __future__ import annotations

import hashlib

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .assets import PACKAGE

_MODULES = {path.relative_to(PACKAGE).as_posix(): path.read_bytes() for path in sorted(PACKAGE.rglob("*.js"))}
_HASH = hashlib.sha256(b"\0".join(part for item in _MODULES.items() for part in (item[0].encode(), item[1])))
VERSION = _HASH.hexdigest()[:12]
BASE = f"modules/{VERSION}"  # relative to the page, which may be served behind a path prefix
ENTRY = f"{BASE}/page.js"
# What the entry imports, directly or indirectly: preloaded in parallel instead of import by import.
FIRST = [f"{BASE}/{name}" for name in _MODULES if name.startswith(("ui/", "pad/", "draw/"))]


def load_module(path: str) -> str:
    """The ``js_on_load`` of a component: import a module and call its ``mount``, see ui/load.js.

    The URL is relative to ``document.baseURI``, as Gradio's own are. Gradio compiles the script as a function
    body, in which only a dynamic import is possible.
    """
    return (
        f'import(new URL("{BASE}/ui/load.js", document.baseURI))'
        f'.then(({{ load }}) => load("{path}", {{ element, server, props }}));'
    )


async def _serve(request: Request) -> Response:
    content = _MODULES.get(request.path_params["name"])
    if content is None or request.path_params["version"] != VERSION:
        raise HTTPException(404)
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(content, media_type="text/javascript", headers=headers)


def route() -> Route:
    """For the web application. A Mount would return 404 behind a proxy that strips a path prefix."""
    return Route("/modules/{version}/{name:path}", _serve)
