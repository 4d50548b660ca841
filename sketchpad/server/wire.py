"""What the Inside tab's scripts send and are sent: a drawing in, an answer or one sentence out."""

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


def model_image(payload: object) -> Tensor:
    """The model image, uint8 [28, 28], of ``{"image": base64}`` as a client sent it; else InputError."""
    image = payload.get("image") if isinstance(payload, dict) else None
    try:
        data = b64decode(image, validate=True) if isinstance(image, str) and len(image) < 2000 else b""
    except ValueError:
        data = b""
    if len(data) != SIZE * SIZE:
        raise InputError(f"An image must be {SIZE} × {SIZE} bytes in base64.")
    return torch.frombuffer(bytearray(data), dtype=torch.uint8).view(SIZE, SIZE)


async def answered(work: Callable[..., dict[str, Any]], *given: object) -> dict[str, Any]:
    """``work(*given)`` off the event loop; its InputError as ``{"error": sentence}``."""
    try:
        return await anyio.to_thread.run_sync(work, *given)
    except InputError as error:
        return {"error": str(error)}


def to_json(reading: Reading) -> dict[str, Any]:
    """A reading in plain JSON types, as /read_strokes and /read_image give it."""
    return {
        "text": reading.text,
        "digits": [
            {
                "label": digit.label,
                "probabilities": list(digit.probabilities),
                "verdict": digit.verdict,
                "reason": digit.reason,
                "box": list(digit.box),
            }
            for digit in reading.digits
        ],
        "milliseconds": reading.milliseconds,
    }


def for_page(reading: Reading) -> dict[str, Any]:
    """A reading with what the network saw."""
    shown = to_json(reading)
    for each, digit in zip(shown["digits"], reading.digits, strict=True):
        each["image"] = to_text(digit.image)
    return shown


def to_text(image: np.ndarray) -> str:
    """A model image as base64."""
    return b64encode(image.tobytes()).decode()
