"""The runtime's copies of a network: each gives the trained network's logits."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from model import DigitReader
from model.evaluation.metrics import predict_logits
from model.explain.prefix_predictions import prefixes
from model.inference.runtime import AT_ONCE, FEW, MANY, Runtime, compile_for
from model.input.rasterizer import rasterise_digits
from model.input.strokes import parse_strokes
from tests.browser.hand import DIGITS, LETTER_A
from tests.helpers.networks import random_network

CPU = torch.device("cpu")
STATISTICS = (11, 0.1, (0.8, 1.2))
DRAWN = [drawing for ways in DIGITS.values() for drawing in ways.values()]


@pytest.fixture(scope="module")
def images() -> Tensor:
    drawn = torch.from_numpy(rasterise_digits([parse_strokes(drawing) for drawing in DRAWN]))
    return drawn.repeat(-(-2 * AT_ONCE // len(drawn)), 1, 1)[: AT_ONCE + 1]


@pytest.mark.parametrize("name", ["mnist_resnet", "mnist_resnet_fast", "resnet20", "plain20", "residual9"])
def test_any_number_of_images_gives_the_networks_logits(name: str, images: Tensor) -> None:
    net = random_network(name, *STATISTICS)
    serve = Runtime(net, CPU)
    reference = predict_logits(net, images)
    for count in (1, 2, *FEW, FEW[-1] + 1, AT_ONCE + 1):
        actual = serve(images[-count:])
        assert actual.dtype == torch.float32
        torch.testing.assert_close(
            actual, reference[-count:], rtol=0, atol=1e-5 * float(reference.abs().max())
        )
    assert serve(images[:0]).shape == (0, 11)


def test_one_image_is_compiled(trained: DigitReader) -> None:
    form = compile_for(1, trained._runtime.folded)
    assert isinstance(form, torch.jit.ScriptModule)
    assert not torch.jit.onednn_fusion_enabled()  # switched off again for other code


def test_bfloat16_gives_nearly_the_same(rounding: DigitReader, images: Tensor) -> None:
    """Within one and a half times the largest difference on fifteen thousand images."""
    serve = rounding._runtime
    for count in (1, MANY[0], MANY[0] + 1, AT_ONCE + 1):
        actual, verdicts = rounding.classify(serve(images[:count], rounded=True))
        reference, expected = rounding.classify(serve(images[:count]))
        torch.testing.assert_close(actual, reference, rtol=0, atol=0.03)
        assert verdicts == expected
    assert all(isinstance(form, torch.jit.ScriptModule) for form in serve._compiled.values())


def test_doubtful_results_are_computed_in_float32(
    rounding: DigitReader, exact: DigitReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clear digits, their prefixes and a letter: the results of a processor without bfloat16."""
    drawings = [begun for drawing in DRAWN[::3] for begun in prefixes(parse_strokes(drawing), 4)]
    drawings.append(parse_strokes(LETTER_A))
    calls: list[bool] = []
    serve = rounding._runtime

    def watched(images: Tensor, rounded: bool = False) -> Tensor:
        calls.append(rounded)
        return serve(images, rounded)

    monkeypatch.setattr(rounding, "_runtime", watched)
    monkeypatch.setattr(watched, "rounds", True, raising=False)
    for drawing in drawings:
        actual, reference = (reader.read_strokes(drawing) for reader in (rounding, exact))
        assert actual.text == reference.text
        for here, there in zip(actual.digits, reference.digits, strict=True):
            assert (here.verdict, here.reason) == (there.verdict, there.reason)
            assert here.probabilities == pytest.approx(there.probabilities, abs=0.001)
    assert 0.05 < calls.count(False) / calls.count(True) < 0.6


def test_without_bfloat16_results_are_exact(exact: DigitReader, images: Tensor) -> None:
    serve = exact._runtime
    assert torch.equal(serve(images[:16], rounded=True), serve(images[:16]))


def test_a_network_that_cannot_be_compiled_is_used_as_it_is(
    images: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("not here")

    monkeypatch.setattr(torch.jit, "trace", refuse)
    net = random_network("mnist_resnet", *STATISTICS)
    serve = Runtime(net, CPU)
    torch.testing.assert_close(serve(images[:1]), predict_logits(net, images[:1]), rtol=1e-4, atol=1e-4)
    assert not torch.jit.onednn_fusion_enabled()
