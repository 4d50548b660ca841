#!/usr/bin/env python
"""Train a classifier on MNIST or a relative of it and write its checkpoint.

    python train_mnist.py                         # digits: the default network and recipe
    python train_mnist.py --recipe d2l            # the book's ResNet-18 on Fashion-MNIST at 96 px
    python train_mnist.py --extra mine.jsonl      # go on from the digits' checkpoint with corrections
    python train_mnist.py --epochs 2 --out /tmp/quick.safetensors
    torchrun --nproc-per-node 2 train_mnist.py    # two processes that share each batch

The recipes stand in model/recipes.py. Nothing is chosen by the test set: a recipe is fixed, the weights
are those after the last epoch, averaged where the recipe says so, and the 10,000 test images are read
once, when training is over.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import torch
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from model import CheckpointError, DataError, create_model, save_checkpoint
from model.datasets.mnist import DATASETS, load_dataset, split
from model.datasets.stroke_files import load_corrections
from model.datasets.synthetic import generate
from model.device import quick_dtype
from model.errors import ExportError, TrainingError
from model.evaluation.metrics import mistakes, scores
from model.graph.summary import check_size
from model.image import to_input
from model.inference.calibration import digit_probabilities
from model.inference.checkpoint import Card
from model.inference.export import check_export, export_file
from model.inference.hub import check_push, push
from model.inference.provenance import hardware
from model.training.amx_conv_backward import quick_backward
from model.training.batches import Mixture, batches, predict, resize
from model.training.calibrate import calibrate
from model.training.cli import configure, default_out, parse_arguments
from model.training.config import TrainConfig, new_card
from model.training.distributed import ProcessGroup, join, place, restarts
from model.training.failures import KeptProgress, explain_failure, prepare
from model.training.optim import draw_xavier, learning_rate, make_optimizer, moving_average, smoothed
from model.training.resume import begin_from, checkpoint_tensors, restore, run_file
from model.training.step_metrics import StepMetrics, distance
from model.training.trackers import Trackers, make_trackers


def train(
    config: TrainConfig,
    data_dir: Path,
    device: torch.device,
    out: Path,
    resume: bool = False,
    start: Path | None = None,
    extra: Path | None = None,
    team: ProcessGroup = ProcessGroup(),  # noqa: B008 - frozen
    watch: Trackers = Trackers(),  # noqa: B008 - of nobody
) -> Card:
    """Train, write the checkpoint to ``out``, return its card.

    After each epoch the whole state goes to ``run_file(out)``; ``resume`` goes on from there and, on
    the same CPU, ends with the very weights of a run that was never stopped. ``start`` is a checkpoint
    whose weights are the first ones, ``extra`` a strokes file of corrections to learn as well. Of a
    ``team`` of processes each trains on its part of every batch; the first one writes and tells ``watch``.
    """
    labels = [*DATASETS[config.dataset].labels, *["not a digit"] * bool(config.synthetic)]
    torch.manual_seed(config.seed)
    net = create_model(config.model, num_classes=len(labels))
    check_size(net, (1, config.size, config.size))
    if config.first_weights == "xavier":
        draw_xavier(net)
    card = new_card(config, device, labels, team.size)
    if start:
        card["start"] = begin_from(start, net, len(labels))
    net = team.synchronised(net, device).to(device, memory_format=torch.channels_last)
    averaged = AveragedModel(net, multi_avg_fn=moving_average(config.ema_decay), use_buffers=True)
    optimizer = make_optimizer(net, config)
    if resume:
        restore(run_file(out), net, averaged, optimizer, card)
    done = len(card["history"])

    with team.first_ahead():
        training, validation = split(load_dataset(config.dataset, data_dir, train=True))
    synthetic = generate(config.synthetic, config.seed, config.not_digits) if config.synthetic else None
    corrections = load_corrections(extra) if extra else None
    if corrections and corrections.labels.max() >= len(labels):
        raise TrainingError(f"{extra} holds what is no digit, and {start} has no class for that.")
    mixture = Mixture.of(training, synthetic, corrections).to(device)
    validation = validation.to(device)
    card["images"] = {kind: getattr(mixture, kind) for kind in ("real", "synthetic", "corrections")}
    goals = smoothed(len(labels), config.label_smoothing).to(device)
    dtype = quick_dtype(device)
    steps = mixture.steps(config)
    if mixture.size(config) < config.batch_size:
        raise TrainingError(f"A batch of {config.batch_size:,} is more than an epoch: take a smaller.")
    bar = tqdm(
        total=config.epochs * steps * config.batch_size,
        initial=done * steps * config.batch_size,
        unit=" images",
        unit_scale=True,
        disable=None if team.first else True,  # on a terminal only; elsewhere a line an epoch
    )
    learner = team.wrap(net)
    if team.first:
        watch.begin(card)
    for epoch in range(done, config.epochs):
        started = time.perf_counter()
        # One generator an epoch, from seed and epoch alone: going on needs no generator's state.
        generator = torch.Generator(device).manual_seed(config.seed * 100_003 + epoch)
        meter = StepMetrics(net, epoch, steps, device, team)
        net.train()
        shown = batches(mixture, config, generator, config.refines(epoch), team.rank, team.size)
        for step, (images, targets) in enumerate(shown):
            progress = (epoch * steps + step + 1) / (config.epochs * steps)
            lr = learning_rate(config, progress)
            for group in optimizer.param_groups:
                group["lr"] = lr
            inputs = resize(to_input(images), config.size).contiguous(memory_format=torch.channels_last)
            with torch.autocast(device.type, dtype, enabled=dtype is not None), quick_backward(device):
                logits = learner(inputs)
            loss = F.cross_entropy(logits.float(), goals[targets])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if config.ema_decay:
                averaged.update_parameters(net)
            meter.add(loss, logits, targets)
            bar.update(config.batch_size)
        if not config.ema_decay:
            averaged.update_parameters(net)  # a copy
        seen = meter.read()  # a GPU has finished its work by then
        seconds = time.perf_counter() - started

        team.average_statistics(net, averaged.module)
        logits = predict(averaged.module, validation.images, config.size)
        row = {
            "epoch": epoch + 1,
            **seen,
            "val_accuracy": (logits.argmax(1) == validation.labels).double().mean().item(),
            "lr": lr,
            "ema_gap": distance(averaged.module, net),
            "images_per_s": (step + 1) * config.batch_size / seconds,
            "seconds": seconds,
        }
        card["history"].append(row)
        if not team.first:
            continue
        save_checkpoint(run_file(out), checkpoint_tensors(averaged, net, optimizer), card)
        watch.epoch(row)
        bar.set_postfix_str(f"loss {row['loss']:.4f}, validation {row['val_accuracy']:.2%}")
        tqdm.write(
            f"epoch {epoch + 1:3d}/{config.epochs}  loss {row['loss']:.4f}  "
            f"validation {row['val_accuracy']:.2%}  {row['images_per_s']:,.0f} images/s  "
            f"{(config.epochs - epoch - 1) * seconds / 60:.1f} min left"
        )
    bar.close()
    if not team.first:
        return card

    if done == config.epochs:  # nothing was left to do, and the validation part is not read yet
        logits = predict(averaged.module, validation.images, config.size)
    card["calibration"] = calibrate(averaged.module, logits, validation.labels, config)
    temperature = card["calibration"]["temperature"]
    test = load_dataset(config.dataset, data_dir, train=False).to(device)  # the one reading of the test set
    read = digit_probabilities(predict(averaged.module, test.images, config.size), temperature)
    card["figures"] = {
        "validation": scores(digit_probabilities(logits, temperature), validation.labels),
        "test": scores(read, test.labels) | {"mistakes": mistakes(test.images, read, test.labels)},
    }
    save_checkpoint(out, averaged.module.state_dict(), card)
    watch.end(card)
    run_file(out).unlink(missing_ok=True)
    return card


def run(flags: argparse.Namespace) -> int:
    """Train as the flags say; the exit status."""
    config = configure(flags)
    out = flags.out or default_out(config)
    device, team = join(flags.device)
    team.check(config.batch_size)
    resume = flags.resume or (restarts() > 0 and run_file(out).exists())
    kept = KeptProgress(out, resume)
    watch = Trackers()
    if team.first:
        prepare(out)
        watch = make_trackers(out, flags.track, flags.tensorboard)
        if flags.push_to_hub:
            check_push(flags.push_to_hub)
        if flags.export:
            check_export([flags.export])
        print(f"{config.model} on {hardware(device, team.size)}, seed {config.seed}, to {out}", flush=True)
    started = time.perf_counter()
    try:
        card = train(config, flags.data_dir, device, out, resume, flags.checkpoint, flags.extra, team, watch)
    except KeyboardInterrupt:
        if team.first:
            go_on = "; go on with --resume" if kept else ""
            print(f"Stopped: {kept}{go_on}.", file=sys.stderr)
        return 130
    except (RuntimeError, MemoryError, OSError) as error:
        words = explain_failure(error, config, kept)
        if words is None:
            raise
        raise TrainingError(words) from error
    team.leave()
    if team.first:
        test = card["figures"]["test"]
        print(
            f"test accuracy {test['accuracy']:.2%} ({test['n'] - test['correct']} of {test['n']:,} missed), "
            f"ECE {test['ece']:.4f}, in {(time.perf_counter() - started) / 60:.1f} min → {out}"
        )
        if flags.export:
            print(export_file(out, flags.export))
        if flags.push_to_hub:
            print(f"pushed to {push(out, card, flags.push_to_hub)}")
    return 0


def main(arguments: list[str] | None = None) -> int:
    flags = parse_arguments(arguments, __doc__.split("\n")[0])
    try:
        return run(flags)
    except (DataError, CheckpointError, ExportError, TrainingError, ValueError, OSError) as error:
        if not place().first:
            time.sleep(5)  # the first says the same, and torchrun then ends this one: once is enough
        print(f"train_mnist.py: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
