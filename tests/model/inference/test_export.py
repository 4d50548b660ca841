"""Exported networks: the checkpoint's logits in other runtimes, or no file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from model import load_checkpoint, save_checkpoint
from model.__main__ import main
from model.errors import ExportError
from model.image import to_input
from model.inference.checkpoint import Card
from model.inference.export import export, load_exported, sample_images
from tests.helpers.networks import random_network
from tests.helpers.training_run import run


@pytest.fixture
def net() -> nn.Module:
    return random_network("mnist_resnet", 10, 0.3, (0.5, 2))


@pytest.mark.parametrize("kind", ["onnx", "torchscript"])
def test_an_export_gives_the_networks_logits(net: nn.Module, card: Card, tmp_path: Path, kind: str) -> None:
    if kind == "onnx":
        pytest.importorskip("onnxscript")
    path = tmp_path / "net"
    assert export(net, card, path, kind) <= 1e-5
    run = load_exported(path.read_bytes(), kind)
    for count in (1, 5):  # another number of images than it was exported with
        images = sample_images(7)[:count]
        with torch.inference_mode():
            expected = net(to_input(images)).numpy()
        np.testing.assert_allclose(np.asarray(run(images)), expected, atol=1e-5 * np.abs(expected).max())


def test_an_onnx_file_has_the_card(net: nn.Module, card: Card, tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxscript")
    export(net, card, tmp_path / "net.onnx", "onnx")
    (prop,) = onnx.load(tmp_path / "net.onnx").metadata_props
    assert json.loads(prop.value) == json.loads(json.dumps(card))


def test_a_network_with_other_logits_is_not_written(
    net: nn.Module, card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def off(images: torch.Tensor) -> torch.Tensor:
        return net(to_input(images)) * 1.001

    monkeypatch.setattr("model.inference.export.load_exported", lambda content, kind: off)
    with pytest.raises(ExportError, match="nothing was written"):
        export(net, card, tmp_path / "net.pt", "torchscript")
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_the_file_beside_the_checkpoint(
    net: nn.Module, card: Card, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checkpoint = tmp_path / "net.safetensors"
    card["arch"]["num_classes"] = 10
    save_checkpoint(checkpoint, net.state_dict(), card)
    assert main(["export", "torchscript", "--checkpoint", str(checkpoint)]) == 0
    assert capsys.readouterr().out.startswith(f"{tmp_path / 'net.pt'}: logits differ by ")
    assert (tmp_path / "net.pt").is_file()


def test_training_can_export_its_result(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    assert run(small, out, "--export", "torchscript", epochs=1) == 0
    assert "logits differ by" in capsys.readouterr().out
    images = sample_images(3)
    logits = load_exported(out.with_suffix(".pt").read_bytes(), "torchscript")(images)
    with torch.inference_mode():
        expected = load_checkpoint(out)[0](to_input(images))
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
