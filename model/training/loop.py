"""The training loop: augment, to_input, forward, loss, backward, step, EMA; validate and save each epoch.

`Trainer.train_epoch` is the only place in this project that trains a network. `train` calls it for a number
of epochs, ``timed.py`` for a number of seconds, ``scripts/degradation.py`` for a number of steps.

Nothing is chosen on the test set: the recipe is fixed, the result is the weights after the last epoch, and
the 10,000 test images are read once, at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel

from ..datasets.mnist import DATASETS, SPLIT_SEED, load_dataset, split
from ..datasets.stroke_files import load_corrections
from ..datasets.synthetic import generate
from ..device import quick_dtype
from ..errors import TrainingError
from ..evaluation.metrics import mistakes, scores
from ..graph.summary import check_size
from ..image import NOT_A_DIGIT_LABEL, PREPROCESSING, to_input
from ..inference.calibration import digit_probabilities
from ..inference.checkpoint import Card, save_checkpoint
from ..inference.provenance import commit, hardware, versions
from ..networks.registry import create_model
from .amx_conv_backward import quick_backward
from .batches import Mixture, batches, predict, resize
from .calibrate import calibrate
from .config import TrainConfig
from .distributed import ProcessGroup
from .ema import ema_update
from .optim import init_xavier, make_optimizer, smoothed_targets
from .resume import checkpoint_tensors, restore, run_file, starting_weights
from .schedule import learning_rate
from .step_metrics import StepMetrics, relative_distance
from .threads import use_free_cores
from .trackers import Tracker, notify


class Step(NamedTuple):
    """The argument of ``on_step`` after each optimizer step. The gradients are still in the network."""

    loss: Tensor  # float32 [], the mean over the batch
    logits: Tensor  # [B, classes]
    labels: Tensor  # int64 [B]
    lr: float
    progress: float  # 0..1 of the run


class Trainer:
    """A network in training, its optimizer, and ``ema_net``: the moving average of its weights."""

    def __init__(
        self,
        config: TrainConfig,
        num_classes: int,
        device: torch.device,
        process_group: ProcessGroup = ProcessGroup(),  # noqa: B008 - frozen
        weights: dict[str, Tensor] | None = None,
    ) -> None:
        self.config, self.device, self.process_group = config, device, process_group
        torch.manual_seed(config.seed)
        net: nn.Module = create_model(config.model, num_classes=num_classes)
        check_size(net, (1, config.size, config.size))
        if config.first_weights == "xavier":
            init_xavier(net)
        if weights:
            net.load_state_dict(weights)
        net = process_group.sync_batchnorm(net, device)
        self.net = net.to(device).to(memory_format=torch.channels_last)
        self.ddp_net = process_group.wrap(self.net)
        self.ema_net = AveragedModel(self.net, multi_avg_fn=ema_update(config.ema_decay), use_buffers=True)
        self.optimizer = make_optimizer(self.net, config)
        self.targets = smoothed_targets(num_classes, config.label_smoothing).to(device)

    def train_epoch(
        self,
        mixture: Mixture,
        epoch: int,
        on_step: Callable[[Step], bool | None],
        get_progress: Callable[[], float] | None = None,
    ) -> dict[str, float]:
        """Train for one epoch, counted from 0, and return its metrics.

        The epoch ends early when ``on_step`` returns True. The learning rate follows the progress of the run,
        0..1: by default the share of its steps, else the value of ``get_progress``.
        """
        config, device, group = self.config, self.device, self.process_group
        started = time.perf_counter()
        steps = mixture.steps(config)
        # One generator per epoch, seeded by run and epoch: a resumed run needs no generator state.
        generator = torch.Generator(device).manual_seed(config.seed * 100_003 + epoch)
        epoch_batches = batches(mixture, config, generator, config.refines(epoch), group.rank, group.size)
        dtype = quick_dtype(device)
        metrics = StepMetrics(self.net, epoch, steps, device, group)
        self.net.train()
        for step, (images, labels) in enumerate(epoch_batches, 1):
            progress = get_progress() if get_progress else (epoch * steps + step) / (config.epochs * steps)
            lr = learning_rate(config, progress)
            for param_group in self.optimizer.param_groups:
                param_group["lr"] = lr
            inputs = resize(to_input(images), config.size).contiguous(memory_format=torch.channels_last)
            with torch.autocast(device.type, dtype, enabled=dtype is not None), quick_backward(device):
                logits = self.ddp_net(inputs)
            loss = F.cross_entropy(logits.float(), self.targets[labels])
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            if config.ema_decay:
                self.ema_net.update_parameters(self.net)
            metrics.add(loss, logits, labels)
            if on_step(Step(loss, logits, labels, lr, progress)):
                break
        if not config.ema_decay:
            self.ema_net.update_parameters(self.net)  # a copy
        means = metrics.read()  # synchronises a GPU
        seconds = time.perf_counter() - started
        return means | {"lr": lr, "images_per_s": step * config.batch_size / seconds, "seconds": seconds}


def train(
    config: TrainConfig,
    data_dir: Path,
    device: torch.device,
    out: Path,
    resume: bool = False,
    start: Path | None = None,
    extra: Path | None = None,
    process_group: ProcessGroup = ProcessGroup(),  # noqa: B008 - frozen
    trackers: list[Tracker] | None = None,
) -> Card:
    """Train, write the checkpoint to ``out``, return its card.

    After each epoch the whole state is saved in ``run_file(out)``. ``resume`` continues from there; on the
    same CPU with as many threads the final weights are bit for bit those of an uninterrupted run. ``start``
    is a checkpoint to start from, ``extra`` a strokes file of corrections to train on as well. With several
    processes, each trains on its part of every batch; only the main process writes and reports.
    """
    trackers = trackers or []

    # The network, its moving average and its optimizer.
    labels = class_labels(config)
    card = new_card(config, device, labels, process_group.size)
    weights = None
    if start:
        weights, card["start"] = starting_weights(start, len(labels))
    trainer = Trainer(config, len(labels), device, process_group, weights)
    ema_net = trainer.ema_net.module
    if resume:
        card["history"] = restore(run_file(out), trainer.net, trainer.ema_net, trainer.optimizer, config)

    # The images.
    with process_group.main_first():
        training, validation = split(load_dataset(config.dataset, data_dir, train=True))
    synthetic = generate(config.synthetic, config.seed, config.not_digits) if config.synthetic else None
    corrections = load_corrections(extra) if extra else None
    if corrections and corrections.labels.max() >= len(labels):
        raise TrainingError(f"{extra} has drawings that are not digits, but {start} has no class for them.")
    mixture = Mixture.of(training, synthetic, corrections).to(device)
    validation = validation.to(device)
    card["images"] = mixture.counts()
    if mixture.size(config) < config.batch_size:
        raise TrainingError(
            f"A batch of {config.batch_size:,} images is larger than an epoch: use a smaller --batch-size."
        )

    # The epochs.
    first_epoch, threads = len(card["history"]), torch.get_num_threads()
    notify(trackers, "on_start", card, mixture.steps(config))
    for epoch in range(first_epoch, config.epochs):
        use_free_cores(threads)
        metrics = trainer.train_epoch(mixture, epoch, lambda step: notify(trackers, "on_step", step))
        process_group.average_batchnorm(trainer.net, ema_net)
        logits = predict(ema_net, validation.images, config.size)
        accuracy = (logits.argmax(1) == validation.labels).double().mean().item()
        gap = relative_distance(ema_net, trainer.net)
        row = {"epoch": epoch + 1, **metrics, "val_accuracy": accuracy, "ema_gap": gap}
        card["history"].append(row)
        if process_group.is_main:
            tensors = checkpoint_tensors(trainer.net, trainer.ema_net, trainer.optimizer)
            save_checkpoint(run_file(out), tensors, card)
            notify(trackers, "on_epoch", row)
    if not process_group.is_main:
        return card

    # Calibration and figures on the validation images; then the test images, which are read only here.
    if first_epoch == config.epochs:  # resumed after the last epoch
        logits = predict(ema_net, validation.images, config.size)
    card["calibration"] = calibrate(ema_net, logits, validation.labels, config)
    temperature = card["calibration"]["temperature"]
    test = load_dataset(config.dataset, data_dir, train=False).to(device)
    probabilities = digit_probabilities(predict(ema_net, test.images, config.size), temperature)
    card["figures"] = {
        "validation": scores(digit_probabilities(logits, temperature), validation.labels),
        "test": scores(probabilities, test.labels)
        | {"mistakes": mistakes(test.images, probabilities, test.labels)},
    }
    save_checkpoint(out, ema_net.state_dict(), card)
    notify(trackers, "on_end", card)
    run_file(out).unlink(missing_ok=True)
    return card


def class_labels(config: TrainConfig) -> list[str]:
    """The labels of the network's classes: the data set's and, with synthetic drawings, "not a digit"."""
    return [*DATASETS[config.dataset].labels, *[NOT_A_DIGIT_LABEL] * bool(config.synthetic)]


def new_card(config: TrainConfig, device: torch.device, labels: list[str], processes: int = 1) -> Card:
    """The card before the first epoch. ``processes`` train together, each on its own ``device``."""
    return {
        "arch": {"name": config.model, "in_channels": 1, "num_classes": len(labels)},
        "preprocessing": PREPROCESSING,
        "size": config.size,  # px, side of the image that the network sees
        "labels": labels,
        "config": asdict(config),
        "split": {"seed": SPLIT_SEED, "training": 55_000, "validation": 5_000},
        "seed": config.seed,
        "commit": commit(),
        "versions": versions(),
        "hardware": hardware(device, processes),
        "history": [],
        "figures": {},
        "calibration": {"temperature": 1.0, "not_digit": 0.5, "unsure": 0.7},
    }
