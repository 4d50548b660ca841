"""The network's answer for one image, as several sections send it."""

from __future__ import annotations

from model.explain.activations import Activations, Explainer

from ..server.wire import Json


def prediction(explainer: Explainer, activations: Activations) -> Json:
    """Label, ten calibrated probabilities and verdict, from what ``Explainer.run`` returned for one image."""
    probabilities, (verdict,) = explainer.classify(activations)
    (shares,) = probabilities.tolist()
    return {"label": int(probabilities.argmax()), "probabilities": shares, "verdict": verdict}
