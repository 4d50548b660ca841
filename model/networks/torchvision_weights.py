"""torchvision's weights in our networks: the same functions under other names.

    net = load_torchvision("resnet50")      # eval mode, 1,000 ImageNet classes

Its input is torchvision's: RGB in 0..1, less the mean (0.485, 0.456, 0.406), over the standard deviation
(0.229, 0.224, 0.225). torchvision is imported when asked for weights, not before.
"""

from __future__ import annotations

import re

from torch import Tensor, nn

from ..errors import CheckpointError, InputError
from .registry import create_model, get_spec


def load_torchvision(name: str, weights: str = "DEFAULT") -> nn.Module:
    """The network ``name`` with torchvision's pretrained weights, in eval mode.

    ``weights`` is one of the names torchvision has for them; "DEFAULT" is its best, "IMAGENET1K_V1" the
    paper's own training. Raises InputError where torchvision has no such network or weights, and
    CheckpointError where they cannot be downloaded.
    """
    spec = get_spec(name)
    try:
        from torchvision import models
    except ImportError as error:
        raise CheckpointError("Pretrained weights need torchvision: `pip install torchvision`.") from error
    if name not in models.list_models():
        raise InputError(f"torchvision has no network '{name}', so there are no pretrained weights for it.")
    known = [entry.name for entry in models.get_model_weights(name)]
    if weights not in ("DEFAULT", *known):
        raise InputError(f"torchvision has no weights '{weights}' for '{name}', but {', '.join(known)}.")
    try:
        twin = models.get_model(name, weights=weights, progress=False)
    except (OSError, RuntimeError) as error:  # no connection, no disk; a download that is not the file
        raise CheckpointError(f"The weights of '{name}' could not be downloaded ({error}).") from error
    net = create_model(name, spec.shape[0], spec.classes)
    net.load_state_dict(translate(twin.state_dict()))
    return net.eval()


def translate(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """A state_dict of torchvision's ResNet, ResNeXt or DenseNet under our names."""
    return {our_name(name): tensor for name, tensor in state.items()}


def our_name(name: str) -> str:
    """ "layer2.0.downsample.0.weight" → "stages.1.0.shortcut.0.weight", and so on for each layer.

    torchvision counts stages from 1, and has the transition behind a dense block where ours is the first
    layer of the next stage.
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
