"""Limits on requests: closed routes, body sizes, the disk space of uploads.

Gradio opens more routes than this page uses: visitor statistics, a proxy, a video converter, links that store
a visitor's state on the disk. They are closed here, also if a later version of Gradio opens them by default.
"""

from __future__ import annotations

import time
from collections import deque

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/gradio_api"
CLOSED_ROUTES = (
    "/monitoring", "/profiling", "/process_recording", "/proxy=", "/stream/", "/deep_link", "/vibe-",
    "/undo-vibe-", "/run-history", "/dev/", "/pwa_icon",
)  # fmt: skip
MAX_BODY = 12_000_000  # bytes: 200,000 points of two full-precision doubles each, with some margin
MAX_UPLOAD = 32_000_000  # bytes of one picture
MAX_UPLOADS = 1_000_000_000  # bytes of all uploads on the disk
UPLOAD_LIFETIME = 600  # seconds after which every upload has been deleted: twice the age in `page.py`


class BodyTooLargeError(Exception):
    """The body of a request without a content length exceeds the limit."""


class RequestLimits:
    """ASGI middleware around the application."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.uploads: deque[tuple[float, int]] = deque()  # time and size of each

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        response_started = False

        async def note_start(message: Message) -> None:
            nonlocal response_started
            if message["type"] == "http.response.start":
                response_started = True
            await send(message)

        path = scope["path"].removeprefix(PREFIX)
        limit = MAX_UPLOAD if path.startswith("/upload") else MAX_BODY
        content_length = Headers(scope=scope).get("content-length")
        if content_length and content_length.isdecimal():
            size = int(content_length)
        else:
            size = limit if scope["method"] == "POST" else 0
            receive = limited(receive, limit)
        app: ASGIApp = self._refusal(path, size, limit) or self.app
        try:
            await app(scope, receive, note_start)
        except BodyTooLargeError:
            if not response_started:
                await too_large(limit)(scope, receive, note_start)

    def _refusal(self, path: str, size: int, limit: int) -> PlainTextResponse | None:
        """The error response to a refused request; None for an accepted one, whose upload is counted."""
        if path.startswith(CLOSED_ROUTES):
            return PlainTextResponse("There is nothing here.", 404)
        if size > limit:
            return too_large(limit)
        if path.startswith("/upload") and size:
            now = time.monotonic()
            while self.uploads and now - self.uploads[0][0] > UPLOAD_LIFETIME:
                self.uploads.popleft()
            if sum(size for _, size in self.uploads) + size > MAX_UPLOADS:
                return PlainTextResponse(
                    "Too many pictures have been uploaded; try again in a few minutes.",
                    503,
                    {"retry-after": str(UPLOAD_LIFETIME // 2)},
                )
            self.uploads.append((now, size))
        return None


def too_large(limit: int) -> PlainTextResponse:
    return PlainTextResponse(f"The request is too large. The limit is {limit // 1_000_000} MB.", 413)


def limited(receive: Receive, limit: int) -> Receive:
    """``receive`` for a body of unknown length; raises BodyTooLargeError beyond ``limit`` bytes."""
    received = 0

    async def receive_limited() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise BodyTooLargeError
        return message

    return receive_limited
