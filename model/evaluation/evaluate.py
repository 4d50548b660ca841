"""Measure a checkpoint on MNIST's test images, on drawings or on pictures.

    python -m model evaluate                                       # MNIST's 10,000 test images
    python -m model evaluate --strokes a.jsonl b.jsonl             # pen drawings, as the page reads them
    python -m model evaluate --strokes a.jsonl --robust --rows     # also moved and scaled, in rows of four
    python -m model evaluate --strokes a.jsonl --record            # also write the figures into the card
    python -m model evaluate --record                              # MNIST, with the misread images
    python -m model evaluate --styles --record                     # every writing style of the skeletons
    python -m model evaluate --pictures DIR --failures sheet.png   # a folder of pictures: see pictures.py
    python -m model evaluate --json

A strokes file has one JSON object per line: {"source", "writer", "label", "strokes": [[[x, y], ...], ...]}.
Drawings whose label is not a digit are non-digits. Letters that look like a digit are excluded.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import torch

from ..datasets.mnist import load_mnist
from ..datasets.stroke_files import Drawing, load_drawings
from ..errors import DataError, InputError
from ..image import NOT_A_DIGIT_LABEL
from ..inference.checkpoint import add_checkpoint_argument, update_figures
from ..inference.reader import DigitReader, Reading
from ..input.strokes import bounds, parse_strokes
from .contact_sheet import write_contact_sheet
from .metrics import auroc, mistakes, scores
from .pictures import PictureResult, describe_pictures, load_labels, picture_figures, read_pictures
from .writing_styles import describe_styles, evaluate_styles

DIGIT_LIKE_LETTERS = frozenset("lIiOoSsZzBbqgDJjt")
PAD = 280  # px, side of the pad on which `moved` places drawings
ROW_HEIGHT = 100  # px of the digits in `row_of`


def evaluate_mnist(reader: DigitReader, data_dir: Path) -> dict[str, Any]:
    """Figures on MNIST's test images, which are model images already."""
    data = load_mnist(data_dir, train=False)
    results = [reader.read_batch(images) for images in data.images.split(1000)]
    verdicts = [verdict for _, batch in results for verdict in batch]
    probabilities = torch.cat([batch for batch, _ in results])
    return scores(probabilities, data.labels) | {
        "turned_away": verdicts.count(NOT_A_DIGIT_LABEL) / len(verdicts),
        "mistakes": mistakes(data.images, probabilities, data.labels),
    }


def evaluate_strokes(reader: DigitReader, drawings: list[Drawing]) -> dict[str, Any]:
    """Figures on drawings. Each is read as on the page, where a drawing may be read as several digits.

    A digit counts as correct only if the text read is exactly its label. ``turned_away`` is the share of
    digits with the verdict "not a digit", ``not_sure`` the share with a verdict other than "digit", and
    ``fell_apart`` the number of digits read as several. ``letters`` has the same shares for non-digits, and
    the AUROC of `not_digit_score` for non-digits against digits.
    """
    digits = [d for d in drawings if d.is_digit]
    if not digits:
        raise DataError("There is no digit among the drawings to measure.")
    letters = [d for d in drawings if not d.is_digit and d.label not in DIGIT_LIKE_LETTERS]
    readings = [reader.read_strokes(d.strokes) for d in digits]
    labels = torch.tensor([int(d.label) for d in digits])
    # A drawing read as several digits counts as wrong, and has the first digit's probabilities.
    probabilities = torch.tensor([reading.digits[0].probabilities for reading in readings])
    correct = [reading.text == d.label for reading, d in zip(readings, digits, strict=True)]
    figures = scores(probabilities, labels) | {
        "correct": sum(correct),
        "accuracy": sum(correct) / len(correct),
        "fell_apart": sum(len(reading.digits) != 1 for reading in readings),
        "turned_away": share_of_verdicts(readings, lambda verdict: verdict == NOT_A_DIGIT_LABEL),
        "not_sure": share_of_verdicts(readings, lambda verdict: verdict != "digit"),
    }
    by_writer = defaultdict(list)
    for drawing, is_correct in zip(digits, correct, strict=True):
        by_writer[drawing.writer].append(is_correct)
    accuracies = [sum(each) / len(each) for each in by_writer.values()]
    figures["writers"] = {"n": len(accuracies), "worst": min(accuracies), "median": median(accuracies)}
    if letters:
        letter_readings = [reader.read_strokes(d.strokes) for d in letters]
        figures["letters"] = {
            "n": len(letters),
            "auroc": auroc(not_digit_scores(letter_readings), not_digit_scores(readings)),
            "not_digit": share_of_verdicts(letter_readings, lambda verdict: verdict == NOT_A_DIGIT_LABEL),
            "not_sure": share_of_verdicts(letter_readings, lambda verdict: verdict != "digit"),
        }
    return figures


