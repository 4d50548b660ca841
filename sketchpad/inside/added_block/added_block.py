"""A deeper network that contains the shallower one: a block added to the trained network."""

from __future__ import annotations

from markupsafe import Markup

from model.evaluation.metrics import predict_logits
from model.explain.added_block import kept_answers, residual_blocks, with_added_block
from model.explain.neighbours import Neighbours

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...ui.format import block_position
from ...ui.html import render
from ..prediction import prediction_of

EVERY = 10  # of the stored training digits, so that a choice is answered in less than a second


def html(context: PageContext) -> Markup:
    blocks = residual_blocks(context.reader.net)
    return render(
        "inside/added_block/added_block.html",
        positions={name: block_position(name) for name in blocks},
        digits=len(context.neighbours.images[::EVERY]) if isinstance(context.neighbours, Neighbours) else 0,
    )


def response(context: PageContext, payload: object) -> Json:
    """The answers of the network, and of two with one more block, for ``{image, block}``. Raises InputError.

    ``networks`` are the network itself, it with a residual block after ``block``, and it with a plain one.
    ``kept`` is the number of stored training digits whose answer stays, null if none are stored.
    """
    reader, image = context.reader, model_image(payload)[None]
    block = str(payload.get("block") if isinstance(payload, dict) else None)
    nets = [reader.net, *(with_added_block(reader.net, block, residual) for residual in (True, False))]
    kept: list[int] | list[None] = [None] * len(nets)
    if isinstance(context.neighbours, Neighbours):
        if block not in context.kept_answers:
            images = context.neighbours.images[::EVERY]
            context.kept_answers[block] = kept_answers(nets, images)
        kept = context.kept_answers[block]
    return {
        "networks": [
            {
                "parameters": sum(parameter.numel() for parameter in net.parameters()),
                "prediction": prediction_of(reader, predict_logits(net, image)),
                "kept": count,
            }
            for net, count in zip(nets, kept, strict=True)
        ]
    }
