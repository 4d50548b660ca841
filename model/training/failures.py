"""What goes wrong in training, in a sentence: what it was, what is kept, what to do."""

from __future__ import annotations

import errno
import glob
import tempfile
from pathlib import Path

import torch

from ..errors import CheckpointError, TrainingError
from ..inference.checkpoint import read_file
from .config import TrainConfig
from .distributed import is_loss
from .resume import run_file
from .step_metrics import NotANumberError


def prepare(out: Path) -> None:
    """Try before an hour of training whether ``out`` can be written; TrainingError if not.

    A run that was killed while it wrote has left a file that was never whole; it goes.
    """
    if out.is_dir():
        raise TrainingError(f"{out} is a folder: --out takes the name of a file.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for file in (out, run_file(out)):
            for left in out.parent.glob(f".{glob.escape(file.name)}.????????"):
                left.unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise TrainingError(
            f"Nothing can be written to {out.parent} ({error.strerror}): take another --out."
        ) from error


class KeptProgress:
    """What a run keeps should it stop now, in words; from its file, wherever in the run that is asked."""

    def __init__(self, out: Path, resume: bool) -> None:
        self.file = run_file(out)
        self.of_another_run = None if resume else self._stamp()

    def _stamp(self) -> int | None:
        return self.file.stat().st_mtime_ns if self.file.exists() else None

    def __bool__(self) -> bool:
        return self._stamp() not in (None, self.of_another_run)

    def __str__(self) -> str:
        if not self:
            return "nothing was written"
        try:
            return f"epoch {len(read_file(self.file)[1]['history'])} is kept in {self.file}"
        except CheckpointError:
            return "nothing is kept"


def explain_failure(error: BaseException, config: TrainConfig, kept: KeptProgress) -> str | None:
    """The sentence for an error that training may meet through no fault of the code's; None for others."""
    go_on = " and go on with --resume" if kept else ""
    if isinstance(error, NotANumberError):
        return f"{error}; {kept}. Try a smaller --lr."
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds {kept.file.parent} is full; {kept}. Make room{go_on}."
    if _is_memory(error):
        smaller = max(1, config.batch_size // 2)
        return (
            f"There is not enough memory for batches of {config.batch_size:,} images; {kept}. "
            f"Begin again with --batch-size {smaller}."
        )
    if is_loss(error):
        return f"Another process of this run has gone; {kept}."
    return None


def _is_memory(error: BaseException) -> bool:
    # PyTorch's allocator for the CPU has no type of error of its own.
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or (
        isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
    )
