"""One .safetensors file: the weights, and in its metadata a readable card that says what they are.

The card is JSON under the metadata key "card": architecture and arguments, preprocessing, training
configuration, seed, commit, versions, hardware, per-epoch history, figures and calibration.
"""

from __future__ import annotations

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
from .hub import is_remote, local

FORMAT = 1
RESUME = "resume."  # prefix of the training state in an unfinished run's file; no part of the network
Card = dict[str, Any]


def save_checkpoint(path: str | Path, tensors: dict[str, Tensor], card: Card) -> None:
    """Write weights and card; a kill at any moment leaves the old file or the new one, never a half."""
    if is_remote(path):
        raise CheckpointError(f"{path} is on the Hub and cannot be written to: name a file.")
    content = save(
        {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()},
        metadata={"card": json.dumps({"format": FORMAT, **card})},
    )
    write_atomically(Path(path), content)


def write_atomically(path: Path, content: bytes) -> None:
    """Temporary file in the same folder, fsync, rename, fsync of the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp's 0600 would hide the file from a server under another user.
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
    """The tensors and the card of a checkpoint file, or of ``hf://user/name``; unchecked against any network.

    Raises CheckpointError where there is no such file, it is damaged, or it carries no card.
    """
    path = local(path)
    if not path.is_file():
        raise CheckpointError(f"There is no checkpoint {path}; `python train_mnist.py` makes one.")
    try:
        with safe_open(path, framework="pt") as file:
            card = json.loads((file.metadata() or {})["card"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is damaged or not a safetensors file ({error}).") from error
    except (KeyError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} carries no readable card: train_mnist.py did not write it.") from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise CheckpointError(f"{path} has a card of another format than {FORMAT}.")
    return tensors, card


def load_checkpoint(path: str | Path) -> tuple[Network, Card]:
    """The network of a checkpoint in eval mode, on the CPU, and the card.

    Strict: a preprocessing other than this code's, an unknown network, and missing, unexpected or
    misshapen tensors each raise CheckpointError with one sentence.
    """
    tensors, card = read_file(path)
    if card.get("preprocessing") != PREPROCESSING:
        raise CheckpointError(
            f"{path} was trained with another preprocessing ({card.get('preprocessing')}) than this "
            f"code's ({PREPROCESSING}): its answers would be wrong."
        )
    arch = card.get("arch")
    try:
        # Hollow: a card that asks for a billion channels costs nothing until the file is seen to have them.
        net = create_uninitialized(arch["name"], arch["in_channels"], arch["num_classes"])
    except (TypeError, KeyError, ValueError, RuntimeError) as error:
        raise CheckpointError(f"{path} names a network that cannot be built ({str(error)[:200]}).") from error
    expected = net.state_dict()
    tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith(RESUME)}
    missing, unexpected = expected.keys() - tensors.keys(), tensors.keys() - expected.keys()
    both = expected.keys() & tensors.keys()
    wrong = [n for n in both if expected[n].shape != tensors[n].shape]
    other = [n for n in both if expected[n].dtype != tensors[n].dtype]
    for kind, names in (
        ("lacks", missing),
        ("has an unexpected", unexpected),
        ("has a misshapen", wrong),
        ("has numbers of another type in", other),
    ):
        if names:
            raise CheckpointError(f"{path} {kind} tensor '{min(names)}' for {arch['name']}.")
    net.load_state_dict(tensors, assign=True)
    return net.requires_grad_(True).eval(), card


def weights_hash(net: nn.Module) -> str:
    """SHA-256, in hex, of a network's parameters and statistics by name, type, shape and value.

    Files beside a checkpoint that were computed with its network carry it: it is the same on every device
    and in every memory format, whatever a card says, and another after a single step of training.
    """
    digest = hashlib.sha256()
    for name, tensor in sorted(net.state_dict().items()):
        here = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {here.dtype} {list(here.shape)}\n".encode())
        digest.update(here.numpy().tobytes())
    return digest.hexdigest()


DEFAULT_CHECKPOINT = Path("checkpoints/mnist_resnet.safetensors")  # what the page loads


def record(checkpoint: Path, figures: dict[str, Any]) -> None:
    """Write figures ("test", "drawn", "styles") into a checkpoint's card; all the rest stays as it is."""
    tensors, card = read_file(checkpoint)
    card["figures"] |= figures
    save_checkpoint(checkpoint, tensors, card)
