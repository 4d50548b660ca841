"""Networks for tests: small ones of every kind, random BatchNorms, and one in which every path is open."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from model import create_model
from model.networks.blocks import BasicBlock, Bottleneck, conv3x3, no_shortcut, zero_padding
from model.networks.densenet import DenseNet
from model.networks.network import Network
from model.networks.resnet import ResNet
from model.networks.stems import cifar_stem, imagenet_stem

SMALL_NETWORKS: dict[str, Callable[[], Network]] = {
    "default": lambda: ResNet(cifar_stem(1, 4), 4, (4, 8, 12), (1, 2, 1), 11),
    "bottleneck": lambda: ResNet(imagenet_stem(1, 4), 4, (4, 8), (2, 1), 10, partial(Bottleneck, groups=2)),
    "option A": lambda: ResNet(
        cifar_stem(1, 4), 4, (4, 8), (2, 2), 10, partial(BasicBlock, shortcut=zero_padding)
    ),
    "plain": lambda: ResNet(
        cifar_stem(1, 4), 4, (4, 8), (1, 2), 10, partial(BasicBlock, shortcut=no_shortcut)
    ),
    "downsample": lambda: ResNet(
        cifar_stem(1, 4), 4, (4, 8), (1, 2), 10, downsample=partial(conv3x3, stride=2)
    ),
    "dense": lambda: DenseNet(cifar_stem(1, 6), 6, 4, (2, 3), 10),
}


def random_network(name: str, classes: int, mean: float, scales: tuple[float, float]) -> Network:
    """A network of the registry in eval mode, with random BatchNorms, so that folding them matters.

    The means have the standard deviation ``mean``, variances and weights lie between the ``scales``. A deep
    network needs them near 1.
    """
    torch.manual_seed(0)
    net = create_model(name, num_classes=classes)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=mean)
            nn.init.uniform_(module.running_var, *scales)
            nn.init.uniform_(module.weight, *scales)
    return net.eval()


def open_all_paths(net: nn.Module) -> nn.Module:
    """A float64 copy with positive weights, BatchNorms as the identity and averages instead of maxima.

    The gradient of an output is then non-zero exactly on its receptive field: no path cancels or closes.
    """
    net = copy.deepcopy(net).eval().double()
    for module in list(net.modules()):
        if isinstance(module, nn.Conv2d):
            module.weight.data.fill_(1 / module.weight[0].numel())
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
        for name, child in module.named_children():
            if isinstance(child, nn.MaxPool2d):
                setattr(module, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
    return net
