"""What the Inside tab's sections on evidence and on time are sent: pictures, numbers, or one sentence."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from model import DigitReader
from model.datasets.mnist import Labelled
from model.explain.attribution import Attribution
from model.explain.neighbours import index_path, make
from model.explain.prefix_predictions import MOMENTS
from model.inference.checkpoint import save_checkpoint
from sketchpad.inside.attribution import attribution as why
from sketchpad.inside.prefix_predictions import prefix_predictions as timeline
from sketchpad.server.wire import to_text
from tests.browser.hand import DIGITS

EIGHT = DIGITS[8]["one stroke"]


def ask(section: ModuleType, reader: DigitReader, payload: object) -> dict[str, Any]:
    (asked,) = section.asks(reader)
    given = asyncio.run(asked(payload))
    json.dumps(given)  # plain JSON types
    return given


def cut(given: dict[str, Any], box: tuple[int, int, int, int]) -> np.ndarray:
    data = base64.b64decode(given["sprite"].removeprefix("data:image/png;base64,"))
    left, top, width, height = box
    return np.asarray(Image.open(io.BytesIO(data)))[top : top + height, left : left + width]


def test_the_maps_are_those_of_the_attribution(trained: DigitReader) -> None:
    digit = trained.read_strokes(EIGHT).digits[0]
    given = ask(why, trained, {"image": to_text(digit.image), "other": 3})
    assert (given["label"], given["other"]) == (8, 3)
    evidence = Attribution(trained).explain(torch.from_numpy(digit.image), 3)
    for name, maps in (("integrated", evidence.integrated), ("camera", evidence.placed)):
        method = given["methods"][name]
        wanted = [maps[0], maps[1], maps[0] - maps[1]]
        for box, each in zip(method["boxes"], wanted, strict=True):
            found = (cut(given, box).astype(float) - 128) / 127 * method["limit"]
            clipped = each.numpy().clip(-method["limit"], method["limit"])
            np.testing.assert_allclose(found, clipped, atol=0.51 / 127 * method["limit"])
    np.testing.assert_allclose(np.subtract(given["sums"], given["rises"]), given["errors"], atol=1e-5)
    assert len(json.dumps(given)) < 20_000


def test_neighbours_come_with_the_maps_where_there_is_an_index(
    checkpoint: Path, net: torch.nn.Module
) -> None:
    data = Labelled(torch.randint(0, 256, (40, 28, 28), dtype=torch.uint8), torch.arange(40) % 10)
    without = DigitReader.load(checkpoint, "cpu")
    image = {"image": to_text(data.images[7].numpy())}
    assert ask(why, without, image)["neighbours"] == []
    assert "attribution.nearest.missing" in why.html(without)
    assert "--checkpoint checkpoints/untrained.safetensors" in why.html(without)
    tensors, card = make(net, data)
    save_checkpoint(index_path(checkpoint), tensors, card)
    given = ask(why, DigitReader.load(checkpoint, "cpu"), image)
    assert len(given["neighbours"]) == 8
    assert given["neighbours"][0]["label"] == 7
    np.testing.assert_array_equal(cut(given, given["neighbours"][0]["box"]), data.images[7].numpy())
    distances = [neighbour["distance"] for neighbour in given["neighbours"]]
    assert distances == sorted(distances)
    save_checkpoint(index_path(checkpoint), tensors, {**card, "weights": "others"})
    other = DigitReader.load(checkpoint, "cpu")
    assert "attribution.nearest.other" in why.html(other)
    assert ask(why, other, image)["neighbours"] == []


def test_a_reader_without_a_file_has_no_index(untrained: DigitReader) -> None:
    assert "attribution.nearest.missing" in why.html(untrained)


@pytest.mark.parametrize("payload", [None, [], {}, {"image": 3}, {"image": "AAAA"}, {"image": "é" * 1046}])
def test_what_is_no_image_gets_a_sentence(untrained: DigitReader, payload: object) -> None:
    assert "28 × 28 bytes" in ask(why, untrained, payload)["error"]


@pytest.mark.parametrize("other", [10, -1, True, 1.5, "7", [7], {}])
def test_what_is_no_digit_to_compare_with_gets_a_sentence(untrained: DigitReader, other: object) -> None:
    payload = {"image": to_text(np.zeros((28, 28), np.uint8)), "other": other}
    assert "whole number from 0 to 9" in ask(why, untrained, payload)["error"]


def test_a_blank_image_has_blank_evidence(untrained: DigitReader) -> None:
    given = ask(why, untrained, {"image": to_text(np.zeros((28, 28), np.uint8))})
    assert (cut(given, given["methods"]["integrated"]["boxes"][0]) == 128).all()
    assert given["sums"] == [0, 0]


def test_the_moments_are_sent_with_what_the_network_saw(trained: DigitReader) -> None:
    digit = trained.read_strokes(EIGHT).digits[0]
    given = ask(timeline, trained, {"strokes": EIGHT})
    assert len(given["probabilities"]) == len(given["answers"]) == len(given["boxes"]) == MOMENTS
    np.testing.assert_array_equal(cut(given, given["boxes"][-1]), digit.image)
    assert given["probabilities"][-1] == pytest.approx(digit.probabilities, abs=1e-4)
    assert len(json.dumps(given)) < 40_000


@pytest.mark.parametrize(
    ("payload", "sentence"),
    [
        (None, "must be a list"),
        ({"strokes": "7"}, "must be a list"),
        ({"strokes": []}, "needs the strokes"),
        ({"strokes": [[]]}, "needs the strokes"),
        ({"strokes": [[[0, None]]]}, "not two numbers"),
        ({"strokes": [[[0, 0]]] * 2001}, "Too many strokes"),
    ],
)
def test_what_has_no_strokes_gets_a_sentence(untrained: DigitReader, payload: object, sentence: str) -> None:
    assert sentence in ask(timeline, untrained, payload)["error"]


def test_a_dot_has_a_timeline_too(untrained: DigitReader) -> None:
    given = ask(timeline, untrained, {"strokes": [[[5, 5]]]})
    assert given["flips"] == []
    assert given["settled"] == 0
