"""The number of threads to train with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from model.training import threads
from model.training.threads import use_free_cores


@pytest.fixture(autouse=True)
def own_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine whose free cores are those written to this file."""
    cores, ticks = tmp_path / "cores", os.sysconf("SC_CLK_TCK")
    cores.write_text("4")
    monkeypatch.setattr(threads, "CPU_TIMES", tmp_path / "stat")
    elapsed = 0.0

    def sleep(seconds: float) -> None:
        nonlocal elapsed
        elapsed += seconds * float(cores.read_text())
        write()

    def write() -> None:
        idle = 1000 + round(elapsed * ticks)
        (tmp_path / "stat").write_text(f"cpu  7 0 7 {idle} 20 0 0 0 0 0\ncpu0 7 0 7 1 2 0 0 0 0 0\n")

    write()
    monkeypatch.setattr(threads.time, "sleep", sleep)
    return cores


@pytest.mark.parametrize(
    ("cores", "expected"), [("4", 4), ("3", 3), ("1.2", 1), ("0", 1), ("0.4", 1), ("1.8", 2), ("16", 4)]
)
def test_as_many_threads_as_free_cores(free: Path, cores: str, expected: int) -> None:
    free.write_text(cores)
    use_free_cores(4)
    assert torch.get_num_threads() == expected


def test_threads_come_back_when_cores_are_free_again(free: Path) -> None:
    for cores in ("1", "4"):
        free.write_text(cores)
        use_free_cores(4)
        assert torch.get_num_threads() == int(cores)


def test_the_environment_takes_precedence(free: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    torch.set_num_threads(3)
    free.write_text("1")
    use_free_cores(3)
    assert torch.get_num_threads() == 3


def test_a_machine_without_the_file_keeps_its_threads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(threads, "CPU_TIMES", tmp_path / "none")
    torch.set_num_threads(2)
    use_free_cores(2)
    assert torch.get_num_threads() == 2
