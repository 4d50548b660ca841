"""The runs of plain and residual networks: what is measured, what is recorded, and what the text says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from model import create_model
from model.datasets.mnist import load_mnist, split
from model.image import to_input
from model.training.batches import Mixture, batches
from model.training.optim import init_xavier
from scripts import degradation
from scripts.degradation import NETWORKS, RECIPE, RESULT
from tests.helpers.paths import ROOT


def test_a_plain_and_a_residual_network_start_with_the_same_weights() -> None:
    for plain, residual in zip(NETWORKS[::2], NETWORKS[1::2], strict=True):
        nets = []
        for name in (plain, residual):
            torch.manual_seed(1)
            nets.append(create_model(name))
            init_xavier(nets[-1])
        one, other = (net.state_dict() for net in nets)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.slow
def test_the_first_step_has_the_loss_and_gradients_of_a_simple_loop(
    mnist_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)  # float32, as below
    measured = degradation.run("plain20", 7, mnist_root, steps=1)
    torch.manual_seed(7)
    net = create_model("plain20")
    init_xavier(net)
    net.to(memory_format=torch.channels_last)  # in another format rounding alone is 3 % of a gradient
    training, _ = split(load_mnist(mnist_root, train=True))
    config = replace(RECIPE, model="plain20", seed=7)
    generator = torch.Generator().manual_seed(7 * 100_003)
    images, labels = next(batches(Mixture.of(training), config, generator))
    logits = net.train()(to_input(images).contiguous(memory_format=torch.channels_last))
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    norms = [p.grad.norm().item() for p in net.parameters() if p.ndim > 1]
    accuracy = (logits.argmax(1) == labels).float().mean().item()
    assert measured["loss"] == [pytest.approx(loss.item(), rel=1e-3)]
    assert measured["accuracy"] == [pytest.approx(accuracy, abs=1e-3)]
    assert measured["first"] == measured["last"] == pytest.approx(norms, rel=1e-3)
    assert len(norms) == 20


def test_a_curve_is_the_mean_of_its_runs_with_minimum_and_maximum() -> None:
    runs = [
        {"seed": seed, **{key: [seed, 10.0 * seed] for key in ("loss", "accuracy", "first", "last")}}
        for seed in (1, 2, 6)
    ]
    summary = degradation.summary(runs)
    assert summary["seeds"] == [1, 2, 6]
    assert summary["loss"] == {"mean": [3, 30], "low": [1, 10], "high": [6, 60]}


def test_the_documentation_has_the_recorded_runs() -> None:
    networks = json.loads(RESULT.read_text(encoding="utf-8"))["networks"]
    text = (ROOT / "docs" / "interpretability.md").read_text(encoding="utf-8")
    for name, runs in networks.items():
        cells = [
            f"{form.format(runs[key]['mean'][-1])} "
            f"({form.format(runs[key]['low'][-1])} – {form.format(runs[key]['high'][-1])})"
            for key, form in (("loss", "{:.3f}"), ("accuracy", "{:.1%}"))
        ]
        assert f"| {name} | {' | '.join(cells)} |" in text
