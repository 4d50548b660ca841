"""What holds for every section of the Inside tab: wrong payloads, and escaped values."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from model import DigitReader, create_model
from model.inference.checkpoint import Card
from model.networks.densenet import DenseNet
from model.networks.stems import cifar_stem
from sketchpad.inside import tab
from sketchpad.server.context import PageContext
from sketchpad.ui.i18n import TEXTS
from tests.sketchpad.inside.conftest import call

VALID = {"node": "stem.0", "count": 8, "channel": None, "off": []}
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
@pytest.mark.parametrize(
    "name", ["feature_maps", "logits", "branches", "attribution", "linear_probes", "attack", "damage"]
)
def test_a_payload_without_a_model_image_gets_one_sentence(
    context: PageContext, name: str, wrong: str
) -> None:
    payload = WRONG[wrong]
    if isinstance(payload, dict):
        payload = {**VALID, **payload}
    response = call(name, context, payload)
    assert response.keys() <= {"error", "code", "values"}
    assert response["error"] == "An image must be 28 × 28 bytes in base64."


def test_the_name_of_a_checkpoint_is_escaped(checkpoint: Path) -> None:
    path = checkpoint.rename(checkpoint.with_name("a & <b>'s\".safetensors"))
    page = tab.html(PageContext(DigitReader.load(path, "cpu")))
    assert "<b>'" not in page
    assert html.unescape(page).count(f"--checkpoint checkpoints/{path.name}") == 3


def test_every_sentence_of_the_tab_exists(
    context: PageContext, untrained_context: PageContext, card: Card
) -> None:
    dense = PageContext(DigitReader(DenseNet(cifar_stem(1, 6), 6, 4, (2, 3), 10), card, "cpu"))
    plain = PageContext(DigitReader(create_model("plain20", 1, 11), card, "cpu"))
    for each in (context, untrained_context, dense, plain):
        keys = set(re.findall(r'data-text(?:-label)?="([^"]*)"', tab.html(each)))
        assert len(keys) > 70
        assert keys <= TEXTS["en"].keys()
