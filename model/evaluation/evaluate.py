"""Measure a checkpoint as people use it.

    python -m model evaluate                                       # MNIST's 10,000 test images
    python -m model evaluate --strokes a.jsonl b.jsonl             # pen drawings, as the page reads them
    python -m model evaluate --strokes a.jsonl --robust --rows     # moved and scaled; rows of four
    python -m model evaluate --strokes a.jsonl --record            # and keep it in the checkpoint's card
    python -m model evaluate --record                              # MNIST's, with the mistakes' images
    python -m model evaluate --styles --record                     # every known way to write a digit
    python -m model evaluate --json

A strokes file has one JSON object a line: {"source", "writer", "label", "strokes": [[[x, y], ...], ...]}.
Labels that are no digit are non-digits, but for the letters that are written like one.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch

from ..datasets.mnist import load_mnist
from ..datasets.stroke_files import Drawing, load_drawings
from ..errors import CheckpointError, DataError, InputError
from ..inference.checkpoint import record
from ..inference.reader import DigitReader, Reading
from .metrics import auroc, mistakes, scores
from .writing_styles import describe_styles, evaluate_styles

LIKE_A_DIGIT = frozenset("lIiOoSsZzBbqgDJjt")  # letters nobody can tell from a digit
NOT_A_DIGIT = "not a digit"


def evaluate_mnist(reader: DigitReader, data_dir: Path) -> dict[str, Any]:
    """Figures on MNIST's test images, given to the network as model images."""
    data = load_mnist(data_dir, train=False)
    parts = [reader.read_batch(images) for images in data.images.split(1000)]
    verdicts = [verdict for _, some in parts for verdict in some]
    probabilities = torch.cat([some for some, _ in parts])
    return scores(probabilities, data.labels) | {
        "turned_away": verdicts.count(NOT_A_DIGIT) / len(verdicts),
        "mistakes": mistakes(data.images, probabilities, data.labels),
    }


def evaluate_strokes(reader: DigitReader, drawings: list[Drawing]) -> dict[str, Any]:
    """Figures on drawings, each read as the page reads it: several digits may come back from one.

    A digit is right only where exactly its own label is read. ``turned_away`` counts digits with the
    verdict "not a digit", ``not_sure`` those with any verdict but "digit"; ``letters`` the same for
    non-digits, with the AUROC of the rejection score, non-digits against digits.
    """
    digits = [d for d in drawings if d.is_digit]
    if not digits:
        raise DataError("There is no digit among the drawings to measure.")
    letters = [d for d in drawings if not d.is_digit and d.label not in LIKE_A_DIGIT]
    readings = [reader.read_strokes(d.strokes) for d in digits]
    labels = torch.tensor([int(d.label) for d in digits])
    # The probabilities of the first digit stand for a drawing that falls apart; it still counts wrong.
    probabilities = torch.tensor([reading.digits[0].probabilities for reading in readings])
    right = [reading.text == d.label for reading, d in zip(readings, digits, strict=True)]
    figures = scores(probabilities, labels) | {
        "correct": sum(right),
        "accuracy": sum(right) / len(right),
        "fell_apart": sum(len(reading.digits) != 1 for reading in readings),
        "turned_away": share(readings, lambda verdict: verdict == NOT_A_DIGIT),
        "not_sure": share(readings, lambda verdict: verdict != "digit"),
    }
    by_writer = defaultdict(list)
    for drawing, ok in zip(digits, right, strict=True):
        by_writer[drawing.writer].append(ok)
    accuracies = [sum(ok) / len(ok) for ok in by_writer.values()]
    figures["writers"] = {"n": len(accuracies), "worst": min(accuracies), "median": median(accuracies)}
    if letters:
        of_letters = [reader.read_strokes(d.strokes) for d in letters]
        figures["letters"] = {
            "n": len(letters),
            "auroc": auroc(rejection(of_letters), rejection(readings)),
            "not_digit": share(of_letters, lambda verdict: verdict == NOT_A_DIGIT),
            "not_sure": share(of_letters, lambda verdict: verdict != "digit"),
        }
    return figures


def share(readings: list[Reading], wanted: Callable[[str], bool]) -> float:
    """Share of the readings in which some digit's verdict is ``wanted``."""
    return sum(any(wanted(digit.verdict) for digit in r.digits) for r in readings) / len(readings)


def rejection(readings: list[Reading]) -> torch.Tensor:
    """How little each drawing looks like a digit, float [N]: its least digit-like part."""
    return torch.tensor([max(digit.not_digit for digit in r.digits) for r in readings])


def moved(drawing: Drawing, chance: random.Random) -> Drawing:
    """The drawing at 10–95 % of a 280 px pad, anywhere on it, turned by up to 10°."""
    points = [point for stroke in drawing.strokes for point in stroke]
    angle = math.radians(chance.uniform(-10, 10))
    cos, sin = math.cos(angle), math.sin(angle)

    def turn(x: float, y: float) -> tuple[float, float]:
        return x * cos - y * sin, x * sin + y * cos

    turned = [turn(x, y) for x, y in points]
    left, top = min(x for x, _ in turned), min(y for _, y in turned)
    width, height = max(x for x, _ in turned) - left, max(y for _, y in turned) - top
    scale = 280 * chance.uniform(0.10, 0.95) / max(width, height, 1e-6)
    dx = chance.uniform(0, 280 - width * scale)
    dy = chance.uniform(0, 280 - height * scale)
    strokes = []
    for stroke in drawing.strokes:
        placed = [turn(x, y) for x, y in stroke]
        strokes.append([[(x - left) * scale + dx, (y - top) * scale + dy] for x, y in placed])
    return Drawing(drawing.writer, drawing.label, strokes)


