"""The training command, run as a person runs it, on small data: it learns, stops, goes on, and says so.

The data are real IDX files, small, under MD5 sums of their own; everything else is the command itself.
"""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import train_mnist
from model import CheckpointError, DigitReader, create_model, list_models, load_checkpoint
from model.datasets import mnist as data
from model.datasets.augmentation import OFF
from model.datasets.mnist import Labelled, load_mnist
from model.datasets.stroke_files import PENS, load_corrections, load_drawings
from model.datasets.synthetic import generate
from model.evaluation.evaluate import evaluate_strokes
from model.image import NOT_A_DIGIT
from model.inference.checkpoint import read_file, save_checkpoint
from model.training import calibrate
from model.training import trackers as watch
from model.training.batches import Mixture, batches, predict, resize
from model.training.cli import configure, default_out, parse_arguments
from model.training.config import FINE_TUNING, RECIPES, TrainConfig
from model.training.optim import draw_xavier, learning_rate, make_optimizer, moving_average
from tests.helpers.paths import CHECKPOINT, ROOT
from tests.helpers.small_run import HELD_OUT
from tests.helpers.training_run import StopAfterEpoch, command, lay, run, same_weights


@pytest.fixture(autouse=True)
def few_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate, "HELD_OUT", HELD_OUT)


