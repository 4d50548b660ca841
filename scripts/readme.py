#!/usr/bin/env python
"""Bring README.md up to date: its tree, its figures and its picture come from the project itself.

    make readme                                  # everything; the picture needs Chromium
    python scripts/readme.py tree figures        # only these

Text between <!-- NAME --> and <!-- /NAME --> is replaced; the rest of README.md is written by hand.
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from model.inference.checkpoint import read_file  # noqa: E402 - the path is set above
from model.networks.registry import get_spec  # noqa: E402

README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "page.png"
EXPERIMENTS = ROOT / "sketchpad" / "training" / "experiments.json"
RACE = ROOT / "docs" / "race.json"
CHECKPOINT = ROOT / "checkpoints" / "mnist_resnet.safetensors"


def tree() -> str:
    """Every module with the first sentence of its docstring."""
    lines = [
        ("app.py", "the page: reads flags and environment, loads the checkpoint, serves; `demo` for Spaces"),
        ("train_mnist.py", "the recipe: flags in, a checkpoint out"),
        ("checkpoints/", "mnist_resnet.safetensors: weights, and the card that says what they are"),
    ]
    for folder, purpose in (
        ("model", "the classifier; imports no Gradio"),
        ("sketchpad", "the page; imports Gradio and `model`, does no maths"),
    ):
        lines.append((f"{folder}/", purpose))
        for path in modules(folder):
            within = path.name == "__init__.py"  # a folder of its own is shown by one line
            lines.append((f"  {path.parent.name}/" if within else f"  {path.name}", first_sentence(path)))
    lines.append(("tests/", "one file a module; browser/ draws in a real Chromium"))
    lines.append(("scripts/", "experiments.py measures what README reports; readme.py writes it there"))
    width = max(len(name) for name, _ in lines) + 2
    return "```\n" + "\n".join(f"{name:{width}}{text}" for name, text in lines) + "\n```"


def modules(folder: str) -> list[Path]:
    """The Python files of a package that git knows, and the __init__ of each folder in it."""
    command = ["git", "ls-files", f":(glob){folder}/*.py", f":(glob){folder}/*/__init__.py"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [ROOT / name for name in names if name != f"{folder}/__init__.py"]


def first_sentence(path: Path) -> str:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(docstring.split("\n\n")[0].split())
    return re.split(r"(?<=[.])\s", paragraph)[0].rstrip(".")


def figures() -> str:
    """The checkpoint's own record as a table, with every n."""
    card = read_file(CHECKPOINT)[1]
    test, config = card["figures"]["test"], card["config"]
    spec = get_spec(card["arch"]["name"])
    rows = [
        ("MNIST test images", test["n"], test),
        *((f"drawings, `{name}`", found["n"], found) for name, found in drawn(card).items()),
    ]
    lines = [
        "| read by the committed checkpoint | n | right | missed | ECE |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, n, found in rows:
        missed = n - found["correct"]
        lines.append(f"| {name} | {n:,} | {found['accuracy']:.2%} | {missed:,} | {found['ece']:.4f} |")
    for name, found in drawn(card).items():
        writers, letters = found["writers"], found.get("letters")
        lines.append("")
        lines.append(
            f"`{name}`: {writers['n']} writers, of whom the median is read {writers['median']:.1%} and the "
            f"worst {writers['worst']:.1%}; {found['turned_away']:.2%} of the digits are called no digit."
        )
        if letters:
            lines.append(
                f"Of its {letters['n']:,} letters that do not look like a digit {letters['not_digit']:.1%} "
                f"are called no digit, {letters['not_sure']:.1%} that or unsure "
                f"(AUROC {letters['auroc']:.4f})."
            )
    lines += [
        "",
        f"One run: `{card['arch']['name']}` ({spec.params:,} parameters, {spec.macs / 1e6:.1f} million "
        f"multiply-adds an image), {config['epochs']} epochs, seed {card['seed']}, commit "
        f"`{card['commit']}`, {card['hardware']}, PyTorch {card['versions']['torch']}. "
        "The test set was read once, when training was over.",
    ]
    return "\n".join(lines)


def experiments() -> str:
    """The seeds and the ablation of sketchpad/training/experiments.json as tables."""
    known = json.loads(EXPERIMENTS.read_text(encoding="utf-8"))
    lines = []
    if runs := known.get("seeds"):
        missed = [run["missed"] for run in runs]
        n = runs[0]["n"]
        lines += [
            "| seed | missed of 10,000 | epochs | minutes |",
            "| --- | --- | --- | --- |",
            *(f"| {r['seed']} | {r['missed']} | {r['epochs']} | {r['minutes']:.0f} |" for r in runs),
            "",
            f"{spread(missed, n)}; {runs[0]['hardware']}.",
        ]
    if parts := known.get("ablation"):
        collections = [key for key in parts["rows"][0] if key not in ("name", "mnist")]
        lines += ["", "| each row adds one part | MNIST test | " + " | ".join(collections) + " | letters |"]
        lines.append("| --- " * (len(collections) + 3) + "|")
        for row in parts["rows"]:
            cells = [f"{row[key]['accuracy']:.2%}" for key in ("mnist", *collections)]
            letters = [row[key]["letters"]["not_sure"] for key in collections if "letters" in row[key]]
            lines.append(f"| {row['name']} | {' | '.join(cells)} | {mean(letters):.1%} |")
        counts = ", ".join(f"{key} {parts['rows'][0][key]['n']:,}" for key in ("mnist", *collections))
        lines += [
            "",
            f"Short runs of {parts['epochs']} epochs, one seed ({parts['seed']}); {counts}; letters: the "
            f"share that is not called a digit; commit `{parts['commit']}`, {parts['hardware']}.",
        ]
    return "\n".join(lines)


def race() -> str:
    """The rows of docs/race.json: how long each took, and how much it then read right."""
    if not RACE.exists():
        return "Not measured yet: `python scripts/race.py` does."
    known = json.loads(RACE.read_text(encoding="utf-8"))
    begun = known.pop("start", None)
    known.pop("processes", None)
    lines = ["| | seconds | MNIST test | n |", "| --- | --- | --- | --- |"]
    for name, row in known.items():
        seconds = [run["seconds"] for run in row["runs"]]
        right = [run["correct"] / run["n"] for run in row["runs"]]
        lines.append(
            f"| {name} | {median(seconds):.1f} ({min(seconds):.1f} to {max(seconds):.1f}) | "
            f"{median(right):.2%} ({min(right):.2%} to {max(right):.2%}) | {len(right)} |"
        )
    machines = sorted({f"{row['hardware']}, PyTorch {row['torch']}" for row in known.values()})
    busy = max(row["load"] for row in known.values())
    lines += ["", f"Medians, and from least to most, over n seeds; {'; '.join(machines)}; load {busy:.1f}."]
    if begun:
        share = begun["first step"] / begun["import torch"]
        lines.append(f"From process start to the end of the first step: {share:.2f} times `import torch`.")
    return "\n".join(lines)


def processes() -> str:
    """Images a second of one and of two processes, from docs/race.json."""
    known = json.loads(RACE.read_text(encoding="utf-8")) if RACE.exists() else {}
    if "processes" not in known:
        return "Not measured yet: `python scripts/scaling.py` does."
    kept = known["processes"]
    ways = list(next(iter(kept.values()))["images_per_s"])
    lines = [f"| `--recipe` | {' | '.join(ways)} | n |", "| --- |" + " --- |" * (len(ways) + 1)]
    for recipe, row in kept.items():
        rates = row["images_per_s"]
        one = median(rates[ways[0]])
        cells = [
            f"{median(some):,.0f} ({min(some):,.0f} to {max(some):,.0f}), {median(some) / one:.2f}×"
            for some in rates.values()
        ]
        lines.append(f"| {recipe} | {' | '.join(cells)} | {len(rates[ways[0]])} |")
    machines = sorted({f"{row['hardware']}, PyTorch {row['torch']}" for row in kept.values()})
    about = f"{'; '.join(machines)}; load {max(row['load'] for row in kept.values()):.1f}"
    return "\n".join(
        [*lines, "", f"Images a second: median, from least to most of n runs, over the first; {about}."]
    )


def spread(missed: list[int], n: int) -> str:
    """Mean and standard deviation over the seeds, where there are several."""
    if len(missed) == 1:
        return "One seed: it has no spread yet"
    average, deviation = 1 - mean(missed) / n, stdev(missed) / n
    return f"Mean {average:.2%}, standard deviation {deviation:.2%} over {len(missed)} seeds"


def drawn(card: dict[str, Any]) -> dict[str, Any]:
    return card["figures"].get("drawn", {})


def picture() -> None:
    """Serve the page, draw 2026 on the pad with the mouse, and take its picture."""
    from playwright.sync_api import sync_playwright

    from tests.browser.hand import DIGITS
    from tests.browser.pen import Pad
    from tests.browser.serve import find_chromium, served

    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1180, "height": 760}, locale="en-US")
        page.goto(address)
        pad = Pad(page)
        pad.ready()
        for place, digit in enumerate((2, 0, 2, 6)):
            ways = list(DIGITS[digit].values())
            pad.draw(
                [
                    [(2 + 65 * place + x * 0.3, 95 + y * 0.3) for x, y in stroke]
                    for stroke in ways[place // 2 % len(ways)]
                ]
            )
        pad.final()
        page.wait_for_timeout(500)
        PICTURE.parent.mkdir(exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


def put(text: str, name: str, block: str) -> str:
    """``text`` with ``block`` between the two marks called ``name``."""
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    if text.count(start) != 1 or text.count(end) != 1:
        raise ValueError(f"README.md must hold {start} and {end} once")
    before, rest = text.split(start)
    return f"{before}{start}\n{block}\n{end}{rest.split(end)[1]}"


# What stands between the marks of its name.
BLOCKS = {
    "tree": tree,
    "figures": figures,
    "experiments": experiments,
    "race": race,
    "processes": processes,
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"{', '.join(BLOCKS)}, picture; all by default")
    parts = parser.parse_args().parts or [*BLOCKS, "picture"]
    text = README.read_text(encoding="utf-8")
    for name, make in BLOCKS.items():
        if name in parts:
            text = put(text, name, make())
    README.write_text(text, encoding="utf-8")
    if "picture" in parts:
        picture()


if __name__ == "__main__":
    main()
