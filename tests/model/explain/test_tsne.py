"""t-SNE against automatic differentiation, the definition of perplexity, and groups to keep apart."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from model.explain.tsne import gradient, joint_similarities, tsne


def groups() -> tuple[Tensor, Tensor]:
    """Three clouds of 30 points in 8 dimensions, and the cloud of each point."""
    draw = torch.Generator().manual_seed(1)
    centres = 6 * torch.randn(3, 8, generator=draw)
    labels = torch.arange(90) % 3
    return centres[labels] + torch.randn(90, 8, generator=draw), labels


def test_the_gradient_is_that_of_the_divergence() -> None:
    vectors, _ = groups()
    similarities = joint_similarities(vectors, 20.0)
    positions = torch.randn(90, 2, generator=torch.Generator().manual_seed(2))
    exact = positions.double().requires_grad_()
    kernel = 1 / (1 + (exact[:, None] - exact[None]).square().sum(2))
    kernel = kernel * (1 - torch.eye(90))
    p = 4.0 * similarities.double()
    # The logarithm of the sum counts once, whatever the exaggeration, as in the authors' code.
    divergence = kernel.sum().log() - (p * (kernel + torch.eye(90)).log()).sum()
    (expected,) = torch.autograd.grad(divergence, exact)
    torch.testing.assert_close(gradient(positions, similarities, 4.0), expected.float(), rtol=1e-3, atol=1e-5)


def test_a_row_is_as_wide_as_the_perplexity() -> None:
    vectors, _ = groups()
    similarities = joint_similarities(vectors, 20.0)
    assert math.isclose(similarities.sum(), 1, rel_tol=1e-5)
    torch.testing.assert_close(similarities, similarities.T)
    assert (similarities.diagonal() == 0).all()
    equal = joint_similarities(torch.eye(12), 11.0)  # all others are equally far
    torch.testing.assert_close(equal, (1 - torch.eye(12)) / (12 * 11), rtol=1e-3, atol=1e-6)


def test_groups_stay_apart_and_the_result_is_always_the_same() -> None:
    vectors, labels = groups()
    positions = tsne(vectors, perplexity=10.0)
    assert positions.shape == (90, 2)
    apart = torch.cdist(positions, positions).fill_diagonal_(torch.inf)
    assert (labels[apart.topk(5, largest=False).indices] == labels[:, None]).all()
    assert torch.equal(positions, tsne(vectors, perplexity=10.0))
