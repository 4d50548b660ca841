"""Coverage-guided fuzzing of every entry point: unreadable input must raise a readable error.

    python -m tests.fuzz                          # 20,000 cases for each entry
    python -m tests.fuzz pictures --runs 1000000
    python -m tests.fuzz --runs 125000 --seed 2 --tally fuzz.jsonl    # another search, added to the file
    python -m tests.fuzz --runs 0 --tally fuzz.jsonl                  # totals of all searches

A search mutates the corpus, tests/corpus/ENTRY/, bytewise or structurally (tests/mutate.py). Each entry takes
bytes, may raise only the project's public errors, and must finish a case within SECONDS. A finding is written
to tests/corpus/ENTRY/, where tests/test_fuzz.py runs it as a test.
Requires atheris (``pip install atheris``), which does not support every version of Python.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import cache
from io import BytesIO
from pathlib import Path

from tests import mutate
from tests.helpers.paths import ROOT

CORPUS = Path(__file__).parent / "corpus"
NETWORK = "mnist_resnet_fast"
SECONDS = 10  # of one case; atheris makes a run three times as slow
MAX_ZEROS = 4_000_000  # bytes after a header that lists tensors


@cache
def reader() -> DigitReader:
    """A small untrained network: the same checks of the input, but faster."""
    torch.manual_seed(0)
    classes = get_spec(NETWORK).classes
    arch = {"name": NETWORK, "in_channels": 1, "num_classes": classes}
    calibration = {"temperature": 1.3, "not_digit": 0.5, "unsure": 0.7}
    card = {"arch": arch, "preprocessing": PREPROCESSING, "figures": {}, "calibration": calibration}
    return DigitReader(create_model(NETWORK, 1, classes), card, "cpu")


@cache
def page_context() -> PageContext:
    return PageContext(reader())


@cache
def scratch() -> Path:
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder) / "case"


def as_file(data: bytes) -> Path:
    scratch().write_bytes(data)
    return scratch()


def as_json(data: bytes) -> object:
    """The bytes as JSON; None if the server's parser would reject them."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def strokes(data: bytes) -> None:
    """A drawing from the API or the pad."""
    reader().read_strokes(as_json(data))


def batches(data: bytes) -> None:
    """Model images from the API; and images that repeat one row, so that a short case is a valid image."""
    images = as_json(data)
    with suppress(InputError):
        batch_to_json(reader(), images)
    batch_to_json(reader(), [[row] * SIZE for row in images] if isinstance(images, list) else images)


def payloads(data: bytes) -> None:
    """Payloads of the page's server functions."""
    payload = as_json(data)
    for entry in (
        model_image,
        architecture,
        TrainingRun().state,
        TrainingRun().stop,
    ):
        with suppress(InputError):
            entry(payload)
    steps_of(reader(), PageCache(reader().read_picture), payload)


def inside(data: bytes) -> None:
    """Payloads of the Inside tab's sections."""
    payload = as_json(data)
    for section in SECTIONS.values():
        with suppress(InputError):
            json.dumps(section.response(page_context(), payload), allow_nan=False)


def component_calls(data: bytes) -> None:
    """Request bodies of the page's server functions, through the fast path."""
    match = FastPath(_unused, {"live": ((7,), _unused)}, {})._match(COMPONENT_PATH, data)
    if match:
        asyncio.run(read_live(Batcher(reader().read_drawings), match[1]))


async def _unused(*_: object) -> None: ...


def pictures(data: bytes) -> None:
    """A picture file."""
    reader().read_image(open_picture(BytesIO(data)))


def data_urls(data: bytes) -> None:
    """A picture from the pad."""
    text = data.decode("latin-1") if data[:1] == b"d" else f"data:image/png;base64,{b64encode(data).decode()}"
    reader().read_image(decode_data_url(text))


def checkpoints(data: bytes) -> None:
    """A checkpoint file; and one with the correct header length, to get past the first check."""
    with suppress(CheckpointError):
        load_checkpoint(as_file(data))
    load_checkpoint(as_file(struct.pack("<Q", len(data)) + data + zeros(as_json(data))))


def zeros(header: object) -> bytes:
    """Zero bytes for the tensors in a header, at most ``MAX_ZEROS``."""
    ends = [0]
    for about in header.values() if isinstance(header, dict) else ():
        offsets = about.get("data_offsets") if isinstance(about, dict) else None
        ends += [end for end in offsets if type(end) is int] if isinstance(offsets, list) else []
    return bytes(min(max(ends), MAX_ZEROS))


def cards(data: bytes) -> None:
    """A card in a checkpoint without tensors."""
    header = json.dumps({"__metadata__": {"card": data.decode("utf-8", "replace")}}).encode()
    load_checkpoint(as_file(struct.pack("<Q", len(header)) + header))


def idx_files(data: bytes) -> None:
    """A data set's file."""
    with suppress(DataError):
        read_idx(as_file(data))
    read_idx(as_file(b"\0\0\x08" + data))


def strokes_files(data: bytes) -> None:
    """A file of drawings, for measuring and for ``--extra``."""
    path = as_file(data)
    with suppress(DataError, InputError):
        for drawing in load_drawings(path):
            assert isinstance(drawing.label, str)
    load_corrections(path)


