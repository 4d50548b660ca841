#!/usr/bin/env python
"""Experiments with the recipe, recorded in sketchpad/training/experiments.json.

    python scripts/experiments.py ablation --data-dir data --strokes a.jsonl b.jsonl
    python scripts/experiments.py seeds one.safetensors two.safetensors three.safetensors

The ablation trains four short runs, each with one more part of the recipe, and evaluates them on the same
drawings. The seeds are complete runs of `train_mnist.py --seed N --out FILE`; only their cards are read. The
Training tab shows the seeds, and `make readme` writes both into the documentation.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from model import DigitReader  # noqa: E402 - after the path is set
from model.datasets.augmentation import OFF  # noqa: E402
from model.datasets.stroke_files import load_drawings  # noqa: E402
from model.device import resolve_device  # noqa: E402
from model.evaluation.evaluate import evaluate_strokes  # noqa: E402
from model.inference.checkpoint import read_file  # noqa: E402
from model.inference.provenance import hardware  # noqa: E402
from model.training.config import TrainConfig  # noqa: E402
from model.training.loop import train  # noqa: E402
from scripts.race import record  # noqa: E402

EXPERIMENTS = ROOT / "sketchpad" / "training" / "experiments.json"
EPOCHS = 8
BASE = TrainConfig(epochs=EPOCHS)
ABLATION = {
    "MNIST alone": replace(BASE, synthetic=0, augmentation=OFF),
    "+ augmentation": replace(BASE, synthetic=0),
    "+ synthetic pen digits": replace(BASE, not_digits=0.0),
    "+ synthetic non-digits": BASE,
}


def ablation(data_dir: Path, strokes: list[Path], device_name: str) -> dict[str, Any]:
    """The accuracy of each short run, on MNIST's test images and on each strokes file."""
    device = resolve_device(device_name)
    collections = {path.stem: load_drawings(path) for path in strokes}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, config in ABLATION.items():
            out = Path(folder) / "ablation.safetensors"
            card = train(config, data_dir, device, out)
            reader = DigitReader.load(out, device_name)
            row = {"name": name, "mnist": brief(card["figures"]["test"])}
            for stem, drawings in collections.items():
                row[stem] = brief(evaluate_strokes(reader, drawings))
            rows.append(row)
            print(json.dumps(row), flush=True)
    about = {"epochs": EPOCHS, "seed": BASE.seed, "commit": card["commit"], "hardware": hardware(device)}
    return about | {"rows": rows}


def brief(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures in the table."""
    return {key: figures[key] for key in ("n", "correct", "accuracy", "letters") if key in figures}


def seeds(checkpoints: list[Path]) -> list[dict[str, Any]]:
    """Each run's seed, commit and number of misread test images."""
    rows = []
    for path in checkpoints:
        card = read_file(path)[1]
        test = card["figures"]["test"]
        minutes = sum(epoch["seconds"] for epoch in card["history"]) / 60
        rows.append(
            {key: card[key] for key in ("seed", "commit", "hardware")}
            | {"epochs": card["config"]["epochs"], "minutes": minutes}
            | {"n": test["n"], "missed": test["n"] - test["correct"]}
        )
    return sorted(rows, key=lambda row: row["seed"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    parts = commands.add_parser("ablation")
    parts.add_argument(
        "--data-dir", type=Path, default=Path("data"), help="folder of MNIST/raw (default: %(default)s)"
    )
    parts.add_argument("--strokes", type=Path, nargs="+", default=[], help="files of drawings to measure on")
    parts.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: %(default)s)")
    runs = commands.add_parser("seeds")
    runs.add_argument("checkpoints", type=Path, nargs="+", help="one checkpoint for each seed")
    flags = parser.parse_args()
    if flags.command == "seeds":
        result: Any = seeds(flags.checkpoints)
    else:
        result = ablation(flags.data_dir, flags.strokes, flags.device)
    record({flags.command: result}, EXPERIMENTS)


if __name__ == "__main__":
    main()
