"""The runs of plain and residual networks: what is watched, what is kept, and that the page's words hold."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch.nn import functional as F

from model import create_model
from model.datasets.mnist import load_mnist, split
from model.image import to_input
from model.training.batches import Mixture, batches
from model.training.optim import draw_xavier
from sketchpad.inside.degradation import degradation
from tests.helpers.paths import ROOT
from tests.helpers.script_loader import load_script


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("degradation")


def test_plain_and_residual_begin_with_the_same_weights(script: ModuleType) -> None:
    for plain, residual in degradation.PAIRS.values():
        nets = []
        for name in (plain, residual):
            torch.manual_seed(1)
            nets.append(create_model(name))
            draw_xavier(nets[-1])
        one, other = (net.state_dict() for net in nets)
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.slow
def test_the_loop_is_watched_from_outside_and_left_alone_afterwards(
    script: ModuleType, mnist_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)  # float32, as here below
    made = script.run("plain20", 7, mnist_root, steps=1)
    torch.manual_seed(7)
    net = create_model("plain20")
    draw_xavier(net)
    net.to(memory_format=torch.channels_last)  # in another one rounding alone is 3 % of a gradient
    training, _ = split(load_mnist(mnist_root, train=True))
    config = script.TrainConfig(**{**vars(script.RECIPE), "model": "plain20", "seed": 7})
    generator = torch.Generator().manual_seed(7 * 100_003)
    images, targets = next(batches(Mixture.of(training, None, None), config, generator))
    logits = net.train()(to_input(images).contiguous(memory_format=torch.channels_last))
    loss = F.cross_entropy(logits, targets)
    loss.backward()
    norms = [p.grad.norm().item() for p in net.parameters() if p.ndim > 1]
    assert made["loss"] == [pytest.approx(loss.item(), rel=1e-3)]
    assert made["accuracy"] == [pytest.approx((logits.argmax(1) == targets).float().mean().item(), abs=1e-3)]
    assert made["first"] == made["last"] == pytest.approx(norms, rel=1e-3)
    assert len(norms) == 20
    # Nothing is watched any more: another optimizer takes its step.
    weight = torch.nn.Parameter(torch.ones(1, 1))
    weight.grad = torch.ones(1, 1)
    torch.optim.SGD([weight], 1.0).step()
    assert weight.item() == 0


def test_a_curve_is_the_mean_of_its_runs_between_their_ends(script: ModuleType) -> None:
    runs = [
        {"seed": seed, **{key: [seed, 10.0 * seed] for key in ("loss", "accuracy", "first", "last")}}
        for seed in (1, 2, 6)
    ]
    told = script.summary(runs)
    assert told["seeds"] == [1, 2, 6]
    assert told["loss"] == {"mean": [3, 30], "low": [1, 10], "high": [6, 60]}


def test_the_readme_gives_the_runs_as_they_are() -> None:
    networks = json.loads(degradation.RESULT.read_text(encoding="utf-8"))["networks"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, some in networks.items():
        cells = [
            f"{form.format(some[key]['mean'][-1])} "
            f"({form.format(some[key]['low'][-1])} – {form.format(some[key]['high'][-1])})"
            for key, form in (("loss", "{:.3f}"), ("accuracy", "{:.1%}"))
        ]
        assert f"| {name} | {' | '.join(cells)} |" in readme
