"""What the Inside tab's scripts send and are sent: a drawing in, an answer or one sentence out."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import torch
from torch import Tensor

from model import InputError
from model.input.strokes import SIZE


def seam(payload: object) -> Tensor:
    """The seam image, uint8 [28, 28], of ``{"image": base64}`` as a client sent it; else InputError."""
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
