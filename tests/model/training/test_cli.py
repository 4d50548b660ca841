"""The command line of train_mnist.py: flags, help, default names and refusals."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import train_mnist
from model import list_models
from model.training.cli import configure, default_out, parse_arguments
from model.training.config import RECIPES, TrainConfig
from tests.helpers.training_run import run


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "resnot"], "no network 'resnot'"),
        (["--model", "resnet5"], "Did you mean resnet50"),
        (["--device", "abacus"], "device 'abacus' is not available"),
        (["--model", "resnet50", "--size", "16"], "needs images of at least 17×17 pixels"),
        (["--dataset", "fashion", "--synthetic", "10"], "Synthetic drawings are digits"),
        (["--extra", "none.jsonl", "--checkpoint", "none.safetensors"], "no checkpoint none.safetensors"),
    ],
)
def test_a_bad_value_is_one_sentence_without_a_traceback(
    small: Path, tmp_path: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small, tmp_path / "net.safetensors", *arguments) == 1
    message = capsys.readouterr().err
    assert sentence in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "arguments",
    [
        ["--epochs", "0"],
        ["--batch-size", "-1"],
        ["--lr", "fast"],
        ["--lr", "nan"],
        ["--lr", "0"],
        ["--synthetic", "-1"],
        ["--size", "0"],
        ["--recipe", "soup"],
        ["--dataset", "cifar"],
        ["--checkpoint", "some.safetensors"],
        ["--extra", "some.jsonl", "--model", "resnet18"],
        ["--extra", "some.jsonl", "--recipe", "plain"],
        ["--go"],
    ],
)
def test_an_invalid_flag_is_refused_by_name(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(arguments)
    assert arguments[0] in capsys.readouterr().err


RECIPE_FLAGS = ["--dataset", "--model", "--size", "--epochs", "--batch-size", "--lr", "--seed", "--synthetic"]


FLAGS = ["--recipe", *RECIPE_FLAGS, "--device", "--data-dir", "--out", "--resume", "--extra", "--checkpoint"]
FLAGS += ["--track", "--tensorboard", "--push-to-hub", "--export"]


TORCHRUN_FLAGS = ["--nproc-per-node", "--max-restarts"]


def test_help_explains_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    options = text.split("options:")[1]
    for flag in FLAGS:
        assert re.search(rf"{flag}( [A-Z{{\[.]\S*)* [a-z]\w+", options), f"{flag} has no help"
    assert set(re.findall(r"--[a-z-]+", options)) == {*FLAGS, *TORCHRUN_FLAGS, "--help"}
    for flag in RECIPE_FLAGS:
        default = getattr(TrainConfig(), flag.strip("-").replace("-", "_"))
        assert re.search(rf"{flag} [^(]*\(default: {default}[,)]", options), flag
    assert "plain: resnet18_cifar, d2l: d2l_resnet18" in text
    for name in (*RECIPES, *list_models()):
        assert f" {name} " in text, name
    assert "Ctrl-C" in text


def test_no_line_of_the_help_is_longer_than_100_characters(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(["--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ([], "mnist_resnet"),
        (["--model", "resnet18"], "mnist_resnet18"),
        (["--size", "32"], "mnist_resnet_32"),
        (["--recipe", "plain"], "mnist_resnet18_cifar"),
        (["--recipe", "d2l"], "fashion_d2l_resnet18_96"),
        (["--recipe", "fast"], "mnist_resnet_fast"),
        (["--dataset", "kmnist"], "kmnist_resnet"),
    ],
)
def test_each_recipe_and_network_has_its_own_default_checkpoint(flags: list[str], name: str) -> None:
    config = configure(parse_arguments(flags, ""))
    assert default_out(config) == Path("checkpoints") / f"{name}.safetensors"
