"""The Training tab: the record of the page's checkpoint, others to compare, and a network trained here.

`record/` renders the figures as HTML; the page's script draws the curves from the card's history;
`train_here.py` manages the one run that visitors may start.
"""

from __future__ import annotations

import json
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import anyio.to_thread
import gradio as gr
from markupsafe import Markup

from model import CheckpointError, DigitReader, InputError
from model.graph.summary import count_parameters, create_uninitialized
from model.inference.checkpoint import Card, read_file
from model.training.timed import CLASSES, TIMED

from ..server.wire import reading_for_page, respond
from ..ui.assets import PAD_SIDE, read_asset
from ..ui.html import render
from ..ui.modules import load_module
from .record.record import compare_cards, curves, record
from .record.writing_styles import writing_styles
from .train_here import ROOT, SWITCH, TrainingRun, may_train

COMMAND = "python train_mnist.py --epochs {epochs} --seed {seed}"  # what made the checkpoint
EXPERIMENTS = Path(__file__).parent / "experiments.json"
CHECKPOINTS = ROOT / "checkpoints"
TRAINED_HERE = "trained here"  # the name of this page's run among the checkpoints


def build(reader: DigitReader) -> None:
    """Fill the current tab."""
    run = TrainingRun()
    respond_here = partial(respond, errors=(InputError, CheckpointError, OSError))

    async def others(_: object) -> list[str]:
        return list(await anyio.to_thread.run_sync(other_checkpoints, reader, run))

    async def compare(name: object) -> dict[str, Any]:
        return await respond_here(compare_with, reader, run, name)

    async def train(_: object) -> dict[str, Any]:
        return await respond_here(run.start)

    async def run_state(payload: object) -> dict[str, Any]:
        return await respond_here(run.state, payload)

    async def stop(payload: object) -> dict[str, Any]:
        return await respond_here(run.stop, payload)

    async def read_here(strokes: object) -> dict[str, Any]:
        return await respond_here(lambda: reading_for_page(run.read(strokes)))

    gr.HTML(
        page(reader),
        css_template=read_asset("training/tab.css"),
        js_on_load=load_module("training/tab.js"),
        elem_id="training",
        elem_classes="page-tab",
        apply_default_css=False,
        server_functions=[others, compare, train, run_state, stop, read_here],
        side=PAD_SIDE,
    )


def page(reader: DigitReader) -> Markup:
    """The tab's HTML."""
    card = reader.card
    timed = {"arch": {"name": TIMED.model, "in_channels": 1, "num_classes": CLASSES}}
    return render(
        "training/tab.html",
        **record(card, parameters_of(card)),
        **writing_styles(card["figures"].get("styles", [])),
        seeds=experiments().get("seeds", []),
        command=COMMAND.format(**card["config"]),
        may_train=may_train(),
        switch=SWITCH,
        timed_parameters=parameters_of(timed),
    )


def experiments() -> dict[str, Any]:
    """The content of experiments.json; empty if the file is missing."""
    try:
        content: dict[str, Any] = json.loads(EXPERIMENTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def other_checkpoints(reader: DigitReader, run: TrainingRun) -> dict[str, Path]:
    """Checkpoints to compare with the page's, by name: the others in checkpoints/, and ``run``'s."""
    own = reader.path.resolve() if reader.path else None
    files = [path for path in sorted(CHECKPOINTS.glob("*.safetensors")) if path.resolve() != own]
    others = {path.name: path for path in files if read_card(path, path.stat().st_mtime_ns)}
    return others | ({TRAINED_HERE: run.path} if run.path else {})


@lru_cache(maxsize=32)
def read_card(path: Path, modified: int) -> Card | None:
    """The card of a file; ``modified`` belongs to the cache key. None for a file without a history, such as
    the probes and neighbours of a checkpoint."""
    try:
        card = read_file(path)[1]
    except CheckpointError:
        return None
    return card if "history" in card else None


def compare_with(reader: DigitReader, run: TrainingRun, name: object) -> dict[str, Any]:
    """History and key figures of a checkpoint by its name in `other_checkpoints`, beside the page's own.

    Raises InputError for any other name, and where the card has no record.
    """
    path = other_checkpoints(reader, run).get(name) if isinstance(name, str) else None
    card = read_card(path, path.stat().st_mtime_ns) if path and path.is_file() else None
    if card is None:
        raise InputError("There is no other checkpoint with this name.")
    own = reader.path.name if reader.path else reader.card["arch"]["name"]
    try:
        cards = {each: (c, parameters_of(c)) for each, c in ((own, reader.card), (str(name), card))}
        return {"name": name, "history": curves(card), "html": compare_cards(cards)}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"The card of {name} has no record to compare.") from error


def parameters_of(card: Card) -> int:
    """Parameters of the network that a card names."""
    arch = card["arch"]
    return count_parameters(create_uninitialized(arch["name"], arch["in_channels"], arch["num_classes"]))