ENTRIES: dict[str, Callable[[bytes], None]] = {
    entry.__name__: entry
    for entry in (
        strokes, batches, payloads, inside, component_calls, pictures, data_urls, checkpoints, cards,
        idx_files, strokes_files,
    )
}  # fmt: skip
MUTATORS = {
    "pictures": mutate.of_picture,
    "data_urls": mutate.of_picture,
    "strokes_files": mutate.of_json_lines,
}


def try_one(name: str, data: bytes) -> None:
    """Run one case: a public error is fine; any other exception, or a timeout, is a finding."""
    started = time.perf_counter()
    message = "read"
    try:
        ENTRIES[name](data)
    except (InputError, DataError, CheckpointError) as error:
        message = str(error).strip()
    assert 0 < len(message) < 1000, "an error must have a message that does not repeat the input"
    message.encode()  # fails for half a surrogate pair
    took = time.perf_counter() - started
    assert took < SECONDS, f"{name} took {took:.1f} s"


def fuzz(name: str, runs: int, seed: int) -> None:
    """Does not return: atheris ends the process."""
    (CORPUS / name).mkdir(parents=True, exist_ok=True)
    options = [f"-runs={runs}", "-max_len=8192", "-len_control=10", "-rss_limit_mb=4096"]
    options += [f"-timeout={SECONDS}", f"-seed={seed}", f"-artifact_prefix={CORPUS / name}/"]
    options += ["-verbosity=0", "-print_final_stats=1"]
    mutate_form = MUTATORS.get(name, mutate.of_json)

    def custom_mutator(data: bytes, max_length: int, seed: int) -> bytes:
        return mutate_form(data, max_length, seed, atheris.Mutate)

    bytewise = name in ("idx_files",)
    mutator = {} if bytewise else {"custom_mutator": custom_mutator}
    working_corpus = tempfile.mkdtemp()  # large, and quick to find again
    arguments = [sys.argv[0], *options, working_corpus, str(CORPUS / name)]
    atheris.Setup(arguments, lambda data: try_one(name, data), **mutator)
    atheris.Fuzz()


def search(name: str, runs: int, seed: int) -> dict[str, object]:
    """One search in a separate process: its cases, seconds, and whether it found a failure."""
    command = [sys.executable, "-m", "tests.fuzz", name, "--runs", str(runs), "--seed", str(seed), "--here"]
    started = time.perf_counter()
    shared = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=shared) as folder:  # a search does not clean up
        environment = {**os.environ, "TMPDIR": folder}
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment)
    seconds = round(time.perf_counter() - started)
    match = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
    cases = int(match[1]) if match else 0  # no statistics if the process ended early
    print(f"{name:14} {cases:10,} cases in {seconds:6} s: {'found' if done.returncode else 'ok'}", flush=True)
    if done.returncode:
        print(done.stderr[-3000:], flush=True)
    row = {"entry": name, "seed": seed, "cases": cases, "seconds": seconds}
    return {**row, "found": bool(done.returncode)}


def summarise(rows: list[dict[str, object]]) -> str:
    """Cases, searches and findings of each entry, and of all."""
    lines = []
    for name in [*ENTRIES, "all"]:
        here = [row for row in rows if name in (row["entry"], "all")]
        cases, found = (sum(row[key] for row in here) for key in ("cases", "found"))
        if here:
            lines.append(f"{name:14} {cases:10,} cases, {len(here)} searches, {found} found")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the project's entry points.")
    parser.add_argument("entries", nargs="*", help=f"of {', '.join(ENTRIES)}")
    parser.add_argument("--runs", type=int, default=20_000, help="cases for each (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the search (default: %(default)s)")
    parser.add_argument("--tally", type=Path, help="append the results to this file, and print its totals")
    parser.add_argument("--here", action="store_true", help="one entry, in this process")
    flags = parser.parse_args()
    if flags.here:
        fuzz(flags.entries[0], flags.runs, flags.seed)
    rows = []
    for name in (flags.entries or ENTRIES) if flags.runs else ():
        rows.append(row := search(name, flags.runs, flags.seed))
        if flags.tally:
            with flags.tally.open("a") as file:
                file.write(json.dumps(row) + "\n")
    failed = sum(row["found"] for row in rows)
    if flags.tally:
        rows = [json.loads(line) for line in flags.tally.read_text().splitlines()]
    print(summarise(rows))
    return failed


FUZZING = __name__ == "__main__" and "--here" in sys.argv
if FUZZING:
    import atheris

    instrumented = atheris.instrument_imports(include=["model", "sketchpad"])
else:
    instrumented = nullcontext()
with instrumented:
    import torch

    from model import CheckpointError, DataError, DigitReader, InputError, create_model, load_checkpoint
    from model.datasets.mnist import read_idx
    from model.datasets.stroke_files import load_corrections, load_drawings
    from model.image import PREPROCESSING, SIZE
    from model.networks.registry import get_spec
    from sketchpad.architectures.tab import parse as architecture
    from sketchpad.draw.tab import steps as steps_of
    from sketchpad.inside.tab import SECTIONS
    from sketchpad.server.api import batch_to_json
    from sketchpad.server.batching import Batcher
    from sketchpad.server.context import PageContext
    from sketchpad.server.fast_path import COMPONENT_PATH, FastPath
    from sketchpad.server.images import decode_data_url, open_picture
    from sketchpad.server.page_cache import PageCache
    from sketchpad.server.wire import model_image, read_live
    from sketchpad.training.train_here import TrainingRun

if __name__ == "__main__":
    sys.exit(main())
