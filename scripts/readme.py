#!/usr/bin/env python
"""Update the figures and screenshots of README.md and docs/ from the project itself.

    make readme                                  # everything; the screenshots need Chromium
    python scripts/readme.py figures race        # only these

Text between <!-- NAME --> and <!-- /NAME --> is replaced. The rest is written by hand.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from model.inference.checkpoint import read_file  # noqa: E402 - after the path is set
from model.networks.registry import get_spec  # noqa: E402
from scripts.experiments import EXPERIMENTS  # noqa: E402
from scripts.race import RACE, spread  # noqa: E402

DOCS = ROOT / "docs"
CHECKPOINT = ROOT / "checkpoints" / "mnist_resnet.safetensors"
SCREENSHOTS = {"Draw": "page", "Inside": "inside", "Architectures": "architectures", "Training": "training"}


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """The lines of a Markdown table."""
    return [f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows)]


def figures() -> str:
    """The figures in the card of the committed checkpoint, each with its n."""
    card = read_file(CHECKPOINT)[1]
    test, drawn = card["figures"]["test"], card["figures"].get("drawn", {})
    pictures = card["figures"].get("pictures", {})
    rows = {"MNIST test images": test} | {f"drawings, `{name}`": scores for name, scores in drawn.items()}
    for name, scores in pictures.items():
        sizes = {"one": "one digit", "several": "several digits"}
        rows |= {f"pictures of {sizes[key]}, `{name}`": scores[key] for key in sizes if key in scores}
    cells = [
        [
            name,
            f"{row['n']:,}",
            f"{row['accuracy']:.2%}",
            f"{row['n'] - row['correct']:,}",
            f"{row['ece']:.4f}" if "ece" in row else "–",
        ]
        for name, row in rows.items()
    ]
    lines = table(["read by the committed checkpoint", "n", "right", "wrong", "ECE"], cells)
    for name, row in drawn.items():
        writers = row["writers"]
        lines += [
            "",
            f"`{name}`: {writers['n']} writers, accuracy {writers['median']:.1%} (median) and "
            f"{writers['worst']:.1%} (worst); {row['turned_away']:.2%} rejected.",
        ]
        if letters := row.get("letters"):
            lines.append(
                f"Of its {letters['n']:,} letters that do not look like a digit, {letters['not_digit']:.1%} "
                f"are rejected (AUROC {letters['auroc']:.4f})."
            )
    for name, row in pictures.items():
        if "all" in row:
            lines += [
                "",
                f"`{name}`: character error rate {row['all']['cer']:.2%} (n = {row['all']['n']:,}).",
            ]
    spec = get_spec(card["arch"]["name"])
    lines += [
        "",
        f"One run: `{card['arch']['name']}` ({spec.params:,} parameters, {spec.macs / 1e6:.1f} million "
        f"multiply-adds per image), {card['config']['epochs']} epochs, seed {card['seed']}, commit "
        f"`{card['commit']}`, {card['hardware']}, PyTorch {card['versions']['torch']}. "
        "The test set was read once, after training.",
    ]
    return "\n".join(lines)


def experiments() -> str:
    """The seeds and the ablation of experiments.json."""
    record = json.loads(EXPERIMENTS.read_text(encoding="utf-8"))
    runs, ablation = record["seeds"], record["ablation"]
    n, wrong = runs[0]["n"], [run["missed"] for run in runs]
    cells = [[str(r["seed"]), str(r["missed"]), str(r["epochs"]), f"{r['minutes']:.0f}"] for r in runs]
    lines = table(["seed", f"wrong of {n:,}", "epochs", "minutes"], cells)
    average, deviation = 1 - mean(wrong) / n, stdev(wrong) / n
    lines += ["", f"Mean {average:.2%}, standard deviation {deviation:.2%}; {runs[0]['hardware']}.", ""]

    rows = ablation["rows"]
    collections = [key for key in rows[0] if key != "name"]
    cells = []
    for row in rows:
        letters = [row[key]["letters"]["not_sure"] for key in collections if "letters" in row[key]]
        accuracies = [f"{row[key]['accuracy']:.2%}" for key in collections]
        cells.append([row["name"], *accuracies, f"{mean(letters):.1%}"])
    lines += table(["each row adds one part", "MNIST test", *collections[1:], "letters"], cells)
    counts = ", ".join(f"{key} {rows[0][key]['n']:,}" for key in collections)
    lines += [
        "",
        f"Short runs of {ablation['epochs']} epochs, seed {ablation['seed']}; n: {counts}; letters: the "
        f"share that is rejected or unsure; commit `{ablation['commit']}`, {ablation['hardware']}.",
    ]
    return "\n".join(lines)


def race() -> str:
    """The time and accuracy of each row in race.json."""
    record = json.loads(RACE.read_text(encoding="utf-8"))
    start = record.pop("start")
    record.pop("processes", None)
    cells = []
    for name, row in record.items():
        seconds = spread([run["seconds"] for run in row["runs"]], ".1f")
        accuracy = spread([run["correct"] / run["n"] for run in row["runs"]], ".2%")
        cells.append([name, seconds, accuracy, str(len(row["runs"]))])
    lines = table(["", "seconds", "MNIST test", "n"], cells)
    share = start["first step"] / start["import torch"]
    lines += [
        "",
        f"Median (minimum to maximum) over n seeds; {measured_on(record)}.",
        f"From process start to the end of the first step: {share:.2f} times `import torch`.",
    ]
    return "\n".join(lines)


def processes() -> str:
    """Images per second with one and two processes, from race.json."""
    rows = json.loads(RACE.read_text(encoding="utf-8"))["processes"]
    cells = []
    for recipe, row in rows.items():
        rates = row["images_per_s"]
        first, *_ = rates.values()
        scaled = [f"{spread(some, ',.0f')}, {median(some) / median(first):.2f}×" for some in rates.values()]
        cells.append([recipe, *scaled, str(len(first))])
    about = "Images per second: median (minimum to maximum) of n runs, and its ratio to the first column"
    return "\n".join([*table(["`--recipe`", *rates, "n"], cells), "", f"{about}; {measured_on(rows)}."])


def measured_on(rows: dict[str, Any]) -> str:
    """The machines of the measurements, and their highest load."""
    machines = sorted({f"{row['hardware']}, PyTorch {row['torch']}" for row in rows.values()})
    return f"{'; '.join(machines)}; load {max(row['load'] for row in rows.values()):.1f}"


def screenshots() -> None:
    """Serve the page, draw 2026 with the mouse, and take a picture of each tab."""
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
            strokes = ways[place // 2 % len(ways)]
            left = 2 + 65 * place
            pad.draw([[(left + x * 0.3, 95 + y * 0.3) for x, y in stroke] for stroke in strokes])
        pad.final()
        for tab, name in SCREENSHOTS.items():
            pad.tab(tab)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1500)
            page.screenshot(path=DOCS / f"{name}.png")
        browser.close()


# The functions that write the text between the markers of each name.
BLOCKS: dict[str, Callable[[], str]] = {
    "figures": figures,
    "experiments": experiments,
    "race": race,
    "processes": processes,
}


def replace_block(text: str, name: str, block: str) -> str:
    """``text`` with ``block`` between the markers called ``name``."""
    pattern = rf"(?<=<!-- {name} -->\n).*?(?=\n<!-- /{name} -->)"
    return re.sub(pattern, lambda _: block, text, flags=re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", help=f"{', '.join(BLOCKS)}, screenshots; all by default")
    parts = parser.parse_args().parts or [*BLOCKS, "screenshots"]
    for path in (ROOT / "README.md", *sorted(DOCS.glob("*.md"))):
        text = updated = path.read_text(encoding="utf-8")
        for name, make in BLOCKS.items():
            if name in parts and f"<!-- {name} -->" in text:
                updated = replace_block(updated, name, make())
        if updated != text:
            path.write_text(updated, encoding="utf-8")
    if "screenshots" in parts:
        screenshots()


if __name__ == "__main__":
    main()
