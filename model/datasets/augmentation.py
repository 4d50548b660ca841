"""Batched augmentation on the training device: variations of handwriting, pen and scanner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class Augmentation:
    """The largest size of each change; 0 turns it off. Sizes are drawn uniformly from ± it unless noted."""

    rotation: float = 10.0  # degrees
    scale: float = 0.1  # relative, independent for width and height
    shear: float = 0.15  # slant: horizontal px per vertical px
    shift: float = 1.5  # px
    elastic: float = 0.6  # px, standard deviation of a smooth displacement on a 5×5 grid
    thickness: float = 0.4  # weight of a one-pixel dilation or erosion
    contrast: float = 0.2  # exponent 2 ** ±(2 × contrast) on the ink
    erase: float = 0.0  # side of the erased square (Cutout) relative to the image's, in half of the images


OFF = Augmentation(**{field.name: 0.0 for field in fields(Augmentation)})


def augment(images: Tensor, config: Augmentation, generator: torch.Generator) -> Tensor:
    """Augment each image independently: uint8 [N, 28, 28] → float32 [N, 28, 28] in 0..255.

    All random numbers come from ``generator``, which is on the images' device. Elastic displacement after
    Simard, Steinkraus and Platt 2003, sec. 2, on a coarse grid; Cutout after DeVries and Taylor 2017.
    """
    if config == OFF or not len(images):
        return images.float()
    count, size = len(images), images.shape[-1]
    device = images.device

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, device=device) * 2 - 1

    ink = images.float()[:, None] / 255
    if config.thickness:
        ink = _thicken(ink, uniform(count, 1, 1, 1) * config.thickness)

    angle = uniform(count) * (config.rotation * torch.pi / 180)
    scale = 1 / (1 + uniform(count, 2) * config.scale)
    shear = uniform(count) * config.shear
    cos, sin = angle.cos(), angle.sin()
    # Rows of rotation · slant · scale, from output to input coordinates (-1..1).
    theta = torch.stack(
        [
            torch.stack([cos * scale[:, 0], (shear * cos - sin) * scale[:, 1]], 1),
            torch.stack([sin * scale[:, 0], (shear * sin + cos) * scale[:, 1]], 1),
        ],
        1,
    )
    shift = uniform(count, 2, 1) * (2 * config.shift / size)
    grid = F.affine_grid(torch.cat([theta, shift], 2), [count, 1, size, size], align_corners=False)
    if config.elastic:
        coarse = torch.randn(count, 2, 5, 5, generator=generator, device=device)
        across = _bicubic(5, size).to(device)
        smooth = across @ coarse @ across.t()
        grid = grid + smooth.permute(0, 2, 3, 1) * (2 * config.elastic / size)
    ink = F.grid_sample(ink, grid, align_corners=False)

    if config.contrast:
        ink = ink.clamp_min(1e-6) ** torch.exp2(2 * config.contrast * uniform(count, 1, 1, 1))
    if config.erase:
        ink = ink * _erase_mask(count, size, config.erase, uniform)
    return ink[:, 0] * 255


def _thicken(ink: Tensor, amount: Tensor) -> Tensor:
    """Blend with the 3×3 dilation (amount > 0) or erosion (amount < 0) of the ink.

    Rows and columns are reduced separately: on a CPU four times as fast as max-pooling, which also computes
    indices.
    """

    def reduce_3x3(reduce: Callable[[Tensor, Tensor], Tensor], padding: float) -> Tensor:
        rows = F.pad(ink, (1, 1, 1, 1), value=padding)
        rows = reduce(reduce(rows[..., :-2, :], rows[..., 1:-1, :]), rows[..., 2:, :])
        return reduce(reduce(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:])

    dilated, eroded = reduce_3x3(torch.maximum, 0.0), reduce_3x3(torch.minimum, 1.0)
    return ink + amount.clamp_min(0) * (dilated - ink) + amount.clamp_max(0) * (ink - eroded)


@cache
def _bicubic(coarse: int, size: int) -> Tensor:
    """Bicubic interpolation along one axis with aligned corners, as a matrix float [size, coarse].

    The product equals F.interpolate's result up to rounding and is twenty times as fast on a CPU.
    """
    columns = torch.eye(coarse)[None, :, :, None]  # each unit vector is a channel
    return F.interpolate(columns, (size, 1), mode="bicubic", align_corners=True)[0, :, :, 0].t()


def _erase_mask(count: int, size: int, side: float, uniform: Callable[..., Tensor]) -> Tensor:
    centre = uniform(count, 2, 1) * size / 2 + (size - 1) / 2
    half = torch.where(uniform(count, 1, 1) > 0, side * size / 2, 0.0)
    axis = torch.arange(size, device=centre.device)
    inside = (axis - centre).abs() < half
    return 1 - (inside[:, 1, :, None] & inside[:, 0, None, :]).float()[:, None]
