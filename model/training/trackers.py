"""Watching a run: its epochs as lines of JSON, and in the trackers that somebody may have installed.

    tail -F checkpoints/mnist_resnet.log.jsonl
    python train_mnist.py --track && trackio show         # pip install trackio
    python train_mnist.py --tensorboard                   # pip install tensorboard

A row, one an epoch, is what the card's history holds: loss, train_accuracy (both of the augmented batches),
val_accuracy (of the averaged weights), lr (the last step's), grad_norm (mean over the steps), ema_gap (how
far the averaged weights lie from the last ones, ``meter.distance``), images_per_s, seconds.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from ..errors import TrainingError
from ..inference.checkpoint import Card, write_atomically

PROJECT = "resnet-sketchpad"  # trackio's name for all runs of this repository
Row = dict[str, float]


class Tracker(Protocol):
    """Is told of a run as it goes; one that fails is left out from then on, and training goes on."""

    def begin(self, card: Card) -> None:
        """Before the first epoch; the card's history holds those of a run that is resumed."""

    def epoch(self, row: Row) -> None:
        """After each epoch, once it is kept."""

    def end(self, card: Card) -> None:
        """After the last, with the figures."""


class Trackers:
    """Several make_trackers as one."""

    def __init__(self, make_trackers: list[Tracker] | None = None) -> None:
        self.make_trackers = make_trackers or []

    def begin(self, card: Card) -> None:
        self._tell("begin", card)

    def epoch(self, row: Row) -> None:
        self._tell("epoch", row)

    def end(self, card: Card) -> None:
        self._tell("end", card)

    def _tell(self, what: str, of: dict[str, Any]) -> None:
        for watcher in list(self.make_trackers):
            try:
                getattr(watcher, what)(of)
            except Exception as error:  # an hour of training is worth more than its graph
                self.make_trackers.remove(watcher)
                name = type(watcher).__name__
                print(f"{name} failed and is left out: {error!r}; training goes on.", file=sys.stderr)


def log_file(out: Path) -> Path:
    """Where the run that makes ``out`` tells of its epochs."""
    return out.with_suffix(".log.jsonl")


class Log:
    """One JSON object a line, appended in one piece after each epoch.

    A run begins its file anew and a resumed one with the epochs that it goes on from, so that a line that
    a kill has cut or kept from being written, or one too many, is mended.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def begin(self, card: Card) -> None:
        write_atomically(self.file, "".join(map(self._line, card["history"])).encode())

    def epoch(self, row: Row) -> None:
        with self.file.open("ab", buffering=0) as file:
            file.write(self._line(row).encode())

    def end(self, card: Card) -> None:
        pass

    @staticmethod
    def _line(row: Row) -> str:
        return json.dumps(row) + "\n"


class Trackio:
    """Hugging Face's tracker, which keeps its runs on this machine unless TRACKIO_SPACE_ID names a Space."""

    def __init__(self, name: str) -> None:
        need("trackio", "--track")
        self.name = name

    def begin(self, card: Card) -> None:
        import trackio

        known = "allow" if card["history"] else "never"
        about = {key: card[key] for key in ("commit", "hardware")}
        self.run = trackio.init(
            PROJECT, name=self.name, config=card["config"] | about, resume=known, embed=False
        )

    def epoch(self, row: Row) -> None:
        self.run.log({key: value for key, value in row.items() if key != "epoch"}, step=int(row["epoch"]))

    def end(self, card: Card) -> None:
        self.run.log({"test_accuracy": card["figures"]["test"]["accuracy"]}, step=len(card["history"]))
        self.run.finish()


class TensorBoard:
    """Event files in a folder beside the checkpoint: ``tensorboard --logdir checkpoints``."""

    def __init__(self, folder: Path) -> None:
        need("tensorboard", "--tensorboard")
        self.folder = folder

    def begin(self, card: Card) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(self.folder), purge_step=len(card["history"]) + 1)

    def epoch(self, row: Row) -> None:
        for key, value in row.items():
            if key != "epoch":
                self.writer.add_scalar(key, value, int(row["epoch"]))
        self.writer.flush()

    def end(self, card: Card) -> None:
        self.writer.add_scalar("test_accuracy", card["figures"]["test"]["accuracy"], len(card["history"]))
        self.writer.close()


def make_trackers(out: Path, track: bool, tensorboard: bool) -> Trackers:
    """The log of ``out`` and the trackers asked for; TrainingError for one that is not installed."""
    asked: list[Tracker] = [Log(log_file(out))]
    if track:
        asked.append(Trackio(out.stem))
    if tensorboard:
        asked.append(TensorBoard(out.with_suffix(".tensorboard")))
    return Trackers(asked)


def need(package: str, flag: str) -> None:
    """TrainingError, before anything is trained, for a package that is not installed."""
    if find_spec(package) is None:
        raise TrainingError(f"{flag} needs {package}, which is not installed: pip install {package}.")
