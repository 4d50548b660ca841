"""Shared fixtures: the MNIST files if available, an untrained reader, the trained one."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from model import DigitReader, create_model, save_checkpoint
from model.datasets.mnist import Labelled, load_mnist
from model.image import PREPROCESSING
from model.inference import runtime as serving
from model.inference.checkpoint import Card, weights_hash
from model.networks.registry import get_spec
from tests.helpers.paths import CHECKPOINT, ROOT
from tests.helpers.training_run import small

__all__ = ["small"]  # a fixture of another file
IN_CI = os.environ.get("CI") == "true"

torch.set_num_threads(1)
# Background jobs of a shell ignore Ctrl-C, and so do their child processes; some tests send it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "browser" in item.path.relative_to(ROOT).parts:
            item.add_marker("browser")
    # Browser tests run last: Playwright keeps an event loop in this thread, and no other can run in it.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture(scope="session")
def mnist_root() -> Path:
    """The folder that holds MNIST/raw: $MNIST_DIR, else data/, else ../shared/data; fetched in CI only."""
    named = os.environ.get("MNIST_DIR")
    places = [Path(named)] if named else [ROOT / "data", ROOT.parent / "shared" / "data"]
    for place in places:
        if (place / "MNIST" / "raw" / "train-images-idx3-ubyte").is_file():
            return place
    if IN_CI:
        load_mnist(places[0], train=False)
        return places[0]
    pytest.skip(
        f"MNIST is not in {' or '.join(map(str, places))}; `python train_mnist.py` fetches it, "
        "or MNIST_DIR names its folder"
    )


@pytest.fixture(scope="session")
def mnist_test(mnist_root: Path) -> Labelled:
    return load_mnist(mnist_root, train=False)


@pytest.fixture
def card() -> Card:
    return new_card()


def new_card() -> Card:
    """The minimal card of a checkpoint that loads."""
    return {
        "arch": {
            "name": "mnist_resnet",
            "in_channels": 1,
            "num_classes": get_spec("mnist_resnet").classes,
        },
        "preprocessing": PREPROCESSING,
        "config": {},
        "history": [],
        "figures": {},
        "calibration": {"temperature": 1.3, "not_digit": 0.5, "unsure": 0.7},
    }


@pytest.fixture
def net() -> torch.nn.Module:
    return new_net()


def new_net() -> torch.nn.Module:
    """The default network, untrained, with random BatchNorms: they start as the identity."""
    torch.manual_seed(0)
    net = create_model("mnist_resnet", 1, get_spec("mnist_resnet").classes)
    unsettle(net)
    return net.eval()


def unsettle(net: torch.nn.Module) -> None:
    """Random scale, shift and statistics in every BatchNorm, so that a mistake in any of them shows."""
    for layer in net.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(layer.weight, 0.5, 1.5)
            torch.nn.init.normal_(layer.bias, 0, 0.3)
            layer.running_mean.normal_(0, 0.3)
            layer.running_var.uniform_(0.5, 2)


@pytest.fixture
def checkpoint(tmp_path: Path, net: torch.nn.Module, card: Card) -> Path:
    """A checkpoint file of the untrained network."""
    path = tmp_path / "untrained.safetensors"
    save_checkpoint(path, net.state_dict(), card)
    return path


@pytest.fixture(scope="session")
def untrained() -> Iterator[DigitReader]:
    """One reader for all tests, since its network is compiled. Tests change it only through monkeypatch."""
    reader = DigitReader(new_net(), new_card(), "cpu")
    yield reader
    assert weights_hash(reader.net) == weights_hash(new_net()), (
        "a test has changed the weights of `untrained`"
    )
    assert reader.card == new_card(), "a test has changed the card of `untrained`"


@pytest.fixture(scope="session")
def trained() -> DigitReader:
    """The reader of the committed checkpoint."""
    if not CHECKPOINT.is_file() and not IN_CI:
        pytest.skip(f"there is no {CHECKPOINT}; `make train` makes one")
    return DigitReader.load(CHECKPOINT, "cpu")


@pytest.fixture(scope="session")
def exact(trained: DigitReader) -> DigitReader:
    """The trained reader as on a processor that does not multiply bfloat16: nothing is rounded."""
    return on_processor(trained, rounds=False)


@pytest.fixture(scope="session")
def rounding(trained: DigitReader) -> DigitReader:
    """The trained reader as on a processor that multiplies bfloat16."""
    return on_processor(trained, rounds=True)


def on_processor(reader: DigitReader, rounds: bool) -> DigitReader:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serving, "quick_dtype", lambda device: torch.bfloat16 if rounds else None)
        return DigitReader(reader.net, reader.card, "cpu")


@pytest.fixture(scope="session")
def randomise() -> Callable[[torch.nn.Module], None]:
    return unsettle
