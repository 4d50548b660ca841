#!/usr/bin/env python
"""Train a digit classifier on MNIST and write its checkpoint.

    python train_mnist.py                       # the default network and recipe
    python train_mnist.py --epochs 2 --out /tmp/quick.safetensors

Nothing is chosen by the test set: the recipe is fixed, the weights are the moving average after the
last epoch, and the 10,000 test images are read once, when training is over.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from model import CheckpointError, DataError, create_model, list_models, save_checkpoint
from model.augment import Augmentation, augment
from model.card import commit, hardware, versions
from model.checkpoint import Card
from model.data import SPLIT_SEED, Labelled, load_mnist, split
from model.metrics import (
    DIGITS,
    digit_probabilities,
    fit_temperature,
    not_digit_score,
    predict_logits,
    scores,
)
from model.optim import autocast_dtype, moving_average, one_cycle, parameter_groups
from model.preprocess import PREPROCESSING, to_input
from model.reader import resolve_device
from model.resume import checkpoint_tensors, restore, run_file
from model.synthetic import generate

HELD_OUT = 10_000  # synthetic digits to calibrate on
MISTRUST = 0.003  # share of digits that each threshold may turn away


@dataclass(frozen=True)
class TrainConfig:
    """The recipe. All of it is written into the checkpoint's card."""

    model: str = "mnist_resnet"
    epochs: int = 32
    batch_size: int = 256
    lr: float = 0.2  # peak of the cycle, for SGD with Nesterov momentum
    warmup: float = 0.15  # share of all steps in which the learning rate rises
    momentum: float = 0.9
    weight_decay: float = 5e-4
    ema_decay: float = 0.998  # per step; of weights and BatchNorm buffers
    seed: int = 1
    synthetic: int = 200_000  # drawings that are generated once; 0 trains on MNIST alone, ten classes
    share: float = 0.33  # of each epoch's images that are synthetic, drawn anew from them
    not_digits: float = 0.3  # of the synthetic images that are no digit
    augmentation: Augmentation = field(default_factory=Augmentation)


class TrainingError(RuntimeError):
    """Training cannot go on; one sentence says why and what is kept."""


