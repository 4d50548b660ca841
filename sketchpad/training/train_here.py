"""Train here: one small network at a time, trained from nothing in a process of its own.

The process runs ``python -m model timed``. It prints a row every second and rewrites its checkpoint each
time. All visitors see the run; the one who started it gets a token that stops it. The result is kept until
the next run starts.
"""

from __future__ import annotations

import atexit
import json
import os
import secrets
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
SWITCH = "SKETCHPAD_TRAIN_HERE"  # 1 or 0; if unset, training is on except on a public Space


def may_train() -> bool:
    """Whether visitors may train, which uses a processor for a minute."""
    return os.environ.get(SWITCH, "0" if "SPACE_ID" in os.environ else "1") == "1"


def data_dir() -> Path:
    """Where MNIST is looked for: $MNIST_DIR, else data/."""
    return Path(os.environ.get("MNIST_DIR") or ROOT / "data")


class TrainingRun:
    """The only run: under way, over, or not started yet. Its methods may be called from any thread."""

    def __init__(self, seconds: float = SECONDS, limit: float = LIMIT) -> None:
        self._seconds, self._limit = seconds, limit
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._running = False
        self._rows: list[dict[str, Any]] = []
        self._token = ""
        self._number = 0  # of the run, from 1
        self._started = 0.0
        self._failure = ""  # why the last run failed
        self._reader: tuple[int, DigitReader] | None = None  # with the modification time of its file

    @property
    def path(self) -> Path | None:
        """The checkpoint of the run; None before it has written one."""
        path = Path(self._folder.name) / "trained_here.safetensors" if self._folder else None
        return path if path and path.is_file() else None

    def start(self) -> dict[str, Any]:
        """Start a run: its state with the ``token`` that stops it, or with ``busy`` if one is under way."""
        if not may_train():
            raise InputError("Training in the page is switched off here.")
        with self._lock:
            if self._running:
                return {"busy": True, **self._state(0)}
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="sketchpad-")
                atexit.register(self.close)
            out = Path(self._folder.name) / "trained_here.safetensors"
            out.unlink(missing_ok=True)
            self._number += 1
            self._rows, self._failure, self._reader = [], "", None
            self._token, self._started = secrets.token_hex(8), time.monotonic()
            flags = ["--polite", "--out", out, "--data-dir", data_dir(), "--seed", self._number]
            command = [sys.executable, "-m", "model", "timed", *flags, "--seconds", self._seconds]
            self._process = subprocess.Popen(
                list(map(str, command)),
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            self._running = True
            self._listener = threading.Thread(target=self._listen, args=(self._process,), daemon=True)
            self._listener.start()
            return {"token": self._token, **self._state(0)}

    def _listen(self, process: subprocess.Popen[str]) -> None:
        """Collect the process's rows until it ends, and kill it after ``limit`` seconds."""
        timer = threading.Timer(self._limit, process.kill)
        timer.daemon = True
        timer.start()
        with process:  # closes its pipes and waits for it
            for line in process.stdout or ():
                if line.endswith("\n"):  # a process that is killed leaves half a line
                    with self._lock:
                        self._rows.append(json.loads(line))
            messages = process.stderr.read().strip().splitlines() if process.stderr else []
        timer.cancel()
        with self._lock:
            if process.returncode and not self._training_rows():
                self._failure = messages[-1] if messages else f"ended with {process.returncode}"
            self._running = False

    def _training_rows(self) -> list[dict[str, Any]]:
        return [row for row in self._rows if "loss" in row]

    def _state(self, after: int) -> dict[str, Any]:
        """The state that every visitor may see, with the rows from number ``after`` on."""
        ended = "failed" if self._failure else "over" if self._number else "none"
        return {
            "run": self._number,
            "state": "running" if self._running else ended,
            "failure": self._failure,
            "passed": time.monotonic() - self._started if self._running else 0.0,
            "limit": self._limit,
            "phase": self._rows[-1]["phase"] if self._rows else "starting",
            "mnist": self._rows[0]["mnist"] if self._rows else is_here("mnist", data_dir()),
            "rows": self._training_rows()[after:],
        }

    def state(self, payload: object) -> dict[str, Any]:
        """The state for ``{"run": number, "after": rows received}``; all rows if another run is meant."""
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
                raise InputError("Only who has started the training can stop it.")
            if self._process and self._running:
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
        if self._process and self._running:
            self._process.kill()
        if self._listener:
            self._listener.join()
        with self._lock:
            if self._folder:
                self._folder.cleanup()
                self._folder = None
