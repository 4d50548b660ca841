"""Requests and responses of the page's scripts: model images and readings as JSON, errors as sentences."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import numpy as np
import torch
from torch import Tensor

from model import InputError, Reading
from model.image import SIZE

Json = dict[str, Any]


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
