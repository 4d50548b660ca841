"""The nearest training digits against brute force, and refused indexes."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from model import DigitReader, save_checkpoint
from model.__main__ import main
from model.datasets.mnist import Labelled, load_mnist, split
from model.explain.companion_files import MISSING, OTHER, CompanionError
from model.explain.neighbours import (
    EACH,
    PLACED_BY,
    Neighbours,
    build_index,
    features_of,
    index_path,
    load_neighbours,
    subset,
)
from model.image import to_input
from model.inference.checkpoint import Card, read_file
from tests.helpers.paths import CHECKPOINT


@pytest.fixture
def data() -> Labelled:
    draw = torch.Generator().manual_seed(3)
    images = torch.randint(0, 256, (60, 28, 28), dtype=torch.uint8, generator=draw)
    return Labelled(images, torch.arange(60) % 10)


@pytest.fixture
def index(tmp_path: Path, net: nn.Module, data: Labelled) -> Path:
    path = tmp_path / "some.neighbours.safetensors"
    save_checkpoint(path, *build_index(net, data))
    return path


def test_the_nearest_are_those_that_brute_force_finds(net: nn.Module, data: Labelled, index: Path) -> None:
    neighbours = load_neighbours(index, net)
    draw = torch.Generator().manual_seed(21)  # of no two neighbours that rounding could swap
    query = torch.randint(0, 256, (5, 28, 28), dtype=torch.uint8, generator=draw)
    with torch.no_grad():  # one by one, in float64 from the maps on, but for what the file rounds away
        pooled = [
            net.stages(net.stem(to_input(image[None]))).double().mean((2, 3))[0].half().double()
            for image in data.images
        ]
        queries = [net.stages(net.stem(to_input(image[None]))).double().mean((2, 3))[0] for image in query]
    for features, image in zip(queries, query, strict=True):
        distances = np.array([np.sqrt(((features - other).numpy() ** 2).sum()) for other in pooled])
        order = distances.argsort()[:8]
        found = neighbours.nearest(features_of(net, image[None])[0])
        np.testing.assert_allclose([n.distance for n in found], distances[order], rtol=1e-4)
        assert [n.label for n in found] == [int(data.labels[n]) for n in order]
        assert all(torch.equal(n.image, data.images[place]) for n, place in zip(found, order, strict=True))


def test_an_image_of_the_index_is_its_own_nearest(net: nn.Module, data: Labelled, index: Path) -> None:
    neighbours = load_neighbours(index, net)
    first, second = neighbours.nearest(features_of(net, data.images[7:8])[0], 2)
    assert torch.equal(first.image, data.images[7])
    assert first.distance < 0.01 < second.distance
    apart = np.linalg.norm(neighbours.features[:, None].numpy() - neighbours.features[None].numpy(), axis=2)
    np.fill_diagonal(apart, np.inf)
    assert neighbours.typical_distance == pytest.approx(
        np.sort(apart.min(1))[29], rel=1e-3
    )  # torch's lower median


def refused(path: Path, net: nn.Module) -> CompanionError:
    with pytest.raises(CompanionError) as caught:
        load_neighbours(path, net)
    assert str(caught.value).count("\n") == 0
    return caught.value


def test_an_index_of_other_weights_is_refused(net: nn.Module, index: Path) -> None:
    other = copy.deepcopy(net)
    other.fc.bias.data[0] += 1e-6
    assert refused(index, other).kind == OTHER
    assert "python -m model neighbours" in str(refused(index, other))
    load_neighbours(index, net)


def test_a_missing_and_a_damaged_index_are_refused(tmp_path: Path, net: nn.Module, index: Path) -> None:
    assert refused(tmp_path / "none.safetensors", net).kind == MISSING
    whole = index.read_bytes()
    index.write_bytes(whole[: len(whole) // 2])
    assert refused(index, net).kind == OTHER
    index.write_bytes(b"nonsense")
    assert refused(index, net).kind == OTHER


def test_an_image_of_the_index_lies_at_its_own_place(net: nn.Module, data: Labelled, index: Path) -> None:
    neighbours = load_neighbours(index, net)
    assert neighbours.positions is not None
    assert neighbours.positions.amin() >= 0
    assert neighbours.positions.amax() <= 1
    for n, features in enumerate(features_of(net, data.images)):
        place, near = neighbours.place(features)
        assert near[0].index == n
        assert (place - neighbours.positions[n]).norm() < 1e-3


def test_a_place_is_the_mean_weighted_by_the_inverse_distance() -> None:
    features = torch.arange(20.0)[:, None]
    positions = torch.stack([torch.arange(20.0), torch.arange(20.0) % 3], 1) / 20
    index = Neighbours(torch.zeros(20, 28, 28), torch.zeros(20), features, 1.0, positions)
    place, near = index.place(torch.tensor([6.3]))
    distances = np.abs(np.arange(20) - 6.3)
    order = distances.argsort()
    radius = distances[order[PLACED_BY]]
    weights = (np.maximum(radius - distances, 0) / (radius * distances)) ** 2
    np.testing.assert_allclose(place.numpy(), weights @ positions.numpy() / weights.sum(), rtol=1e-5)
    assert [each.index for each in near] == order[:PLACED_BY].tolist()
    # It moves continuously also where another image becomes one of the nearest.
    places = torch.stack([index.place(torch.tensor([x]))[0] for x in torch.arange(4.0, 9.0, 0.01).tolist()])
    assert places.diff(dim=0).norm(dim=1).max() < 0.005


def test_images_that_are_all_equally_far_are_weighted_alike() -> None:
    index = Neighbours(torch.zeros(20, 28, 28), torch.zeros(20), torch.ones(20, 3), 1.0, torch.rand(20, 2))
    place, _ = index.place(torch.zeros(3))
    assert place.isfinite().all()
    assert place.min() >= 0
    assert place.max() <= 1


def test_an_index_from_before_the_map_has_none(net: nn.Module, data: Labelled, index: Path) -> None:
    tensors, card = build_index(net, data)
    save_checkpoint(index, {name: tensor for name, tensor in tensors.items() if name != "map"}, card)
    neighbours = load_neighbours(index, net)
    assert neighbours.positions is None
    assert len(neighbours.nearest(neighbours.features[0])) == 8
    save_checkpoint(index, {**tensors, "map": tensors["map"][:-1]}, card)
    assert refused(index, net).kind == OTHER


@pytest.mark.parametrize("spoil", ["images", "labels", "features", "typical"])
def test_an_index_without_one_of_its_parts_is_refused(
    net: nn.Module, data: Labelled, index: Path, spoil: str
) -> None:
    tensors, card = build_index(net, data)
    if spoil == "typical":
        del card["typical"]
    else:
        tensors[spoil] = tensors[spoil][:-1]
    save_checkpoint(index, tensors, card)
    assert refused(index, net).kind == OTHER


def test_the_subset_is_fixed_with_as_many_images_of_each_digit(mnist_root: Path) -> None:
    training, _ = split(load_mnist(mnist_root, train=True))
    chosen = subset(training)
    assert chosen.labels.bincount().tolist() == [EACH] * 10
    assert torch.equal(chosen.images, subset(training).images)
    assert len({image.numpy().tobytes() for image in chosen.images}) == 10 * EACH


@pytest.mark.slow
def test_the_command_writes_the_index_beside_the_checkpoint(
    checkpoint: Path, mnist_root: Path, card: Card, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["neighbours", "--checkpoint", str(checkpoint), "--data-dir", str(mnist_root)]) == 0
    path = index_path(checkpoint)
    assert path.name == "untrained.neighbours.safetensors"
    assert path.stat().st_size <= 2_500_000
    assert "2,000 images" in capsys.readouterr().out
    net = DigitReader.load(checkpoint, "cpu").net
    assert len(load_neighbours(path, net).images) == 2_000
    tensors, about = read_file(path)
    assert {name: tensor.dtype for name, tensor in tensors.items()} == {
        "images": torch.uint8,
        "labels": torch.uint8,
        "features": torch.float16,
        "map": torch.float32,
    }
    assert about["seed"]
    assert main(["neighbours", "--checkpoint", str(path)]) == 1
    assert capsys.readouterr().err.startswith("python -m model neighbours: ")


def test_the_committed_index_belongs_to_the_committed_checkpoint(trained: DigitReader) -> None:
    path = index_path(CHECKPOINT)
    if subprocess.run(
        ["git", "ls-files", "--error-unmatch", path], cwd=path.parent, capture_output=True
    ).returncode:
        pytest.skip("no index is committed")
    neighbours = load_neighbours(path, trained.net)  # else: python -m model neighbours
    torch.testing.assert_close(
        features_of(trained.net, neighbours.images[::100]), neighbours.features[::100], atol=0.02, rtol=2e-3
    )


def test_the_map_of_the_committed_index_keeps_neighbours(trained: DigitReader) -> None:
    neighbours = load_neighbours(index_path(CHECKPOINT), trained.net)
    assert neighbours.positions is not None  # else: python -m model neighbours
    apart = torch.cdist(neighbours.positions, neighbours.positions).fill_diagonal_(torch.inf)
    nearest = apart.topk(10, largest=False).indices
    right = neighbours.labels[nearest].long().mode(1).values == neighbours.labels
    assert right.float().mean() > 0.99