def test_a_run_ends_with_a_checkpoint_that_loads_and_a_card_that_tells(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "net.safetensors"
    assert run(small, out) == 0
    net, card = load_checkpoint(out)
    assert not net.training
    assert [row["epoch"] for row in card["history"]] == [1, 2, 3]
    assert all(row["images_per_s"] > 0 for row in card["history"])
    assert card["history"][2]["train_accuracy"] > card["history"][0]["train_accuracy"] > 0
    assert card["labels"] == [*"0123456789", "not a digit"]
    assert card["images"] == {"real": 200, "synthetic": 60, "corrections": 0}
    assert card["config"]["batch_size"] == 40
    assert card["seed"] == 1
    for key in ("commit", "versions", "hardware", "split", "calibration", "preprocessing"):
        assert card[key], key
    assert card["figures"]["validation"]["n"] == 80
    assert card["figures"]["test"]["n"] == 50
    assert sorted(out.parent.iterdir()) == [watch.log_file(out), out]  # the run file is gone
    DigitReader.load(out, "cpu").read_strokes([[[0, 0], [5, 9]]])
    printed = capsys.readouterr().out
    assert str(out) in printed
    assert "of 50" in printed


def test_the_figures_are_those_of_the_written_weights(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    run(small, out)
    reader = DigitReader.load(out, "cpu")
    test = load_mnist(small, train=False)
    guesses = reader.read_batch(test.images)[0].argmax(1)
    assert reader.card["figures"]["test"]["correct"] == int((guesses == test.labels).sum())


def test_the_seed_decides_the_weights(small: Path, tmp_path: Path) -> None:
    for name, seed in (("a", "3"), ("b", "3"), ("c", "4")):
        run(small, tmp_path / name, "--seed", seed, epochs=1)
    assert same_weights(tmp_path / "a", tmp_path / "b")
    assert not same_weights(tmp_path / "a", tmp_path / "c")


@pytest.mark.parametrize("stop", [1, 2])
def test_a_resumed_run_ends_bit_by_bit_as_one_never_stopped(
    small: Path, tmp_path: Path, stop: int, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, parted = tmp_path / "whole.safetensors", tmp_path / "parted.safetensors"
    assert run(small, whole) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(stop))
        assert run(small, parted) == 130
    assert not parted.exists()
    torch.manual_seed(99)  # nothing may hang on what the generator happens to be
    capsys.readouterr()
    assert run(small, parted, "--resume") == 0
    assert capsys.readouterr().out.count("validation") == 3 - stop
    assert same_weights(whole, parted)
    assert len(read_file(parted)[1]["history"]) == 3
    figures = read_file(whole)[1]["figures"], read_file(parted)[1]["figures"]
    assert figures[0] == figures[1]


@pytest.mark.parametrize("option", [["--lr", "0.01"], ["--seed", "8"], ["--synthetic", "0"]])
def test_resuming_with_other_options_is_refused(
    small: Path, tmp_path: Path, option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(1))
        run(small, out)
    before = train_mnist.run_file(out).read_bytes()
    assert run(small, out, "--resume", *option) == 1
    message = capsys.readouterr().err
    assert option[0].strip("-") in message
    assert "same options" in message
    assert train_mnist.run_file(out).read_bytes() == before
    assert not out.exists()


def test_resuming_nothing_says_so(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(small, tmp_path / "none.safetensors", "--resume") == 1
    assert "There is no checkpoint" in capsys.readouterr().err


def test_the_test_set_is_read_once_after_the_last_epoch(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    read_idx = data.read_idx

    def reading(path: Path) -> np.ndarray:
        events.append(path.name.split("-ubyte")[0])
        return read_idx(path)

    def saving(path: Path, tensors: dict[str, torch.Tensor], card: dict) -> None:
        events.append(f"saved with {len(card['history'])} epochs")
        save_checkpoint(path, tensors, card)

    monkeypatch.setattr(data, "read_idx", reading)
    monkeypatch.setattr(train_mnist, "save_checkpoint", saving)
    assert run(small, tmp_path / "net.safetensors") == 0
    assert [event for event in events if event.startswith("t10k")] == ["t10k-images-idx3", "t10k-labels-idx1"]
    assert events.index("t10k-images-idx3") > events.index("saved with 3 epochs")


def test_a_loss_that_is_no_number_stops_with_a_sentence(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    out.write_bytes(b"the old one")
    assert run(small, out, "--lr", "1e30") == 1
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert re.search(
        r"became (nan|inf) in epoch 1 at batch \d of 7 \(step \d .*; nothing was written\. Try a smaller",
        message,
    )
    assert out.read_bytes() == b"the old one"
    assert not train_mnist.run_file(out).exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--model", "resnot"], "no network 'resnot'"),
        (["--model", "resnet5"], "Did you mean resnet50"),
        (["--device", "abacus"], "no device 'abacus'"),
        (["--model", "resnet50", "--size", "16"], "takes images of 17×17 pixels and more"),
        (["--dataset", "fashion", "--synthetic", "10"], "Synthetic drawings are digits"),
        (["--extra", "none.jsonl", "--checkpoint", "none.safetensors"], "no checkpoint none.safetensors"),
    ],
)
def test_what_is_not_there_is_told_without_a_traceback(
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
def test_senseless_flags_are_refused_by_name(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(arguments)
    assert arguments[0] in capsys.readouterr().err


def test_more_than_the_images_in_a_batch_is_told(
    small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(small, tmp_path / "net.safetensors", "--batch-size", "100000") == 1
    assert "batch" in capsys.readouterr().err


OF_A_RECIPE = ["--dataset", "--model", "--size", "--epochs", "--batch-size", "--lr", "--seed", "--synthetic"]
TAKEN = ["--recipe", *OF_A_RECIPE, "--device", "--data-dir", "--out", "--resume", "--extra", "--checkpoint"]
TAKEN += ["--track", "--tensorboard", "--push-to-hub", "--export"]
OF_TORCHRUN = ["--nproc-per-node", "--max-restarts"]


def test_help_explains_every_flag(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(["--help"])
    text = " ".join(capsys.readouterr().out.split())
    options = text.split("options:")[1]
    for flag in TAKEN:
        assert re.search(rf"{flag}( [A-Z{{\[.]\S*)* [a-z]\w+", options), f"{flag} has no help"
    assert set(re.findall(r"--[a-z-]+", options)) == {*TAKEN, *OF_TORCHRUN, "--help"}
    for flag in OF_A_RECIPE:
        default = getattr(TrainConfig(), flag.strip("-").replace("-", "_"))
        assert re.search(rf"{flag} [^(]*\(default: {default}[,)]", options), flag
    assert "plain: resnet18_cifar, d2l: d2l_resnet18" in text
    for name in (*RECIPES, *list_models()):
        assert f" {name} " in text, name
    assert "Ctrl-C" in text


def test_no_line_of_the_help_is_long(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train_mnist.main(["--help"])
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 100


def test_output_that_is_no_terminal_is_plain_lines_as_they_happen(small: Path, tmp_path: Path) -> None:
    process = subprocess.Popen(
        command(small, tmp_path / "net.safetensors", "--epochs", "2"),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    with process.stdout:
        lines = list(process.stdout)
    assert process.wait() == 0, b"".join(lines).decode()
    text = b"".join(lines).decode()
    assert "\r" not in text
    assert "\x1b" not in text
    assert len(re.findall(r"^epoch +\d/2 .*loss .*validation .*images/s .*left$", text, re.MULTILINE)) == 2


def test_ctrl_c_keeps_the_last_finished_epoch_and_says_so(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    process = subprocess.Popen(
        command(small, out, "--epochs", "5000"),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for line in process.stdout:
            if line.startswith("epoch   2/"):
                break
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 130
    assert re.search(r"Stopped: epoch \d+ is kept in .*net\.run\.safetensors; go on with --resume", errors)
    assert "Traceback" not in errors
    assert len(read_file(train_mnist.run_file(out))[1]["history"]) >= 2
    DigitReader.load(train_mnist.run_file(out), "cpu")  # the page can show an unfinished run
    assert not out.exists()


def test_flags_override_single_values_of_a_recipe_and_the_card_records_all(
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


def test_the_recipes_of_the_articles() -> None:
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


def test_the_books_first_weights_have_glorots_spread_and_no_block_begins_as_its_shortcut() -> None:
    net = create_model("d2l_resnet18")
    draw_xavier(net)
    for name, layer in net.named_modules():
        if isinstance(layer, torch.nn.Conv2d):
            side = layer.kernel_size[0] ** 2
            bound = (6 / (side * (layer.in_channels + layer.out_channels))) ** 0.5
            assert 0.95 * bound < layer.weight.abs().max() <= bound, name
        if isinstance(layer, torch.nn.BatchNorm2d):
            assert (layer.weight == 1).all(), name


@pytest.mark.parametrize("name", RECIPES)
def test_two_steps_are_those_of_pytorchs_own_optimizer(name: str) -> None:
    """A straight loop in a few lines, without this project's groups, schedule and average."""
    config = replace(RECIPES[name], weight_decay=0.0, schedule="constant", ema_decay=0.0)
    nets = [torch.nn.Linear(4, 3) for _ in range(2)]
    nets[1].load_state_dict(nets[0].state_dict())
    ours = make_optimizer(nets[0], config)
    theirs = {
        "default": lambda p: torch.optim.Adam(p, 0.015, (0.7, 0.9)),  # of what is no kernel
        "plain": lambda p: torch.optim.Adam(p, 1e-3),
        "d2l": lambda p: torch.optim.SGD(p, 0.05),
        "fast": lambda p: torch.optim.Adam(p, 0.015, (0.7, 0.9)),
    }[name](nets[1].parameters())
    rounding = 1e-6 if config.optimizer == "muon" else 0
    averaged = torch.optim.swa_utils.AveragedModel(nets[0], multi_avg_fn=moving_average(config.ema_decay))
    for _ in range(3):
        inputs = torch.randn(5, 4)
        for net, optimizer in zip(nets, (ours, theirs), strict=True):
            optimizer.zero_grad()
            net(inputs).square().sum().backward()
            optimizer.step()
        averaged.update_parameters(nets[0])
    torch.testing.assert_close(nets[0].weight, nets[1].weight, rtol=0, atol=rounding)
    assert torch.equal(averaged.module.weight, nets[0].weight)


@pytest.mark.parametrize(
    "options",
    [
        ["--recipe", "plain", "--model", "resnet20"],
        ["--recipe", "d2l", "--model", "mnist_resnet"],
        ["--recipe", "fast"],
    ],
)
def test_every_optimizer_goes_on_bit_by_bit(small: Path, tmp_path: Path, options: list[str]) -> None:
    whole, parted = tmp_path / "whole.safetensors", tmp_path / "parted.safetensors"
    options = [*options, "--size", "28", "--synthetic", "0"]
    assert run(small, whole, *options, epochs=2) == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_mnist, "save_checkpoint", StopAfterEpoch(1))
        assert run(small, parted, *options, epochs=2) == 130
    assert run(small, parted, "--resume", *options, epochs=2) == 0
    assert same_weights(whole, parted)


def test_another_data_set_brings_its_names_and_is_nothing_for_the_page(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    options = ["--data-dir", str(small), "--out", str(out), "--epochs", "1", "--batch-size", "40"]
    assert train_mnist.main([*options, "--device", "cpu", "--dataset", "fashion"]) == 0
    net, card = load_checkpoint(out)
    assert card["config"]["dataset"] == "fashion"
    assert card["labels"][9] == "Ankle boot"
    assert net.fc.out_features == len(card["labels"]) == 10
    with pytest.raises(CheckpointError, match=r"cannot read digits: it tells T-shirt/top, .* apart"):
        DigitReader.load(out, "cpu")


def test_another_size_is_recorded_and_is_nothing_for_the_page(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.safetensors"
    assert run(small, out, "--size", "20", epochs=1) == 0
    net, card = load_checkpoint(out)
    assert card["size"] == 20
    with pytest.raises(CheckpointError, match="sees images at 20×20 pixels, and drawings are read at 28×28"):
        DigitReader.load(out, "cpu")
    test = load_mnist(small, train=False)
    guesses = predict(net, test.images, 20)[:, :10].argmax(1)
    assert card["figures"]["test"]["correct"] == int((guesses == test.labels).sum())


def test_resize_is_pillows(mnist_test: Labelled) -> None:
    from PIL import Image

    images = mnist_test.images[:20]
    for size in (20, 96):
        ours = resize(images[:, None].float(), size)[:, 0]
        theirs = [Image.fromarray(i.numpy()).resize((size, size), Image.Resampling.BILINEAR) for i in images]
        assert np.abs(ours.numpy() - np.stack(theirs)).max() < 1.01  # Pillow rounds twice
    assert resize(ours[:, None], 96).data_ptr() == ours.data_ptr()


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
def test_no_recipe_overwrites_what_another_has_made(flags: list[str], name: str) -> None:
    config = configure(parse_arguments(flags, ""))
    assert default_out(config) == Path("checkpoints") / f"{name}.safetensors"


def test_an_epoch_shows_each_kind_as_often_as_it_should() -> None:
    def kind(first: int, count: int) -> Labelled:
        """Images that are blank but for their number, which is their label as well."""
        numbers = torch.arange(first, first + count)
        return Labelled(numbers.to(torch.uint8)[:, None, None].expand(-1, 28, 28), numbers)

    mixture = Mixture.of(kind(0, 60), kind(60, 100), kind(160, 3))
    config = TrainConfig(batch_size=10, share=0.4, repeats=5, augmentation=OFF)
    assert (mixture.size(config), mixture.steps(config)) == (115, 11)
    shown = list(batches(mixture, config, torch.Generator().manual_seed(0)))
    assert [len(labels) for _, labels in shown] == [10] * 11
    images, labels = (torch.cat(parts) for parts in zip(*shown, strict=True))
    assert torch.equal(images[:, 14, 14].long(), labels)
    counts = labels.bincount(minlength=163)
    assert counts[:160].max() == 1
    assert counts[160:].max() == 5
    assert (counts[:60].sum(), counts[60:160].sum()) >= (55, 35)
    assert mixture.repeats(replace(config, repeats=500)) == 100 // 9  # corrections stay the fewer


def test_a_refining_epoch_leaves_the_data_set_as_it_is_and_changes_the_drawings() -> None:
    training, drawn = (
        Labelled(torch.randint(256, (20, 28, 28), dtype=torch.uint8), torch.full((20,), label))
        for label in (1, 2)
    )
    config, mixture = TrainConfig(batch_size=20, share=0.5), Mixture.of(training, drawn, None)
    same = {1: 0, 2: 0}
    for images, labels in batches(mixture, config, torch.Generator().manual_seed(0), refine=True):
        for image, label in zip(images, labels.tolist(), strict=True):
            same[label] += bool((image == mixture.data.images).flatten(1).all(1).any())
    assert same == {1: 20, 2: 0}
    alone = Mixture.of(training, None, None)
    (images, _), *_ = batches(alone, config, torch.Generator().manual_seed(0), refine=True)
    assert images.sum() == training.images.sum()


def test_the_last_epochs_refine(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(replace(recipe, epochs=1).refines(0) for recipe in RECIPES.values())
    told = []

    def watched(
        mixture: Mixture, config: TrainConfig, generator: torch.Generator, refine: bool, *team: int
    ) -> Iterator[tuple[Tensor, Tensor]]:
        told.append(refine)
        return batches(mixture, config, generator, refine, *team)

    monkeypatch.setattr(train_mnist, "batches", watched)
    assert run(small, tmp_path / "net.safetensors", epochs=8) == 0
    assert told == [False] * 7 + [True]


# Somebody who puts a foot under the 7, as others do under the 1.
FOOTED = [[[0, 0], [60, 0], [25, 100]], [[0, 100], [60, 100]]]


def footed_sevens(path: Path, count: int, seed: int) -> Path:
    """A strokes file of one made-up writer's sevens: each point by 2 % of the height off, turned a little."""
    random = np.random.default_rng(seed)
    lines = []
    for angle in random.normal(0, 0.05, count):
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        strokes = [((np.array(s) + random.normal(0, 2, (len(s), 2))) @ turn).tolist() for s in FOOTED]
        lines.append(json.dumps({"source": "test", "writer": "foot", "label": "7", "strokes": strokes}))
    path.write_text("\n".join(lines))
    return path


def test_corrections_teach_a_writers_hand(
    trained: DigitReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's own checkpoint misreads a made-up writer; from ten corrections it learns the others."""
    digits = generate(1_000, seed=5, not_digits=0.0)
    parts = (digits.images.numpy(), digits.labels.numpy())
    lay(tmp_path / "data" / "MNIST" / "raw", data.MNIST_MD5, parts, parts, monkeypatch)
    monkeypatch.setattr(data, "VALIDATION", 100)
    corrections = footed_sevens(tmp_path / "mine.jsonl", 10, seed=1)
    others = load_drawings(footed_sevens(tmp_path / "others.jsonl", 40, seed=2))
    out = tmp_path / "mine.safetensors"
    options = ["--data-dir", str(tmp_path / "data"), "--device", "cpu", "--batch-size", "50", "--epochs", "1"]
    synthetic = "300" if len(trained.net.state_dict()["fc.bias"]) > 10 else "0"
    tuning = ["--extra", str(corrections), "--checkpoint", str(CHECKPOINT), "--out", str(out)]
    assert train_mnist.main([*options, *tuning, "--synthetic", synthetic]) == 0
    before, after = (evaluate_strokes(r, others)["accuracy"] for r in (trained, DigitReader.load(out, "cpu")))
    assert before < 0.5
    assert after > 0.9
    card = read_file(out)[1]
    assert card["start"]["file"] == CHECKPOINT.name
    assert card["images"]["corrections"] == 10 * len(PENS)
    assert card["config"]["recipe"] == FINE_TUNING.recipe
    known = trained.read_batch(digits.images)[0].argmax(1) == digits.labels
    still = DigitReader.load(out, "cpu").read_batch(digits.images)[0].argmax(1) == digits.labels
    assert still.float().mean() > known.float().mean() - 0.01


def test_a_correction_is_seen_in_several_pens_and_any_other_label_is_no_digit(tmp_path: Path) -> None:
    rows = [
        {"writer": "me", "label": label, "strokes": FOOTED} for label in ("7", "y", "not a digit", "77", 3)
    ]
    (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, rows)))
    images, labels = load_corrections(tmp_path / "mine.jsonl")
    assert images.shape == (5 * len(PENS), 28, 28)
    assert images.dtype == torch.uint8
    assert labels.tolist() == [7, NOT_A_DIGIT, NOT_A_DIGIT, NOT_A_DIGIT, 3] * len(PENS)
    ink = images[:: len(rows)].float().sum((1, 2))
    assert (ink.diff() > 0).all()


GOOD = json.dumps({"writer": "me", "label": "7", "strokes": FOOTED})
WRONG = ["", "{", "7", '{"writer": "me", "strokes": [[[0, 0], [1, 1]]]}']
WRONG += [
    '{"writer": "me", "label": "7", "strokes": []}',
    '{"writer": "me", "label": "7", "strokes": [[[0]]]}',
]


@pytest.mark.parametrize("line", WRONG)
def test_a_bad_line_is_named_and_nothing_is_trained(
    line: str, checkpoint: Path, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = checkpoint.read_bytes()
    extra = tmp_path / "mine.jsonl"
    extra.write_text("\n".join([GOOD, line, GOOD]))
    options = ["--extra", str(extra), "--checkpoint", str(checkpoint), "--data-dir", str(small)]
    assert train_mnist.main([*options, "--synthetic", "60", "--device", "cpu"]) == 1
    message = capsys.readouterr().err
    assert "mine.jsonl, line 2, is not a drawing" in message
    assert "Traceback" not in message
    assert checkpoint.read_bytes() == before


def test_what_is_no_digit_needs_a_class_for_it(
    small: Path, tmp_path: Path, card: dict, capsys: pytest.CaptureFixture[str]
) -> None:
    ten = tmp_path / "ten.safetensors"
    card["arch"]["num_classes"] = 10
    save_checkpoint(ten, create_model("mnist_resnet", 1, 10).state_dict(), card)
    extra = tmp_path / "mine.jsonl"
    extra.write_text(json.dumps({"writer": "me", "label": "y", "strokes": FOOTED}))
    options = ["--extra", str(extra), "--checkpoint", str(ten), "--data-dir", str(small), "--device", "cpu"]
    assert train_mnist.main(options) == 1
    assert "holds what is no digit" in capsys.readouterr().err
    assert train_mnist.main([*options, "--synthetic", "60"]) == 1
    assert "tells 10 classes apart and this run 11" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "d2l"])
def test_the_articles_recipes_go(small: Path, tmp_path: Path, name: str) -> None:
    """Five steps of each, as they are but for the batch."""
    out = tmp_path / "net.safetensors"
    options = ["--recipe", name, "--data-dir", str(small), "--out", str(out), "--device", "cpu"]
    assert train_mnist.main([*options, "--epochs", "1", "--batch-size", "40"]) == 0
    card = load_checkpoint(out)[1]
    assert card["config"] == asdict(replace(RECIPES[name], epochs=1, batch_size=40))
    assert card["history"][0]["loss"] < 4
    assert card["figures"]["test"]["n"] == 50


@pytest.mark.slow
def test_a_short_real_run_learns_mnist_but_not_by_heart(
    mnist_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """6,000 training and 2,000 test digits, three epochs: above a floor, and below what would be a leak."""
    parts = []
    for train, count in ((True, 7_000), (False, 2_000)):
        whole = load_mnist(mnist_root, train)
        parts.append((whole.images[:count].numpy(), whole.labels[:count].numpy()))
    lay(tmp_path / "data" / "MNIST" / "raw", data.MNIST_MD5, *parts, monkeypatch)
    monkeypatch.setattr(data, "VALIDATION", 1_000)
    out = tmp_path / "net.safetensors"
    started = time.perf_counter()
    options = ["--data-dir", str(tmp_path / "data"), "--out", str(out), "--device", "cpu", "--epochs", "5"]
    assert train_mnist.main([*options, "--batch-size", "64", "--lr", "0.05", "--synthetic", "5000"]) == 0
    figures = load_checkpoint(out)[1]["figures"]["test"]
    print(f"\n{figures['accuracy']:.2%} of {figures['n']:,} in {time.perf_counter() - started:.0f} s")
    assert figures["n"] == 2_000
    assert 0.95 <= figures["accuracy"] < 1
