"""A network through which every path passes: what an output sees, told by its gradient."""

from __future__ import annotations

import copy

from torch import nn


def passing_all(net: nn.Module) -> nn.Module:
    """A copy with positive weights, no normalisation and averages for maxima: the gradient of an output is
    non-zero exactly where the output could see."""
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
