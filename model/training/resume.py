"""Going on: a run that is not over, kept after each epoch and taken up bit by bit; a trained network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from ..errors import CheckpointError
from ..inference.checkpoint import RESUME, Card, read_file
from ..inference.reader import DigitReader


def run_file(out: Path) -> Path:
    """Where an unfinished run keeps its last finished epoch; a checkpoint as well, the page can load it."""
    return out.with_suffix(".run.safetensors")


def checkpoint_tensors(
    averaged: AveragedModel, net: nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, Tensor]:
    """The averaged weights under their own names, and behind ``RESUME`` all that going on needs."""
    tensors = averaged.module.state_dict()
    tensors |= {f"{RESUME}net.{name}": tensor for name, tensor in net.state_dict().items()}
    tensors[f"{RESUME}n_averaged"] = averaged.n_averaged
    for index, state in optimizer.state_dict()["state"].items():
        kept = {key: value for key, value in state.items() if value is not None}
        tensors |= {f"{RESUME}optimizer.{index}.{key}": value for key, value in kept.items()}
    return tensors


def restore(
    path: Path,
    net: nn.Module,
    averaged: AveragedModel,
    optimizer: torch.optim.Optimizer,
    card: Card,
) -> None:
    """Fill network, average, optimizer and history from a run file of the same configuration."""
    tensors, kept = read_file(path)
    began = kept["config"]
    for key, value in card["config"].items():
        if key not in began:
            raise CheckpointError(f"{path} is of a version without {key}: begin without --resume.")
        if began[key] != value:
            raise CheckpointError(
                f"{path} was begun with {key} = {began[key]}, not {value}: resume with the same options."
            )
    resumed = {k.removeprefix(RESUME): v for k, v in tensors.items() if k.startswith(RESUME)}
    try:
        net.load_state_dict({k[4:]: v for k, v in resumed.items() if k.startswith("net.")})
        averaged.module.load_state_dict({k: v for k, v in tensors.items() if not k.startswith(RESUME)})
        averaged.n_averaged.copy_(resumed["n_averaged"])
    except (RuntimeError, KeyError) as error:
        raise CheckpointError(
            f"{path} holds another network than this code's {card['config']['model']}: "
            f"begin without --resume."
        ) from error
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in resumed.items():
        if name.startswith("optimizer."):
            _, index, key = name.split(".", 2)
            state.setdefault(int(index), {})[key] = tensor
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
    card["history"] = kept["history"]


def begin_from(start: Path, net: nn.Module, num_classes: int) -> dict[str, Any]:
    """Put a checkpoint's weights into ``net``; what the new card says of it."""
    reader = DigitReader.load(start, "cpu")
    known = reader.card["arch"]["num_classes"]
    if known != num_classes:
        raise CheckpointError(
            f"{start} tells {known} classes apart and this run {num_classes}: the last one, what is no "
            f"digit, is learnt from synthetic drawings."
        )
    net.load_state_dict(reader.net.state_dict())
    return {"file": start.name} | {key: reader.card.get(key) for key in ("seed", "commit")}
