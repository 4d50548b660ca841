"""The registry: networks by name. A checkpoint stores the name.

Multiply-adds are those of convolutions and linear layers, without biases and BatchNorm, as papers count
them. ``torch.utils.flop_counter`` counts two operations for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from numbers import Integral

from torch import nn

from ..errors import InputError
from .blocks import (
    BasicBlock,
    Bottleneck,
    ResidualBlock,
    bare_projection,
    conv3x3,
    no_shortcut,
    projection,
    zero_padding,
)
from .densenet import DenseNet
from .network import Network
from .resnet import ResNet
from .stems import cifar_stem, imagenet_stem, pooled_stem

Build = Callable[[int, int], Network]


@dataclass(frozen=True)
class Spec:
    """A network of the registry.

    ``build(in_channels, num_classes)`` creates it. ``source`` cites the publication. ``params`` and ``macs``
    (multiply-adds of one image) are exact for an input of ``shape`` (C, H, W) and ``classes``.
    ``published_params`` and ``published_macs`` are the same two as the source prints them, such as "0.27 M",
    or None if it does not. ``weights`` is torchvision's name of its best weights for the network, and
    ``accuracy`` their published top-1 accuracy on ImageNet's validation images; None if it has none. A test
    checks all of them.
    """

    build: Build
    source: str
    shape: tuple[int, int, int]
    classes: int
    params: int
    macs: int
    published_params: str | None = None
    published_macs: str | None = None
    weights: str | None = None
    accuracy: float | None = None


_REGISTRY: dict[str, Spec] = {}


def register(name: str, spec: Spec) -> None:
    """Add a network. ValueError if the name is taken."""
    if name in _REGISTRY:
        raise ValueError(f"The network '{name}' is registered already.")
    _REGISTRY[name] = spec


def list_models() -> list[str]:
    """The names for ``create_model``, in the order of registration."""
    return list(_REGISTRY)


def get_spec(name: str) -> Spec:
    """The registry's entry for ``name``. InputError with the most similar names if there is none."""
    if name not in _REGISTRY:
        typed = str(name).lower()
        completions = [each for each in _REGISTRY if typed and each.startswith(typed)]
        similar = completions[:3] or get_close_matches(typed, _REGISTRY, n=3, cutoff=0.4)
        hint = f"Did you mean {', '.join(similar)}?" if similar else f"Choose from {', '.join(_REGISTRY)}."
        raise InputError(f"There is no network '{name}'. {hint}")
    return _REGISTRY[name]


def create_model(
    name: str, in_channels: int | None = None, num_classes: int | None = None, weights: str | None = None
) -> Network:
    """Build the network called ``name``, by default for one channel and ten classes.

    It is initialised from PyTorch's global random generator, or has torchvision's pretrained ``weights``:
    "DEFAULT" or another name of torchvision's. Those are for ImageNet's three channels and 1,000 classes; see
    `torchvision_weights` for the input they expect. Raises InputError for an unknown name and for a number of
    channels or classes that is below one or not that of the weights, CheckpointError if the weights cannot be
    downloaded or torchvision is not installed.
    """
    spec = get_spec(name)
    if weights is not None:
        from .torchvision_weights import load_torchvision

        theirs = spec.shape[0], spec.classes
        if (in_channels or theirs[0], num_classes or theirs[1]) != theirs:
            raise InputError(f"Pretrained weights are for {theirs[0]} channels and {theirs[1]:,} classes.")
        return load_torchvision(name, weights)
    in_channels = 1 if in_channels is None else in_channels
    num_classes = 10 if num_classes is None else num_classes
    numbers = isinstance(in_channels, Integral) and isinstance(num_classes, Integral)
    if not numbers or in_channels < 1 or num_classes < 1:
        raise InputError(
            f"A network needs at least one channel and one class, but got {in_channels} and {num_classes}."
        )
    return spec.build(in_channels, num_classes)


def resnet(
    stem: Callable[[int, int], nn.Module],
    widths: Sequence[int],
    depths: Sequence[int],
    block: Callable[[int, int, int], ResidualBlock] = BasicBlock,
    downsample: Callable[[int, int], nn.Module] | None = None,
) -> Build:
    """A builder of ResNets whose stem is as wide as the first stage."""
    first = widths[0]
    return lambda in_channels, num_classes: ResNet(
        stem(in_channels, first), first, widths, depths, num_classes, block, downsample
    )


