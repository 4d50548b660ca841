"""Shared by the tests of the sections: contexts, calls of server functions, sprites as arrays."""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model import DigitReader
from sketchpad.inside.tab import server_functions
from sketchpad.server.context import PageContext
from sketchpad.server.wire import to_base64
from tests.browser.hand import DIGITS

BLANK = to_base64(np.zeros((28, 28), np.uint8))
Box = tuple[int, int, int, int]


@pytest.fixture(scope="session")
def context(trained: DigitReader) -> PageContext:
    """Of the committed checkpoint."""
    return PageContext(trained)


@pytest.fixture(scope="session")
def untrained_context(untrained: DigitReader) -> PageContext:
    return PageContext(untrained)


@pytest.fixture(scope="session")
def seven(trained: DigitReader) -> np.ndarray:
    """A crossed seven as a model image, uint8 [28, 28]."""
    return trained.read_strokes(DIGITS[7]["crossed"]).digits[0].image


def call(name: str, context: PageContext, payload: object) -> dict[str, Any]:
    """The response of the server function of a section, which is plain JSON."""
    functions = {function.__name__: function for function in server_functions(context)}
    response = asyncio.run(functions[name](payload))
    json.dumps(response)
    return response


def decode_sprite(url: str) -> np.ndarray:
    head, _, data = url.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(b64decode(data))))


def cut(sprite: str | np.ndarray, box: Box) -> np.ndarray:
    """One picture of a sprite."""
    left, top, width, height = box
    pixels = decode_sprite(sprite) if isinstance(sprite, str) else sprite
    return pixels[top : top + height, left : left + width]
