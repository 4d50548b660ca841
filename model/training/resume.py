"""Saving and restoring an unfinished run for ``--resume``, bit for bit; weights to start a run from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from ..errors import CheckpointError
from ..inference.checkpoint import RESUME, read_file
from ..inference.reader import load_digit_checkpoint
from .config import TrainConfig
from .optim import Optimizer


def run_file(out: Path) -> Path:
    """The file of an unfinished run that will write ``out``. It is a checkpoint, so the page can load it."""
    return out.with_suffix(".run.safetensors")


def checkpoint_tensors(net: nn.Module, ema_net: AveragedModel, optimizer: Optimizer) -> dict[str, Tensor]:
    """The averaged weights under their own names and, prefixed with ``RESUME``, the state of the run."""
    tensors = ema_net.module.state_dict()
    tensors |= {f"{RESUME}net.{name}": tensor for name, tensor in net.state_dict().items()}
    tensors[f"{RESUME}n_averaged"] = ema_net.n_averaged
    for index, state in optimizer.state_dict()["state"].items():
        kept = {key: value for key, value in state.items() if value is not None}
        tensors |= {f"{RESUME}optimizer.{index}.{key}": value for key, value in kept.items()}
    return tensors


def restore(
    path: Path, net: nn.Module, ema_net: AveragedModel, optimizer: Optimizer, config: TrainConfig
) -> list[dict[str, Any]]:
    """Load the state of an unfinished run of the same ``config``; returns its history, a row per epoch.

    Raises CheckpointError if the run's configuration or network differs.
    """
    tensors, card = read_file(path)
    for key, value in asdict(config).items():
        if key not in card["config"]:
            raise CheckpointError(f"{path} is from a version without {key}: start again without --resume.")
        if card["config"][key] != value:
            raise CheckpointError(
                f"{path} was started with {key} = {card['config'][key]}, not {value}: "
                f"resume with the same options."
            )
    state = {k.removeprefix(RESUME): v for k, v in tensors.items() if k.startswith(RESUME)}
    try:
        net.load_state_dict({k[4:]: v for k, v in state.items() if k.startswith("net.")})
        ema_net.module.load_state_dict({k: v for k, v in tensors.items() if not k.startswith(RESUME)})
        ema_net.n_averaged.copy_(state["n_averaged"])
    except (RuntimeError, KeyError) as error:
        raise CheckpointError(
            f"The network in {path} is not this version's {config.model}: start again without --resume."
        ) from error
    by_parameter: dict[int, dict[str, Tensor]] = {}
    for name, tensor in state.items():
        if name.startswith("optimizer."):
            _, index, key = name.split(".", 2)
            by_parameter.setdefault(int(index), {})[key] = tensor
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": by_parameter, "param_groups": groups})
    history: list[dict[str, Any]] = card["history"]
    return history


def starting_weights(path: Path, num_classes: int) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The weights of a digit checkpoint, and its description for the new card.

    Raises CheckpointError if its number of classes differs.
    """
    net, card = load_digit_checkpoint(path)
    classes = card["arch"]["num_classes"]
    if classes != num_classes:
        raise CheckpointError(
            f"{path} has {classes} classes, but this run has {num_classes}: the class for non-digits is "
            f"learned from synthetic drawings."
        )
    return net.state_dict(), {"file": path.name} | {key: card.get(key) for key in ("seed", "commit")}
