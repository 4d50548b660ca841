"""The network's answer for one image, as several sections send it."""

from __future__ import annotations

from torch import Tensor

from model import DigitReader
from model.explain.activations import Activations, Explainer

from ..server.wire import Json


def prediction(explainer: Explainer, activations: Activations) -> Json:
    """The same as `prediction_of`, from what ``Explainer.run`` returned for one image."""
    return prediction_of(explainer.reader, activations[explainer.operations[-1]])


def prediction_of(reader: DigitReader, logits: Tensor) -> Json:
    """Label, ten calibrated probabilities and verdict of logits float [1, classes]."""
    probabilities, (verdict,) = reader.classify(logits.float().cpu())
    (shares,) = probabilities.tolist()
    return {"label": int(probabilities.argmax()), "probabilities": shares, "verdict": verdict}
