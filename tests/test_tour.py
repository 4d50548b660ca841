"""The notebook docs/tour.ipynb runs from its first cell to its last."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

NOTEBOOK = ROOT / "docs" / "tour.ipynb"


def code_cells() -> list[dict[str, list[str]]]:
    notebook = json.loads(NOTEBOOK.read_text("utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def test_the_notebook_is_stored_without_outputs() -> None:
    assert all(cell["outputs"] == [] for cell in code_cells())


@pytest.mark.slow
def test_the_notebook_runs(mnist_root: Path) -> None:
    script = "\n".join("".join(cell["source"]) for cell in code_cells())
    environment = os.environ | {"MNIST_DIR": str(mnist_root), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=ROOT / "docs",
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    first, block, accuracy, own = run.stdout.strip().split("\n")
    assert first.startswith("7 digit")
    assert block.startswith("skip ")
    assert float(accuracy.split("%")[0]) > 98
    assert own == "7"
