"""Our networks against torchvision's: same weights, same input, same output and gradient."""

from __future__ import annotations

import subprocess
import sys
import urllib.error
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision import models

from model import CheckpointError, InputError, create_model, list_models
from model.networks.registry import get_spec
from model.networks.torchvision_weights import load_torchvision, our_name, translate
from tests.helpers.paths import ROOT

SHARED = [name for name in list_models() if name in models.list_models()]


def test_torchvision_has_every_network_for_imagenet() -> None:
    assert len(SHARED) == 10
    assert set(SHARED) == {name for name in list_models() if get_spec(name).shape == (3, 224, 224)}


@pytest.mark.parametrize("name", SHARED)
def test_every_tensor_has_a_counterpart(name: str) -> None:
    with torch.device("meta"):
        theirs, ours = models.get_model(name), create_model(name, 3, 1000)
    shapes = {our_name(key): tensor.shape for key, tensor in theirs.state_dict().items()}
    assert shapes == {key: tensor.shape for key, tensor in ours.state_dict().items()}


@pytest.mark.parametrize("name", SHARED)
def test_published_figures_are_those_torchvision_prints(name: str) -> None:
    spec, meta = get_spec(name), models.get_model_weights(name).IMAGENET1K_V1.meta
    assert spec.params == meta["num_params"]
    assert spec.published_params == f"{meta['num_params']:,}"
    assert spec.published_macs == f"{meta['_ops']:.3f} G"
    best = models.get_model_weights(name).DEFAULT
    assert spec.weights == best.name
    assert spec.accuracy == pytest.approx(best.meta["_metrics"]["ImageNet-1K"]["acc@1"] / 100)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
@pytest.mark.parametrize("name", ["resnet18", "resnet50", "resnext50_32x4d", "densenet121"])
def test_same_state_same_input_same_output_and_gradient(
    name: str, training: bool, randomise: Callable[[nn.Module], None]
) -> None:
    torch.manual_seed(0)
    theirs = models.get_model(name, num_classes=10).double()
    randomise(theirs)
    ours = create_model(name, 3, 10).double()
    ours.load_state_dict(translate(theirs.state_dict()))
    image = torch.randn(2, 3, 64, 64, dtype=torch.double)
    weight = torch.randn(2, 10, dtype=torch.double)
    outputs, images = [], []
    for net in (theirs, ours):
        x = image.clone().requires_grad_()
        outputs.append(net.train(training)(x))
        (outputs[-1] * weight).sum().backward()
        images.append(x.grad)
    close = {"atol": 1e-5, "rtol": 1e-9}
    torch.testing.assert_close(outputs[1], outputs[0], **close)
    torch.testing.assert_close(images[1], images[0], **close)
    expected = {our_name(key): parameter.grad for key, parameter in theirs.named_parameters()}
    for key, parameter in ours.named_parameters():
        torch.testing.assert_close(parameter.grad, expected[key], **close)
    for key, tensor in translate(theirs.state_dict()).items():  # the running statistics are the same
        torch.testing.assert_close(ours.state_dict()[key], tensor, **close)


@pytest.mark.parametrize(
    ("name", "file"), [("resnet18", "resnet18-f37072fd.pth"), ("densenet121", "densenet121-a639ec97.pth")]
)
def test_pretrained_weights_arrive_in_our_network(
    name: str,
    file: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    randomise: Callable[[nn.Module], None],
) -> None:
    """torchvision finds the file where it stores its downloads."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    theirs = models.get_model(name).eval()
    randomise(theirs)
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    torch.save(theirs.state_dict(), tmp_path / "hub" / "checkpoints" / file)
    ours = create_model(name, weights="IMAGENET1K_V1")
    assert not ours.training
    image = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(ours(image), theirs(image), atol=1e-5, rtol=1e-5)


def test_a_failed_download_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", offline)
    with pytest.raises(CheckpointError, match=r"weights of 'resnet18' could not be downloaded .*no route"):
        create_model("resnet18", weights="DEFAULT")


def test_without_torchvision_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(CheckpointError, match=r"need torchvision: `pip install torchvision`"):
        create_model("resnet18", weights="DEFAULT")


@pytest.mark.parametrize("shape", [{"in_channels": 1}, {"num_classes": 10}])
def test_weights_are_for_their_own_channels_and_classes(shape: dict[str, int]) -> None:
    with pytest.raises(InputError, match="for 3 channels and 1,000 classes"):
        create_model("resnet18", **shape, weights="DEFAULT")


@pytest.mark.parametrize("name", ["mnist_resnet", "resnet18_cifar", "d2l_resnet18", "resnet20", "plain20"])
def test_a_network_that_torchvision_lacks_has_no_pretrained_weights(name: str) -> None:
    with pytest.raises(InputError, match=f"torchvision has no network '{name}'"):
        load_torchvision(name)


def test_the_error_for_unknown_weights_lists_the_available() -> None:
    with pytest.raises(InputError, match=r"no weights 'BEST' .* Choose from IMAGENET1K_V1, IMAGENET1K"):
        load_torchvision("resnet50", "BEST")


def test_an_unknown_network_gets_the_registrys_error() -> None:
    with pytest.raises(InputError, match="Did you mean"):
        create_model("resnet51", weights="DEFAULT")


def test_torchvision_is_imported_for_weights_only() -> None:
    program = "import sys, model.networks.torchvision_weights; sys.exit('torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
