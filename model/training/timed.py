"""Train a small residual network from scratch for a number of seconds instead of epochs.

    python -m model timed                                   # 60 s, to minute.safetensors
    python -m model timed --seconds 20 --out /tmp/short.safetensors

It trains on synthetic drawings and, if its files are in ``--data-dir``, on MNIST; nothing is downloaded.
Every second it prints a JSON object and rewrites the checkpoint, so the network can read drawings while it
trains, as on the page's Training tab. The learning rate follows the elapsed time, so a slow machine also
completes its schedule. For the same reason, two runs do not end with the same weights.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ..datasets.augmentation import Augmentation
from ..datasets.mnist import Labelled, is_here, load_mnist, split
from ..datasets.synthetic import generate
from ..errors import DataError, TrainingError
from ..evaluation.metrics import scores
from ..image import DIGITS
from ..inference.calibration import digit_probabilities
from ..inference.checkpoint import save_checkpoint
from .batches import Mixture, joined, predict
from .calibrate import fit_calibration
from .config import FAST, TrainConfig
from .loop import Step, Trainer, class_labels, new_card

# The fast recipe with synthetic drawings and full augmentation. Its batches are half as large, because a slow
# machine takes few steps in a minute.
TIMED = replace(
    FAST,
    recipe="minute",
    epochs=0,
    batch_size=256,
    lr=0.1,
    warmup=0.2,
    label_smoothing=0.0,
    ema_decay=0.0,
    synthetic=20_000,
    augmentation=Augmentation(),
)
CLASSES = DIGITS + 1  # the digits and "not a digit"
PORTION = 4_000  # drawings generated at a time
HELD_OUT = 1_000  # validation digits of each kind
DRAWING, LEARNING = 0.15, 0.94  # shares of the time after which generating drawings and training stop
REPORT = 1.0  # seconds between two reports


def train_timed(
    config: TrainConfig,
    data_dir: Path,
    out: Path,
    seconds: float,
    report: Callable[[dict[str, Any]], None],
    stopped: Callable[[], bool] = bool,
) -> None:
    """Train for ``seconds`` or until ``stopped`` returns True; ``report`` is called with a row each second.

    Each row is reported after its network is saved in ``out``. The last row has the phase "done", and its
    network is calibrated on the validation digits.
    """
    started = time.perf_counter()

    def time_share() -> float:
        return (time.perf_counter() - started) / seconds

    device = torch.device("cpu")
    trainer = Trainer(config, CLASSES, device)
    net = trainer.net
    card = new_card(config, device, class_labels(config))

    has_mnist = is_here("mnist", data_dir)
    report({"phase": "drawing", "mnist": has_mnist})
    validation = generate(HELD_OUT, config.seed + 1_000_000, not_digits=0.0)
    portions = [generate(PORTION, config.seed, config.not_digits)]
    while len(portions) * PORTION < config.synthetic and time_share() < DRAWING and not stopped():
        portions.append(generate(PORTION, config.seed + len(portions), config.not_digits))
    drawings = joined(*portions)
    mixture = Mixture.of(drawings)
    if has_mnist:
        training, mnist_validation = split(load_mnist(data_dir, train=True))
        mixture = Mixture.of(training, drawings)
        validation = joined(validation, Labelled(*(part[:HELD_OUT] for part in mnist_validation)))
    card["images"] = mixture.counts()

    first_share, last_report = time_share(), time.perf_counter()
    images = reported = 0
    loss = correct = 0.0  # sums over the images since the last report

    def progress() -> float:
        return min(1.0, (time_share() - first_share) / max(LEARNING - first_share, 0.1))

    def on_step(step: Step) -> bool:
        nonlocal last_report, images, reported, loss, correct
        images += len(step.labels)
        loss += step.loss.item() * len(step.labels)
        correct += (step.logits.argmax(1) == step.labels).sum().item()
        is_last = step.progress >= 1 or stopped()
        elapsed, new = time.perf_counter() - last_report, images - reported
        if elapsed < REPORT and not is_last:
            return False
        logits = predict(net, validation.images, config.size)
        predicted = logits[:, :DIGITS].argmax(1)
        row = {
            "epoch": images / mixture.size(config),
            "loss": loss / new,
            "train_accuracy": correct / new,
            "val_accuracy": (predicted == validation.labels).double().mean().item(),
            "lr": step.lr,
            "images_per_s": new / elapsed,
            "seconds": elapsed,
        }
        card["history"].append(row)
        if is_last:
            card["calibration"] = fit_calibration(logits, validation.labels)
            probabilities = digit_probabilities(logits, card["calibration"]["temperature"])
            card["figures"] = {"validation": scores(probabilities, validation.labels)}
        save_checkpoint(out, net.state_dict(), card)
        phase = "done" if is_last else "learning"
        report({"phase": phase, "passed": time.perf_counter() - started, "images": images, **row})
        last_report, reported, loss, correct = time.perf_counter(), images, 0.0, 0.0
        return is_last

    for epoch in itertools.count():
        trainer.train_epoch(mixture, epoch, on_step, progress)
        if card["figures"]:
            return


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``python -m model timed``."""
    out = Path("minute.safetensors")
    parser.add_argument("--out", type=Path, default=out, help=f"the checkpoint to write (default: {out})")
    data_dir = "folder that may contain MNIST/raw"
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help=data_dir)
    parser.add_argument("--seconds", type=float, default=60, help="length of the training (default: 60)")
    seed = "seed of initialisation, order and synthetic digits (default: 1)"
    parser.add_argument("--seed", type=int, default=1, help=seed)
    parser.add_argument("--polite", action="store_true", help="one thread, at a lower priority")


def run(flags: argparse.Namespace) -> int:
    """Train and print a row of JSON each second; SIGTERM ends it early. Returns the exit status."""
    if flags.polite:
        torch.set_num_threads(1)
        if hasattr(os, "nice"):
            os.nice(5)
    signals: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: signals.append(number))
    config = replace(TIMED, seed=flags.seed)
    try:
        train_timed(
            config,
            flags.data_dir,
            flags.out,
            flags.seconds,
            report=lambda row: print(json.dumps(row), flush=True),
            stopped=lambda: bool(signals),
        )
    except (DataError, TrainingError, OSError) as error:
        print(f"timed: {error}", file=sys.stderr)
        return 1
    return 0
