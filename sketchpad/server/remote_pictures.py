"""A picture that a program names by its address, as models do by MCP: fetched, but not without a bound.

Gradio fetches it and refuses addresses that are not public; however large it is, though, and unpacked.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

import httpx
import safehttpx
from gradio import processing_utils

from .request_limits import UPLOAD

SECONDS = 15  # for all of it
REDIRECTS = 3


class FetchError(Exception):
    """What is at an address is no picture that is read here."""


async def fetch(url: str) -> httpx.Response:
    """What is at a public address: at most ``UPLOAD`` bytes, as they were sent, within ``SECONDS``.

    Raises FetchError where it is more, takes longer or leads on and on; ValueError for an address that is not
    public, at each step.
    """
    try:
        return await asyncio.wait_for(_fetch(url), SECONDS)
    except asyncio.TimeoutError as error:
        raise FetchError(f"The picture did not come within {SECONDS} seconds.") from error


async def _fetch(url: str) -> httpx.Response:
    for _ in range(REDIRECTS + 1):
        # By the very number that was found to be public: a moment later the name may lead elsewhere.
        transport = safehttpx.AsyncSecureTransport(await safehttpx.async_validate_url(httpx.URL(url).host))
        async with (
            httpx.AsyncClient(transport=transport) as client,
            client.stream("GET", url, headers={"accept-encoding": "identity"}) as response,
        ):
            if response.has_redirect_location:
                url = urljoin(str(response.url), response.headers["location"])
                continue
            content = bytearray()
            async for piece in response.aiter_raw():
                content += piece
                if len(content) > UPLOAD:
                    raise FetchError(f"The picture is too large; at most {UPLOAD // 1_000_000} MB are read.")
            return httpx.Response(response.status_code, content=bytes(content))
    raise FetchError("The picture's address leads on and on.")


def bound_fetching() -> None:
    """Let Gradio fetch by this."""
    if not hasattr(processing_utils, "async_ssrf_protected_get"):
        raise RuntimeError("This Gradio fetches otherwise: see what bounds it.")
    processing_utils.async_ssrf_protected_get = fetch