def share_of_verdicts(readings: list[Reading], condition: Callable[[str], bool]) -> float:
    """Share of the readings in which the verdict on any digit meets ``condition``."""
    return sum(any(condition(digit.verdict) for digit in r.digits) for r in readings) / len(readings)


def not_digit_scores(readings: list[Reading]) -> torch.Tensor:
    """Each drawing's largest `not_digit_score`, float [N]."""
    return torch.tensor([max(digit.not_digit for digit in r.digits) for r in readings])


def moved(drawing: Drawing, rng: random.Random) -> Drawing:
    """The drawing at 10 to 95 % of a 280 px pad, anywhere on it, rotated by up to 10°."""
    angle = math.radians(rng.uniform(-10, 10))
    cos, sin = math.cos(angle), math.sin(angle)
    columns = (stroke.T for stroke in parse_strokes(drawing.strokes))
    strokes = [np.stack([x * cos - y * sin, x * sin + y * cos], 1) for x, y in columns]
    left, top, right, bottom = bounds(strokes)
    width, height = right - left, bottom - top
    scale = PAD * rng.uniform(0.10, 0.95) / max(width, height, 1e-6)
    shift = rng.uniform(0, PAD - width * scale), rng.uniform(0, PAD - height * scale)
    placed = [((stroke - (left, top)) * scale + shift).tolist() for stroke in strokes]
    return Drawing(drawing.writer, drawing.label, placed)


def row_of(drawings: list[Drawing], rng: random.Random) -> Drawing:
    """One drawing of several side by side, with similar heights and gaps of 10 to 60 % of the height."""
    row, end = [], 0.0
    for drawing in drawings:
        strokes = parse_strokes(drawing.strokes)
        left, top, right, bottom = bounds(strokes)
        width, height = right - left, max(bottom - top, 1e-6)
        scale = ROW_HEIGHT * rng.uniform(0.85, 1.15) / max(height, width / 1.5)
        shift = end, rng.uniform(-10, 10)
        row += [((stroke - (left, top)) * scale + shift).tolist() for stroke in strokes]
        end += width * scale + ROW_HEIGHT * rng.uniform(0.1, 0.6)
    return Drawing("", "".join(drawing.label for drawing in drawings), row)


def evaluate_rows(reader: DigitReader, drawings: list[Drawing], n: int = 500) -> dict[str, Any]:
    """Share of ``n`` rows in which all four digits, by the same writer, are read correctly."""
    rng = random.Random(0)
    by_writer = defaultdict(list)
    for drawing in drawings:
        if drawing.is_digit:
            by_writer[drawing.writer].append(drawing)
    rows = [row_of(rng.choices(by_writer[rng.choice(list(by_writer))], k=4), rng) for _ in range(n)]
    correct = sum(reader.read_strokes(row.strokes).text == row.label for row in rows)
    return {"n": n, "correct": correct, "accuracy": correct / n}


