"""What a network computes for a drawing: the output of every operation, the norms of branch and shortcut, and
the prediction with some of the branches switched off.

The operations of ``trace_network`` are run one by one. Forward hooks would give the same outputs, but all
threads share the network, so a hook would also see other visitors' drawings. An in-place ReLU would also
overwrite a recorded output.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..datasets.synthetic import generate
from ..errors import InputError
from ..graph.block_structure import BlockPaths, block_paths_of
from ..graph.nodes import Node, nodes_of
from ..graph.tracer import TracedOp, trace_network
from ..image import SIZE, to_input
from ..inference.calibration import Verdict
from ..inference.reader import DigitReader

Activations = dict[TracedOp, Tensor]  # the output of every operation, float [N, ...]

REFERENCES, REFERENCE_SEED = 24, 0  # synthetic drawings that the colour scales are measured on
CLIPPED = 1e-3  # share of their values beyond the colour scale


@dataclass(frozen=True)
class PathNorms:
    """Euclidean norms, over all channels and pixels, of the outputs of a block's branch and shortcut, and
    their cosine similarity.

    ``shortcut`` is None in a plain block. ``cosine`` is None in a plain block, where a norm is zero, and in a
    dense layer, whose paths fill different channels.
    """

    block: str
    join: str  # "add", "cat" or ""
    shortcut: float | None
    branch: float
    cosine: float | None


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """Feature maps of one node for one drawing, the strongest first.

    ``maps`` float32 [n, H, W] (of one pixel for a vector), their ``channels``, and their ``strengths``, which
    are root mean squares.
    """

    node: Node
    maps: Tensor
    channels: list[int]
    strengths: list[float]


class Explainer:
    """Runs a reader's network operation by operation on model images, uint8 [N, 28, 28]. Thread-safe."""

    def __init__(self, reader: DigitReader) -> None:
        self.reader = reader
        self.operations = trace_network(reader.net, (1, SIZE, SIZE))
        self.nodes = nodes_of(self.operations)
        self.block_paths = block_paths_of(reader.net, self.operations)

    def node(self, name: object) -> Node:
        """The node called ``name``. InputError if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise InputError(f"The network has no node called '{str(name)[:60]}'.")

    def check_blocks(self, names: object) -> frozenset[str]:
        """``names``, a list of blocks whose branches can be switched off because they have a shortcut, as a
        set. InputError for anything else."""
        blocks = {paths.block for paths in self.block_paths if paths.shortcut is not None}
        if not isinstance(names, (list, tuple, set, frozenset)) or len(names) > len(self.block_paths):
            raise InputError("The branches to switch off must be a list of blocks.")
        for name in names:
            if not isinstance(name, str) or name not in blocks:
                raise InputError(f"The network has no block '{str(name)[:60]}' with a shortcut.")
        return frozenset(names)

    @torch.inference_mode()
    def run(
        self, images: Tensor, off: Collection[str] = (), layers: Mapping[TracedOp, nn.Module] | None = None
    ) -> Activations:
        """The output of every operation.

        The branches of the blocks, and the nodes, whose names are in ``off`` pass on zeros. ``layers``
        replace those of some operations.
        """
        switched_off = {paths.branch for paths in self.block_paths if paths.join_op and paths.block in off}
        switched_off |= {node.output for node in self.nodes if node.name in off}
        activations = {self.operations[0]: to_input(images.to(self.reader.device))}
        for op in self.operations[1:]:
            inputs = [
                torch.zeros_like(activations[each]) if each in switched_off else activations[each]
                for each in op.inputs
            ]
            activations[op] = compute(op, inputs, (layers or {}).get(op))
        return activations

    def classify(self, activations: Activations) -> tuple[Tensor, list[Verdict]]:
        """Probabilities float [N, 10] and N verdicts, as the reader's."""
        return self.reader.classify(activations[self.operations[-1]].float().cpu())

    def path_norms(self, activations: Activations) -> list[PathNorms]:
        """The norms of every block, for activations of one image."""
        return [path_norms(paths, activations) for paths in self.block_paths]

    def feature_maps(self, activations: Activations, node: Node, count: int | None = None) -> FeatureMaps:
        """The ``count`` strongest maps of a node, all by default, for activations of one image.

        The logits are ordered by value instead.
        """
        maps = activations[node.output][0].float().cpu()
        maps = maps.view(len(maps), *(maps.shape[1:] or (1, 1)))
        strengths = maps.square().mean((1, 2)).sqrt()
        rank = maps[:, 0, 0] if node.role == "classifier" else strengths
        order = rank.argsort(descending=True, stable=True)[:count]
        return FeatureMaps(node, maps[order], order.tolist(), strengths[order].tolist())

    @cached_property
    def colour_limits(self) -> dict[str, float]:
        """The end of each node's colour scale, the same for every drawing: the 99.9th percentile of absolute
        values over synthetic drawings, rounded up."""
        activations = self.run(generate(REFERENCES, REFERENCE_SEED).images)
        return {node.name: round_up(upper_limit(activations[node.output])) for node in self.nodes}


def compute(op: TracedOp, inputs: Sequence[Tensor], layer: nn.Module | None = None) -> Tensor:
    """The output of ``op``, with ``layer`` instead of its own if there is one. No input is changed."""
    layer = layer or op.layer
    if op.kind == "add":
        return inputs[0] + inputs[1]
    if op.kind == "cat":
        return torch.cat(list(inputs), 1)
    if op.kind == "flatten":
        return inputs[0].flatten(1)
    if layer is None or isinstance(layer, nn.ReLU):
        return F.relu(inputs[0])
    output: Tensor = layer(inputs[0])
    return output


def path_norms(paths: BlockPaths, activations: Activations) -> PathNorms:
    """The norms of one block, for activations of one image."""
    branch = activations[paths.branch][0].flatten().double()
    if paths.shortcut is None:
        return PathNorms(paths.block, paths.join, None, float(branch.norm()), None)
    shortcut = activations[paths.shortcut][0].flatten().double()
    norms = float(shortcut.norm()), float(branch.norm())
    product = norms[0] * norms[1]
    cosine = float(shortcut @ branch) / product if paths.join == "add" and product else None
    return PathNorms(paths.block, paths.join, *norms, cosine)


def upper_limit(values: Tensor) -> float:
    """The absolute value that the share CLIPPED of ``values`` exceeds."""
    sizes = values.abs().flatten().float()
    return float(sizes.kthvalue(max(1, int(len(sizes) * (1 - CLIPPED)))).values)


def round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten. 1 for zero."""
    if not value:
        return 1.0
    power = 10.0 ** torch.tensor(value).log10().floor().item()
    return next(float(f"{step * power:g}") for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-6))
