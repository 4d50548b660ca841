#!/usr/bin/env python
"""The experiments that README.md reports, kept in sketchpad/training/experiments.json for `make readme`.

    python scripts/experiments.py ablation --data-dir data --strokes a.jsonl b.jsonl
    python scripts/experiments.py seeds one.safetensors two.safetensors three.safetensors

The ablation trains four short runs, each with one part more, and reads the same drawings with each. The
seeds are whole runs of `train_mnist.py --seed N --out FILE`; only their cards are read.
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

from model import DigitReader  # noqa: E402 - the path is set above
from model.datasets.augmentation import OFF  # noqa: E402
from model.datasets.stroke_files import load_drawings  # noqa: E402
from model.device import resolve_device  # noqa: E402
from model.evaluation.evaluate import evaluate_strokes  # noqa: E402
from model.inference.checkpoint import read_file, write_atomically  # noqa: E402
from model.inference.provenance import hardware  # noqa: E402
from model.training.config import TrainConfig  # noqa: E402
from train_mnist import train  # noqa: E402

EXPERIMENTS = ROOT / "sketchpad" / "training" / "experiments.json"
EPOCHS = 8
BASE = TrainConfig(epochs=EPOCHS)
STEPS = {
    "MNIST alone": replace(BASE, synthetic=0, augmentation=OFF),
    "+ augmentation": replace(BASE, synthetic=0),
    "+ synthetic pen digits": replace(BASE, not_digits=0.0),
    "+ synthetic non-digits": BASE,
}


def ablation(data_dir: Path, strokes: list[Path], device: str) -> dict[str, Any]:
    """One short run a step; accuracy on MNIST's test images and on each strokes file."""
    where = resolve_device(device)
    drawings = {path.stem: load_drawings(path) for path in strokes}
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, config in STEPS.items():
            out = Path(folder) / "ablation.safetensors"
            card = train(config, data_dir, where, out)
            reader = DigitReader.load(out, device)
            row = {"name": name, "mnist": brief(card["figures"]["test"])}
            for stem, some in drawings.items():
                row[stem] = brief(evaluate_strokes(reader, some))
            rows.append(row)
            print(json.dumps(row), flush=True)
    about = {"epochs": EPOCHS, "seed": BASE.seed, "commit": card["commit"], "hardware": hardware(where)}
    return about | {"rows": rows}


def brief(figures: dict[str, Any]) -> dict[str, Any]:
    """The figures that the table shows."""
    kept = {key: figures[key] for key in ("n", "correct", "accuracy")}
    return kept | {"letters": figures["letters"]} if "letters" in figures else kept


def seeds(checkpoints: list[Path]) -> list[dict[str, Any]]:
    """Each run's seed, commit and misses."""
    rows = []
    for path in checkpoints:
        card = read_file(path)[1]
        test = card["figures"]["test"]
        kept = {key: card[key] for key in ("seed", "commit", "hardware")}
        kept["epochs"] = card["config"]["epochs"]
        kept["minutes"] = sum(epoch["seconds"] for epoch in card["history"]) / 60
        rows.append(kept | {"n": test["n"], "missed": test["n"] - test["correct"]})
    return sorted(rows, key=lambda row: row["seed"])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    parts = commands.add_parser("ablation")
    parts.add_argument("--data-dir", type=Path, default=Path("data"))
    parts.add_argument("--strokes", type=Path, nargs="+", default=[])
    parts.add_argument("--device", default="auto")
    commands.add_parser("seeds").add_argument("checkpoints", type=Path, nargs="+")
    flags = parser.parse_args()
    if flags.command == "seeds":
        result: Any = seeds(flags.checkpoints)
    else:
        result = ablation(flags.data_dir, flags.strokes, flags.device)
    known = json.loads(EXPERIMENTS.read_text()) if EXPERIMENTS.exists() else {}
    known[flags.command] = result
    write_atomically(EXPERIMENTS, (json.dumps(known, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
