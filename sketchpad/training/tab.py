"""The Training tab: what the checkpoint says of itself, others beside it, and a network trained here.

The figures of the record are HTML from the start (``records.py``); the curves are drawn by the page's own
script from the card's history. ``train_here.py`` keeps the one run that visitors may start.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import anyio.to_thread
import gradio as gr

from model import CheckpointError, DigitReader, InputError
from model.graph.summary import create_uninitialized
from model.inference.checkpoint import Card, read_file
from model.training.timed import CLASSES, TIMED

from ..server.wire import for_page
from ..ui.component import PAD_SIDE, read_asset
from ..ui.i18n import marked
from .record import confusion, drawn_digits, history, key_figures, recipe, reliability, seeds, versus
from .train_here import ON, ROOT, TrainingRun, allowed
from .writing_styles import styles

COMMAND = "python train_mnist.py --epochs {epochs} --seed {seed}"  # what made the checkpoint
EXPERIMENTS = Path(__file__).parent / "experiments.json"
CHECKPOINTS = ROOT / "checkpoints"
TRAINED_HERE = "trained here"  # what the run of this page is called among the checkpoints
SCRIPTS = (
    "training/charts.js",
    "training/tab.js",
    "training/train_here.js",
)  # one script in parts, as the pad's


def build(reader: DigitReader) -> None:
    """Fill the current tab from the card; a figure that the card does not have is left out."""
    classroom = TrainingRun()

    async def others(_: object) -> list[str]:
        return await anyio.to_thread.run_sync(lambda: list(others_of(reader, classroom)))

    async def compare(name: object) -> dict[str, Any]:
        return await answer(lambda: beside_ours(reader, classroom, name))

    async def train(_: object) -> dict[str, Any]:
        return await answer(classroom.start)

    async def lesson(payload: object) -> dict[str, Any]:
        return await answer(lambda: classroom.state(payload))

    async def stop(payload: object) -> dict[str, Any]:
        return await answer(lambda: classroom.stop(payload))

    async def read_here(strokes: object) -> dict[str, Any]:
        return await answer(lambda: for_page(classroom.read(strokes)))

    gr.HTML(
        page(reader),
        css_template=read_asset("training/tab.css"),
        js_on_load="".join(map(read_asset, SCRIPTS)),
        elem_id="training",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=[others, compare, train, lesson, stop, read_here],
        side=PAD_SIDE,
    )


async def answer(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Off the event loop; what cannot be done is said in one sentence under "error"."""
    try:
        return await anyio.to_thread.run_sync(work)
    except (InputError, CheckpointError, OSError) as error:
        return {"error": str(error)}


def page(reader: DigitReader) -> str:
    """Everything that is there from the start."""
    card = reader.card
    figures = card["figures"]
    command = COMMAND.format(**card["config"])
    mnist = card["config"].get("dataset", "mnist") == "mnist"
    return (
        f"{marked('h2', 'training.title')}{marked('p', 'training.about')}"
        f'<div class="key-figures">{key_figures(figures)}</div>'
        f'<dl class="recipe">{recipe(card, params_of(card))}</dl>'
        f"{here()}"
        f"{curves(card)}"
        f"{confusion(figures.get('test', {}), mnist)}"
        f"{reliability(figures)}"
        f"{drawn_digits(figures.get('drawn', {}))}"
        f"{styles(figures.get('styles', []))}"
        f"{seeds(experiments().get('seeds', []))}"
        f'{marked("h3", "training.retrain")}<pre tabindex="0"><code>{escape(command)}</code></pre>'
    )


def here() -> str:
    """Train here: the button and what it fills, or how to switch it on."""
    if allowed():
        arch = {"name": TIMED.model, "in_channels": 1, "num_classes": CLASSES}
        return read_asset("training/train_here.html").replace("@params", f"{params_of({'arch': arch}):,}")
    command = "python -m model timed"
    return (
        f'<section class="here">{marked("h3", "training.here")}{marked("p", "training.here.off", name=ON)}'
        f'<pre tabindex="0"><code>{command}</code></pre></section>'
    )


def curves(card: Card) -> str:
    """Places for the curves over the epochs, and the choice of another checkpoint."""
    if not card["history"]:
        return ""
    return read_asset("training/curves.html").replace("@history", escape(history(card)))


def experiments() -> dict[str, Any]:
    """What experiments.json has; nothing where it is missing, as on a bare copy."""
    try:
        return json.loads(EXPERIMENTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def others_of(reader: DigitReader, classroom: TrainingRun) -> dict[str, Path]:
    """What can be compared: the other files in checkpoints/, and what was trained here, by name."""
    own = reader.path.resolve() if reader.path else None
    files = [path for path in sorted(CHECKPOINTS.glob("*.safetensors")) if path.resolve() != own]
    found = {path.name: path for path in files if card_of(path, path.stat().st_mtime_ns)}
    return found | ({TRAINED_HERE: classroom.path} if classroom.path else {})


@lru_cache(maxsize=32)
def card_of(path: Path, written: int) -> Card | None:
    """The card of a file last ``written`` then, None where it has no history: what else belongs to a network
    lies beside it, in files of the same kind."""
    try:
        card = read_file(path)[1]
    except CheckpointError:
        return None
    return card if "history" in card else None


def beside_ours(reader: DigitReader, classroom: TrainingRun, name: object) -> dict[str, Any]:
    """History and key figures of the checkpoint ``name``: one of ``others_of``, no path from outside."""
    path = others_of(reader, classroom).get(name) if isinstance(name, str) else None
    if path is None or not path.is_file():
        raise InputError("There is no such checkpoint beside this page's.")
    card = card_of(path, path.stat().st_mtime_ns)
    mine = reader.path.name if reader.path else reader.card["arch"]["name"]
    try:
        return {
            "name": name,
            "history": json.loads(history(card)),
            "html": versus({mine: (reader.card, params_of(reader.card)), str(name): (card, params_of(card))}),
        }
    except (KeyError, TypeError) as error:
        raise InputError(f"The card of {name} has no record that could be compared.") from error


def params_of(card: Card) -> int:
    """Parameters of the network that a card names."""
    arch = card["arch"]
    net = create_uninitialized(arch["name"], arch["in_channels"], arch["num_classes"])
    return sum(p.numel() for p in net.parameters())
