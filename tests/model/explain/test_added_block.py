"""A block added to a trained network: the residual one changes no logit, the plain one does."""

from __future__ import annotations

import pytest
import torch

from model import DigitReader, InputError, create_model
from model.datasets.synthetic import generate
from model.evaluation.metrics import predict_logits
from model.explain.added_block import kept_answers, residual_blocks, with_added_block


def test_a_residual_block_changes_no_logit_and_a_plain_one_loses_the_answers(trained: DigitReader) -> None:
    images = generate(60, 3).images
    before = predict_logits(trained.net, images)
    blocks = residual_blocks(trained.net)
    assert len(blocks) == 4
    for block in blocks:
        residual = with_added_block(trained.net, block, residual=True)
        plain = with_added_block(trained.net, block, residual=False)
        assert torch.equal(predict_logits(residual, images), before)
        _, kept_by_residual, kept_by_plain = kept_answers([trained.net, residual, plain], images)
        assert kept_by_residual == 60
        assert kept_by_plain < 20
        assert len(residual_blocks(residual)) == len(residual_blocks(plain)) == 5
    assert len(residual_blocks(trained.net)) == 4  # the network itself is not changed
    assert torch.equal(predict_logits(trained.net, images), before)


def test_blocks_with_a_projection_and_bottlenecks_can_be_followed() -> None:
    net = create_model("resnet50").eval()
    deeper = with_added_block(net, "stages.1.0", residual=True).eval()
    x = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(deeper(x), net(x))


@pytest.mark.parametrize("block", ["", "stem", "stages.9.0", "stages.0"])
def test_an_unknown_block_is_refused(untrained: DigitReader, block: str) -> None:
    with pytest.raises(InputError, match="no residual block"):
        with_added_block(untrained.net, block, residual=True)
