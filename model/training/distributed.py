"""Data-parallel training: several processes train one network.

    torchrun --nproc-per-node 2 train_mnist.py

torchrun starts the processes, on one machine or several, and sets each one's rank in the environment. Each
has the whole network and takes its slice of every batch. The gradients are averaged during the backward
pass (Li et al. 2020, "PyTorch Distributed"), so all processes take the same step. A recipe's batch is that
of all processes together: images per epoch, steps and learning rate do not depend on their number.

BatchNorm: on GPUs, SyncBatchNorm computes its statistics over the whole batch. PyTorch has none for CPUs:
there each process normalises by its own slice, as in Goyal et al. 2017, sec. 2.3, and the running statistics
are averaged over the processes after each epoch. They and their EMA are linear in each step's statistics,
so this equals averaging at every step.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from inspect import signature

import torch
from torch import Tensor, nn

from ..device import resolve_device
from ..errors import TrainingError

TIMEOUT = timedelta(minutes=30)  # for the main process, which fetches the data and validates


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of a run, and the rank of this process. With one process the methods do nothing."""

    rank: int = 0
    size: int = 1

    @classmethod
    def from_environment(cls) -> ProcessGroup:
        """The group that torchrun's environment variables describe; one process without them."""
        if "RANK" not in os.environ or "MASTER_ADDR" not in os.environ:
            return cls()
        return cls(int(os.environ["RANK"]), int(os.environ.get("WORLD_SIZE", "1")))

    @property
    def is_main(self) -> bool:
        """Whether this process prints and writes."""
        return self.rank == 0

    def check_batch_size(self, batch_size: int) -> None:
        """Raise TrainingError if a batch has no equal parts: the mean of their means would be wrong."""
        if batch_size % self.size:
            divisible = max(self.size, batch_size // self.size * self.size)
            raise TrainingError(
                f"A batch of {batch_size:,} images cannot be shared equally by {self.size} processes: "
                f"use --batch-size {divisible}."
            )

    def sync_batchnorm(self, net: nn.Module, device: torch.device) -> nn.Module:
        """``net`` with BatchNorm over the images of all processes, on GPUs."""
        if self.size == 1 or device.type != "cuda":
            return net
        synchronised: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(net)
        return synchronised

    def wrap(self, net: nn.Module) -> nn.Module:
        """``net`` as a module whose backward pass averages the gradients over the processes."""
        if self.size == 1:
            return net
        from torch.nn.parallel import DistributedDataParallel

        # Newer versions accept both names and warn about the older one.
        names = signature(DistributedDataParallel).parameters
        sync = "forward_sync_buffers" if "forward_sync_buffers" in names else "broadcast_buffers"
        options = {"gradient_as_bucket_view": True, sync: False}
        return DistributedDataParallel(net, **options)  # type: ignore[arg-type]  # names differ by version

    def all_reduce(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.size > 1:
            torch.distributed.all_reduce(tensor)
        return tensor

    def average_batchnorm(self, *nets: nn.Module) -> None:
        """Set the running statistics of every BatchNorm to their mean over all processes."""
        if self.size == 1:
            return
        for buffer in (b for net in nets for b in net.buffers() if b.is_floating_point()):
            buffer.copy_(self.all_reduce(buffer.clone()) / self.size)

    @contextmanager
    def main_first(self) -> Iterator[None]:
        """Run the block in the main process first, so that the others find the files it has downloaded."""
        if not self.is_main:
            torch.distributed.barrier()
        yield
        if self.is_main and self.size > 1:
            torch.distributed.barrier()

    def leave(self) -> None:
        """Leave the group; the other processes do not wait for this one."""
        if self.size > 1:
            torch.distributed.destroy_process_group()


def join_process_group(device_name: str) -> tuple[torch.device, ProcessGroup]:
    """This process's device and the connected group: NCCL on GPUs, one each; gloo on CPUs.

    Raises ValueError for a device that is not available, TrainingError if the processes cannot use it
    together.
    """
    group = ProcessGroup.from_environment()
    if group.size == 1:
        return resolve_device(device_name), group
    if device_name == "auto":
        device_name = "cuda" if torch.cuda.is_available() else "cpu"
    if device_name not in ("cuda", "cpu"):
        raise TrainingError(
            f"Several processes train with --device cpu or cuda (one GPU each), not '{device_name}'."
        )
    device = resolve_device(device_name)
    if device.type == "cuda":
        processes = int(os.environ.get("LOCAL_WORLD_SIZE", group.size))
        gpus = torch.cuda.device_count()
        if processes > gpus:
            raise TrainingError(
                f"{processes} processes were started, but this machine has {gpus} GPU{'s' * (gpus != 1)}: "
                f"use --nproc-per-node {gpus} or --device cpu."
            )
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", group.rank)))
        torch.cuda.set_device(device)
    store, rank, size = next(torch.distributed.rendezvous("env://", timeout=TIMEOUT))  # type: ignore[attr-defined]  # public, but not in __all__
    # After a restart, torchrun's store still has the addresses of the replaced processes.
    store = torch.distributed.PrefixStore(f"restart {restarts()}", store)  # type: ignore[attr-defined]  # public, but not in __all__
    torch.distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        timeout=TIMEOUT,
        store=store,
        rank=rank,
        world_size=size,
        device_id=device if device.type == "cuda" else None,
    )
    return device, group


def restarts() -> int:
    """How often torchrun has restarted this run after losing a process (``--max-restarts``)."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))


def is_lost_process(error: BaseException) -> bool:
    """Whether an error means that another process was lost. gloo has no exception type of its own."""
    if ProcessGroup.from_environment().size == 1:
        return False
    if isinstance(error, torch.distributed.DistError):
        return True
    pattern = r"gloo|Connection (closed|reset)|NCCL"
    return isinstance(error, RuntimeError) and re.search(pattern, str(error)) is not None
