"""What each depth predicts: linear probes after the stem and each block."""

from __future__ import annotations

from markupsafe import Markup

from model import InputError
from model.explain.linear_probes import settling_depths

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...ui.format import block_position, percent
from ...ui.html import render
from ..prediction import prediction


def html(context: PageContext) -> Markup:
    reader, probes = context.reader, context.linear_probes
    depths = probes.probes if probes else ()
    return render(
        "inside/linear_probes/linear_probes.html",
        depths=[{"block": probe.block, "right": percent(probe.accuracy, 1)} for probe in depths],
        n=probes.n if probes else 0,
        accuracy=reader.card["figures"].get("validation", {}).get("accuracy"),
        checkpoint=reader.path,
        block_position=block_position,
    )


def response(context: PageContext, payload: object) -> Json:
    """What each depth predicts for ``{image}``, and the network's ``answer``.

    ``first`` is the first depth that predicts the answer, ``settled`` the depth from which all do; None if
    there is none. Raises InputError.
    """
    explainer, probes = context.explainer, context.linear_probes
    if probes is None:
        raise InputError("There are no linear probes for the weights of this network.")
    activations = explainer.run(model_image(payload)[None])
    answer = prediction(explainer, activations)
    probabilities = probes.predict(activations)
    labels = probabilities.argmax(1).tolist()
    first, settled = settling_depths(labels, answer["label"])
    rows = zip(labels, probabilities.tolist(), strict=True)
    return {
        "depths": [{"label": label, "probabilities": row} for label, row in rows],
        "answer": answer,
        "first": first,
        "settled": settled,
    }
