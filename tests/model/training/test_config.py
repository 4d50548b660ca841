"""The recipes, and what a card records of them."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest

import train_mnist
from model import load_checkpoint
from model.datasets.augmentation import OFF
from model.training.config import RECIPES, TrainConfig
from model.training.schedule import learning_rate
from tests.helpers.training_run import run


def test_the_recipes_plain_and_d2l_are_those_of_the_articles() -> None:
    plain, book = RECIPES["plain"], RECIPES["d2l"]
    assert RECIPES["default"] == TrainConfig()
    assert (plain.optimizer, plain.model, plain.dataset) == ("adam", "resnet18_cifar", "mnist")
    assert (book.dataset, book.size, book.model) == ("fashion", 96, "d2l_resnet18")
    assert (book.optimizer, book.lr, book.batch_size, book.epochs) == ("sgd", 0.05, 256, 10)
    assert book.momentum == 0
    assert book.first_weights == "xavier"
    for recipe in (plain, book):
        assert recipe.augmentation == OFF
        assert recipe.synthetic == recipe.ema_decay == recipe.weight_decay == 0
        assert {learning_rate(recipe, progress) for progress in (0.01, 0.5, 1.0)} == {recipe.lr}


def test_flags_override_single_values_of_a_recipe_and_the_card_records_all_values(
    small: Path, tmp_path: Path
) -> None:
    out = tmp_path / "net.safetensors"
    flags = ["--recipe", "plain", "--model", "resnet20", "--seed", "7", "--synthetic", "0"]
    assert run(small, out, *flags, epochs=1) == 0
    card = load_checkpoint(out)[1]
    changed = {"model": "resnet20", "seed": 7, "epochs": 1, "batch_size": 40}
    assert card["config"] == asdict(replace(RECIPES["plain"], **changed))
    assert card["history"][0]["lr"] == 1e-3
    assert card["labels"] == list("0123456789")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "d2l"])
def test_the_recipes_of_the_articles_run(small: Path, tmp_path: Path, name: str) -> None:
    """Five steps of each, as they are but for the batch."""
    out = tmp_path / "net.safetensors"
    options = ["--recipe", name, "--data-dir", str(small), "--out", str(out), "--device", "cpu"]
    assert train_mnist.main([*options, "--epochs", "1", "--batch-size", "40"]) == 0
    card = load_checkpoint(out)[1]
    assert card["config"] == asdict(replace(RECIPES[name], epochs=1, batch_size=40))
    assert card["history"][0]["loss"] < 4
    assert card["figures"]["test"]["n"] == 50


def test_only_the_last_epochs_of_a_long_run_refine() -> None:
    assert not any(replace(recipe, epochs=1).refines(0) for recipe in RECIPES.values())
    assert [replace(TrainConfig(), epochs=8).refines(epoch) for epoch in range(8)] == [False] * 7 + [True]
    assert not any(RECIPES["fast"].refines(epoch) for epoch in range(20))
