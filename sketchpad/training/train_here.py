"""Train here: one small network at a time, trained from scratch in a separate process.

The process runs ``python -m model timed``. It prints a row every second and rewrites its checkpoint each
time. All visitors see the run; the one who started it gets a token that stops it. The result is kept until
the next run starts.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from model import CheckpointError, DigitReader, InputError, Reading
from model.datasets.mnist import is_here

ROOT = Path(__file__).parents[2]
SECONDS = 58.0  # after which the process ends by itself
LIMIT = 60.0  # seconds after which it is killed
ROWS, ERRORS = "rows.jsonl", "errors.txt"  # output and errors of the process
SWITCH = "SKETCHPAD_TRAIN_HERE"  # 1 or 0; if unset, training is on except on a public Space


def may_train() -> bool:
    """Whether visitors may train, which uses a processor for a minute."""
    return os.environ.get(SWITCH, "0" if "SPACE_ID" in os.environ else "1") == "1"


def data_dir() -> Path:
    """The folder of MNIST: $MNIST_DIR, else data/."""
    return Path(os.environ.get("MNIST_DIR") or ROOT / "data")


class TrainingRun:
    """The only run: under way, over, or not started yet. Its methods may be called from any thread."""

    def __init__(self, seconds: float = SECONDS, limit: float = LIMIT) -> None:
        self._seconds, self._limit = seconds, limit
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._token = ""
        self._number = 0  # of the run, from 1
        self._started = 0.0
        self._reader: tuple[int, DigitReader] | None = None  # with the modification time of its file

    @property
    def path(self) -> Path | None:
        """The checkpoint of the run; None before it has written one."""
        path = self._folder / "trained_here.safetensors" if self._folder else None
        return path if path and path.is_file() else None

    def start(self) -> dict[str, Any]:
        """Start a run: its state with the ``token`` that stops it, or with ``busy`` if one is under way."""
        if not may_train():
            raise InputError("Training in the page is switched off here.")
        with self._lock:
            if self._is_running():
                return {"busy": True, **self._state(0)}
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="sketchpad-"))
                atexit.register(self.close)
            out = self._folder / "trained_here.safetensors"
            out.unlink(missing_ok=True)
            self._number += 1
            self._reader = None
            self._token, self._started = secrets.token_hex(8), time.monotonic()
            flags = ["--polite", "--out", out, "--data-dir", data_dir(), "--seed", self._number]
            command = [sys.executable, "-m", "model", "timed", *flags, "--seconds", self._seconds]
            with (self._folder / ROWS).open("wb") as rows, (self._folder / ERRORS).open("wb") as errors:
                self._process = subprocess.Popen(
                    list(map(str, command)), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=rows, stderr=errors
                )
            timer = threading.Timer(self._limit, self._process.kill)
            timer.daemon = True
            timer.start()
            return {"token": self._token, **self._state(0)}

    def _is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _lines(self, name: str) -> list[str]:
        """The complete lines that the process has printed."""
        text = (self._folder / name).read_text("utf-8", errors="replace") if self._folder else ""
        return [line for line in text.splitlines(keepends=True) if line.strip() and line.endswith("\n")]

    def _state(self, after: int) -> dict[str, Any]:
        """The state that every visitor may see, with the rows from number ``after`` on."""
        running = self._is_running()  # before the rows are read, so that the last row is not missed
        rows = [json.loads(line) for line in self._lines(ROWS)]
        training = [row for row in rows if "loss" in row]
        failure = ""
        if self._process and self._process.returncode and not training:
            failure = [f"ended with {self._process.returncode}", *self._lines(ERRORS)][-1].strip()
        ended = "failed" if failure else "over" if self._process else "none"
        return {
            "run": self._number,
            "state": "running" if running else ended,
            "failure": failure,
            "passed": time.monotonic() - self._started if running else 0.0,
            "limit": self._limit,
            "phase": rows[-1]["phase"] if rows else "starting",
            "mnist": rows[0]["mnist"] if rows else is_here("mnist", data_dir()),
            "rows": training[after:],
        }

    def state(self, payload: object) -> dict[str, Any]:
        """The state for ``{"run": number, "after": rows received}``; all rows for another run."""
        run, after = (payload.get(key) if isinstance(payload, dict) else None for key in ("run", "after"))
        with self._lock:
            received = after if isinstance(after, int) and after > 0 and run == self._number else 0
            return self._state(received)

    def stop(self, payload: object) -> dict[str, Any]:
        """Stop the run of ``{"token": ...}`` early; its last checkpoint stays."""
        token = payload.get("token") if isinstance(payload, dict) else None
        with self._lock:
            received = token.encode(errors="replace") if isinstance(token, str) else b""
            if not self._token or not secrets.compare_digest(received, self._token.encode()):
                raise InputError("Only the visitor who started the training can stop it.")
            if self._process:
                self._process.terminate()
            return self._state(0)

    def read(self, strokes: object) -> Reading:
        """The reading by the newest checkpoint; InputError before there is one."""
        path, newest = self.path, self._reader
        try:
            if path is None:
                raise FileNotFoundError
            modified = path.stat().st_mtime_ns
            if newest is None or newest[0] != modified:
                newest = self._reader = modified, DigitReader.load(path, "cpu")
        except (CheckpointError, FileNotFoundError) as error:  # also while the next run starts
            raise InputError("Nothing has been trained here yet.") from error
        return newest[1].read_strokes(strokes)

    def close(self) -> None:
        """End the process and delete what it wrote."""
        with self._lock:
            if self._process:
                self._process.kill()
                self._process.wait()
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder = None
