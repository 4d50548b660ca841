"""A minute of training: a small residual network from nothing, by the clock instead of by epochs.

    python -m model timed                                   # 60 s, to minute.safetensors
    python -m model timed --seconds 20 --out /tmp/short.safetensors

It learns from MNIST where its files lie in ``--data-dir``, and from synthetic drawings, here or anywhere;
nothing is fetched. Every second it prints a JSON object and writes the checkpoint anew, so that one can
draw on the network while it learns: the page's Training tab does. The learning rate follows the clock, so
that a slow machine ends its cycle in time too; for the same reason no two runs give the same weights.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from ..datasets.augmentation import Augmentation
from ..datasets.mnist import DATASETS, Labelled, is_here, load_mnist, split
from ..datasets.synthetic import generate
from ..device import quick_dtype
from ..errors import DataError, TrainingError
from ..evaluation.metrics import scores
from ..image import DIGITS, to_input
from ..inference.calibration import digit_probabilities
from ..inference.checkpoint import save_checkpoint
from ..networks.registry import create_model
from .amx_conv_backward import quick_backward
from .batches import Mixture, batches, predict
from .calibrate import thresholds
from .config import FAST, TrainConfig, new_card
from .optim import learning_rate, make_optimizer, moving_average

# The fast recipe, which needs few steps; with drawings among its images, and so in full augmentation.
# Its batches are half of that recipe's: a slow machine makes few steps in a minute.
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
CLASSES = DIGITS + 1  # the digits, and what is none
PORTION = 4_000  # drawings that are made at a time
HELD_OUT = 1_000  # digits of each kind to measure on
DRAWING, LEARNING = 0.15, 0.94  # shares of the time when drawings must be there, and learning is over
REPORT = 1.0  # seconds between two reports

Row = dict[str, Any]


def learn(
    config: TrainConfig, data_dir: Path, out: Path, seconds: float, stopped: Callable[[], bool] = bool
) -> Iterator[Row]:
    """Train until ``seconds`` are over or somebody has ``stopped`` it; a row of figures at each report.

    Each row's network lies in ``out`` when the row is given. The last row, ``done``, has what was measured
    on all held-out digits, and its network is calibrated by them.
    """
    started = time.perf_counter()

    def passed() -> float:
        return (time.perf_counter() - started) / seconds

    torch.manual_seed(config.seed)
    labels = [*DATASETS["mnist"].labels, "not a digit"]
    device = torch.device("cpu")
    dtype = quick_dtype(device)
    card = new_card(config, device, labels)
    net = create_model(config.model, num_classes=CLASSES).to(memory_format=torch.channels_last)
    averaged = AveragedModel(net, multi_avg_fn=moving_average(config.ema_decay), use_buffers=True)
    optimizer = make_optimizer(net, config)

    yield {"phase": "drawing", "mnist": is_here("mnist", data_dir)}
    held = generate(HELD_OUT, config.seed + 1_000_000, not_digits=0.0)
    made = [generate(PORTION, config.seed, config.not_digits)]
    while len(made) * PORTION < config.synthetic and passed() < DRAWING and not stopped():
        made.append(generate(PORTION, config.seed + len(made), config.not_digits))
    drawings = Labelled(*map(torch.cat, zip(*made, strict=True)))
    if is_here("mnist", data_dir):
        training, validation = split(load_mnist(data_dir, train=True))
        mixture = Mixture.of(training, drawings, None)
        some = (torch.cat(pair) for pair in zip(held, (part[:HELD_OUT] for part in validation), strict=True))
        held = Labelled(*some)
    else:
        mixture = Mixture.of(drawings, None, None)
    card["images"] = {kind: getattr(mixture, kind) for kind in ("real", "synthetic", "corrections")}

    began, told = passed(), time.perf_counter()
    totals = torch.zeros(2)  # loss, right answers: of the batches since the last report
    images_seen = reported = 0
    net.train()
    for images, targets in endless(mixture, config):
        progress = min(1.0, (passed() - began) / max(LEARNING - began, 0.1))
        lr = learning_rate(config, progress)
        for group in optimizer.param_groups:
            group["lr"] = lr
        with torch.autocast("cpu", dtype, enabled=dtype is not None), quick_backward(device):
            logits = net(to_input(images).contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        averaged.update_parameters(net)
        totals += torch.stack([loss.detach(), (logits.argmax(1) == targets).float().mean()]) * len(targets)
        images_seen += len(targets)
        over = progress >= 1 or stopped()
        now = time.perf_counter()
        if now - told < REPORT and not over:
            continue
        mean_loss, right = (totals / (images_seen - reported)).tolist()
        if not math.isfinite(mean_loss):
            raise TrainingError(f"The loss became {mean_loss} after {images_seen:,} images.")
        row = {
            "epoch": images_seen / mixture.size(config),
            "loss": mean_loss,
            "train_accuracy": right,
            "val_accuracy": accuracy(averaged, Labelled(*(part[:: 1 + over] for part in held))),
            "lr": lr,
            "images_per_s": (images_seen - reported) / (now - told),
            "seconds": now - told,
        }
        card["history"].append(row)
        if not over:
            save_checkpoint(out, averaged.module.state_dict(), card)
            yield {"phase": "learning", "passed": now - started, "images": images_seen, **row}
            totals.zero_()
            told, reported = time.perf_counter(), images_seen
            continue
        logits = predict(averaged.module, held.images, config.size)
        card["calibration"] = thresholds(logits, held.labels)
        probabilities = digit_probabilities(logits, card["calibration"]["temperature"])
        card["figures"] = {"validation": scores(probabilities, held.labels)}
        save_checkpoint(out, averaged.module.state_dict(), card)
        yield {"phase": "done", "passed": time.perf_counter() - started, "images": images_seen, **row}
        return


def endless(mixture: Mixture, config: TrainConfig) -> Iterator[tuple[Tensor, Tensor]]:
    """Epoch after epoch of ``batches``."""
    generator = torch.Generator().manual_seed(config.seed)
    while True:
        yield from batches(mixture, config, generator)


def accuracy(averaged: AveragedModel, held: Labelled) -> float:
    """Share of held-out digits that the averaged network tells right, of the ten digits."""
    guesses = predict(averaged.module, held.images, TIMED.size)[:, :DIGITS].argmax(1)
    return (guesses == held.labels).double().mean().item()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m model timed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path("minute.safetensors"))
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="may hold MNIST/raw")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--polite", action="store_true", help="one thread, and last in line for the processor"
    )
    flags = parser.parse_args(arguments)
    if flags.polite:
        torch.set_num_threads(1)
        if hasattr(os, "nice"):
            os.nice(5)
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    try:
        for row in learn(
            replace(TIMED, seed=flags.seed), flags.data_dir, flags.out, flags.seconds, lambda: bool(asked)
        ):
            print(json.dumps(row), flush=True)
    except (DataError, TrainingError, OSError) as error:
        print(f"minute: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
