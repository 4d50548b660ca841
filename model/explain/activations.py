"""What a network does with one drawing: the output of every operation, what skips and branches carry,
and what would be read with some of the branches switched off.

The operations are those of ``outline.follow``, run with numbers. Hooks would catch the same, but on the one
network that all visitors share they would catch other visitors' drawings too, and what they catch is
overwritten by the next ReLU in place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..datasets.synthetic import generate
from ..errors import InputError
from ..graph.nodes import BlockPaths, Node, block_paths_of, nodes_of
from ..graph.tracer import Step, trace_network
from ..image import SIZE, to_input
from ..inference.reader import DigitReader

REFERENCES, REFERENCE_SEED = 24, 0  # made-up drawings that the colour scales are measured on
CLIPPED = 1e-3  # share of their values that lies outside of the scale


@dataclass(frozen=True)
class Share:
    """What the two ways of a block carry: Euclidean norms over all channels and pixels, and the cosine of
    the angle between them in -1..1.

    ``skip`` is None where there is none. ``cosine`` is None there too, where a way carries nothing, and in
    a dense layer, whose ways fill different channels and are never added.
    """

    block: str
    join: str  # "add", "cat" or ""
    skip: float | None
    branch: float
    cosine: float | None


@dataclass(frozen=True, eq=False)
class View:
    """The feature maps of one node for one drawing, the strongest first: ``maps`` float32 [n, H, W] (a
    vector has maps of one pixel), their ``channels``, and ``strengths``, root mean squares."""

    node: Node
    maps: Tensor
    channels: list[int]
    strengths: list[float]


class Explainer:
    """A reader's network taken apart. Safe to call from threads.

    Images are as model images: uint8 [N, 28, 28].
    """

    def __init__(self, reader: DigitReader) -> None:
        self.reader = reader
        self.steps = trace_network(reader.net, (1, SIZE, SIZE))
        self.nodes = nodes_of(self.steps)
        self.ways = block_paths_of(reader.net, self.steps)

    def node(self, name: object) -> Node:
        """The node called ``name``; InputError where there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise InputError(f"The network has no place called '{str(name)[:60]}'.")

    def blocks(self, names: object) -> frozenset[str]:
        """The blocks called ``names``, whose branches can be switched off; else InputError."""
        known = {way.block for way in self.ways if way.skip is not None}
        if not isinstance(names, (list, tuple, set, frozenset)) or len(names) > len(self.ways):
            raise InputError("The branches to switch off must be a list of blocks.")
        for name in names:
            if not isinstance(name, str) or name not in known:
                raise InputError(f"The network has no skip beside a branch '{str(name)[:60]}'.")
        return frozenset(names)

    @torch.inference_mode()
    def run(self, images: Tensor, off: Collection[str] = ()) -> dict[Step, Tensor]:
        """What every step puts out, with the branches of the blocks ``off`` putting out zeros."""
        silent = {(way.meet, way.branch) for way in self.ways if way.block in off}
        known = {self.steps[0]: to_input(images.to(self.reader.device))}
        for step in self.steps[1:]:
            given = [
                torch.zeros_like(known[each]) if (step, each) in silent else known[each]
                for each in step.inputs
            ]
            known[step] = compute(step, given)
        return known

    def judge(self, known: dict[Step, Tensor]) -> tuple[Tensor, list[str]]:
        """Probabilities float [N, 10] and verdicts, as the reader's, from what ``run`` gave."""
        return self.reader.judge(known[self.steps[-1]].float().cpu())

    def shares(self, known: dict[Step, Tensor]) -> list[Share]:
        """For every block, from what ``run`` gave for one image."""
        return [share(way, known) for way in self.ways]

    def view(self, known: dict[Step, Tensor], node: Node, count: int | None = None) -> View:
        """The ``count`` strongest maps of a node, all by default, from what ``run`` gave for one image.

        The classes' scores come highest first.
        """
        maps = known[node.shown][0].float().cpu()
        maps = maps.view(len(maps), *(maps.shape[1:] or (1, 1)))
        strengths = maps.square().mean((1, 2)).sqrt()
        rank = maps[:, 0, 0] if node.role == "classifier" else strengths
        order = rank.argsort(descending=True, stable=True)[:count]
        return View(node, maps[order], order.tolist(), strengths[order].tolist())

    @cached_property
    def limits(self) -> dict[str, float]:
        """For every node the end of its colour scale, the same for whatever is drawn: a round number that
        one in a thousand values exceeds, over made-up drawings."""
        known = self.run(generate(REFERENCES, REFERENCE_SEED).images)
        return {node.name: rounded_up(reach(known[node.shown])) for node in self.nodes}


@lru_cache(maxsize=2)
def explain(reader: DigitReader) -> Explainer:
    """The reader's network taken apart, once for all who ask."""
    return Explainer(reader)


def compute(step: Step, given: Sequence[Tensor]) -> Tensor:
    """A step's output, with nothing overwritten."""
    if step.kind == "add":
        return given[0] + given[1]
    if step.kind == "cat":
        return torch.cat(list(given), 1)
    if step.kind == "flatten":
        return given[0].flatten(1)
    if step.layer is None or isinstance(step.layer, nn.ReLU):
        return F.relu(given[0])
    return step.layer(given[0])


def share(way: BlockPaths, known: dict[Step, Tensor]) -> Share:
    branch = known[way.branch][0].flatten().double()
    if way.skip is None:
        return Share(way.block, way.join, None, float(branch.norm()), None)
    skip = known[way.skip][0].flatten().double()
    norms = float(skip.norm()), float(branch.norm())
    both = norms[0] * norms[1]
    cosine = float(skip @ branch) / both if way.join == "add" and both else None
    return Share(way.block, way.join, *norms, cosine)


def reach(values: Tensor) -> float:
    """The size that the share CLIPPED of ``values`` exceeds."""
    sizes = values.abs().flatten().float()
    return float(sizes.kthvalue(max(1, int(len(sizes) * (1 - CLIPPED)))).values)


def rounded_up(value: float) -> float:
    """The next of 1, 2, 5 × a power of ten; 1 for zero."""
    if not value:
        return 1.0
    power = 10.0 ** torch.tensor(value).log10().floor().item()
    return next(float(f"{step * power:g}") for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-6))
