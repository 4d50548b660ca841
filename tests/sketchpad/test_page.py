"""The page as a whole, without a browser: its start, its version, errors at the start."""

from __future__ import annotations

import subprocess
import sys

import pytest

from model import __version__
from sketchpad.ui.html import render
from tests.helpers.paths import ROOT


def test_the_footer_shows_the_version_of_the_project() -> None:
    assert f"v{__version__}" in render("footer.html", version=__version__)


@pytest.mark.parametrize(
    "arguments",
    [("--checkpoint", "missing.safetensors"), ("--device", "abacus"), ("--embed-from", "school.example")],
)
def test_an_error_at_the_start_is_one_sentence(arguments: tuple[str, str]) -> None:
    command = [sys.executable, "app.py", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode != 0
    assert ended.stdout == ""
    assert ended.stderr.strip().count("\n") == 0
    assert arguments[1] in ended.stderr


def test_the_start_imports_and_renders_only_what_is_shown_first_and_ignores_an_importers_flags() -> None:
    check = """
import app, sys
from sketchpad.architectures.network_report import network_report, uninitialized
print({"torchvision", "sympy", "torch._dynamo"} & set(sys.modules), network_report.cache_info().misses,
      uninitialized.cache_info().misses, app.demo is not None)
"""
    command = [sys.executable, "-c", check, "--help"]
    ended = subprocess.run(command, cwd=ROOT, timeout=60, stdout=subprocess.PIPE)
    assert ended.stdout == b"set() 0 0 True\n"
