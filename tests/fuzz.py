"""Coverage-guided fuzzing of every way in: what is not readable is refused in a sentence, whatever it is.

    python -m tests.fuzz                          # 20,000 cases for each entry
    python -m tests.fuzz pictures --runs 1000000
    python -m tests.fuzz --runs 200000            # beginning with the corpus, tests/corpus/ENTRY/

Each entry takes bytes and may raise what the project means callers to read, nothing else, within SECONDS
a case. A finding is written to tests/corpus/ENTRY/, where it stays as a test (tests/test_fuzz.py).
Coverage is by atheris, which has no build for every Python: then ``pip install atheris`` says so.
"""

from __future__ import annotations

import argparse
import json
import struct
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORPUS = Path(__file__).parent / "corpus"
CHECKPOINT = ROOT / "checkpoints" / "mnist_resnet.safetensors"
SECONDS = 10  # of one case; atheris makes a run three times as slow


@cache
def reader() -> DigitReader:
    return DigitReader.load(CHECKPOINT, "cpu")


@cache
def scratch() -> Path:
    shared = Path("/dev/shm")
    return Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None)) / "case"


def as_file(data: bytes) -> Path:
    scratch().write_bytes(data)
    return scratch()


def as_json(data: bytes) -> object:
    """What a client's JSON would be; None for what the server's own parser refuses before us."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def strokes(data: bytes) -> None:
    """A drawing from the API or the pad."""
    reader().read_strokes(as_json(data))


def payloads(data: bytes) -> None:
    """What the page's own server functions are sent."""
    payload = as_json(data)
    for entry in (seam, architecture):
        with suppress(InputError):
            entry(payload)
    explain(reader(), payload)


def pictures(data: bytes) -> None:
    """A picture file."""
    reader().read_image(open_picture(BytesIO(data)))


def data_urls(data: bytes) -> None:
    """A picture from the pad."""
    text = data.decode("latin-1") if data[:1] == b"d" else f"data:image/png;base64,{b64encode(data).decode()}"
    reader().read_image(decode(text))


def checkpoints(data: bytes) -> None:
    """A checkpoint file; the header's length is set right, so that more than the first check is tried."""
    load_checkpoint(as_file(data))
    load_checkpoint(as_file(struct.pack("<Q", len(data)) + data))


def cards(data: bytes) -> None:
    """A card that is whole JSON, in a checkpoint without tensors."""
    header = json.dumps({"__metadata__": {"card": data.decode("utf-8", "replace")}}).encode()
    load_checkpoint(as_file(struct.pack("<Q", len(header)) + header))


def idx_files(data: bytes) -> None:
    """A data set's file."""
    read_idx(as_file(data))
    read_idx(as_file(b"\0\0\x08" + data))


def strokes_files(data: bytes) -> None:
    """A file of drawings, for measuring and for ``--extra``."""
    path = as_file(data)
    for drawing in load_drawings(path):
        assert isinstance(drawing.label, str)
    load_corrections(path)


ENTRIES: dict[str, Callable[[bytes], None]] = {
    entry.__name__: entry
    for entry in (strokes, payloads, pictures, data_urls, checkpoints, cards, idx_files, strokes_files)
}


def try_one(name: str, data: bytes) -> None:
    """One case: a refusal is fine, anything else that is raised, or takes too long, is a finding."""
    started = time.perf_counter()
    said = "read"
    try:
        ENTRIES[name](data)
    except (InputError, DataError, CheckpointError) as refusal:
        said = str(refusal).strip()
    assert 0 < len(said) < 1000, "a refusal must say why, and not repeat what it was given"
    took = time.perf_counter() - started
    assert took < SECONDS, f"{name} took {took:.1f} s"


def fuzz(name: str, runs: int) -> None:
    """Never comes back: atheris ends the process."""
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    options = [f"-runs={runs}", "-max_len=4096", "-rss_limit_mb=4096", f"-timeout={SECONDS}", "-verbosity=0"]
    options += [f"-artifact_prefix={CORPUS / name}/", "-print_final_stats=1", "-seed=1"]
    with tempfile.TemporaryDirectory() as grown:  # what it learns is large, and quickly learned again
        atheris.Setup([sys.argv[0], *options, grown, str(CORPUS / name)], lambda data: try_one(name, data))
        atheris.Fuzz()


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the project's ways in.")
    parser.add_argument("entries", nargs="*", help=f"of {', '.join(ENTRIES)}")
    parser.add_argument("--runs", type=int, default=20_000, help="cases for each (default: %(default)s)")
    parser.add_argument("--here", action="store_true", help="one entry, in this process")
    flags = parser.parse_args()
    if flags.here:
        fuzz(flags.entries[0], flags.runs)
    failed = []
    for name in flags.entries or ENTRIES:
        command = [sys.executable, "-m", "tests.fuzz", name, "--runs", str(flags.runs), "--here"]
        started = time.perf_counter()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        seconds = time.perf_counter() - started
        print(f"{name:14} {flags.runs:10,} cases in {seconds:6.0f} s: {'found' if done.returncode else 'ok'}")
        if done.returncode:
            failed.append(name)
            print(done.stderr[-3000:])
    return len(failed)


FUZZING = __name__ == "__main__" and "--here" in sys.argv
if FUZZING:
    import atheris

    watched = atheris.instrument_imports(include=["model", "sketchpad"])
else:
    watched = nullcontext()
with watched:
    from io import BytesIO

    from model import CheckpointError, DataError, DigitReader, InputError, load_checkpoint
    from model.corrections import load_corrections
    from model.data import read_idx
    from model.evaluate import load_drawings
    from sketchpad.architectures import parse as architecture
    from sketchpad.draw import steps as explain
    from sketchpad.payload import seam
    from sketchpad.pictures import decode, open_picture

if __name__ == "__main__":
    sys.exit(main())
