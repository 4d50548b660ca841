"""Pictures that an API client passes by URL, as language models do over MCP.

Gradio downloads them from public addresses only, but does not limit their size or decompression.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from urllib.parse import urljoin

import gradio as gr
import httpx
import safehttpx  # type: ignore[import-untyped]  # it has no stubs
from gradio import processing_utils

from model import InputError

from .request_limits import MAX_UPLOAD

TIMEOUT = 15  # seconds for the whole download
MAX_REDIRECTS = 3


async def download(url: str) -> httpx.Response:
    """The content of a public address: at most ``MAX_UPLOAD`` bytes, not decompressed, within ``TIMEOUT``.

    Raises InputError beyond a limit, or for an address that is not public or has no file, at each redirect.
    """
    try:
        return await asyncio.wait_for(_download(url), TIMEOUT)
    except asyncio.TimeoutError as error:
        raise InputError(f"The download took longer than {TIMEOUT} seconds.", "picture.address") from error
    except (ValueError, httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            "The picture's address cannot be reached, or is not a public one.", "picture.address"
        ) from error


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
                    sentence = f"The picture is too large. The limit is {limit} MB."
                    raise InputError(sentence, "picture.bytes", most=limit)
            if response.status_code != HTTPStatus.OK:
                sentence = f"The picture's address answers with the status {response.status_code}."
                raise InputError(sentence, "picture.address")
            return httpx.Response(response.status_code, content=bytes(content))
    raise InputError(f"The picture's address has more than {MAX_REDIRECTS} redirects.", "picture.address")


async def download_for_gradio(url: str) -> httpx.Response:
    """The same with Gradio's error, whose sentence and code reach the client."""
    try:
        return await download(url)
    except InputError as error:
        raise gr.Error(str(error), title=error.code, print_exception=False) from error


def limit_downloads() -> None:
    """Make Gradio download with `download_for_gradio`."""
    if not hasattr(processing_utils, "async_ssrf_protected_get"):
        raise RuntimeError("This version of Gradio downloads differently; the limits would not apply.")
    processing_utils.async_ssrf_protected_get = download_for_gradio
