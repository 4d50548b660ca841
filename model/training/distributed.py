"""Several processes that train one network: who takes part, what each does, what is added up.

    torchrun --nproc-per-node 2 train_mnist.py

torchrun starts the processes, on one machine or several, and tells each its place in the environment. Each
has the whole network and takes its slice of every batch; the gradients are averaged during the backward
pass (Li et al. 2020, "PyTorch Distributed"), so that all take the same step. The batch of a recipe is that
of all together: the images of an epoch, the steps and the learning rate do not hang on their number.

BatchNorm: on GPUs SyncBatchNorm takes its statistics over the whole batch. For CPUs PyTorch has none, and
each process normalises by its own slice, as in Goyal et al. 2017, sec. 2.3; the running statistics, which
a trained network reads by, are averaged over the processes after each epoch. Both they and their moving
average are linear in what the steps add, so that this is the average of every step.
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

PATIENCE = timedelta(minutes=30)  # for a process that fetches the data or measures the others' work


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of a run and this one's place among them. Alone, each method does nothing."""

    rank: int = 0
    size: int = 1

    @property
    def first(self) -> bool:
        """Whether this process is the one that prints and writes."""
        return self.rank == 0

    def check(self, batch_size: int) -> None:
        """TrainingError where a batch has no equal parts: the mean of their means would not be its own."""
        if batch_size % self.size:
            fits = max(self.size, batch_size // self.size * self.size)
            raise TrainingError(
                f"A batch of {batch_size:,} images cannot be shared equally by {self.size} processes: "
                f"take --batch-size {fits}."
            )

    def synchronised(self, net: nn.Module, device: torch.device) -> nn.Module:
        """``net`` with BatchNorm over all processes' images, where the device has one."""
        if self.size == 1 or device.type != "cuda":
            return net
        return nn.SyncBatchNorm.convert_sync_batchnorm(net)

    def wrap(self, net: nn.Module) -> nn.Module:
        """What to call in training: ``net``, whose gradients are then those of all processes."""
        if self.size == 1:
            return net
        from torch.nn.parallel import DistributedDataParallel as Parallel

        # The older name is told off by newer versions, which know both.
        names = signature(Parallel).parameters
        sync = "forward_sync_buffers" if "forward_sync_buffers" in names else "broadcast_buffers"
        return Parallel(net, gradient_as_bucket_view=True, **{sync: False})

    def total(self, tensor: Tensor) -> Tensor:
        """The sum over all processes, in place."""
        if self.size > 1:
            torch.distributed.all_reduce(tensor)
        return tensor

    def average_statistics(self, *nets: nn.Module) -> None:
        """Bring the running statistics of every BatchNorm to their mean over all processes."""
        if self.size == 1:
            return
        floats = [b for net in nets for b in net.buffers() if b.is_floating_point()]
        if floats:
            mean = self.total(torch.cat([b.flatten() for b in floats])) / self.size
            for buffer, part in zip(floats, mean.split([b.numel() for b in floats]), strict=True):
                buffer.copy_(part.view_as(buffer))

    @contextmanager
    def first_ahead(self) -> Iterator[None]:
        """The first process goes ahead, the others follow: what it fetches, they find."""
        if not self.first:
            torch.distributed.barrier()
        yield
        if self.first and self.size > 1:
            torch.distributed.barrier()

    def leave(self) -> None:
        """This process's part is done: the others do not wait for it."""
        if self.size > 1:
            torch.distributed.destroy_process_group()


def place() -> ProcessGroup:
    """This process's place as torchrun, or who sets the same variables, says it; alone without them."""
    if "RANK" not in os.environ or "MASTER_ADDR" not in os.environ:
        return ProcessGroup()
    return ProcessGroup(int(os.environ["RANK"]), int(os.environ.get("WORLD_SIZE", "1")))


def join(name: str) -> tuple[torch.device, ProcessGroup]:
    """This process's device and the team, connected: by NCCL on GPUs, one each, by gloo on CPUs.

    Raises ValueError for a device that is not there, TrainingError for one that cannot be shared so.
    """
    team = place()
    if team.size == 1:
        return resolve_device(name), team
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name not in ("cuda", "cpu"):
        raise TrainingError(f"Several processes train with --device cpu or cuda, a GPU each, not '{name}'.")
    device = resolve_device(name)
    if device.type == "cuda":
        here, gpus = int(os.environ.get("LOCAL_WORLD_SIZE", team.size)), torch.cuda.device_count()
        if here > gpus:
            raise TrainingError(
                f"{here} processes were started, and there {'is' if gpus == 1 else 'are'} {gpus} "
                f"GPU{'s' * (gpus != 1)} here: take --nproc-per-node {gpus}, or --device cpu."
            )
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", team.rank)))
        torch.cuda.set_device(device)
    # torchrun's store still holds the addresses of the processes that a restart has replaced.
    store, rank, size = next(torch.distributed.rendezvous("env://", timeout=PATIENCE))
    store = torch.distributed.PrefixStore(f"restart {restarts()}", store)
    torch.distributed.init_process_group(
        "nccl" if device.type == "cuda" else "gloo",
        timeout=PATIENCE,
        store=store,
        rank=rank,
        world_size=size,
        device_id=device if device.type == "cuda" else None,
    )
    return device, team


def restarts() -> int:
    """How often torchrun has replaced this run's processes because one was lost (``--max-restarts``)."""
    return int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))


def is_loss(error: BaseException) -> bool:
    """Whether an error says that another process has gone: gloo has no type of error of its own."""
    if place().size == 1:
        return False
    told = isinstance(error, RuntimeError) and re.search(r"gloo|Connection (closed|reset)|NCCL", str(error))
    return bool(told) or isinstance(error, torch.distributed.DistError)