def describe(name: str, figures: dict[str, Any]) -> str:
    """The figures of one collection as lines of text."""
    n, accuracy = figures["n"], figures["accuracy"]
    margin = 1.96 * math.sqrt(accuracy * (1 - accuracy) / n)  # of the 95 % confidence interval
    lines = [f"{name}: {accuracy:.2%} of {n:,} (± {margin:.2%}), {n - figures['correct']} missed"]
    if "nll" in figures:
        confusion = figures["confusion"]
        lines.append(f"  NLL {figures['nll']:.4f}   ECE {figures['ece']:.4f}")
        shares = [f"{i}:{v:.1%}" for i, v in enumerate(figures["per_digit"]) if sum(confusion[i])]
        lines.append(f"  by digit  {'  '.join(shares)}")
        pairs = [(count, t, p) for t, row in enumerate(confusion) for p, count in enumerate(row) if t != p]
        worst = [f"{t} read as {p}: {count}" for count, t, p in sorted(pairs, reverse=True)[:6] if count]
        lines.append("  confusions  " + ", ".join(worst))
    if "writers" in figures:
        writers = figures["writers"]
        lines.append(
            f"  {writers['n']} writer{'s' * (writers['n'] > 1)}: median {writers['median']:.1%}, "
            f"worst {writers['worst']:.1%}"
        )
        lines.append(
            f"  digits rejected {figures['turned_away']:.2%}, rejected or unsure "
            f"{figures['not_sure']:.2%}, read as several {figures['fell_apart']}"
        )
    if "letters" in figures:
        letters = figures["letters"]
        lines.append(
            f"  {letters['n']:,} letters: AUROC {letters['auroc']:.4f}, not a digit "
            f"{letters['not_digit']:.2%}, not a digit or unsure {letters['not_sure']:.2%}"
        )
    lines += [describe(f"{name}, {part}", figures[part]) for part in ("moved", "rows") if part in figures]
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add_checkpoint_argument(parser)
    add("--dataset", choices=["mnist"], help="test images (the default if nothing else is measured)")
    add("--data-dir", type=Path, default=Path("data"), help="folder that contains MNIST/raw")
    add("--strokes", type=Path, nargs="+", default=[], help="strokes files")
    add("--robust", action="store_true", help="also with every drawing scaled, moved and rotated")
    add("--rows", action="store_true", help="also 500 rows of four digits")
    add("--pictures", type=Path, nargs="+", default=[], help="folders of pictures with labels.jsonl")
    add("--failures", type=Path, metavar="PNG", help="contact sheet of the pictures that are not read")
    add("--styles", action="store_true", help="synthetic drawings of every writing style")
    add("--device", default="cpu", help="auto, cpu, cuda, cuda:N or mps (default: cpu)")
    add("--record", action="store_true", help="write the figures into the checkpoint's card")
    add("--json", action="store_true", help="print JSON")


def measure_pictures(reader: DigitReader, folders: list[Path], failures: Path | None) -> dict[str, Any]:
    """Figures of each folder by its name. A contact sheet of the misread pictures goes to ``failures``."""
    named = {folder.resolve().name: load_labels(folder) for folder in folders}
    if len(named) < len(folders):
        raise InputError("Two of the folders have the same name, by which their figures are called.")
    results: dict[str, list[PictureResult]] = {}
    for name, pictures in named.items():
        results[name] = read_pictures(reader, pictures)
    if failures:
        every = [result for each in results.values() for result in each]
        wrong = [result for result in every if not result.correct]
        write_contact_sheet(failures, wrong, f"{len(wrong)} of {len(every)} pictures are misread", reader)
    return {name: picture_figures(each, reader) for name, each in results.items()}


def run(flags: argparse.Namespace) -> int:
    torch.set_num_threads(1)  # drawings are read one by one, which a second thread does not speed up
    results: dict[str, Any] = {}
    recorded: dict[str, Any] = {}
    if flags.failures and not flags.pictures:
        raise InputError("--failures needs --pictures.")
    reader = DigitReader.load(flags.checkpoint, flags.device)
    if flags.dataset or not (flags.strokes or flags.styles or flags.pictures):
        results["mnist"] = recorded["test"] = evaluate_mnist(reader, flags.data_dir)
    for path in flags.strokes:
        drawings = load_drawings(path)
        figures = evaluate_strokes(reader, drawings)
        if flags.robust:
            rng = random.Random(0)
            moved_digits = [moved(drawing, rng) for drawing in drawings if drawing.is_digit]
            figures["moved"] = evaluate_strokes(reader, moved_digits)
        if flags.rows:
            figures["rows"] = evaluate_rows(reader, drawings)
        results[path.stem] = recorded.setdefault("drawn", {})[path.stem] = figures
    pictures = recorded["pictures"] = measure_pictures(reader, flags.pictures, flags.failures)
    styles = recorded["styles"] = evaluate_styles(reader) if flags.styles else None
    if flags.record:
        update_figures(flags.checkpoint, {key: value for key, value in recorded.items() if value})
    if flags.json:
        shown = {"pictures": pictures, "styles": styles}
        print(json.dumps(results | {key: value for key, value in shown.items() if value}, indent=1))
    else:
        lines = [describe(name, figures) for name, figures in results.items()]
        lines += [describe_pictures(name, figures) for name, figures in pictures.items()]
        print("\n".join(lines + ([describe_styles(styles)] if styles else [])))
    return 0
