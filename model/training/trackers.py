"""Progress of a run: on the terminal, in a log file, and in experiment trackers if installed.

    tail -F checkpoints/mnist_resnet.log.jsonl
    python train_mnist.py --track && trackio show         # pip install trackio
    python train_mnist.py --tensorboard                   # pip install tensorboard

Each epoch's row is the one in the card's history: loss and train_accuracy (of the augmented batches),
val_accuracy (of the averaged weights), lr (of the last step), grad_norm (mean over the steps), ema_gap
(``step_metrics.relative_distance``), images_per_s, seconds.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tqdm import tqdm  # type: ignore[import-untyped]  # has no types

from ..errors import TrainingError
from ..inference.checkpoint import Card, write_atomically

PROJECT = "resnet-sketchpad"  # trackio's name for all runs of this repository
Row = dict[str, float]


class Tracker:
    """Callbacks of the training loop. A tracker overrides those that it needs."""

    def on_start(self, card: Card, steps: int) -> None:
        """Before the first epoch of ``steps`` batches. A resumed run has a history in its card."""

    def on_step(self, step: object) -> None:
        """After each step of the optimizer."""

    def on_epoch(self, row: Row) -> None:
        """After each epoch, once it is saved."""

    def on_end(self, card: Card) -> None:
        """After the last epoch. The card has the figures."""


def notify(trackers: list[Tracker], callback: str, *arguments: Any) -> None:  # noqa: ANN401 - of any callback
    """Call a method of each tracker. A tracker that fails is removed, and training continues."""
    for tracker in list(trackers):
        try:
            getattr(tracker, callback)(*arguments)
        except Exception as error:  # a tracker's failure must not end the training
            trackers.remove(tracker)
            name = type(tracker).__name__
            print(f"{name} failed and was dropped: {error!r}; training continues.", file=sys.stderr)


class ProgressBar(Tracker):
    """A bar on a terminal, and one printed line per epoch everywhere."""

    def on_start(self, card: Card, steps: int) -> None:
        self.epochs, self.batch_size = card["config"]["epochs"], card["config"]["batch_size"]
        per_epoch = steps * self.batch_size
        self.bar = tqdm(
            total=self.epochs * per_epoch,
            initial=len(card["history"]) * per_epoch,
            unit=" images",
            unit_scale=True,
            disable=None,  # disabled unless on a terminal
        )

    def on_step(self, step: object) -> None:
        self.bar.update(self.batch_size)

    def on_epoch(self, row: Row) -> None:
        metrics = f"loss {row['loss']:.4f}  validation {row['val_accuracy']:.2%}"
        minutes = (self.epochs - row["epoch"]) * row["seconds"] / 60
        self.bar.set_postfix_str(metrics)
        tqdm.write(
            f"epoch {row['epoch']:3d}/{self.epochs}  {metrics}  "
            f"{row['images_per_s']:,.0f} images/s  {minutes:.1f} min left"
        )

    def on_end(self, card: Card) -> None:
        self.bar.close()


def log_file(out: Path) -> Path:
    """The log of the run that writes ``out``."""
    return out.with_suffix(".log.jsonl")


class JsonLog(Tracker):
    """One JSON object per line, appended in one write after each epoch.

    A new run overwrites its file. A resumed run rewrites all earlier epochs, which repairs lines that were
    truncated, lost or duplicated when the run was killed.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def on_start(self, card: Card, steps: int) -> None:
        write_atomically(self.file, "".join(map(self._line, card["history"])).encode())

    def on_epoch(self, row: Row) -> None:
        with self.file.open("ab", buffering=0) as file:
            file.write(self._line(row).encode())

    @staticmethod
    def _line(row: Row) -> str:
        return json.dumps(row) + "\n"


class Trackio(Tracker):
    """Hugging Face's tracker. It keeps its runs on this machine unless TRACKIO_SPACE_ID names a Space."""

    def __init__(self, name: str) -> None:
        require("trackio", "--track")
        self.name = name

    def on_start(self, card: Card, steps: int) -> None:
        import trackio  # type: ignore[import-not-found]  # optional, not installed with the tests

        resume = "allow" if card["history"] else "never"
        config = card["config"] | {key: card[key] for key in ("commit", "hardware")}
        self.run = trackio.init(PROJECT, name=self.name, config=config, resume=resume, embed=False)

    def on_epoch(self, row: Row) -> None:
        self.run.log({key: value for key, value in row.items() if key != "epoch"}, step=int(row["epoch"]))

    def on_end(self, card: Card) -> None:
        self.run.log({"test_accuracy": card["figures"]["test"]["accuracy"]}, step=len(card["history"]))
        self.run.finish()


class TensorBoard(Tracker):
    """Event files in a folder beside the checkpoint: ``tensorboard --logdir checkpoints``."""

    def __init__(self, folder: Path) -> None:
        require("tensorboard", "--tensorboard")
        self.folder = folder

    def on_start(self, card: Card, steps: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        self.writer = SummaryWriter(str(self.folder), purge_step=len(card["history"]) + 1)

    def on_epoch(self, row: Row) -> None:
        for key, value in row.items():
            if key != "epoch":
                self.writer.add_scalar(key, value, int(row["epoch"]))
        self.writer.flush()

    def on_end(self, card: Card) -> None:
        self.writer.add_scalar("test_accuracy", card["figures"]["test"]["accuracy"], len(card["history"]))
        self.writer.close()


def make_trackers(out: Path, track: bool, tensorboard: bool) -> list[Tracker]:
    """The log of ``out``, the terminal, and the requested trackers; TrainingError if one is not installed."""
    trackers: list[Tracker] = [JsonLog(log_file(out)), ProgressBar()]
    if track:
        trackers.append(Trackio(out.stem))
    if tensorboard:
        trackers.append(TensorBoard(out.with_suffix(".tensorboard")))
    return trackers


def require(package: str, flag: str) -> None:
    """Raise TrainingError for a package that is not installed."""
    if find_spec(package) is None:
        raise TrainingError(f"{flag} needs {package}, which is not installed: pip install {package}.")
