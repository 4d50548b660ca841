"""The map of training digits: its dots, the place of a drawing, and a checkpoint without a map."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
import torch

from model import DigitReader
from model.datasets.mnist import Labelled
from model.explain.neighbours import Neighbours, build_index, index_path
from model.inference.checkpoint import save_checkpoint
from sketchpad.inside.digit_map import digit_map
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from sketchpad.ui.assets import read_asset
from tests.sketchpad.inside.conftest import call, decode_sprite


@pytest.fixture(scope="module")
def index(context: PageContext) -> Neighbours:
    found = context.neighbours
    assert isinstance(found, Neighbours)
    return found


def test_the_dots_are_the_index_and_small(context: PageContext, index: Neighbours) -> None:
    response = call("digit_map", context, {})
    assert len(json.dumps(response)) < 400_000
    places = np.frombuffer(b64decode(response["places"]), "<u2").reshape(-1, 2) / 65535
    np.testing.assert_allclose(places, index.positions.numpy(), atol=1e-5)
    assert response["labels"] == "".join(map(str, index.labels.tolist()))
    sheet = decode_sprite(response["sprite"])
    for dot in (0, 8, 9, 1234, 1999):
        top, left = (28 * n for n in divmod(dot, response["columns"]))
        shown = sheet[top : top + 28, left : left + 28].astype(int)
        assert np.abs(shown - index.images[dot].numpy()).max() <= 8


def test_a_digit_of_the_index_lies_at_its_own_dot(context: PageContext, index: Neighbours) -> None:
    for dot in range(0, len(index.images), 100):
        response = call("digit_map", context, {"image": to_base64(index.images[dot].numpy())})
        assert np.hypot(*np.subtract(response["place"], index.positions[dot].tolist())) < 0.002
        assert response["nearest"][0]["dot"] == dot
        assert response["nearest"][0]["distance"] < 0.1 * index.typical_distance
        assert len(response["nearest"]) == digit_map.LINES


def test_a_drawn_seven_lies_among_the_sevens(
    context: PageContext, index: Neighbours, seven: np.ndarray
) -> None:
    response = call("digit_map", context, {"image": to_base64(seven)})
    apart = (index.positions - torch.tensor(response["place"])).norm(dim=1)
    assert (index.labels[apart.topk(10, largest=False).indices] == 7).all()
    assert [int(index.labels[each["dot"]]) for each in response["nearest"]] == [7] * 5


def test_a_dot_is_read_by_the_network(context: PageContext, index: Neighbours) -> None:
    probabilities, (verdict,) = context.reader.read_batch(index.images[700:701])
    response = call("digit_map", context, {"dot": 700})
    assert response["verdict"] == verdict
    assert response["label"] == int(probabilities.argmax())
    np.testing.assert_allclose(response["probabilities"], probabilities[0], atol=1e-6)


@pytest.mark.parametrize("payload", [{"dot": -1}, {"dot": 2000}, {"dot": "3"}, {"dot": True}, {"image": "?"}])
def test_junk_is_refused_in_a_sentence(context: PageContext, payload: object) -> None:
    assert call("digit_map", context, payload)["error"].endswith(".")


def test_without_a_map_the_section_says_how_to_make_one(checkpoint: Path, net: torch.nn.Module) -> None:
    def load() -> PageContext:
        return PageContext(DigitReader.load(checkpoint, "cpu"))

    data = Labelled(torch.randint(0, 256, (40, 28, 28), dtype=torch.uint8), torch.arange(40) % 10)
    tensors, card = build_index(net, data)
    del tensors["map"]
    for missing in (True, False):  # no index, and one from before the map
        if not missing:
            save_checkpoint(index_path(checkpoint), tensors, card)
        page = digit_map.html(load())
        assert "digit_map.missing" in page
        assert "python -m model neighbours" in page
        assert "--checkpoint checkpoints/untrained.safetensors" in page
        assert "<canvas" not in page
        assert "no map" in call("digit_map", load(), {})["error"]
    save_checkpoint(index_path(checkpoint), tensors, {**card, "weights": "others"})
    assert "attribution.nearest.other" in digit_map.html(load())


def test_every_colour_is_legible_on_the_surface() -> None:
    surfaces = re.findall(r"--sk-surface: (#\w+)", read_asset("page.css"))
    colours = re.findall(r"--digit-\d: (#\w+)", read_asset("inside/digit_map/digit_map.css"))
    assert len(surfaces) == 2
    assert len(set(colours)) == 20
    for surface, palette in zip(surfaces, (colours[:10], colours[10:]), strict=True):
        for colour in palette:
            light, dark = sorted((luminance(colour), luminance(surface)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 3, colour


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    shares = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))
