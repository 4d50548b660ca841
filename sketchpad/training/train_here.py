"""Train here: one small network at a time, from nothing, in a process of its own, for all visitors to watch.

The process runs ``python -m model timed``. It prints a row a second and rewrites its checkpoint each time.
The visitor who starts it gets a token that stops it. The result is kept until the next run starts.
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
SECONDS = 58.0  # that the process is given; it ends by itself before
LIMIT = 60.0  # seconds until it is ended
ON = "SKETCHPAD_TRAIN_HERE"  # 1 or 0; unset it is on, but not on a public Space


def allowed() -> bool:
    """Whether visitors may train: it takes a processor for a minute."""
    return os.environ.get(ON, "0" if "SPACE_ID" in os.environ else "1") == "1"


def data_dir() -> Path:
    """Where MNIST is looked for: $MNIST_DIR, else data/."""
    return Path(os.environ.get("MNIST_DIR") or ROOT / "data")


class TrainingRun:
    """The one run there is: under way, over, or none yet. Safe to call from threads."""

    def __init__(self, seconds: float = SECONDS, limit: float = LIMIT) -> None:
        self._seconds, self._limit = seconds, limit
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._running = False
        self._rows: list[dict[str, Any]] = []
        self._token = ""
        self._run = 0
        self._started = 0.0
        self._said = ""  # why the last run failed
        self._reader: tuple[int, DigitReader] | None = None  # with the time of the file that it is of

    @property
    def path(self) -> Path | None:
        """The checkpoint of the run under way or over; None before it has written one."""
        path = Path(self._folder.name) / "trained_here.safetensors" if self._folder else None
        return path if path and path.is_file() else None

    def start(self) -> dict[str, Any]:
        """Begin a run, unless one is under way: ``state`` with the ``token`` that stops it, or ``busy``."""
        if not allowed():
            raise InputError("Training in the page is switched off here.")
        with self._lock:
            if self._running:
                return {"busy": True, **self._state(0)}
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="sketchpad-")
                atexit.register(self.close)
            out = Path(self._folder.name) / "trained_here.safetensors"
            out.unlink(missing_ok=True)
            self._run += 1
            self._rows, self._said, self._reader = [], "", None
            self._token, self._started = secrets.token_hex(8), time.monotonic()
            flags = ["--polite", "--out", out, "--data-dir", data_dir(), "--seed", self._run]
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
        """Take the rows as they come; end what does not end by itself."""
        timer = threading.Timer(self._limit, process.kill)
        timer.daemon = True
        timer.start()
        with process:  # closes its pipes, and waits for it
            for line in process.stdout or ():
                if line.endswith("\n"):  # else it was ended in the middle of one
                    with self._lock:
                        self._rows.append(json.loads(line))
            said = process.stderr.read().strip().splitlines() if process.stderr else []
        timer.cancel()
        with self._lock:
            if process.returncode and not self._learnt():
                self._said = said[-1] if said else f"ended with {process.returncode}"
            self._running = False

    def _learnt(self) -> list[dict[str, Any]]:
        return [row for row in self._rows if "loss" in row]

    def _state(self, after: int) -> dict[str, Any]:
        """What everybody may know: how the run stands, and its rows from number ``after`` on."""
        over = "failed" if self._said else "over" if self._run else "none"
        return {
            "run": self._run,
            "state": "running" if self._running else over,
            "said": self._said,
            "passed": time.monotonic() - self._started if self._running else 0.0,
            "limit": self._limit,
            "phase": self._rows[-1]["phase"] if self._rows else "starting",
            "mnist": self._rows[0]["mnist"] if self._rows else is_here("mnist", data_dir()),
            "rows": self._learnt()[after:],
        }

    def state(self, payload: object) -> dict[str, Any]:
        """``state`` of ``{"run": number, "after": rows already known}``; all rows where it is another run."""
        run, after = (payload.get(key) if isinstance(payload, dict) else None for key in ("run", "after"))
        with self._lock:
            known = after if isinstance(after, int) and after > 0 and run == self._run else 0
            return self._state(known)

    def stop(self, payload: object) -> dict[str, Any]:
        """End the run early, for whoever has its ``{"token": ...}``; what it has learnt stays."""
        token = payload.get("token") if isinstance(payload, dict) else None
        with self._lock:
            given = token.encode(errors="replace") if isinstance(token, str) else b""
            if not self._token or not secrets.compare_digest(given, self._token.encode()):
                raise InputError("Only who has started the training can stop it.")
            if self._process and self._running:
                self._process.terminate()
            return self._state(0)

    def read(self, strokes: object) -> Reading:
        """What the newest network reads; InputError before there is one."""
        path = self.path
        if path is None:
            raise InputError("Nothing has been trained here yet.")
        written = path.stat().st_mtime_ns
        kept = self._reader
        if kept is None or kept[0] != written:
            try:
                kept = self._reader = (written, DigitReader.load(path, "cpu"))
            except CheckpointError as error:  # another run has just begun
                raise InputError("Nothing has been trained here yet.") from error
        return kept[1].read_strokes(strokes)

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