def densenet(growth: int, depths: Sequence[int]) -> Build:
    """A builder of DenseNets for ImageNet, whose stem is twice as wide as the growth."""
    first = 2 * growth
    return lambda in_channels, num_classes: DenseNet(
        imagenet_stem(in_channels, first), first, growth, depths, num_classes
    )


register(
    "mnist_resnet",
    Spec(
        build=resnet(cifar_stem, (16, 64, 128, 192), (1, 1, 1, 1)),
        source="this project; BasicBlocks of He et al. 2016a (arXiv:1512.03385), sec. 4.2 style",
        shape=(1, 28, 28),
        classes=11,
        params=863_291,
        macs=33_440_064,
    ),
)

register(
    "mnist_resnet_fast",
    Spec(
        build=resnet(pooled_stem, (32, 64, 128), (1, 1, 1)),
        source="this project: BasicBlocks at 7×7 pixels and less, for the recipe that trains in seconds",
        shape=(1, 28, 28),
        classes=10,
        params=308_938,
        macs=2_965_248,
    ),
)

# ImageNet: 1,000 classes, RGB, 224×224. The published figures are from torchvision's documentation of its
# weights. He et al. report fewer multiply-adds for networks with Bottleneck (3.8, 7.6, 11.3 G): see there.
IMAGENET = (3, 224, 224)
CIFAR = (3, 32, 32)
WIDTHS = (64, 128, 256, 512)
HE = "He et al. 2016a (arXiv:1512.03385)"
XIE = "Xie et al. 2017 (arXiv:1611.05431), table 1, cardinality 32, width 4"
HUANG = "Huang et al. 2017 (arXiv:1608.06993), table 1"


# torchvision's best weights, and the top-1 accuracy on ImageNet's 50,000 validation images that it publishes
PRETRAINED = {
    "resnet18": ("IMAGENET1K_V1", 0.69758),
    "resnet34": ("IMAGENET1K_V1", 0.73314),
    "resnet50": ("IMAGENET1K_V2", 0.80858),
    "resnet101": ("IMAGENET1K_V2", 0.81886),
    "resnet152": ("IMAGENET1K_V2", 0.82284),
    "resnext50_32x4d": ("IMAGENET1K_V2", 0.81198),
    "densenet121": ("IMAGENET1K_V1", 0.74434),
    "densenet161": ("IMAGENET1K_V1", 0.77138),
    "densenet169": ("IMAGENET1K_V1", 0.75600),
    "densenet201": ("IMAGENET1K_V1", 0.76896),
}


# name: block, number of blocks in each stage
RESNETS: dict[str, tuple[Callable[[int, int, int], ResidualBlock], tuple[int, ...]]] = {
    "resnet18": (BasicBlock, (2, 2, 2, 2)),
    "resnet34": (BasicBlock, (3, 4, 6, 3)),
    "resnet50": (Bottleneck, (3, 4, 6, 3)),
    "resnet101": (Bottleneck, (3, 4, 23, 3)),
    "resnet152": (Bottleneck, (3, 8, 36, 3)),
}


def register_imagenet(name: str, build: Build, source: str, params: int, macs: int, published: str) -> None:
    """Register a network for ImageNet; ``published`` are torchvision's multiply-adds."""
    source = f"{source}; figures: torchvision"
    weights, accuracy = PRETRAINED[name]
    spec = Spec(build, source, IMAGENET, 1000, params, macs, f"{params:,}", published, weights, accuracy)
    register(name, spec)


for name, params, macs, published in (
    ("resnet18", 11_689_512, 1_814_073_344, "1.814 G"),
    ("resnet34", 21_797_672, 3_663_761_408, "3.664 G"),
    ("resnet50", 25_557_032, 4_089_184_256, "4.089 G"),
    ("resnet101", 44_549_160, 7_801_405_440, "7.801 G"),
    ("resnet152", 60_192_808, 11_513_626_624, "11.514 G"),
):
    block, depths = RESNETS[name]
    source = f"{HE}, table 1" + ("; stride in the 3×3" if block is Bottleneck else "")
    register_imagenet(name, resnet(imagenet_stem, WIDTHS, depths, block), source, params, macs, published)

register_imagenet(
    "resnext50_32x4d",
    resnet(imagenet_stem, WIDTHS, (3, 4, 6, 3), partial(Bottleneck, groups=32, base_width=4)),
    XIE,
    params=25_028_904,
    macs=4_230_479_872,
    published="4.230 G",
)

