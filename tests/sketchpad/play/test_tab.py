"""The Play tab: its levels and figures are those of its scripts, and its pad is read like the Draw tab's."""

from __future__ import annotations

import asyncio
import json
import re

from model import DigitReader
from sketchpad.play.tab import LEVELS
from sketchpad.server.batching import Batcher
from sketchpad.server.wire import live_function
from sketchpad.ui.assets import read_asset
from sketchpad.ui.html import render
from sketchpad.ui.i18n import TEXTS

SEVEN = [[[60, 60], [200, 62], [130, 240]]]


def test_the_levels_are_those_that_the_script_draws_sums_of() -> None:
    levels = re.search(r"LEVELS = \{(.*?)\n\};", read_asset("play/sums.js"), re.DOTALL)
    assert levels is not None
    assert re.findall(r"^ {2}(\w+):", levels[1], re.MULTILINE) == list(LEVELS)
    page = render("play/tab.html", levels=LEVELS, side=280)
    assert re.findall(r'data-level="(\w+)"', page) == list(LEVELS)
    for language, texts in TEXTS.items():
        assert {f"play.level.{level}" for level in LEVELS} <= texts.keys(), language


def test_every_key_family_of_the_script_has_its_sentences() -> None:
    page, view = (read_asset(f"play/{name}") for name in ("tab.html", "score_view.js"))
    figures = re.findall(r"^ {4}(\w+)[:,]", view[view.index("const figures") :].split("};")[0], re.MULTILINE)
    marks = re.search(r"MARKS = .*\(\[(.*)\]\)", read_asset("play/score.js"))
    assert marks is not None
    assert [f'"{name}"' in page for name in figures] == [True] * 5
    keys = [f"play.figure.{name}" for name in figures] + [
        f"play.done.{name}" for name in ("right", "skipped")
    ]
    keys += [f"play.mark.{name}" for name in re.findall(r"\w+", marks[1])]
    assert set(keys) <= TEXTS["en"].keys()


def test_the_answer_pad_is_read_like_the_draw_tabs(trained: DigitReader) -> None:
    async def read() -> list[dict[str, object]]:
        live = live_function(Batcher(trained.read_drawings))
        payloads = ({"strokes": SEVEN, "final": True, "visitor": "a", "number": 1}, {"strokes": "no strokes"})
        return [json.loads((await live(payload)).body) for payload in payloads]

    assert live_function(Batcher(trained.read_drawings)).__name__ == "live"  # the name in the fast path
    reading, refused = asyncio.run(read())
    assert reading["text"] == "7"
    assert refused["digits"] == []
    assert refused["error"]
