"""torchvision's pretrained weights for our networks, which have the same layers under other names.

    net = create_model("resnet50", weights="DEFAULT")      # eval mode, 1,000 ImageNet classes

The input is normalised as in torchvision: RGB in 0..1, minus the mean (0.485, 0.456, 0.406), divided by the
standard deviation (0.229, 0.224, 0.225). Only ``load_torchvision`` imports torchvision.
"""

from __future__ import annotations

import re

from torch import Tensor

from ..errors import CheckpointError, InputError
from .network import Network
from .registry import create_model, get_spec


def load_torchvision(name: str, weights: str = "DEFAULT") -> Network:
    """The network ``name`` with torchvision's pretrained weights, in eval mode.

    ``weights`` is torchvision's name for them: "DEFAULT" is its best set, "IMAGENET1K_V1" follows the paper's
    training. Raises InputError if torchvision has no such network or weights, and CheckpointError if they
    cannot be downloaded or torchvision is not installed.
    """
    spec = get_spec(name)
    try:
        from torchvision import models
    except ImportError as error:
        raise CheckpointError("Pretrained weights need torchvision: `pip install torchvision`.") from error
    if name not in models.list_models():
        raise InputError(f"torchvision has no network '{name}', so there are no pretrained weights for it.")
    available = [entry.name for entry in models.get_model_weights(name)]
    if weights not in ("DEFAULT", *available):
        choices = ", ".join(available)
        raise InputError(f"torchvision has no weights '{weights}' for '{name}'. Choose from {choices}.")
    try:
        pretrained = models.get_model(name, weights=weights, progress=False)
    except (OSError, RuntimeError) as error:  # no connection, a full disk, a damaged download
        raise CheckpointError(f"The weights of '{name}' could not be downloaded ({error}).") from error
    net = create_model(name, spec.shape[0], spec.classes)
    net.load_state_dict(translate(pretrained.state_dict()))
    return net.eval()


def translate(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of torchvision's ResNet, ResNeXt or DenseNet, with our names."""
    return {our_name(name): tensor for name, tensor in state.items()}


def our_name(name: str) -> str:
    """Our name of a tensor: "layer2.0.downsample.0.weight" → "stages.1.0.shortcut.0.weight".

    torchvision counts stages from 1. A transition belongs to the dense block before it there, and to the
    stage after it here.
    """
    name = re.sub(r"^(features\.)?conv[01]\.", "stem.0.", name)
    name = re.sub(r"^(features\.norm0|bn1)\.", "stem.1.", name)
    name = re.sub(r"^layer(\d)\.", lambda m: f"stages.{int(m[1]) - 1}.", name)
    name = name.replace(".downsample.", ".shortcut.")
    name = re.sub(r"^features\.transition(\d)\.", r"stages.\1.0.", name)
    name = re.sub(r"^features\.denseblock(\d)\.denselayer(\d+)\.(norm|conv)", _dense_layer, name)
    name = re.sub(r"^features\.norm5\.", "norm.", name)
    return re.sub(r"^classifier\.", "fc.", name)


def _dense_layer(match: re.Match[str]) -> str:
    stage, layer = int(match[1]) - 1, int(match[2])
    kind = {"norm": "bn", "conv": "conv"}[match[3]]
    return f"stages.{stage}.{layer if stage else layer - 1}.{kind}"