for name, growth, depths, params, macs, published in (
    ("densenet121", 32, (6, 12, 24, 16), 7_978_856, 2_834_161_664, "2.834 G"),
    ("densenet161", 48, (6, 12, 36, 24), 28_681_000, 7_727_907_072, "7.728 G"),
    ("densenet169", 32, (6, 12, 32, 32), 14_149_480, 3_359_843_328, "3.360 G"),
    ("densenet201", 32, (6, 12, 48, 32), 20_013_928, 4_291_365_888, "4.291 G"),
):
    register_imagenet(name, densenet(growth, depths), HUANG, params, macs, published)

# The same stages for images of 32×32: 3×3 stem, no pooling.
for name, params, macs in (
    ("resnet18", 11_173_962, 555_422_720),
    ("resnet34", 21_282_122, 1_159_402_496),
    ("resnet50", 23_520_842, 1_297_829_888),
    ("resnet101", 42_512_970, 2_509_983_744),
    ("resnet152", 58_156_618, 3_722_137_600),
):
    block, depths = RESNETS[name]
    source = f"stages of {HE}, table 1, after the stem of sec. 4.2, as in kuangliu/pytorch-cifar"
    register(
        f"{name}_cifar", Spec(resnet(cifar_stem, WIDTHS, depths, block), source, CIFAR, 10, params, macs)
    )

# The paper's own networks for CIFAR-10 with 6n + 2 layers: three stages of n BasicBlocks. Its table 6 has the
# number of parameters with option A, which is also that of the plain networks.
OPTION_A = partial(BasicBlock, shortcut=zero_padding), "shortcut option A: zeros for new channels"
OPTION_B = (
    partial(BasicBlock, shortcut=projection),
    "shortcut option B: 1×1 projections where the shape changes",
)
PLAIN = partial(BasicBlock, shortcut=no_shortcut), "plain, without skip connections"
for name, n, (small_block, kind), params, macs, published_params in (
    ("resnet20", 3, OPTION_A, 269_722, 40_551_040, "0.27 M"),
    ("resnet32", 5, OPTION_A, 464_154, 68_862_592, "0.46 M"),
    ("resnet44", 7, OPTION_A, 658_586, 97_174_144, "0.66 M"),
    ("resnet56", 9, OPTION_A, 853_018, 125_485_696, "0.85 M"),
    ("resnet110", 18, OPTION_A, 1_727_962, 252_887_680, "1.7 M"),
    ("resnet20_b", 3, OPTION_B, 272_474, 40_813_184, None),
    ("resnet32_b", 5, OPTION_B, 466_906, 69_124_736, None),
    ("resnet44_b", 7, OPTION_B, 661_338, 97_436_288, None),
    ("resnet56_b", 9, OPTION_B, 855_770, 125_747_840, None),
    ("resnet110_b", 18, OPTION_B, 1_730_714, 253_149_824, None),
    ("plain20", 3, PLAIN, 269_722, 40_551_040, None),
    ("plain56", 9, PLAIN, 853_018, 125_485_696, None),
):
    build = resnet(cifar_stem, (16, 32, 64), (n, n, n), small_block)
    register(name, Spec(build, f"{HE}, sec. 4.2; {kind}", CIFAR, 10, params, macs, published_params))

register(
    "d2l_resnet18",
    Spec(
        build=resnet(
            partial(imagenet_stem, bias=True),
            WIDTHS,
            (2, 2, 2, 2),
            partial(BasicBlock, shortcut=bare_projection, bias=True),
        ),
        source="Zhang et al., Dive into Deep Learning (d2l.ai), sec. 8.6: the book's Residual block",
        shape=(1, 96, 96),
        classes=10,
        params=11_178_378,
        macs=318_657_536,
    ),
)

register(
    "residual9",
    Spec(
        build=resnet(
            partial(cifar_stem, bias=True),
            (64, 128, 256),
            (3, 3, 3),
            partial(BasicBlock, bias=True),
            downsample=partial(conv3x3, stride=2, bias=True),
        ),
        source=(
            "textbook network of nine identity blocks of He et al. 2016a without projections: "
            "a strided 3×3 convolution connects two stages"
        ),
        shape=CIFAR,
        classes=10,
        params=5_026_442,
        macs=718_998_016,
    ),
)
