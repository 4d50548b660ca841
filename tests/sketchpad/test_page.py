"""The page's parts that need no browser: its sentences, its figures, its start."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from sketchpad.ui.i18n import FOLDERS, LANGUAGES, TEXTS
from tests.helpers.paths import ROOT

EN = TEXTS["en"]
PACKAGE = ROOT / "sketchpad"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_and_its_blanks(language: str) -> None:
    def blanks(sentence: str) -> list[str]:
        return sorted(re.findall(r"\{\w+\}", sentence))

    texts = TEXTS[language]
    assert texts.keys() == EN.keys()
    assert {key: blanks(text) for key, text in texts.items()} == {
        key: blanks(text) for key, text in EN.items()
    }


def test_a_sentence_stands_in_one_file() -> None:
    parts = [json.loads((PACKAGE / folder / "texts" / "en.json").read_text("utf-8")) for folder in FOLDERS]
    first_words = [word for part in parts for word in {key.split(".")[0] for key in part}]
    assert len(first_words) == len(set(first_words))
    assert sum(map(len, parts)) == len(EN)


def test_every_sentence_is_used_and_every_used_one_is_there() -> None:
    files = [path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".js", ".html")]
    source = "\n".join(path.read_text("utf-8") for path in files)
    named = set(re.findall(r'data-text(?:-label|-title)?="([\w. ]+)"', source))
    named |= set(re.findall(r'\bsay\("([\w. ]+)"', source))
    named |= set(re.findall(r'\bmarked\(\s*["\']\w+["\'],\s*["\']([\w. ]+)["\']', source))
    assert named - EN.keys() == set()
    families = ("error.", "tab.", "layer.", "verdict.", "why.", "start.", "steps.", "training.")
    families += ("feature_maps.does.",)
    parts = ("block", "compare", "fact", "family", "form", "join", "kind", "op", "part", "skip", "table")
    families += ("arch.stages.desc", *(f"arch.{part}." for part in parts))
    quoted = set(re.findall(r"""["']([\w. ]+)["']""", source))
    assert {key for key in EN.keys() - quoted if not key.startswith(families)} == set()


def run_app(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "app.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("arguments", [("--checkpoint", "missing.safetensors"), ("--device", "abacus")])
def test_what_cannot_be_served_is_told_in_one_sentence(arguments: tuple[str, str]) -> None:
    done = run_app(*arguments)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.strip().count("\n") == 0
    assert arguments[1] in done.stderr


def test_starting_loads_and_draws_only_what_is_shown_first_and_leaves_other_peoples_flags_alone() -> None:
    check = """
import app, sys
from sketchpad.architectures.tab import network, page
print({"torchvision", "sympy", "torch._dynamo"} & set(sys.modules), page.cache_info().misses,
      network.cache_info().misses, app.demo is not None)
"""
    done = subprocess.run(
        [sys.executable, "-c", check, "--help"], cwd=ROOT, timeout=60, stdout=subprocess.PIPE
    )
    assert done.stdout == b"set() 0 0 True\n"
