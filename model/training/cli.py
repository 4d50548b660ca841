"""The command line of train_mnist.py: its flags, its help, and the recipe they select."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..datasets.mnist import DATASETS
from ..image import DIGITS
from ..inference.checkpoint import DEFAULT_CHECKPOINT, Card, load_checkpoint
from ..inference.export import EXPORT_SUFFIXES, check_export, export_file
from ..inference.hub import REPOSITORY, check_push, is_remote, push
from ..networks.registry import list_models
from .config import ABOUT, FINE_TUNING, RECIPES, TrainConfig, by_recipe
from .failures import check_writable


def parse_arguments(arguments: list[str] | None, about: str) -> argparse.Namespace:
    """Parse the flags. The flags of a recipe become attributes only if they are on the command line."""
    parser = argparse.ArgumentParser(
        description=about,
        epilog=epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument

    def recipe_flag(flag: str, about: str, **options: Any) -> None:  # noqa: ANN401 - as add_argument
        values = by_recipe(flag.strip("-").replace("-", "_"))
        add(flag, default=argparse.SUPPRESS, help=f"{about} ({values})", **options)

    add("--recipe", choices=RECIPES, default="default", help="sets the next flags' defaults, see below")
    recipe_flag("--dataset", "images to train on", choices=DATASETS)
    recipe_flag("--model", "name of a network, see below", metavar="NAME")
    recipe_flag("--size", "side in px to which the 28 px images are resized", type=at_least(1))
    recipe_flag("--epochs", "passes over the training images", type=at_least(1))
    recipe_flag("--batch-size", "images per step", type=at_least(1))
    recipe_flag("--lr", "learning rate, the peak of a schedule", type=above_zero)
    recipe_flag("--seed", "seed of initialisation, order and augmentation", type=int)
    synthetic = "synthetic drawings to mix in, for digits only; with 0 there is no class for non-digits"
    recipe_flag("--synthetic", synthetic, type=at_least(0))
    add("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    folders = "folder of MNIST/raw, FashionMNIST/raw or KMNIST/raw; downloaded if missing (default: data)"
    add("--data-dir", type=Path, default=Path("data"), help=folders)
    out = f"checkpoints/DATASET_MODEL.safetensors, for the default recipe {DEFAULT_CHECKPOINT.name}"
    add("--out", type=Path, help=f"the checkpoint, written after training (default: {out})")
    add("--resume", action="store_true", help="continue after the last finished epoch of the same command")
    extra = (
        "fine-tune a checkpoint on corrections: drawings with their labels, one JSON object "
        '{"source", "writer", "label", "strokes"} per line'
    )
    add("--extra", type=Path, metavar="FILE.jsonl", help=extra)
    start = f"the file of --out, or {DEFAULT_CHECKPOINT.name}"
    tuned = f"the checkpoint to fine-tune, overwritten unless --out is set (default: {start})"
    add("--checkpoint", type=Path, help=tuned)
    add("--track", action="store_true", help="log each epoch to trackio, on this machine: `trackio show`")
    add("--tensorboard", action="store_true", help="write event files of TensorBoard beside the checkpoint")
    add(
        "--export",
        choices=EXPORT_SUFFIXES,
        help="also write it for another runtime: `python -m model export`",
    )
    hub = "upload the checkpoint and a README made from its card to the Hugging Face Hub"
    add("--push-to-hub", type=repository, metavar="USER/NAME", help=hub)
    flags = parser.parse_args(arguments)
    if flags.extra:
        if flags.recipe != "default" or {"dataset", "model", "size"} & set(vars(flags)):
            parser.error("--extra keeps the checkpoint's network: no --recipe, --dataset, --model, --size")
        flags.checkpoint = flags.checkpoint or flags.out or DEFAULT_CHECKPOINT
        if flags.out is None and is_remote(flags.checkpoint):
            parser.error("--checkpoint is on the Hub and cannot be overwritten: choose a file with --out")
        flags.out = flags.out or flags.checkpoint
    elif flags.checkpoint:
        parser.error("--checkpoint is the checkpoint to fine-tune and needs --extra")
    return flags


def epilog() -> str:
    """The help below the flags."""
    names = list_models()
    rows = ["".join(f"{name:<19}" for name in names[n : n + 4]).rstrip() for n in range(0, len(names), 4)]
    recipes = "\n  ".join(["recipes:", *(f"{name:<9}{about}" for name, about in ABOUT.items())])
    networks = "\n  ".join(["networks:", *rows])
    last = (
        "Ctrl-C keeps the last finished epoch; the same command with --resume continues from there.\n"
        "Each epoch is a line of JSON in the .log.jsonl beside the checkpoint.\n\n"
        "Several processes: torchrun --nproc-per-node N --max-restarts M train_mnist.py. They share each\n"
        "batch. If one is lost, all restart from the last finished epoch, up to M times."
    )
    return f"{recipes}\n\n{networks}\n\n{last}"


def configure(flags: argparse.Namespace) -> TrainConfig:
    """The recipe with the values of the flags."""
    names = {field.name for field in fields(TrainConfig)} - {"recipe"}
    values = {name: value for name, value in vars(flags).items() if name in names}
    if values.get("dataset", "mnist") != "mnist":
        values.setdefault("synthetic", 0)  # the drawings are digits
    if not flags.extra:
        return replace(RECIPES[flags.recipe], **values)
    arch = load_checkpoint(flags.checkpoint)[1]["arch"]
    if arch["num_classes"] == DIGITS:  # no class for non-digits
        values.setdefault("synthetic", 0)
    return replace(FINE_TUNING, model=arch["name"], **values)


def default_out(config: TrainConfig) -> Path:
    """A file named after the data set, the network and, unless it is 28 px, the size."""
    size = "" if config.size == TrainConfig.size else f"_{config.size}"
    return DEFAULT_CHECKPOINT.with_name(
        f"{config.dataset}_{config.model.removeprefix('mnist_')}{size}.safetensors"
    )


def check_flags(flags: argparse.Namespace, out: Path) -> None:
    """Raise errors before training that would otherwise occur after it."""
    check_writable(out)
    if flags.push_to_hub:
        check_push(flags.push_to_hub)
    if flags.export:
        check_export([flags.export])


def publish(flags: argparse.Namespace, out: Path, card: Card) -> None:
    """Export and upload the finished checkpoint if the flags request it."""
    if flags.export:
        print(export_file(out, flags.export))
    if flags.push_to_hub:
        print(f"pushed to {push(out, card, flags.push_to_hub)}")


def repository(text: str) -> str:
    if not REPOSITORY.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text} is not USER/NAME")
    return text


def above_zero(text: str) -> float:
    if not 0 < float(text) < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return float(text)


def at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if int(text) < least:
            raise argparse.ArgumentTypeError(f"{text} is less than {least}")
        return int(text)

    return number