def row_of(drawings: list[Drawing], chance: random.Random) -> Drawing:
    """One drawing of several side by side: like heights, gaps of 10–60 % of the height."""
    strokes, labels, right = [], [], 0.0
    for drawing in drawings:
        points = [point for stroke in drawing.strokes for point in stroke]
        left, top = min(x for x, _ in points), min(y for _, y in points)
        height = max(max(y for _, y in points) - top, 1e-6)
        width = max(x for x, _ in points) - left
        scale = 100 * chance.uniform(0.85, 1.15) / max(height, width / 1.5)
        lift = chance.uniform(-10, 10)
        for stroke in drawing.strokes:
            strokes.append([[(x - left) * scale + right, (y - top) * scale + lift] for x, y in stroke])
        right += width * scale + 100 * chance.uniform(0.1, 0.6)
        labels.append(drawing.label)
    return Drawing("", "".join(labels), strokes)


def evaluate_rows(reader: DigitReader, drawings: list[Drawing], n: int = 500) -> dict[str, Any]:
    """Rows of four digits of one writer each: share read whole."""
    chance = random.Random(0)
    by_writer = defaultdict(list)
    for drawing in drawings:
        if drawing.is_digit:
            by_writer[drawing.writer].append(drawing)
    rows = [row_of(chance.choices(by_writer[chance.choice(list(by_writer))], k=4), chance) for _ in range(n)]
    right = sum(reader.read_strokes(row.strokes).text == row.label for row in rows)
    return {"n": n, "correct": right, "accuracy": right / n}


def describe(name: str, figures: dict[str, Any]) -> str:
    """The figures of one collection as lines of text."""
    n, accuracy = figures["n"], figures["accuracy"]
    spread = 1.96 * math.sqrt(accuracy * (1 - accuracy) / n)
    lines = [f"{name}: {accuracy:.2%} of {n:,} (± {spread:.2%}), {n - figures['correct']} missed"]
    if "nll" in figures:
        lines.append(f"  NLL {figures['nll']:.4f}   ECE {figures['ece']:.4f}")
        counts = [sum(row) for row in figures["confusion"]]
        shares = [f"{i}:{v:.1%}" for i, v in enumerate(figures["per_digit"]) if counts[i]]
        lines.append(f"  by digit  {'  '.join(shares)}")
        pairs = [(c, t, g) for t, r in enumerate(figures["confusion"]) for g, c in enumerate(r) if t != g]
        worst = [f"{t} read as {g}: {c}" for c, t, g in sorted(pairs, reverse=True)[:6] if c]
        lines.append("  confusions  " + ", ".join(worst))
    if "writers" in figures:
        writers = figures["writers"]
        lines.append(
            f"  {writers['n']} writer{'s' * (writers['n'] > 1)}: median {writers['median']:.1%}, "
            f"worst {writers['worst']:.1%}"
        )
        lines.append(
            f"  digits turned away {figures['turned_away']:.2%}, turned away or unsure "
            f"{figures['not_sure']:.2%}, fell apart {figures['fell_apart']}"
        )
    if "letters" in figures:
        letters = figures["letters"]
        lines.append(
            f"  {letters['n']:,} letters: AUROC {letters['auroc']:.4f}, not a digit "
            f"{letters['not_digit']:.2%}, not a digit or unsure {letters['not_sure']:.2%}"
        )
    lines += [describe(f"{name}, {part}", figures[part]) for part in ("moved", "rows") if part in figures]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m model evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--checkpoint", type=Path, default=Path("checkpoints/mnist_resnet.safetensors"))
    add("--dataset", choices=["mnist"], help="read a data set's test images (default without other sets)")
    add("--data-dir", type=Path, default=Path("data"), help="holds MNIST/raw")
    add("--strokes", type=Path, nargs="+", default=[], help="strokes files")
    add("--robust", action="store_true", help="also with every drawing scaled, moved and turned")
    add("--rows", action="store_true", help="also 500 rows of four digits")
    add("--styles", action="store_true", help="synthetic drawings of every way to write a digit")
    add("--device", default="cpu")
    add("--record", action="store_true", help="write the figures into the card")
    add("--json", action="store_true", help="print JSON")
    flags = parser.parse_args(arguments)
    torch.set_num_threads(1)  # drawings are read one by one: a second thread only waits
    results: dict[str, Any] = {}
    try:
        reader = DigitReader.load(flags.checkpoint, flags.device)
        if flags.dataset or not (flags.strokes or flags.styles):
            results["mnist"] = evaluate_mnist(reader, flags.data_dir)
        for path in flags.strokes:
            drawings = load_drawings(path)
            results[path.stem] = evaluate_strokes(reader, drawings)
            if flags.robust:
                chance = random.Random(0)
                anywhere = [moved(drawing, chance) for drawing in drawings if drawing.is_digit]
                results[path.stem]["moved"] = evaluate_strokes(reader, anywhere)
            if flags.rows:
                results[path.stem]["rows"] = evaluate_rows(reader, drawings)
        if flags.styles:
            results["styles"] = evaluate_styles(reader)
        if flags.record:
            drawn = {path.stem: results[path.stem] for path in flags.strokes}
            test = {"test": results["mnist"]} if "mnist" in results else {}
            styles = {"styles": results["styles"]} if flags.styles else {}
            record(flags.checkpoint, test | ({"drawn": drawn} if drawn else {}) | styles)
    except (CheckpointError, DataError, InputError, ValueError, OSError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    if flags.json:
        print(json.dumps(results, indent=1))
    else:
        styles = results.pop("styles", None)
        print("\n".join(describe(name, figures) for name, figures in results.items()), end="")
        print(describe_styles(styles) if styles else "")
    return 0


if __name__ == "__main__":
    sys.exit(main())
