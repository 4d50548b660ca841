"""The lesson: its words in every language, and the page that teachers print."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sketchpad.inside.tab import TITLES
from sketchpad.lesson.lesson import STEPS, page, route
from sketchpad.ui.i18n import LANGUAGES
from tests.helpers.paths import ROOT

FOLDER = ROOT / "sketchpad" / "lesson" / "steps"


def words(language: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return content


def shape(value: object) -> object:
    """Names and lengths, without the words."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    return [shape(part) for part in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_steps(language: str) -> None:
    assert shape(words(language)) == shape(words("en"))
    assert page(language).count("<article") == len(STEPS)


def test_a_step_leads_to_a_part_of_the_page_and_has_one_right_choice() -> None:
    for step, text in zip(STEPS, words("en")["steps"], strict=True):
        tab, _, section = step.place.partition("/")
        assert tab == "Draw" or (tab == "Inside" and section in TITLES), step
        assert 0 <= step.right < len(text["choices"]) == 3
    assert len({step.right for step in STEPS}) == 3  # not always the same place


def test_the_page_for_the_class_has_no_answers() -> None:
    client = TestClient(Starlette(routes=[route()]))
    teacher, pupils = (client.get(f"/lesson?language=zh-Hans{end}").text for end in ("", "&answers=no"))
    answer = words("zh-Hans")["steps"][3]["answer"]
    assert answer in teacher
    assert 'class="right"' in teacher
    assert answer not in pupils
    assert 'class="right"' not in pupils
    assert words("zh-Hans")["steps"][3]["question"] in pupils
    assert '<html lang="zh-Hans">' in pupils


@pytest.mark.parametrize("language", ["", "xx", "../en", "<b>"])
def test_an_unknown_language_is_english(language: str) -> None:
    client = TestClient(Starlette(routes=[route()]))
    assert client.get("/lesson", params={"language": language}).text == page("en")
