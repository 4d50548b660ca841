"""axe-core, the accessibility checker, for tests only: fetched once by npm, run in the page."""

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
    """The source of axe. If it cannot be fetched, the test fails in CI and is skipped elsewhere."""
    if not SCRIPT.exists() and (npm := shutil.which("npm")):
        command = [npm, "install", "--prefix", str(FOLDER), "--ignore-scripts", "--no-audit", PACKAGE]
        subprocess.run(command, capture_output=True, check=False)
    if not SCRIPT.exists():
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse(f"{PACKAGE} could not be fetched by npm")
    return SCRIPT.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """axe's violations on the current page: rule and element."""
    page.evaluate(script())
    results = page.evaluate("rules => axe.run({ runOnly: rules })", RULES)["violations"]
    return [f"{each['id']}: {node['target'][0]}" for each in results for node in each["nodes"]]
