"""Requests and responses of the page's scripts: model images and readings as JSON, errors as sentences."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from typing import Any

import anyio.to_thread
import numpy as np
import torch
from starlette.responses import Response
from torch import Tensor

from model import InputError, Reading
from model.image import SIZE

from .batching import Batcher, BusyError, OutdatedError

Json = dict[str, Any]
BLANK: Json = {"text": "", "digits": []}  # the empty reading of an error response


async def respond(
    function: Callable[..., Json], *arguments: object, errors: tuple[type[Exception], ...] = (InputError,)
) -> Json:
    """``function(*arguments)`` in a worker thread, so that the event loop serves other requests meanwhile.

    One of ``errors`` becomes the response of `error_response`; any other is raised.
    """
    try:
        return await anyio.to_thread.run_sync(function, *arguments)
    except errors as error:
        return error_response(error)


def error_response(error: Exception) -> Json:
    """The English sentence, and for an InputError the code and values with which the page translates it."""
    if isinstance(error, InputError):
        return {"error": str(error), "code": error.code, "values": error.values}
    return {"error": str(error)}


def model_image(payload: object) -> Tensor:
    """The model image, uint8 [28, 28], of a payload ``{"image": base64}``. Raises InputError."""
    image = payload.get("image") if isinstance(payload, dict) else None
    try:
        data = b64decode(image, validate=True) if isinstance(image, str) and len(image) < 2000 else b""
    except ValueError:
        data = b""
    if len(data) != SIZE * SIZE:
        raise InputError(f"An image must be {SIZE} × {SIZE} bytes in base64.")
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).view(SIZE, SIZE)


def reading_to_json(reading: Reading) -> Json:
    """A reading in plain JSON types, as /read_strokes and /read_image return it."""
    return {
        "text": reading.text,
        "digits": [
            {
                "label": digit.label,
                "probabilities": list(digit.probabilities),
                "verdict": digit.verdict,
                "reason": digit.reason,
                "box": list(digit.box),
                "line": digit.line,
            }
            for digit in reading.digits
        ],
        "turned": reading.turned,
        "milliseconds": reading.milliseconds,
    }


def reading_for_page(reading: Reading) -> Json:
    """The same with the model image of each digit."""
    response = reading_to_json(reading)
    for item, digit in zip(response["digits"], reading.digits, strict=True):
        item["image"] = to_base64(digit.image)
    return response


def to_base64(image: np.ndarray) -> str:
    """The bytes of a model image."""
    return b64encode(image.tobytes()).decode()


def live_function(batcher: Batcher) -> Callable[[object], Awaitable[Response]]:
    """The server function ``live`` of a tab with a pad."""

    async def live(payload: object) -> Response:
        return await live_response(batcher, payload)

    return live


async def live_response(batcher: Batcher, payload: object) -> Response:
    """`read_live` as JSON. Serialised here because Gradio would traverse every value first."""
    content = json.dumps(await read_live(batcher, payload), separators=(",", ":"))
    return Response(content, media_type="application/json")


async def read_live(batcher: Batcher, payload: object) -> Json:
    """A reading for the page, or why there is none, with the ``pause`` in ms before the next request.

    ``payload`` is a stroke list, or a dict of ``strokes``, ``final`` (the pen is up; a final request is never
    dropped for a provisional one), a ``visitor`` id chosen by the page, and a ``number`` that increases with
    each request: the newest wins.
    """
    request = payload if isinstance(payload, dict) else {"strokes": payload}
    final, visitor, number = (request.get(key) for key in ("final", "visitor", "number"))
    response: Json
    try:
        reading = await batcher.read(
            request.get("strokes"),
            final=final is not False,
            client=visitor if isinstance(visitor, str) else "",
            number=number if isinstance(number, int) else 0,
        )
        response = reading_for_page(reading)
    except InputError as error:
        response = {**BLANK, **error_response(error)}
    except BusyError:
        response = {"busy": True}
    except OutdatedError:
        response = {"outdated": True}
    return {**response, "pause": batcher.pause}
