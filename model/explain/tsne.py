"""t-SNE: points in two dimensions whose neighbours are those of vectors in many (van der Maaten and Hinton
2008, "Visualizing Data using t-SNE").

With the exact gradient: all pairs of a few thousand points fit into memory. scikit-learn would be a
dependency of 60 MB, and SciPy, for this one function.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

PERPLEXITY = 30.0
STEPS, EXAGGERATED = (
    500,
    250,
)  # of gradient descent; in the first, similarities are multiplied by EXAGGERATION
EXAGGERATION = 12.0
BISECTIONS = 50
SPREAD = 1e-4  # standard deviation of the first positions


@torch.inference_mode()
def tsne(vectors: Tensor, perplexity: float = PERPLEXITY, steps: int = STEPS) -> Tensor:
    """Positions float32 [N, 2] of ``vectors`` float [N, C], always the same ones for the same vectors.

    The first positions are the two principal components (Kobak and Berens 2019, "The art of using t-SNE for
    single-cell transcriptomics"), which keeps some of the arrangement of the groups and needs no random
    numbers. The learning rate is N / EXAGGERATION (Belkina et al. 2019).
    """
    similarities = joint_similarities(vectors, perplexity)
    positions = principal_components(vectors)
    positions *= SPREAD / positions[:, 0].std()
    rate = max(len(vectors) / EXAGGERATION, 50.0)
    velocity, gains = torch.zeros_like(positions), torch.ones_like(positions)
    for step in range(steps):
        early = step < EXAGGERATED
        slope = gradient(positions, similarities, EXAGGERATION if early else 1.0)
        # Larger steps in a coordinate that keeps its direction (Jacobs 1988), as in the authors' code.
        gains = torch.where(slope.sign() == velocity.sign(), gains * 0.8, gains + 0.2).clamp_min(0.01)
        velocity = (0.5 if early else 0.8) * velocity - rate * gains * slope
        positions += velocity
    return positions - positions.mean(0)


def joint_similarities(vectors: Tensor, perplexity: float) -> Tensor:
    """Symmetric similarities float32 [N, N] whose sum is 1 (their eq. 1 and section 3.1).

    Each row's Gaussian has the width at which its entropy is that of ``perplexity`` equal neighbours.
    """
    distances = torch.cdist(vectors, vectors).square().fill_diagonal_(math.inf)
    distances -= distances.amin(1, keepdim=True)  # no exponential underflows in a whole row
    low, high = torch.zeros(len(vectors), 1), torch.full((len(vectors), 1), math.inf)
    precision = torch.ones(len(vectors), 1)
    for _ in range(BISECTIONS):
        rows = torch.softmax(-precision * distances, 1)
        too_wide = torch.special.entr(rows).sum(1, keepdim=True) > math.log(perplexity)
        low, high = torch.where(too_wide, precision, low), torch.where(too_wide, high, precision)
        precision = torch.where(high.isinf(), 2 * precision, (low + high) / 2)
    both: Tensor = rows + rows.T
    return both / (2 * len(vectors))


def principal_components(vectors: Tensor) -> Tensor:
    """The two coordinates of the largest variance, float32 [N, 2]."""
    centred = vectors - vectors.mean(0)
    _, axes = torch.linalg.eigh(centred.T @ centred)  # in ascending order
    axes = axes[:, [-1, -2]]
    coordinates: Tensor = centred @ (axes * axes.sum(0).sign())  # an axis has no sign of its own
    return coordinates


def gradient(positions: Tensor, similarities: Tensor, exaggeration: float) -> Tensor:
    """The gradient of the Kullback-Leibler divergence (their eq. 5), float32 [N, 2].

    Written with products of matrices and in place: passes over N x N numbers are what takes the time.
    """
    ones = torch.ones(len(positions), 1)
    squares = positions.square().sum(1, keepdim=True)
    left, right = torch.cat([-2 * positions, squares, ones], 1), torch.cat([positions, ones, squares + 1], 1)
    kernel = (left @ right.T).reciprocal_().fill_diagonal_(0)  # 1 / (1 + squared distance)
    total = kernel.sum()
    extended = torch.cat([positions, ones], 1)
    attraction = (similarities * kernel) @ extended * exaggeration
    repulsion = kernel.square_() @ extended / total
    force = attraction - repulsion
    return 4 * (force[:, 2:] * positions - force[:, :2])
