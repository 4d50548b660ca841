"""Probes against Newton's method, switched-off blocks against networks built without them, refused files."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from model import CheckpointError, DigitReader, create_model
from model.datasets.mnist import Labelled, load_mnist, split
from model.datasets.synthetic import generate
from model.explain.activations import Explainer
from model.explain.linear_probes import (
    DIGITS,
    LinearProbes,
    Probe,
    ablation,
    block_outputs,
    fit_probe,
    fit_probes,
    load_linear_probes,
    pooled_outputs,
    probes_path,
    save_linear_probes,
    settling_depths,
    weights_hash,
)
from model.image import to_input
from model.inference.checkpoint import read_file
from tests.helpers.paths import CHECKPOINT

BLOCKS = ["stem", "stages.0.0", "stages.1.0", "stages.2.0", "stages.3.0"]


def noise(n: int, seed: int = 0) -> Tensor:
    """Images of nothing in particular, uint8 [n, 28, 28]."""
    return torch.randint(0, 256, (n, 28, 28), generator=torch.Generator().manual_seed(seed)).to(torch.uint8)


@pytest.fixture
def explainer(untrained: DigitReader) -> Explainer:
    return Explainer(untrained)


@pytest.fixture
def probes(explainer: Explainer) -> LinearProbes:
    """Probes of random weights."""
    generator = torch.Generator().manual_seed(1)
    return LinearProbes(
        tuple(
            Probe(block, torch.randn(10, op.shape[0], generator=generator), torch.zeros(10), 0.5)
            for block, op in block_outputs(explainer.operations).items()
        ),
        5000,
    )


def newton(features: np.ndarray, labels: np.ndarray, strength: float) -> np.ndarray:
    """Softmax regression by Newton's method on the whole Hessian: probabilities float64 [N, 10]."""
    n = len(features)
    x = (features - features.mean(0)) / features.std(0, ddof=1)
    x = np.hstack([x, np.ones((n, 1))])
    wide = x.shape[1]
    decay = np.diag(np.tile([*[strength] * (wide - 1), 0.0], DIGITS))
    theta = np.zeros(DIGITS * wide)
    onehot = np.eye(DIGITS)[labels]
    for _ in range(12):
        scores = np.exp(x @ theta.reshape(DIGITS, wide).T)
        p = scores / scores.sum(1, keepdims=True)
        slope = ((p - onehot).T @ x / n).ravel() + decay @ theta
        bend = decay.copy()
        for i in range(DIGITS):
            for j in range(DIGITS):
                w = p[:, i] * ((i == j) - p[:, j])
                bend[i * wide : (i + 1) * wide, j * wide : (j + 1) * wide] += (x * w[:, None]).T @ x / n
        theta -= np.linalg.pinv(bend, rcond=1e-10) @ slope  # a shift of all biases changes nothing
    return p


def test_a_probe_is_the_softmax_regression_that_newton_finds() -> None:
    generator = torch.Generator().manual_seed(3)
    features = torch.rand(200, 6, generator=generator, dtype=torch.float64) * torch.arange(1, 7) + 5
    labels = ((features[:, 0] * 4 + features[:, 5] / 2) % 10).long()
    for strength in (1e-2, 1e-1):
        weight, bias = fit_probe(features, labels, strength)
        found = (features @ weight.T + bias).softmax(1)
        assert np.abs(found.numpy() - newton(features.numpy(), labels.numpy(), strength)).max() < 1e-4


def test_block_outputs_are_pooled_as_the_network_pools_them(explainer: Explainer) -> None:
    net, images = explainer.reader.net, noise(3)
    found = pooled_outputs(explainer.run(images))
    assert list(found) == BLOCKS
    with torch.no_grad():
        x = net.stem(to_input(images))
        torch.testing.assert_close(found["stem"], x.mean((2, 3)))
        torch.testing.assert_close(found["stages.0.0"], net.stages[0](x).mean((2, 3)))
        torch.testing.assert_close(found["stages.3.0"], net.features(to_input(images)))


@pytest.mark.parametrize("name", ["resnet20", "plain20", "residual9"])
def test_every_block_of_other_networks_has_an_output(name: str) -> None:
    net = create_model(name).eval()
    card = {"calibration": {"temperature": 1.0, "not_digit": 0.5, "unsure": 0.7}}
    explainer = Explainer(DigitReader(net, card, "cpu"))
    children = [f"stages.{s}.{b}" for s, stage in enumerate(net.stages) for b, _ in enumerate(stage)]
    assert list(block_outputs(explainer.operations)) == ["stem", *children]


def test_a_drawing_is_predicted_after_every_block(explainer: Explainer, probes: LinearProbes) -> None:
    image = noise(1)
    read = probes.predict(explainer.run(image))
    assert read.shape == (5, 10)
    with torch.no_grad():
        features = explainer.reader.net.features(to_input(image))
    expected = F.softmax(features @ probes.probes[4].weight.T, 1)[0]
    torch.testing.assert_close(read[4], expected)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([7, 7, 7], (0, 0)),
        ([1, 7, 7], (1, 1)),
        ([7, 1, 7], (0, 2)),
        ([1, 7, 1], (1, None)),
        ([1, 1, 1], (None, None)),
    ],
)
def test_where_the_answer_appears_and_where_it_settles(
    labels: list[int], expected: tuple[int | None, int | None]
) -> None:
    assert settling_depths(labels, 7) == expected


