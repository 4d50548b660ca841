"""The number of threads to train with: as many as other processes leave cores free.

Two threads that share one core wait for each other at the end of every operation, so that both together are
slower than one alone (docs/training-notes.md). Other processes come and go, so the choice is made before
every epoch.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import torch

CPU_TIMES = Path("/proc/stat")  # Linux only
SECONDS = 0.1  # of observation


def use_free_cores(most: int) -> None:
    """Set PyTorch's number of threads to that of the free cores, from 1 to ``most``.

    Call it while this process does nothing else. OMP_NUM_THREADS takes precedence.
    """
    if "OMP_NUM_THREADS" in os.environ or most == 1 or not CPU_TIMES.is_file():
        return
    before = idle_seconds()
    time.sleep(SECONDS)
    free = round((idle_seconds() - before) / SECONDS)
    torch.set_num_threads(max(1, min(most, free)))


def idle_seconds() -> float:
    """Seconds that the machine's cores have been idle since it started, added up."""
    # The first line: "cpu", then the times in user, nice, system, idle and iowait, in clock ticks (proc(5)).
    fields = CPU_TIMES.read_text().split("\n", 1)[0].split()
    return (int(fields[4]) + int(fields[5])) / os.sysconf("SC_CLK_TCK")
