"""The page's ES modules in bundles: JSON files with many modules each, which module_loader.js imports from.

Bundles are served from memory under a path that contains the hash of their content. A new version has a new
path, so browsers may cache every bundle forever. The files are read once: a running server does not serve new
files under an old hash after an upgrade on disk.
"""

from __future__ import annotations

import hashlib
import json
import posixpath
import re
from collections.abc import Collection
from graphlib import TopologicalSorter

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .assets import read_asset

ENTRY = "page.js"  # its bundle has all that the pad needs
TABS = ("inside/tab.js", "architectures/tab.js", "training/tab.js", "play/tab.js", "lesson/lesson.js")
_IMPORT = re.compile(r'^(?:import\s+|(?:import|export)\b[^;"]*\bfrom\s+)("\.[^"]+")', re.MULTILINE)

Bundle = list[tuple[str, list[str]]]


def bundle(entry: str, without: Collection[str] = ()) -> Bundle:
    """A module and all that it imports, each after what it imports itself.

    A module is its path and its source, split so that every second part is the path of an imported module.
    Raises graphlib.CycleError for modules that import each other.
    """
    modules: dict[str, list[str]] = {}
    left = [entry]
    while left:
        path = left.pop()
        if path not in modules and path not in without:
            modules[path] = _split(path)
            left += modules[path][1::2]
    order = TopologicalSorter({path: parts[1::2] for path, parts in modules.items()}).static_order()
    return [(path, modules[path]) for path in order if path in modules]


def _split(path: str) -> list[str]:
    source, parts, start = read_asset(path), [], 0
    for match in _IMPORT.finditer(source):
        target = posixpath.join(posixpath.dirname(path), match[1].strip('"'))
        parts += [source[start : match.start(1)], posixpath.normpath(target)]
        start = match.end(1)
    return [*parts, source[start:]]


def _bundles() -> dict[str, bytes]:
    """The content of each bundle by its file name."""
    first = bundle(ENTRY)
    bundles = {ENTRY: first} | {tab: bundle(tab, [path for path, _ in first]) for tab in TABS}
    return {
        path.replace(".js", ".json"): json.dumps(each, ensure_ascii=False).encode()
        for path, each in bundles.items()
    }


_BUNDLES = _bundles()
FIRST, *LATER = _BUNDLES  # the names of their files
VERSION = hashlib.sha256(b"\0".join(_BUNDLES.values())).hexdigest()[:12]
FOLDER = f"modules/{VERSION}"  # relative to the page, which may be served behind a path prefix


def load_module(path: str) -> str:
    """The ``js_on_load`` of a component: import a module and call its ``mount``, see ui/load.js.

    Gradio compiles the script as a function body.
    """
    return f'sketchpadPage.then(({{ load }}) => load("{path}", {{ element, server, props }}));'


async def _serve(request: Request) -> Response:
    content = _BUNDLES.get(request.path_params["name"])
    if content is None or request.path_params["version"] != VERSION:
        raise HTTPException(404)
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return Response(content, media_type="application/json", headers=headers)


def route() -> Route:
    """For the web application. A Mount would return 404 behind a proxy that strips a path prefix."""
    return Route("/modules/{version}/{name:path}", _serve)
