"""Logits: how the page's probabilities and its verdict follow from the classifier's output."""

from __future__ import annotations

from markupsafe import Markup

from model.image import DIGITS
from model.inference.calibration import BESIDE_DIGITS, Calibration, not_digit_score

from ...server.context import PageContext
from ...server.wire import Json, model_image
from ...ui.format import percent
from ...ui.html import render


def html(context: PageContext) -> Markup:
    calibration = Calibration.from_card(context.reader.card)
    return render(
        "inside/logits/logits.html",
        temperature=f"{calibration.temperature:.4f}",
        unsure=percent(calibration.unsure, 1),
        rejects=context.reader.card["arch"]["num_classes"] > DIGITS,
        not_digit=percent(calibration.not_digit, 1),
        beside_digits=percent(BESIDE_DIGITS, 0),
    )


def response(context: PageContext, payload: object) -> Json:
    """Each step from the classifier's output to the ten probabilities, for ``{image}``. Raises InputError.

    ``logits`` of all classes, the digits' first; ``scaled`` are the digits' divided by the temperature.
    ``not_digit`` is the score that the verdict is based on.
    """
    explainer = context.explainer
    activations = explainer.run(model_image(payload)[None])
    logits = activations[explainer.operations[-1]].float().cpu()
    calibration = Calibration.from_card(context.reader.card)
    return {
        "logits": logits[0].tolist(),
        "scaled": (logits[0, :DIGITS] / calibration.temperature).tolist(),
        "probabilities": calibration.probabilities(logits)[0].tolist(),
        "not_digit": not_digit_score(logits).item(),
    }
