"""Reading in the page, before and after its network: the JavaScript gives what the Python does."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from model.inference import calibration
from model.inference.calibration import Calibration
from model.input import rasterizer, segmentation, strokes
from model.input.rasterizer import rasterise_digits
from model.input.segmentation import Lattice, parts_of_strokes
from model.input.strokes import parse_strokes
from tests.helpers.drawings import made_drawings, written_drawings
from tests.helpers.paths import ROOT

READING = ROOT / "sketchpad" / "web" / "reading"
THRESHOLDS = {"not_digit": 0.2, "unsure": 0.7}


def in_node(cases: dict[str, Any]) -> dict[str, Any]:
    """What the JavaScript makes of the cases."""
    node = shutil.which("node")
    if node is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("Node is not installed")
    command = [node, str(Path(__file__).with_name("read_cases.js"))]
    done = subprocess.run(command, input=json.dumps(cases), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_drawings_are_grouped_and_drawn_as_in_python() -> None:
    rng = random.Random(0)
    drawings = made_drawings(300, seed=1) + written_drawings(200, seed=2)
    likeness = [rng.random() for _ in range(500)]
    results = in_node({"drawings": drawings, "likeness": likeness, "outputs": [], "thresholds": {}})[
        "results"
    ]
    changed = pixels = 0
    for drawing, result in zip(drawings, results, strict=True):
        parts = parts_of_strokes(parse_strokes(drawing))
        runs = Lattice(parts).runs if parts else []
        assert [(run["first"], run["last"]) for run in result["runs"]] == [(r.first, r.last) for r in runs]
        if not runs:
            continue
        assert [run["box"] for run in result["runs"]] == [list(run.whole.box) for run in runs]
        costs = [run["cost"] for run in result["runs"]]
        np.testing.assert_allclose(costs, [run.cost for run in runs], rtol=1e-9, atol=1e-12)
        assert result["best"] == Lattice(parts).best(likeness[: len(runs)])
        images = rasterise_digits([run.whole.items for run in runs])
        drawn = np.stack([np.frombuffer(b64decode(image), np.uint8) for image in result["images"]])
        difference = np.abs(drawn.reshape(images.shape).astype(int) - images)
        assert difference.max() <= 1
        changed += int((difference > 0).sum())
        pixels += int((images > 0).sum())
    assert len(drawings) > 250
    assert changed <= 1e-4 * pixels  # none, unless NumPy sums in another order


def test_verdicts_are_pythons() -> None:
    rng = random.Random(0)
    marks = [
        [(rng.uniform(0.3, 1), rng.choice([0.0, 0.1, 0.3, 0.49, 0.51, 1.0])) for _ in range(n % 5)]
        for n in range(200)
    ]
    outputs = [[{"probabilities": [p, 1 - p], "notDigit": score} for p, score in each] for each in marks]
    found = in_node({"drawings": [], "likeness": [], "outputs": outputs, "thresholds": THRESHOLDS})[
        "verdicts"
    ]
    python = Calibration(1.0, **THRESHOLDS)
    for each, result in zip(marks, found, strict=True):
        expected = python.verdicts([(max(p, 1 - p), score) for p, score in each])
        assert [(one["verdict"], one["reason"]) for one in result] == expected


@pytest.mark.parametrize(
    ("file", "module"),
    [
        ("segmentation", segmentation),
        ("rasterizer", rasterizer),
        ("strokes", strokes),
        ("verdict", calibration),
    ],
)
def test_constants_are_pythons(file: str, module: ModuleType) -> None:
    source = (READING / f"{file}.js").read_text("utf-8")
    constants = re.findall(r"^(?:export )?const ([A-Z_\d]+) = ([\d._e-]+);", source, re.MULTILINE)
    assert constants
    for name, value in constants:
        assert getattr(module, name) == float(value.replace("_", "")), name
