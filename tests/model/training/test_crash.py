"""A training run that is killed at any moment can be resumed and ends like one without interruption."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from model import load_checkpoint
from model.training.resume import run_file
from model.training.trackers import log_file
from tests.helpers.paths import ROOT
from tests.helpers.training_run import command, same_weights

KILLS = 20
pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")


WAITING = """
import json, sys
sys.path.insert(0, sys.argv[1])
from tests.helpers import small_run
sys.exit(small_run.main(json.loads(sys.stdin.readline())))
"""


class Runs:
    """Processes that have imported everything and wait for their command, so that a kill hits the run.

    The next ones start meanwhile, because importing takes longer than such a run.
    """

    def __init__(self) -> None:
        self.waiting: list[subprocess.Popen] = []

    def begin(self, line: list[str]) -> subprocess.Popen:
        while len(self.waiting) < 3:
            code = [sys.executable, "-c", WAITING, str(ROOT)]
            streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            self.waiting.append(subprocess.Popen(code, text=True, **streams))
        process = self.waiting.pop(0)
        process.stdin.write(json.dumps(line[2:]) + "\n")
        process.stdin.flush()
        process.stdout.readline()  # what it trains and where to: now it starts
        return process

    def close(self) -> None:
        for process in self.waiting:
            process.kill()
            process.communicate()


@pytest.fixture
def runs() -> Iterator[Runs]:
    runs = Runs()
    yield runs
    runs.close()


@pytest.mark.slow
def test_a_run_killed_at_any_of_twenty_moments_ends_the_same(small: Path, tmp_path: Path, runs: Runs) -> None:
    more = ["--epochs", "6", "--size", "12"]
    whole = tmp_path / "whole" / "net.safetensors"
    process = runs.begin(command(small, whole, *more))
    process.communicate()
    seconds = 1.3 * median(row["seconds"] for row in load_checkpoint(whole)[1]["history"])  # with its writing
    moments = random.Random(7)
    epochs_kept, finished = set(), 0
    for n in range(KILLS):
        out = tmp_path / str(n) / "net.safetensors"
        process = runs.begin(command(small, out, *more))
        for _ in range(moments.randrange(7)):  # so many epochs are over, and then a part of the next
            process.stdout.readline()
        time.sleep(moments.uniform(0, 1.2) * seconds)
        process.kill()  # SIGKILL
        process.communicate()
        for file in out.parent.glob("*.safetensors"):  # hidden ones, half written, are nobody's checkpoint
            kept = load_checkpoint(file)[1]["history"]
            epochs_kept.add(len(kept))
        finished += out.exists()
        if not out.exists():
            go_on = ["--resume"] if run_file(out).exists() else []
            process = runs.begin(command(small, out, *more, *go_on))
            process.communicate()
            assert process.returncode == 0
            assert sorted(out.parent.iterdir()) == [log_file(out), out]
        assert same_weights(whole, out), f"kill {n}"
        assert len(log_file(out).read_text().splitlines()) == 6
        figures = [load_checkpoint(file)[1]["figures"] for file in (whole, out)]
        assert figures[0] == figures[1]
    print(
        f"\n{seconds:.2f} s an epoch; killed with {sorted(epochs_kept)} epochs kept, {finished} after the end"
    )
    assert len(epochs_kept) >= 3, "the kills must fall into different epochs"
    assert finished < KILLS / 2