def train(
    config: TrainConfig,
    data_dir: Path,
    device: torch.device,
    out: Path,
    resume: bool = False,
) -> Card:
    """Train, write the checkpoint to ``out``, return its card.

    After each epoch the whole state goes to ``run_file(out)``; ``resume`` goes on from there and, on
    the same CPU, ends with the very weights of a run that was never stopped.
    """
    training, validation = split(load_mnist(data_dir, train=True))
    real = len(training.labels)
    if config.synthetic:
        training = concatenate(training, generate(config.synthetic, config.seed, config.not_digits))
    training, validation = to_device(training, device), to_device(validation, device)
    torch.manual_seed(config.seed)
    num_classes = DIGITS + bool(config.synthetic)  # the eleventh is "not a digit"
    net = create_model(config.model, num_classes=num_classes)
    net = net.to(device, memory_format=torch.channels_last)
    averaged = AveragedModel(net, multi_avg_fn=moving_average(config.ema_decay), use_buffers=True)
    optimizer = torch.optim.SGD(
        parameter_groups(net, config.weight_decay), config.lr, config.momentum, nesterov=True
    )
    card = new_card(config, device, num_classes)
    if resume:
        restore(run_file(out), net, averaged, optimizer, card)
    done = len(card["history"])
    dtype = autocast_dtype(device)
    steps = epoch_size(config, real) // config.batch_size
    if steps == 0:
        raise TrainingError(
            f"A batch of {config.batch_size:,} is more than an epoch's images: take a smaller."
        )
    bar = tqdm(
        total=config.epochs * steps * config.batch_size,
        initial=done * steps * config.batch_size,
        unit=" images",
        unit_scale=True,
        disable=None,  # on a terminal only; elsewhere a line an epoch
    )
    for epoch in range(done, config.epochs):
        started = time.perf_counter()
        # One generator an epoch, from seed and epoch alone: going on needs no generator's state.
        generator = torch.Generator(device).manual_seed(config.seed * 100_003 + epoch)
        total_loss = torch.zeros((), device=device)
        net.train()
        for step, (images, labels) in enumerate(batches(training, real, config, generator)):
            progress = (epoch * steps + step + 1) / (config.epochs * steps)
            lr = one_cycle(config.lr, config.warmup, progress)
            for group in optimizer.param_groups:
                group["lr"] = lr
            inputs = to_input(images).contiguous(memory_format=torch.channels_last)
            with torch.autocast(device.type, dtype, enabled=dtype is not None):
                logits = net(inputs)
            loss = F.cross_entropy(logits.float(), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            averaged.update_parameters(net)
            total_loss += loss.detach()
            bar.update(config.batch_size)
        seconds = time.perf_counter() - started

        mean_loss = total_loss.item() / steps
        if not math.isfinite(mean_loss):
            kept = f"epoch {epoch} is kept in {run_file(out)}" if epoch else "nothing was written"
            raise TrainingError(
                f"The loss became {mean_loss} in epoch {epoch + 1}; {kept}. Try a smaller --lr."
            )
        logits = predict_logits(averaged.module, validation.images)
        accuracy = (logits.argmax(1) == validation.labels).double().mean().item()
        rate = steps * config.batch_size / seconds
        card["history"].append(
            {
                "epoch": epoch + 1,
                "loss": mean_loss,
                "val_accuracy": accuracy,
                "lr": lr,
                "images_per_s": rate,
                "seconds": seconds,
            }
        )
        save_checkpoint(run_file(out), checkpoint_tensors(averaged, net, optimizer), card)
        bar.set_postfix_str(f"loss {mean_loss:.4f}, validation {accuracy:.2%}")
        tqdm.write(
            f"epoch {epoch + 1:3d}/{config.epochs}  loss {mean_loss:.4f}  validation {accuracy:.2%}  "
            f"{rate:,.0f} images/s  {(config.epochs - epoch - 1) * seconds / 60:.1f} min left"
        )
    bar.close()

    logits = predict_logits(averaged.module, validation.images)
    card["calibration"] = calibrate(averaged.module, logits, validation.labels, config)
    temperature = card["calibration"]["temperature"]
    test = to_device(load_mnist(data_dir, train=False), device)  # the one reading of the test set
    test_logits = predict_logits(averaged.module, test.images)
    card["figures"] = {
        "validation": scores(digit_probabilities(logits, temperature), validation.labels),
        "test": scores(digit_probabilities(test_logits, temperature), test.labels),
    }
    save_checkpoint(out, averaged.module.state_dict(), card)
    run_file(out).unlink(missing_ok=True)
    return card


def calibrate(net: nn.Module, logits: Tensor, labels: Tensor, config: TrainConfig) -> dict[str, float]:
    """Temperature and thresholds from the validation part and synthetic drawings never trained on.

    Each threshold turns away ``MISTRUST`` of these digits, and nothing is known of non-digits.
    """
    rejection = not_digit_score(logits)
    if config.synthetic:
        held = generate(HELD_OUT, config.seed + 1_000_000, not_digits=0.0)
        held_logits = predict_logits(net, held.images)
        logits, labels = torch.cat([logits, held_logits]), torch.cat([labels, held.labels.to(labels.device)])
        rejection = not_digit_score(logits)
    temperature = fit_temperature(logits, labels)
    confidence = digit_probabilities(logits, temperature).amax(1)
    return {
        "temperature": temperature,
        "not_digit": rejection.quantile(1 - MISTRUST).item() if config.synthetic else 1.0,
        "unsure": confidence.quantile(MISTRUST).item(),
    }


def concatenate(first: Labelled, second: Labelled) -> Labelled:
    return Labelled(*(torch.cat(pair) for pair in zip(first, second, strict=True)))


def epoch_size(config: TrainConfig, real: int) -> int:
    """Images of an epoch: all ``real`` ones, and synthetic ones to their share."""
    return round(real / (1 - config.share)) if config.synthetic else real


def batches(
    data: Labelled, real: int, config: TrainConfig, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """One shuffled epoch of augmented images, float [B, 28, 28] in 0..255, and labels; whole batches.

    The first ``real`` images of ``data`` all take part; of the synthetic ones behind them as many as
    their share asks for.
    """
    device = data.labels.device
    synthetic = torch.randperm(len(data.labels) - real, generator=generator, device=device) + real
    chosen = torch.cat([torch.arange(real, device=device), synthetic[: epoch_size(config, real) - real]])
    order = chosen[torch.randperm(len(chosen), generator=generator, device=device)]
    for index in order.split(config.batch_size):
        if len(index) == config.batch_size:
            yield augment(data.images[index], config.augmentation, generator), data.labels[index]


def to_device(data: Labelled, device: torch.device) -> Labelled:
    return Labelled(data.images.to(device), data.labels.to(device))


def new_card(config: TrainConfig, device: torch.device, num_classes: int) -> Card:
    """The card as it stands before the first epoch."""
    return {
        "arch": {"name": config.model, "in_channels": 1, "num_classes": num_classes},
        "preprocessing": PREPROCESSING,
        "config": asdict(config),
        "split": {"seed": SPLIT_SEED, "training": 55_000, "validation": 5_000},
        "seed": config.seed,
        "commit": commit(),
        "versions": versions(),
        "hardware": hardware(device),
        "history": [],
        "figures": {},
        "calibration": {"temperature": 1.0, "not_digit": 0.5, "unsure": 0.7},
    }


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    defaults = TrainConfig()
    parser = argparse.ArgumentParser(
        description="Train a digit classifier on MNIST and write its checkpoint.",
        epilog="Ctrl-C keeps the last finished epoch; the same command with --resume goes on from it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--model", default=defaults.model, help=f"network: {', '.join(list_models())}")
    add("--epochs", type=positive_int, default=defaults.epochs, help="passes over the training part")
    add("--batch-size", type=positive_int, default=defaults.batch_size, help="images a step")
    add("--lr", type=float, default=defaults.lr, help="peak learning rate of the cycle")
    add("--seed", type=int, default=defaults.seed, help="of initialisation, order and augmentation")
    add("--device", default="auto", help="auto, cpu, cuda or mps")
    add(
        "--data-dir",
        type=Path,
        default=Path("data"),
        help="holds MNIST/raw; fetched if it is not there",
    )
    add(
        "--out",
        type=Path,
        default=Path("checkpoints/mnist_resnet.safetensors"),
        help="the checkpoint, written when training is over",
    )
    add(
        "--synthetic",
        type=natural_int,
        default=defaults.synthetic,
        help="synthetic drawings to mix in; 0 for MNIST alone, without a class for what is no digit",
    )
    add(
        "--resume",
        action="store_true",
        help="go on from the last finished epoch of the same command",
    )
    return parser.parse_args(arguments)


def positive_int(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is not a positive number")
    return value


def natural_int(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{value} is negative")
    return value


def main(arguments: list[str] | None = None) -> int:
    flags = parse_arguments(arguments)
    config = TrainConfig(
        model=flags.model,
        epochs=flags.epochs,
        batch_size=flags.batch_size,
        lr=flags.lr,
        seed=flags.seed,
        synthetic=flags.synthetic,
    )
    started = time.perf_counter()
    try:
        device = resolve_device(flags.device)
        print(f"{config.model} on {hardware(device)}, seed {config.seed}, to {flags.out}", flush=True)
        card = train(config, flags.data_dir, device, flags.out, flags.resume)
    except KeyboardInterrupt:
        kept = run_file(flags.out)
        print(
            f"Stopped. The last finished epoch is in {kept}; go on with --resume."
            if kept.exists()
            else "Stopped before the first epoch was over; nothing was written.",
            file=sys.stderr,
        )
        return 130
    except (DataError, CheckpointError, TrainingError, ValueError, OSError) as error:
        print(f"train_mnist.py: {error}", file=sys.stderr)
        return 1
    test = card["figures"]["test"]
    print(
        f"test accuracy {test['accuracy']:.2%} ({test['n'] - test['correct']} of {test['n']:,} missed), "
        f"ECE {test['ece']:.4f}, in {(time.perf_counter() - started) / 60:.1f} min → {flags.out}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
