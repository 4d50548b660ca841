"""Why this digit and not that one: evidence on the image by two gradient methods.

Both share a class's logit out among places of the image. Divided by the temperature, a difference of two
logits is the logarithm of how much more probable one class is than the other, so the unit is nats.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, fx, nn

from ..errors import InputError
from ..graph.tracer import trace_network
from ..image import DIGITS, SIZE, to_input
from ..inference.reader import DigitReader
from ..inference.runtime import fuse

# Of the integral, points on the path from blank paper to the image; one is the image itself, whose maps
# Grad-CAM needs anyhow. Nearly all of a logit's rise is on the path's first FAINT, with kinks: so most points
# lie there, in equal steps. Over 60 validation images and 60 synthetic ones the sum of a map misses the rise
# of its logit by 0.35, 0.29, 0.28 nats (median) with 12, 14, 16 points, 2.4, 2.0 and 1.8 % of it; by 0.79
# with 17 in equal steps, by 1.01 with 14 by the rule of Radau. The map of the 14 and that of 100 equal steps
# correlate by 0.998 (median; 0.991 at worst).
STEPS = 14
FAINT = 0.35
SALIENT = 0.005  # share of pixels beyond the colour scale: a few strong ones would leave the others pale


@dataclass(frozen=True, eq=False)
class Evidence:
    """What speaks for two classes, ``label`` and ``other``, in one image; first axes are these two.

    ``logits`` float32 [2] and ``blank`` [2], those of blank paper, are over the temperature: nats.
    ``integrated`` float32 [2, 28, 28]: integrated gradients from blank paper to the image (Sundararajan, Taly
    and Yan 2017, "Axiomatic Attribution for Deep Networks", eq. 1), nats a pixel. A map's sum is
    ``logits - blank`` but for the error of the numerical integral (completeness, their proposition 1).
    ``camera`` float32 [2, h, w]: Grad-CAM of the last maps (Selvaraju et al. 2017, "Grad-CAM", eq. 1 and 2),
    nats a cell, without their ReLU, so that evidence against a class is seen too. ``placed`` float32
    [2, 28, 28] is the same, interpolated between the middles of the cells' receptive fields.
    ``features`` float32 [C] is what the classifier was given.
    """

    label: int
    other: int
    logits: Tensor
    blank: Tensor
    integrated: Tensor
    camera: Tensor
    placed: Tensor
    features: Tensor

    @property
    def error(self) -> Tensor:
        """Completeness error of the two integrated maps, nats, float32 [2]."""
        return self.integrated.sum((1, 2)) - (self.logits - self.blank)

    def trio(self, method: str) -> tuple[Tensor, float]:
        """Maps "integrated" or "placed" for the label, for the other class, and for the one over the other.

        float32 [3, 28, 28], and the end of a colour scale for all three: the size that SALIENT of their
        pixels exceed.
        """
        maps = getattr(self, method)
        three = torch.cat([maps, maps[:1] - maps[1:]])
        sizes = three.abs().flatten()
        return three, max(float(sizes.kthvalue(round(len(sizes) * (1 - SALIENT))).values), 1e-6)


class Attribution:
    """A reader's network, ready to give evidence. Safe to call from threads."""

    def __init__(self, reader: DigitReader) -> None:
        self._device = reader.device
        self._temperature = reader.card["calibration"]["temperature"]
        self._net = tapped(reader.net)
        self._spread = spread_of(reader.net).to(reader.device)
        self._paper = to_input(torch.zeros(1, SIZE, SIZE, device=reader.device))
        with torch.no_grad():
            self._blank = self._net(self._paper)[1][0]

    def explain(self, image: Tensor, other: int | None = None, steps: int = STEPS) -> Evidence:
        """Evidence in a model image, uint8 [28, 28], for its digit and for ``other``.

        The runner-up stands in where ``other`` is None or is the digit itself. InputError for what is no
        digit.
        """
        if other is not None and (type(other) is not int or not 0 <= other < DIGITS):
            raise InputError(f"A digit to compare with must be a whole number from 0 to {DIGITS - 1}.")
        at, weights = (each.to(self._device) for each in points(steps))
        drawn = to_input(image[None].to(self._device)) - self._paper
        path = (self._paper + at[:, None, None, None] * drawn).requires_grad_()  # the image itself in front
        maps, logits = self._net(path)
        label, second = logits[0, :DIGITS].topk(2).indices.tolist()
        classes = [label, second if other in (None, label) else other]
        integrated, camera = [], []
        for number in classes:
            slopes, pull = torch.autograd.grad(logits[:, number].sum(), (path, maps), retain_graph=True)
            integrated.append((weights @ slopes.flatten(1)).view(SIZE, SIZE) * drawn[0, 0])
            camera.append((pull[0].mean((1, 2))[:, None, None] * maps[0].detach()).sum(0))
        found = torch.stack(camera) / self._temperature
        rows, columns = self._spread
        return Evidence(
            *classes,
            logits[0, classes].detach().cpu() / self._temperature,
            self._blank[classes].cpu() / self._temperature,
            torch.stack(integrated).cpu() / self._temperature,
            found.cpu(),
            (rows @ found @ columns.T).cpu(),
            maps[0].detach().mean((1, 2)).cpu(),
        )


def points(count: int) -> tuple[Tensor, Tensor]:
    """Where on the path from blank paper, 0, to the image, 1, to look: float32 [count], and weights of sum 1.

    The first is the image itself, with no weight; the others are the middles of equal steps, five in six of
    them on the path's first FAINT. ``count`` is 3 or more.
    """
    faint = 5 * (count - 1) // 6
    clear = count - 1 - faint
    first = (torch.arange(faint) + 0.5) / faint * FAINT
    second = FAINT + (torch.arange(clear) + 0.5) / clear * (1 - FAINT)
    weights = torch.cat([torch.full((faint,), FAINT / faint), torch.full((clear,), (1 - FAINT) / clear)])
    return torch.cat([torch.ones(1), first, second]), torch.cat([torch.zeros(1), weights])


def tapped(net: nn.Module) -> fx.GraphModule:
    """``fuse(net)``, but with two outputs: the last maps, float [N, C, h, w], and the logits.

    Hooks would give the maps too, but to every thread those of all others.
    """
    fused = fuse(net).requires_grad_(False)
    nodes = list(fused.graph.nodes)
    pool = next(node for node in nodes if node.target == "pool")
    nodes[-1].args = ((pool.args[0], nodes[-1].args[0]),)
    fused.recompile()
    return fused


def spread_of(net: nn.Module) -> Tensor:
    """How the last maps lie on the image: float32 [2, 28, side], rows and columns.

    Linear interpolation between the middles of the receptive fields; the outermost cells hold to the edge.
    """
    *_, last = (
        step for step in trace_network(net, (1, SIZE, SIZE)) if len(step.shape) == 3 and step.shape[1] > 1
    )
    middles = last.field.start + (last.field.size - 1) / 2 + last.field.jump * np.arange(last.shape[1])
    hats = np.eye(len(middles))
    way = np.stack([np.interp(np.arange(SIZE), middles, hat) for hat in hats], 1)
    return torch.from_numpy(way).float().expand(2, -1, -1)
