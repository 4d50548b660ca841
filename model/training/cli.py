"""The training command's line: its flags, its help, and the recipe that they make."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..datasets.mnist import DATASETS
from ..inference.checkpoint import DEFAULT_CHECKPOINT, load_checkpoint
from ..inference.export import SUFFIX
from ..inference.hub import REPOSITORY, is_remote
from ..networks.registry import list_models
from .config import ABOUT, FINE_TUNING, RECIPES, TrainConfig, by_recipe


def parse_arguments(arguments: list[str] | None, about: str) -> argparse.Namespace:
    """The flags; those that belong to a recipe are there only if they were given."""
    parser = argparse.ArgumentParser(
        description=about,
        epilog=epilog(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument

    def recipe(flag: str, about: str, **more: Any) -> None:  # noqa: ANN401 - as add_argument
        values = by_recipe(flag.strip("-").replace("-", "_"))
        add(flag, default=argparse.SUPPRESS, help=f"{about} ({values})", **more)

    add("--recipe", choices=RECIPES, default="default", help="the next flags' values unless given, see below")
    recipe("--dataset", "images to train on", choices=DATASETS)
    recipe("--model", "network of the zoo, see below", metavar="NAME")
    recipe("--size", "px to which the images of 28 are brought", type=at_least(1))
    recipe("--epochs", "passes over the training part", type=at_least(1))
    recipe("--batch-size", "images a step", type=at_least(1))
    recipe("--lr", "learning rate, of a cycle its peak", type=above_zero)
    recipe("--seed", "of initialisation, order and augmentation", type=int)
    recipe(
        "--synthetic",
        "synthetic drawings to mix in, for digits alone; 0 for none, and no class for what is no digit",
        type=at_least(0),
    )
    add("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    folders = "holds MNIST/raw, FashionMNIST/raw or KMNIST/raw; fetched if it is not there (default: data)"
    add("--data-dir", type=Path, default=Path("data"), help=folders)
    out = f"checkpoints/DATASET_MODEL.safetensors, of the default recipe {DEFAULT_CHECKPOINT.name}"
    add("--out", type=Path, help=f"the checkpoint, written when training is over (default: {out})")
    add("--resume", action="store_true", help="go on from the last finished epoch of the same command")
    add(
        "--extra",
        type=Path,
        metavar="FILE.jsonl",
        help="fine-tune a checkpoint on corrections: drawings, and what they were meant to be, one JSON "
        'object {"source", "writer", "label", "strokes"} a line',
    )
    start = f"the file of --out, or {DEFAULT_CHECKPOINT.name} there"
    add("--checkpoint", type=Path, help=f"what is fine-tuned, in place without --out (default: {start})")
    add("--track", action="store_true", help="tell trackio of each epoch, on this machine: `trackio show`")
    add("--tensorboard", action="store_true", help="write TensorBoard's files beside the checkpoint")
    add("--export", choices=SUFFIX, help="write the result for another runtime too: `python -m model export`")
    hub = "upload the checkpoint and a README made from its card to the Hugging Face Hub"
    add("--push-to-hub", type=repository, metavar="USER/NAME", help=hub)
    flags = parser.parse_args(arguments)
    if flags.extra:
        if flags.recipe != "default" or {"dataset", "model", "size"} & set(vars(flags)):
            parser.error("--extra goes on as the checkpoint began: no --recipe, --dataset, --model, --size")
        flags.checkpoint = flags.checkpoint or flags.out or DEFAULT_CHECKPOINT
        if flags.out is None and is_remote(flags.checkpoint):
            parser.error("--checkpoint on the Hub is not written to: name a file with --out")
        flags.out = flags.out or flags.checkpoint
    elif flags.checkpoint:
        parser.error("--checkpoint is what --extra fine-tunes: without --extra it has no use")
    return flags


def epilog() -> str:
    """What the help says below the flags."""
    names = list_models()
    rows = ["".join(f"{name:<19}" for name in names[n : n + 4]).rstrip() for n in range(0, len(names), 4)]
    recipes = "\n  ".join(["recipes:", *(f"{name:<9}{about}" for name, about in ABOUT.items())])
    networks = "\n  ".join(["networks:", *rows])
    last = (
        "Ctrl-C keeps the last finished epoch; the same command with --resume goes on from it.\n"
        "Each epoch is a line of JSON in the .log.jsonl beside the checkpoint.\n\n"
        "Processes that share each batch: torchrun --nproc-per-node N --max-restarts M train_mnist.py;\n"
        "should one be lost, all go on from the last finished epoch, M times."
    )
    return f"{recipes}\n\n{networks}\n\n{last}"


def configure(flags: argparse.Namespace) -> TrainConfig:
    """The recipe with what the flags override."""
    names = {field.name for field in fields(TrainConfig)} - {"recipe"}
    given = {name: value for name, value in vars(flags).items() if name in names}
    if given.get("dataset", "mnist") != "mnist":
        given.setdefault("synthetic", 0)  # the drawings are digits
    if not flags.extra:
        return replace(RECIPES[flags.recipe], **given)
    arch = load_checkpoint(flags.checkpoint)[1]["arch"]
    if arch["num_classes"] == len(DATASETS["mnist"].labels):  # it has no class for what is no digit
        given.setdefault("synthetic", 0)
    return replace(FINE_TUNING, model=arch["name"], **given)


def default_out(config: TrainConfig) -> Path:
    """A name that says which images, which network and, if it is not 28, which size."""
    size = f"_{config.size}" * (config.size != TrainConfig.size)
    return DEFAULT_CHECKPOINT.with_name(
        f"{config.dataset}_{config.model.removeprefix('mnist_')}{size}.safetensors"
    )


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
