"""The network for browsers: the checkpoint's probabilities and scores, in a file of half its size."""

from __future__ import annotations

import pytest
import torch

from model.errors import ExportError
from model.image import to_input
from model.inference import web_network as module
from model.inference.calibration import Calibration, not_digit_score
from model.inference.checkpoint import Card
from model.inference.export import load_exported, sample_images
from model.inference.web_network import OUTPUTS, web_network
from tests.helpers.networks import random_network

pytest.importorskip("onnxscript")


@pytest.fixture
def net() -> torch.nn.Module:
    return random_network("mnist_resnet", 11, 0.3, (0.5, 2))


def test_it_gives_the_calibrated_probabilities(net: torch.nn.Module, card: Card) -> None:
    content = web_network(net, card)
    size = sum(parameter.numel() for parameter in net.parameters())
    assert len(content) < 2.2 * size
    images = sample_images(7)
    probabilities, not_digit = load_exported(content, "onnx", OUTPUTS)(images)
    with torch.inference_mode():
        logits = net(to_input(images))
    expected = Calibration.from_card(card).probabilities(logits)
    torch.testing.assert_close(torch.as_tensor(probabilities), expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(torch.as_tensor(not_digit), not_digit_score(logits), atol=1e-3, rtol=0)


def test_a_network_that_differs_is_refused(
    net: torch.nn.Module, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BITS", 5)
    with pytest.raises(ExportError, match="nothing was written"):
        web_network(net, card)
