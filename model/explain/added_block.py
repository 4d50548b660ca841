"""A block added to a trained network.

A larger class of functions is certain to help only if it contains the smaller one (Zhang et al., "Dive into
Deep Learning", sec. 8.6.1). After a ReLU a residual block whose branch is zero is the identity, so the deeper
network contains the shallower one (He et al. 2016a, sec. 3.1). Our change: the block is added to a network
that is already trained, so that this shows without training.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from ..errors import InputError
from ..evaluation.metrics import predict_logits
from ..networks.blocks import BasicBlock, ResidualBlock, no_shortcut, projection

SEED = 1


def residual_blocks(net: nn.Module) -> dict[str, ResidualBlock]:
    """The blocks of ``net`` that another block can be added after, by name, in the order they run."""
    return {name: block for name, block in net.named_modules() if isinstance(block, ResidualBlock)}


def with_added_block(net: nn.Module, block: str, residual: bool) -> nn.Module:
    """A copy of ``net`` with a new BasicBlock after ``block``, of as many channels.

    With ``residual`` the new block has a shortcut, and its branch is zero. Without, it is a plain block with
    random weights, as before training: with weights of zero its output would be zero for every image.
    InputError if there is no such block.
    """
    blocks = residual_blocks(net)
    if block not in blocks:
        raise InputError(f"The network has no residual block '{block[:60]}'.")
    channels = blocks[block].out_channels
    new = BasicBlock(channels, channels, shortcut=projection if residual else no_shortcut)
    generator = torch.Generator().manual_seed(SEED)
    for conv in (new.conv1, new.conv2):
        nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu", generator=generator)
    if residual:
        new.zero_branch()
    deeper = deepcopy(net)
    stage, _, index = block.rpartition(".")
    blocks_of_stage = deeper.get_submodule(stage)
    assert isinstance(blocks_of_stage, nn.Sequential)
    device = next(net.parameters()).device
    blocks_of_stage.insert(int(index) + 1, new.to(device).train(net.training))
    return deeper


def kept_answers(nets: Sequence[nn.Module], images: Tensor) -> list[int]:
    """For each network the number of images uint8 [N, 28, 28] with the first network's likeliest class."""
    first, *others = (predict_logits(net, images).argmax(1) for net in nets)
    return [int((answers == first).sum()) for answers in (first, *others)]
