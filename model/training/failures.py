"""Failures of training, each explained in one sentence: what went wrong, what was saved, what to do."""

from __future__ import annotations

import errno
import glob
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from ..errors import CheckpointError, TrainingError
from ..inference.checkpoint import read_file
from .config import TrainConfig
from .distributed import is_lost_process
from .resume import run_file
from .step_metrics import NotANumberError


def check_writable(out: Path) -> None:
    """Raise TrainingError if ``out`` cannot be written. Also deletes temporary files of killed runs."""
    if out.is_dir():
        raise TrainingError(f"{out} is a folder: --out must be a file.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for file in (out, run_file(out)):
            for temporary in out.parent.glob(f".{glob.escape(file.name)}.????????"):
                temporary.unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise TrainingError(
            f"Cannot write to the folder {out.parent} ({error.strerror}): choose another --out."
        ) from error


class KeptProgress:
    """What a run has saved so far, read from its run file."""

    def __init__(self, out: Path, resume: bool) -> None:
        self.file = run_file(out)
        # Without --resume, an existing file belongs to another run.
        self._other_run = None if resume else self._modified()

    def _modified(self) -> int | None:
        return self.file.stat().st_mtime_ns if self.file.exists() else None

    def exists(self) -> bool:
        """Whether this run has saved an epoch."""
        return self._modified() not in (None, self._other_run)

    def describe(self) -> str:
        """A clause for a sentence: "epoch 3 is kept in …", or that nothing is."""
        if not self.exists():
            return "nothing was written"
        try:
            return f"epoch {len(read_file(self.file)[1]['history'])} is kept in {self.file}"
        except CheckpointError:
            return "nothing is kept"


@contextmanager
def failures_explained(config: TrainConfig, kept: KeptProgress) -> Iterator[None]:
    """Add a message to Ctrl-C, and raise TrainingError for errors that `explain_failure` explains."""
    try:
        yield
    except KeyboardInterrupt:
        resume = "; continue with --resume" if kept.exists() else ""
        raise KeyboardInterrupt(f"Stopped: {kept.describe()}{resume}.") from None
    except (RuntimeError, MemoryError, OSError) as error:
        sentence = explain_failure(error, config, kept)
        if sentence is None:
            raise
        raise TrainingError(sentence) from error


def explain_failure(error: BaseException, config: TrainConfig, kept: KeptProgress) -> str | None:
    """One sentence for an error that is not a bug of this code, else None."""
    if isinstance(error, NotANumberError):
        return f"{error}; {kept.describe()}. Try a smaller --lr."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        resume = " and continue with --resume" if kept.exists() else ""
        return f"The disk of {kept.file.parent} is full; {kept.describe()}. Free some space{resume}."
    if _is_out_of_memory(error):
        smaller = max(1, config.batch_size // 2)
        return (
            f"There is not enough memory for batches of {config.batch_size:,} images; {kept.describe()}. "
            f"Start again with --batch-size {smaller}."
        )
    if is_lost_process(error):
        return f"Another process of this run was lost; {kept.describe()}."
    return None


def _is_out_of_memory(error: BaseException) -> bool:
    # PyTorch's CPU allocator has no exception type of its own.
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )
