"""axe-core, the accessibility checker, for tests only: fetched once by the npm client, run in the page."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Page

PACKAGE = "axe-core@4.14.1"
FOLDER = Path(sys.prefix) / "axe-core"  # inside the virtual environment: git ignores it
SCRIPT = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def script() -> str:
    """Its source; where it cannot be had, a failure in CI and a skip elsewhere."""
    if not SCRIPT.exists() and (npm := shutil.which("npm")):
        command = [npm, "install", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", PACKAGE]
        subprocess.run(command, capture_output=True, check=False)
    if not SCRIPT.exists():
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"{PACKAGE} could not be fetched by npm")
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now: the rule, and where."""
    page.evaluate(script())
    found = page.evaluate("rules => axe.run({ runOnly: rules })", RULES)["violations"]
    return [f"{each['id']}: {node['target'][0]}" for each in found for node in each["nodes"]]
