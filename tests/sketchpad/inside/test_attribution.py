"""The attribution maps of a drawing and its nearest training digits."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from model import DigitReader
from model.datasets.mnist import Labelled
from model.explain.attribution import Attribution, Evidence
from model.explain.neighbours import build_index, index_path
from model.inference.checkpoint import save_checkpoint
from sketchpad.inside.attribution import attribution
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.browser.hand import DIGITS
from tests.sketchpad.inside.conftest import BLANK, call, cut


def load(path: Path) -> PageContext:
    return PageContext(DigitReader.load(path, "cpu"))


def test_the_maps_are_those_of_the_attribution(trained: DigitReader, context: PageContext) -> None:
    digit = trained.read_strokes(DIGITS[8]["one stroke"]).digits[0]
    response = call("attribution", context, {"image": to_base64(digit.image), "other": 3})
    assert (response["label"], response["other"]) == (8, 3)
    evidence = Attribution(trained).explain(torch.from_numpy(digit.image), 3)
    for name, maps in (("integrated", evidence.integrated), ("grad_cam", evidence.grad_cam)):
        method = response["methods"][name]
        limit = method["limit"]
        for box, expected in zip(method["boxes"], [maps[0], maps[1], maps[0] - maps[1]], strict=True):
            shown = (cut(response["sprite"], box).astype(float) - 128) / 127 * limit
            np.testing.assert_allclose(shown, expected.numpy().clip(-limit, limit), atol=0.51 / 127 * limit)
    np.testing.assert_allclose(
        np.subtract(response["sums"], response["rises"]), response["errors"], atol=1e-5
    )
    assert len(json.dumps(response)) < 20_000


def test_neighbours_come_with_the_maps_if_there_is_an_index(checkpoint: Path, net: torch.nn.Module) -> None:
    data = Labelled(torch.randint(0, 256, (40, 28, 28), dtype=torch.uint8), torch.arange(40) % 10)
    payload = {"image": to_base64(data.images[7].numpy())}
    without = load(checkpoint)
    assert call("attribution", without, payload)["neighbours"] == []
    assert "attribution.nearest.missing" in attribution.html(without)
    assert "--checkpoint checkpoints/untrained.safetensors" in attribution.html(without)
    tensors, card = build_index(net, data)
    save_checkpoint(index_path(checkpoint), tensors, card)
    response = call("attribution", load(checkpoint), payload)
    assert len(response["neighbours"]) == 8
    assert response["neighbours"][0]["label"] == 7
    np.testing.assert_array_equal(
        cut(response["sprite"], response["neighbours"][0]["box"]), data.images[7].numpy()
    )
    distances = [neighbour["distance"] for neighbour in response["neighbours"]]
    assert distances == sorted(distances)
    save_checkpoint(index_path(checkpoint), tensors, {**card, "weights": "others"})
    other = load(checkpoint)
    assert "attribution.nearest.other" in attribution.html(other)
    assert call("attribution", other, payload)["neighbours"] == []


def test_a_reader_without_a_file_has_no_index(untrained_context: PageContext) -> None:
    assert "attribution.nearest.missing" in attribution.html(untrained_context)


@pytest.mark.parametrize("other", [10, -1, True, 1.5, "7", [7], {}])
def test_another_digit_must_be_a_whole_number(untrained_context: PageContext, other: object) -> None:
    response = call("attribution", untrained_context, {"image": BLANK, "other": other})
    assert "whole number from 0 to 9" in response["error"]


def test_a_blank_image_has_blank_maps(untrained_context: PageContext) -> None:
    response = call("attribution", untrained_context, {"image": BLANK})
    assert (cut(response["sprite"], response["methods"]["integrated"]["boxes"][0]) == 128).all()
    assert response["sums"] == [0, 0]


def test_on_zero_gpu_only_a_large_network_is_explained_on_the_gpu(
    context: PageContext, seven: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def explain_on_gpu(reader: DigitReader, image: torch.Tensor, other: int | None) -> Evidence:
        calls.append(reader)
        return Attribution(reader).explain(image, other)

    monkeypatch.setattr(attribution, "ZERO_GPU", True)
    monkeypatch.setattr(attribution, "explain_on_gpu", explain_on_gpu)
    response = call("attribution", context, {"image": to_base64(seven)})
    assert calls == []
    monkeypatch.setattr(attribution, "GPU_MULTIPLY_ADDS", context.multiply_adds - 1)
    assert call("attribution", context, {"image": to_base64(seven)}) == response
    assert calls == [context.reader]
