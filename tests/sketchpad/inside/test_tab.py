"""The Inside tab's server side: sprites, payloads, and answers that agree with the reader's own."""

from __future__ import annotations

import asyncio
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from model import DigitReader, InputError
from model.explain.activations import Explainer, explain
from sketchpad.inside.branches import branches
from sketchpad.inside.feature_maps import feature_maps as walk
from sketchpad.inside.sprite_sheet import levels, sprite, square
from tests.browser.hand import DIGITS


def drawn(reader: DigitReader) -> np.ndarray:
    """A crossed seven as model images, uint8 [28, 28]."""
    return reader.read_strokes(DIGITS[7]["crossed"]).digits[0].image


def text(image: np.ndarray) -> str:
    return b64encode(image.tobytes()).decode()


def pixels(url: str) -> np.ndarray:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(b64decode(data))))


def test_a_sprite_holds_every_picture_where_it_says() -> None:
    numbers = np.random.default_rng(0)
    sizes = [(14, 14)] * 30 + [(7, 7), (28, 28), (1, 1), (3, 300)]
    pictures = [numbers.integers(1, 256, size, np.uint8) for size in sizes]
    url, boxes = sprite(pictures)
    sheet = pixels(url)
    covered = np.zeros(sheet.shape, int)
    for picture, (left, top, width, height) in zip(pictures, boxes, strict=True):
        np.testing.assert_array_equal(sheet[top : top + height, left : left + width], picture)
        covered[top : top + height, left : left + width] += 1
    assert covered.max() == 1  # none lies over another


def test_levels_have_zero_in_the_middle_and_end_at_the_limit() -> None:
    values = np.array([-9, -2, -1, 0, 0.004, 1, 2, 9], np.float32)
    assert levels(values, 2.0).tolist() == [1, 1, 64, 128, 128, 192, 255, 255]
    assert square(np.arange(1, 6)).tolist() == [[1, 2, 3], [4, 5, 0], [0, 0, 0]]


def test_the_walk_shows_the_maps_of_this_drawing(trained: DigitReader) -> None:
    taken_apart, image = explain(trained), drawn(trained)
    given = walk.look(taken_apart, {"image": text(image), "node": "stem.0", "count": 8, "channel": 3})
    sheet = pixels(given["sprite"])
    net = trained.net
    with torch.inference_mode():
        maps = net.stem((torch.from_numpy(image)[None, None].float() / 255 - 0.1307) / 0.3081)[0].numpy()
    assert len(given["maps"]) == 8
    assert len(given["thumbs"]) == len(taken_apart.nodes)
    for map in given["maps"]:
        left, top, width, height = map["box"]
        level = sheet[top : top + height, left : left + width].astype(float) - 128
        error = np.abs(
            level / 127 * given["limit"] - maps[map["channel"]].clip(-given["limit"], given["limit"])
        )
        assert error.max() <= given["limit"] / 254 + 1e-4  # half a level
    np.testing.assert_allclose(given["values"], maps[3], atol=1e-3)
    assert given["channel"] == 3  # though it is not among the eight strongest, its values come


def test_every_place_can_be_looked_at(trained: DigitReader) -> None:
    taken_apart, image = explain(trained), text(drawn(trained))
    for node in taken_apart.nodes:
        given = walk.look(taken_apart, {"image": image, "node": node.name, "count": 0, "channel": None})
        assert len(given["maps"]) == node.shape[0]
        assert given["channel"] == given["maps"][0]["channel"]
        assert np.shape(given["values"]) == (node.shape[1:] or (1, 1))
        assert given["sprite"].startswith("data:image/png")
        assert len(given["sprite"]) < 60_000


def test_branches_agree_with_the_reader(trained: DigitReader) -> None:
    taken_apart, image = explain(trained), drawn(trained)
    given = branches.look(taken_apart, {"image": text(image), "off": []})
    probabilities, (verdict,) = trained.read_batch(image[None])
    assert given["before"] == given["after"]
    assert given["before"]["verdict"] == verdict
    np.testing.assert_allclose(given["before"]["probabilities"], probabilities[0], atol=1e-5)
    assert given["before"]["label"] == 7
    without = branches.look(taken_apart, {"image": text(image), "off": ["stages.0.0", "stages.1.0"]})
    assert without["before"] == given["before"]
    assert without["after"]["probabilities"] != given["before"]["probabilities"]
    assert sum(without["after"]["probabilities"]) == pytest.approx(1, abs=1e-5)


def test_a_row_shows_the_accuracy_without_its_branch_where_the_card_has_it(
    untrained: DigitReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "branches.without" not in branches.html(untrained)
    without = {"stages.0.0": 0.4321, "stages.1.0": 0.98765, "stages.2.0": 0.5}
    recorded = {"n": 10_000, "whole": 0.9964, "without": without}
    monkeypatch.setitem(untrained.card["figures"], "ablation", recorded)
    page = branches.html(untrained).replace("\N{NO-BREAK SPACE}", " ")
    assert page.count('data-text="branches.without"') == 3
    assert "43.21 %" in page
    assert "98.77 %" in page or "98.76 %" in page
    assert "99.64 %" in page
    assert "10,000" in page


GOOD = {"node": "stem.0", "count": 8, "channel": None, "off": []}
IMAGE = b64encode(bytes(784)).decode()
WRONG: dict[str, Any] = {
    "nothing": None,
    "a list": [1, 2],
    "no image": {},
    "an image that is no text": {"image": 7},
    "an image of another size": {"image": b64encode(bytes(783)).decode()},
    "an image that is no base64": {"image": "é" * 1048},
    "a huge image": {"image": "A" * 10_000_000},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_payload_that_is_wrong_gets_one_sentence(untrained: DigitReader, wrong: str) -> None:
    payload = WRONG[wrong]
    if isinstance(payload, dict):
        payload = {**GOOD, **payload}
    for section in (walk, branches):
        (ask,) = section.asks(untrained)
        given = asyncio.run(ask(payload))
        assert set(given) == {"error"}
        assert given["error"].endswith(".")


@pytest.mark.parametrize(
    "more",
    [
        {"node": "stages.7.7"},
        {"node": None},
        {"count": 7},
        {"count": "8"},
        {"count": True},
        {"count": None},
        {"channel": 64},
        {"channel": -1},
        {"channel": 1.0},
        {"channel": True},
        {"channel": [1]},
    ],
    ids=str,
)
def test_the_walk_refuses_what_is_not_there(untrained: DigitReader, more: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        walk.look(Explainer(untrained), {**GOOD, "image": IMAGE, **more})


@pytest.mark.parametrize("off", [None, "stages.0.0", ["stem"], ["stages.0.0"] * 50, [1], {}], ids=str)
def test_branches_refuse_what_is_not_there(untrained: DigitReader, off: object) -> None:
    with pytest.raises(InputError):
        branches.look(Explainer(untrained), {"image": IMAGE, "off": off})
