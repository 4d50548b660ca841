"""The page's sentences: complete in every language, each used, each in one file."""

from __future__ import annotations

import json
import re

import pytest

from sketchpad.ui.i18n import FOLDERS, LANGUAGES, TEXTS, translated
from tests.helpers.paths import ROOT

EN = TEXTS["en"]
PACKAGE = ROOT / "sketchpad"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_and_its_values(language: str) -> None:
    def value_names(texts: dict[str, str]) -> dict[str, list[str]]:
        return {key: sorted(re.findall(r"\{\w+\}", sentence)) for key, sentence in texts.items()}

    assert value_names(TEXTS[language]) == value_names(EN)


def test_a_sentence_is_in_one_file() -> None:
    parts = [json.loads((PACKAGE / folder / "texts" / "en.json").read_text("utf-8")) for folder in FOLDERS]
    first_words = [word for part in parts for word in {key.split(".")[0] for key in part}]
    assert len(first_words) == len(set(first_words))
    assert sum(map(len, parts)) == len(EN)


def test_every_sentence_is_used_and_every_key_in_use_exists() -> None:
    files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".js", ".html")]
    source = "\n".join(path.read_text("utf-8") for path in files)
    used = set(re.findall(r'data-text(?:-label|-title)?="([\w. ]+)"', source))
    used |= set(re.findall(r'\bsay\("([\w. ]+)"', source))
    used |= set(re.findall(r'\btranslated\(\s*["\']\w+["\'],\s*["\']([\w. ]+)["\']', source))
    assert used - EN.keys() == set()
    families = ("error.", "tab.", "layer.", "verdict.", "why.", "start.", "steps.", "training.")
    families += ("arithmetic.", "damage.", "feature_maps.does.", "feature_maps.node.")
    parts = ("block", "compare", "fact", "family", "form", "join", "kind", "op", "part", "skip", "table")
    families += ("arch.stages.desc", *(f"arch.{part}." for part in parts))
    families += tuple(f"play.{part}." for part in ("done", "figure", "level", "mark", "rule"))
    quoted = set(re.findall(r"""["']([\w. ]+)["']""", source))
    assert {key for key in EN.keys() - quoted if not key.startswith(families)} == set()


def test_an_element_escapes_its_values() -> None:
    assert translated("p", "page.title") == '<p data-text="page.title"></p>'
    element = translated("p", "page.title", name="<b>'\"")
    assert "<b>" not in element
    assert json.loads(re.search("data-values='(.*)'", element.unescape())[1]) == {"name": "<b>'\""}
