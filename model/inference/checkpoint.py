"""A checkpoint is one .safetensors file: the weights, and a card that describes them.

The card is JSON under the metadata key "card": architecture and arguments, preprocessing, training
configuration, seed, commit, versions, hardware, per-epoch history, figures and calibration.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from ..errors import CheckpointError
from ..graph.summary import create_uninitialized
from ..image import PREPROCESSING
from ..networks.network import Network
from .hub import is_remote, local_path

FORMAT = 1
RESUME = "resume."  # prefix of the training state in an unfinished run's file, not part of the network
DEFAULT_CHECKPOINT = Path("checkpoints/mnist_resnet.safetensors")  # what the page loads
Card = dict[str, Any]


def add_checkpoint_argument(parser: argparse.ArgumentParser) -> None:
    """The flag of every command that works on a checkpoint."""
    about = f"weights: a file or hf://USER/NAME[/FILE] (default: {DEFAULT_CHECKPOINT})"
    parser.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT, help=about)


def save_checkpoint(path: str | Path, tensors: dict[str, Tensor], card: Card) -> None:
    """Write weights and card atomically: after a kill, the old file or the new one is complete."""
    if is_remote(path):
        raise CheckpointError(f"{path} is on the Hub and cannot be written to: choose a local file.")
    content = save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        metadata={"card": json.dumps({"format": FORMAT, **card})},
    )
    write_atomically(Path(path), content)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a temporary file in the same folder, fsync, rename, fsync the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # With mkstemp's mode 0600, a server that runs as another user could not read the file.
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    if hasattr(os, "O_DIRECTORY"):  # not on Windows
        folder = os.open(path.parent, os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def read_file(path: str | Path) -> tuple[dict[str, Tensor], Card]:
    """The tensors and the card of a checkpoint file or ``hf://user/name``, before any check of the network.

    Raises CheckpointError if the file is missing or damaged, or has no card.
    """
    path = local_path(path)
    if not path.is_file():
        raise CheckpointError(f"There is no checkpoint {path}; `python train_mnist.py` makes one.")
    try:
        with safe_open(path, framework="pt") as file:
            card = json.loads((file.metadata() or {})["card"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged or not a safetensors file ({error}).") from error
    except (KeyError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} has no readable card: train_mnist.py did not write it.") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise CheckpointError(f"The card in {path} does not have the format {FORMAT} of this version.")
    return tensors, card


def load_checkpoint(path: str | Path) -> tuple[Network, Card]:
    """The network of a checkpoint in eval mode, on the CPU, and the card.

    Raises CheckpointError if the preprocessing differs from this version's, the network is unknown, or a
    tensor is missing, unexpected, or of the wrong shape or type.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise CheckpointError(f"A checkpoint must be the path of a file, not {type(path).__name__}.")
    tensors, card = read_file(path)
    if card.get("preprocessing") != PREPROCESSING:
        raise CheckpointError(
            f"{path} was trained with a different preprocessing ({card.get('preprocessing')}) than this "
            f"version's ({PREPROCESSING}), so its predictions would be wrong."
        )
    arch: Any = card.get("arch")
    try:
        # On the meta device, since a damaged card may ask for a billion channels.
        net = create_uninitialized(arch["name"], arch["in_channels"], arch["num_classes"])
    except (TypeError, KeyError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path} names a network that cannot be built ({str(error)[:200]}).") from error
    expected = net.state_dict()
    tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith(RESUME)}
    missing, unexpected = expected.keys() - tensors.keys(), tensors.keys() - expected.keys()
    both = expected.keys() & tensors.keys()
    for problem, names in (
        ("is missing", missing),
        ("is unexpected", unexpected),
        ("has the wrong shape", {n for n in both if expected[n].shape != tensors[n].shape}),
        ("has the wrong dtype", {n for n in both if expected[n].dtype != tensors[n].dtype}),
    ):
        if names:
            raise CheckpointError(f"{path} does not fit {arch['name']}: tensor '{min(names)}' {problem}.")
    net.load_state_dict(tensors, assign=True)
    return net.requires_grad_(True).eval(), card


def weights_hash(net: nn.Module) -> str:
    """SHA-256, in hex, of a network's parameters and buffers by name, type, shape and value.

    Files beside a checkpoint that were computed with its network store it. It does not depend on the device,
    the memory format or the card, and any training step changes it.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(net.state_dict().items()):
        array = tensor.detach().cpu().contiguous().numpy()
        digest.update(f"{name} {tensor.dtype} {list(array.shape)}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def update_figures(checkpoint: Path, figures: dict[str, Any]) -> None:
    """Write figures ("test", "drawn", "pictures", "styles") into a card; nothing else in the file changes."""
    tensors, card = read_file(checkpoint)
    card["figures"] |= figures
    save_checkpoint(checkpoint, tensors, card)
