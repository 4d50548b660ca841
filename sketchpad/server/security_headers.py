"""Security headers on every response."""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FRAME_ANCESTORS = ("'self'", "https://huggingface.co", "https://*.hf.space")
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
# No wildcard, path or IPv6 address: a typing error must not open the page to more sites than meant.
ORIGIN = re.compile(r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::(\d{1,5}))?", re.IGNORECASE | re.ASCII)


class SecurityHeaders:
    """ASGI middleware, the outermost. The sites ``embed_from`` may show the page in a frame."""

    def __init__(self, app: ASGIApp, embed_from: Iterable[str] = ()) -> None:
        self.app = app
        ancestors = " ".join((*FRAME_ANCESTORS, *embed_from))
        policy = f"frame-ancestors {ancestors}; object-src 'none'; base-uri 'self'"
        self.headers = {"content-security-policy": policy, **HEADERS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


def check_origins(origins: Iterable[str]) -> tuple[str, ...]:
    """The same origins; ValueError for anything but http or https, a host and perhaps a port."""
    origins = tuple(origins)
    for origin in origins:
        match = ORIGIN.fullmatch(origin)
        if match is None or not 0 < int(match[1] or 1) < 65536:
            raise ValueError(
                f"{origin} is not an origin to embed the page from: give scheme, host and perhaps a port, "
                "as in https://school.example or http://localhost:8000"
            )
    return origins
