"""What may come in: the routes that the page and its API need, requests of a bounded size, and no more.

Gradio opens more than this page uses: figures about its visitors, a proxy, a video converter, links that keep
a visitor's state on the disk. They are closed here, whatever its next version opens them by. Every answer
gets the headers that a browser heeds.
"""

from __future__ import annotations

import time
from collections import deque

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX = "/gradio_api"
CLOSED = (
    "/monitoring", "/profiling", "/process_recording", "/proxy=", "/stream/", "/deep_link", "/vibe-",
    "/undo-vibe-", "/run-history", "/dev/", "/pwa_icon",
)  # fmt: skip
MOST = 12_000_000  # bytes of a question: 200,000 points of two whole doubles each, and room
UPLOAD = 32_000_000  # bytes of a picture's upload
UPLOADS = 1_000_000_000  # bytes of all uploads that may lie on the disk
KEPT = 600  # seconds after which no upload is left: twice what `page.py` keeps them for
# The page may be framed by itself and where Spaces are shown, and loads nothing that is a plug-in's.
HEADERS = {
    "content-security-policy": "frame-ancestors 'self' https://huggingface.co https://*.hf.space; "
    "object-src 'none'; base-uri 'self'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class TooLargeError(Exception):
    """A request that says no length, and goes on and on."""


class RequestLimits:
    """ASGI middleware, the outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.uploads: deque[tuple[float, int]] = deque()  # when, and how large

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        path = scope["path"].removeprefix(PREFIX)
        if path.startswith(CLOSED):
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, answer)
            return
        most = UPLOAD if path.startswith("/upload") else MOST
        told = Headers(scope=scope).get("content-length")
        size = int(told) if told and told.isdecimal() else most if scope["method"] == "POST" else 0
        refusal = self._refusal(path, size, most)
        try:
            if refusal:
                await refusal(scope, receive, answer)
            else:
                await self.app(scope, receive if told else counted(receive, most), answer)
        except TooLargeError:
            if not begun:
                await too_large(most)(scope, receive, answer)

    def _refusal(self, path: str, size: int, most: int) -> PlainTextResponse | None:
        if size > most:
            return too_large(most)
        if path.startswith("/upload") and size:
            now = time.monotonic()
            while self.uploads and now - self.uploads[0][0] > KEPT:
                self.uploads.popleft()
            if sum(size for _, size in self.uploads) + size > UPLOADS:
                return PlainTextResponse(
                    "Too many pictures have been uploaded; try again in some minutes.",
                    503,
                    {"retry-after": str(KEPT // 2)},
                )
            self.uploads.append((now, size))
        return None


def too_large(most: int) -> PlainTextResponse:
    return PlainTextResponse(f"The request is too large; at most {most // 1_000_000} MB are read.", 413)


def counted(receive: Receive, most: int) -> Receive:
    """``receive`` of a body without a length, up to ``most`` bytes; then TooLargeError."""
    got = 0

    async def count() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > most:
            raise TooLargeError
        return message

    return count
