"""Plain against residual: what the page says about the recorded runs, and the charts of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from statistics import fmean

import pytest
import torch

from sketchpad.inside.degradation import degradation


def test_the_runs_are_as_the_page_says() -> None:
    record = json.loads(degradation.RESULT.read_text(encoding="utf-8"))
    runs = record["runs"]
    seeds = [run["seed"] for run in runs["plain20"]]
    assert all([run["seed"] for run in repeats] == seeds for repeats in runs.values())
    lengths = {len(run["loss"]) for repeats in runs.values() for run in repeats}
    assert lengths == {record["steps"] // record["block"]}
    assert {len(run["first"]) for name in ("plain56", "resnet56") for run in runs[name]} == {56}
    end = {name: fmean(run["loss"][-1] for run in repeats) for name, repeats in runs.items()}
    assert record["networks"]["plain56"]["loss"]["mean"][-1] == pytest.approx(end["plain56"], rel=1e-3)
    assert abs(end["plain20"] - end["resnet20"]) < 0.05  # with 20 layers both train equally well
    for plain, residual in zip(runs["plain56"], runs["resnet56"], strict=True):
        assert plain["loss"][-1] > 1.5 * residual["loss"][-1]  # with 56 the plain one is worse, every seed
        assert plain["first"][0] > 20 * plain["first"][-2]  # its gradient grows towards the image
        assert max(residual["first"][:-1]) < 5 * min(residual["first"][:-1])  # the other stays level


def test_the_charts_hold_every_point_on_one_scale() -> None:
    page = degradation.html()
    record = json.loads(degradation.RESULT.read_text(encoding="utf-8"))
    lines = re.findall(r'<path d="M([^"]+)" class="line( plain)?"/>', page)[2:]  # behind the legend's two
    assert len(lines) == 8
    heights: dict[str, list[float]] = {}
    expected = [
        (key, name) for key in ("loss", "first") for pair in degradation.PAIRS.values() for name in pair
    ]
    for (points, style), (key, name) in zip(lines, expected, strict=True):
        assert bool(style) == name.startswith("plain")
        values = record["networks"][name][key]["mean"]
        ys = [float(point.split()[1]) for point in points.split("L")]
        assert len(ys) == len(values)
        # A logarithmic axis that all charts of a row share: the same value is at the same height.
        slope = (ys[-1] - ys[0]) / (torch.tensor(values[-1]).log() - torch.tensor(values[0]).log()).item()
        heights.setdefault(key, []).append(slope)
    for slopes in heights.values():
        assert slopes == pytest.approx([slopes[0]] * 4, rel=0.02)
        assert slopes[0] < 0  # more is higher


def test_without_runs_the_page_shows_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(degradation, "RESULT", tmp_path / "none.json")
    page = degradation.html()
    assert "python scripts/degradation.py" in page
    assert "<svg" not in page
