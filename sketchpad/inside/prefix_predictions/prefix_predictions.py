"""When did it know? One digit's drawing replayed, with what was read after each piece of it."""

from __future__ import annotations

from typing import Any

from model import DigitReader, InputError
from model.explain.prefix_predictions import predict_prefixes
from model.input.strokes import parse_strokes

from ...server.wire import answered
from ...ui.component import ServerFunction, read_asset
from ..sprite_sheet import sprite


def html(reader: DigitReader) -> str:
    return read_asset("inside/prefix_predictions/prefix_predictions.html")


def asks(reader: DigitReader) -> list[ServerFunction]:
    async def prefix_predictions(payload: object) -> dict[str, Any]:
        return await answered(replay, reader, payload)

    return [prefix_predictions]


def replay(reader: DigitReader, payload: object) -> dict[str, Any]:
    """The moments of one digit; ``payload`` is {strokes}, the digit's own in the order they were drawn."""
    strokes = parse_strokes(payload.get("strokes") if isinstance(payload, dict) else None)
    if not strokes:
        raise InputError("A timeline needs the strokes of a digit.")
    moments = predict_prefixes(reader, strokes)
    url, boxes = sprite(list(moments.images))
    return {
        "probabilities": [[round(p, 4) for p in row] for row in moments.probabilities.tolist()],
        "answers": moments.answers,
        "flips": moments.flips,
        "settled": moments.settled,
        "sprite": url,
        "boxes": boxes,
    }
