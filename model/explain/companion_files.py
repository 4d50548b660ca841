"""Files beside a checkpoint that were computed with its network from MNIST's training images.

Their card has the hash of the network's weights. After retraining they are rejected until they are computed
again. The name of a file ends with the command that writes it, "probes" or "neighbours".
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn

from ..datasets.mnist import Labelled
from ..errors import CheckpointError
from ..inference.checkpoint import Card, add_checkpoint_argument, read_file, weights_hash

MISSING, OTHER = "missing", "other"


class CompanionError(CheckpointError):
    """A file cannot be used: ``kind`` is MISSING, or OTHER if it is damaged or belongs to other weights."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


def companion_path(checkpoint: Path, command: str) -> Path:
    """The path of the file that ``command`` writes for a checkpoint."""
    return checkpoint.with_suffix(f".{command}.safetensors")


def load_companion(path: Path, net: nn.Module, command: str) -> tuple[dict[str, Tensor], Card]:
    """Tensors and card of a file that ``command`` wrote. CompanionError if it does not belong to ``net``."""
    if not path.is_file():
        raise CompanionError(MISSING, f"There is no file {path}; `python -m model {command}` writes it.")
    try:
        tensors, card = read_file(path)
    except CheckpointError as error:
        raise CompanionError(OTHER, str(error)) from error
    if card.get("weights") != weights_hash(net):
        raise CompanionError(
            OTHER, f"{path} belongs to other weights; compute it again with `python -m model {command}`."
        )
    return tensors, card


def shuffle(data: Labelled, seed: int) -> Labelled:
    """``data`` in a random order that depends only on ``seed``."""
    order = torch.randperm(len(data.labels), generator=torch.Generator().manual_seed(seed))
    return Labelled(data.images[order], data.labels[order])


def add_common_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of both commands."""
    add_checkpoint_argument(parser)
    parser.add_argument("--data-dir", type=Path, default=Path("data"), help="folder that contains MNIST/raw")