def test_probes_are_fitted_to_one_part_and_measured_on_the_other(explainer: Explainer) -> None:
    def some(n: int, seed: int) -> Labelled:
        labels = torch.arange(n) % 10  # the brighter an image, the higher its label: easy for any probe
        return Labelled((noise(n, seed) * (labels + 1)[:, None, None] / 10).to(torch.uint8), labels)

    training, validation = some(200, 1), some(40, 2)
    probes = fit_probes(explainer, training, validation)
    read = torch.stack([probes.predict(explainer.run(image[None])) for image in validation.images])
    for n, probe in enumerate(probes.probes):
        right = (read[:, n].argmax(1) == validation.labels).double().mean()
        assert probe.accuracy == pytest.approx(float(right))
        assert probe.accuracy > 0.3
    assert probes.n == 40


class Removed(nn.Module):
    """A block without its branch."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.shortcut = block.shortcut

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.shortcut(x))


def test_ablation_equals_a_network_built_without_the_branch(untrained: DigitReader) -> None:
    net, images = copy.deepcopy(untrained.net), generate(100, seed=3).images
    explainer = Explainer(DigitReader(net, untrained.card, "cpu"))
    with torch.no_grad():
        net.fc.bias -= net(to_input(images)).mean(0)  # else all answers are the same

    @torch.no_grad()
    def digits(of: nn.Module) -> Tensor:
        return of(to_input(images))[:, :DIGITS].argmax(1)

    labels = digits(net)
    labels[:10] += 1  # so that some answers of the whole network are wrong
    labels %= 10
    figures = ablation(explainer, Labelled(images, labels))
    assert figures["n"] == 100
    assert figures["whole"] == pytest.approx(0.9)
    assert list(figures["without"]) == BLOCKS[1:]
    for block, share in figures["without"].items():
        shorter = copy.deepcopy(net)
        _, stage, number = block.split(".")
        shorter.stages[int(stage)][int(number)] = Removed(net.get_submodule(block))
        agreeing = float((digits(shorter) == labels).double().mean())
        assert share == pytest.approx(agreeing)
        assert share < 0.9


def test_a_plain_network_has_no_branch_to_remove() -> None:
    card = {"calibration": {"temperature": 1.0, "not_digit": 0.5, "unsure": 0.7}}
    explainer = Explainer(DigitReader(create_model("plain20").eval(), card, "cpu"))
    assert ablation(explainer, Labelled(noise(2), torch.zeros(2)))["without"] == {}


def test_probes_come_back_from_their_file(tmp_path: Path, explainer: Explainer, probes: LinearProbes) -> None:
    path = tmp_path / "some.probes.safetensors"
    save_linear_probes(path, probes, {"weights": weights_hash(explainer.reader.net)})
    again = load_linear_probes(path, explainer)
    assert again.n == probes.n
    for one, other in zip(probes.probes, again.probes, strict=True):
        assert (one.block, one.accuracy) == (other.block, other.accuracy)
        assert torch.equal(one.weight, other.weight)


def test_probes_of_other_weights_are_refused(
    tmp_path: Path, explainer: Explainer, probes: LinearProbes
) -> None:
    path = tmp_path / "some.probes.safetensors"
    with pytest.raises(CheckpointError, match="There is no file"):
        load_linear_probes(path, explainer)
    other = copy.deepcopy(explainer.reader.net)
    with torch.no_grad():
        other.fc.bias[0] += 1
    save_linear_probes(path, probes, {"weights": weights_hash(other)})
    with pytest.raises(CheckpointError, match="belongs to other weights"):
        load_linear_probes(path, explainer)


def test_a_damaged_file_of_probes_is_refused(
    tmp_path: Path, explainer: Explainer, probes: LinearProbes
) -> None:
    path = tmp_path / "some.probes.safetensors"
    fewer = LinearProbes(probes.probes[:-1], 5000)
    save_linear_probes(path, fewer, {"weights": weights_hash(explainer.reader.net)})
    with pytest.raises(CheckpointError, match=r"has no probe of stages\.3\.0"):
        load_linear_probes(path, explainer)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match="damaged"):
        load_linear_probes(path, explainer)
    save_file({"stem.weight": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="no readable card"):
        load_linear_probes(path, explainer)


def test_the_committed_probes_have_the_accuracy_in_their_card(trained: DigitReader, mnist_root: Path) -> None:
    explainer = Explainer(trained)
    probes = load_linear_probes(probes_path(CHECKPOINT), explainer)
    _, (images, labels) = split(load_mnist(mnist_root, train=True))
    activations = explainer.run(images[:400])
    for probe, features in zip(probes.probes, pooled_outputs(activations).values(), strict=True):
        right = ((features @ probe.weight.T + probe.bias).argmax(1) == labels[:400]).double().mean()
        assert abs(float(right) - probe.accuracy) < 4 * (probe.accuracy * (1 - probe.accuracy) / 400) ** 0.5
    accuracies = [probe.accuracy for probe in probes.probes]
    assert accuracies == sorted(accuracies)  # deeper is better, in this network
    assert all(t.dtype == torch.float32 for t in load_file(probes_path(CHECKPOINT)).values())


def test_the_committed_card_has_the_ablation_of_every_block() -> None:
    figures = read_file(CHECKPOINT)[1]["figures"]
    ablated = figures["ablation"]
    assert ablated["n"] == figures["test"]["n"]
    assert ablated["whole"] == pytest.approx(figures["test"]["accuracy"], abs=1e-4)  # one image, by rounding
    assert list(ablated["without"]) == BLOCKS[1:]
    assert all(0 < share < ablated["whole"] for share in ablated["without"].values())
