"""The registry: a name is enough to build a network. A checkpoint stores that name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from torch import nn

from .resnet import ResNet, strided_stem


@dataclass(frozen=True)
class Spec:
    """A network of the zoo.

    ``build(in_channels, num_classes)`` makes it; ``source`` says where it is published; ``params`` and
    ``macs`` (multiply-adds of one image) are those at ``shape`` (C, H, W) and ``classes``; a test
    recomputes both.
    """

    build: Callable[[int, int], nn.Module]
    source: str
    shape: tuple[int, int, int]
    classes: int
    params: int
    macs: int


_ZOO: dict[str, Spec] = {}


def register(name: str, spec: Spec) -> None:
    """Add a network to the zoo; a name is given once."""
    if name in _ZOO:
        raise ValueError(f"The network '{name}' is registered already.")
    _ZOO[name] = spec


def list_models() -> list[str]:
    """The names that ``create_model`` takes, in the order of registration."""
    return list(_ZOO)


def get_spec(name: str) -> Spec:
    """The registry's entry for ``name``; an unknown name raises ValueError with the nearest ones."""
    if name not in _ZOO:
        near = get_close_matches(name, _ZOO, n=3, cutoff=0.4) or list_models()
        raise ValueError(f"There is no network '{name}'. Did you mean {', '.join(near)}?")
    return _ZOO[name]


def create_model(name: str, in_channels: int = 1, num_classes: int = 10) -> nn.Module:
    """Build the network called ``name``, freshly initialised from PyTorch's global generator.

    Raises ValueError for an unknown name.
    """
    return get_spec(name).build(in_channels, num_classes)


register(
    "mnist_resnet",
    Spec(
        build=lambda in_channels, num_classes: ResNet(
            strided_stem(in_channels, 32),
            stem_channels=32,
            widths=(32, 64, 128),
            depths=(2, 2, 1),
            num_classes=num_classes,
        ),
        source="this project; BasicBlocks of He et al. 2016a (arXiv:1512.03385), sec. 4.2 style",
        shape=(1, 28, 28),
        classes=11,
        params=400_747,
        macs=17_375_744,
    ),
)
