"""Compression of the page, which Gradio sends as it is: it compresses only addresses that end like a file."""

from __future__ import annotations

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

PATHS = ("/", "/config", "/lesson")  # the page, what API clients request of it, the lesson to print
LEVEL = 6  # 9 takes twice the time to save one percent


class Compression:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.compressing = GZipMiddleware(app, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        compresses = scope["type"] == "http" and scope["path"] in PATHS
        await (self.compressing if compresses else self.app)(scope, receive, send)
