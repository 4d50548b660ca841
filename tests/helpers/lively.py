"""An untrained network whose BatchNorms are not the identity, as a trained one's are not."""

from __future__ import annotations

import torch
from torch import nn

from model import create_model


def lively(name: str, classes: int, mean: float, scales: tuple[float, float]) -> nn.Module:
    """In evaluation, with statistics that folding has to get right: means of spread ``mean``, variances and
    weights between the ``scales``; a deep network needs them near 1."""
    torch.manual_seed(0)
    net = create_model(name, num_classes=classes)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.running_mean, std=mean)
            nn.init.uniform_(module.running_var, *scales)
            nn.init.uniform_(module.weight, *scales)
    return net.eval()
