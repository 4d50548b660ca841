"""Prefix predictions: one digit's drawing replayed, with the answer after each piece of its path."""

from __future__ import annotations

from markupsafe import Markup

from model import InputError
from model.explain.prefix_predictions import predict_prefixes
from model.input.strokes import parse_strokes

from ...server.context import PageContext
from ...server.wire import Json
from ...ui.html import render
from ..sprite_sheet import sprite


def html(_: PageContext) -> Markup:
    return render("inside/prefix_predictions/prefix_predictions.html")


def response(context: PageContext, payload: object) -> Json:
    """The predictions for the prefixes of one digit, and their model images in one sprite.

    ``payload`` is ``{strokes}``, the strokes of the digit in the order they were drawn. Raises InputError.
    """
    strokes = parse_strokes(payload.get("strokes") if isinstance(payload, dict) else None)
    if not strokes:
        raise InputError("There are no strokes to replay.")
    predictions = predict_prefixes(context.reader, strokes)
    url, boxes = sprite(list(predictions.images))
    return {
        "probabilities": [[round(p, 4) for p in row] for row in predictions.probabilities.tolist()],
        "answers": predictions.answers,
        "flips": predictions.flips,
        "settled": predictions.settled,
        "sprite": url,
        "boxes": boxes,
    }
