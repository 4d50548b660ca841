"""What a person can do wrong has a code, and a sentence on the page in every language."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from model import InputError
from model.input import pictures
from model.input.strokes import parse_strokes
from sketchpad.server.images import decode_data_url, open_picture
from sketchpad.ui.i18n import TEXTS

EN = TEXTS["en"]


def cut_off() -> Image.Image:
    file = io.BytesIO()
    Image.effect_noise((60, 60), 80).save(file, "PNG")
    return Image.open(io.BytesIO(file.getvalue()[:900]))


REFUSED: dict[str, Callable[[], object]] = {
    "strokes.count": lambda: parse_strokes([[[0, 0]]] * 2_001),
    "strokes.points": lambda: parse_strokes([[[0, 0]] * 200_001]),
    "picture.empty": lambda: pictures.open_picture(Image.new("L", (0, 7))),
    "picture.pixels": lambda: pictures.open_picture(Image.new("1", (8_000, 8_000))),
    "picture.damaged": lambda: pictures.open_picture(cut_off()),
    "picture.bytes": lambda: decode_data_url("data:image/png;base64," + "A" * 6_000_000),
    "picture.format": lambda: decode_data_url("data:image/png;base64,AAAA"),
    "picture.broken": lambda: open_picture(str(Path(__file__).parent)),
}


@pytest.mark.parametrize("code", REFUSED)
def test_an_error_has_a_code_and_the_pages_english_is_the_models(code: str) -> None:
    with pytest.raises(InputError) as error:
        REFUSED[code]()
    assert error.value.code == code
    assert EN[f"error.{code}"].format(**error.value.values) == str(error.value)


def test_no_sentence_is_kept_for_an_error_that_nobody_makes() -> None:
    assert {key.removeprefix("error.") for key in EN if key.startswith("error.")} == REFUSED.keys()
