"""Pictures that an API client passes by URL, as language models do over MCP.

Gradio downloads them from public addresses only, but does not limit their size or decompression.
"""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin

import httpx
import safehttpx  # type: ignore[import-untyped]  # it has no stubs
from gradio import processing_utils

from .request_limits import MAX_UPLOAD

TIMEOUT = 15  # seconds for the whole download
MAX_REDIRECTS = 3


class DownloadError(Exception):
    """The address does not provide a picture within the limits."""


async def download(url: str) -> httpx.Response:
    """The content of a public address: at most ``MAX_UPLOAD`` bytes, not decompressed, within ``TIMEOUT``.

    Raises DownloadError beyond a limit; ValueError for an address that is not public, at each redirect.
    """
    try:
        return await asyncio.wait_for(_download(url), TIMEOUT)
    except asyncio.TimeoutError as error:
        raise DownloadError(f"The download took longer than {TIMEOUT} seconds.") from error


async def _download(url: str) -> httpx.Response:
    for _ in range(MAX_REDIRECTS + 1):
        # Connect to the IP address that was checked: the name may resolve to another one later.
        transport = safehttpx.AsyncSecureTransport(await safehttpx.async_validate_url(httpx.URL(url).host))
        async with (
            httpx.AsyncClient(transport=transport) as client,
            client.stream("GET", url, headers={"accept-encoding": "identity"}) as response,
        ):
            if response.has_redirect_location:
                url = urljoin(str(response.url), response.headers["location"])
                continue
            content = bytearray()
            async for chunk in response.aiter_raw():
                content += chunk
                if len(content) > MAX_UPLOAD:
                    limit = MAX_UPLOAD // 1_000_000
                    raise DownloadError(f"The picture is too large. The limit is {limit} MB.")
            return httpx.Response(response.status_code, content=bytes(content))
    raise DownloadError(f"The picture's address has more than {MAX_REDIRECTS} redirects.")


def limit_downloads() -> None:
    """Make Gradio download with `download`."""
    if not hasattr(processing_utils, "async_ssrf_protected_get"):
        raise RuntimeError("This version of Gradio downloads differently; the limits would not apply.")
    processing_utils.async_ssrf_protected_get = download
