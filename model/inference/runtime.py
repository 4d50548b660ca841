"""The fastest copies of a trained network for inference, selected by the device and the batch size.

Median ms on one thread of a Xeon with AMX (left), and of an EPYC with AVX512_BF16, which has bfloat16 without
AMX's tiles (right). `python -m model export --time` measures them again.

    images                             1      3      8     32          1      3      8     32
    PyTorch, BatchNorm folded       1.24   2.72   4.99  17.54       1.76   3.34   6.58  26.22
    the same through oneDNN Graph   0.83   1.68   3.76  14.14       1.04   2.24   5.05  21.81
    and in bfloat16                 0.36   0.54   0.95   2.73       0.66   1.23   2.78  10.68

They were measured with a network that has a stem of stride 2 and as many multiply-adds; the current one takes
0 to 8 % longer on the EPYC. PyTorch packs the weights of each convolution and looks up its kernel in every
call. oneDNN Graph packs them once, for one batch size. So only a few batch sizes are compiled, and batches
are padded with blanks.

In float32 the logits differ from PyTorch's by rounding. In bfloat16 a probability of the committed checkpoint
changes by at most 0.018 on MNIST's 10,000 test images, 0.019 on 1,851 pen-drawn digits, and 0.026 on 3,629
parts of letters, of which 11 are then read as another digit. Results that are nearly certain hardly change.
So `DigitReader` reads in bfloat16 if the processor supports it, and repeats doubtful results in float32: 2 %
of MNIST, 3 % of the drawn digits, 74 % of the letters. The remaining difference is at most 0.0005 on all of
them, and no digit or verdict changes: results are the same on every machine and in every tab.
"""

from __future__ import annotations

import copy
import os
import threading
import warnings

import torch
from torch import Tensor, nn

from ..device import quick_dtype
from ..image import SIZE, to_input

FEW = (1, 3, 6)  # batch sizes: candidates of a drawing with one, two and three parts
MANY = (8, 16, 32, 64)  # for bfloat16 only; in float32 the padding costs what packing saves
AT_ONCE = 64  # images in one call of the network; more are no faster and need more memory
# On a ZeroGPU Space the package `spaces` replaces parts of PyTorch's CUDA, and a traced network crashes the
# process.
ZERO_GPU = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
WARM_UP = 3  # calls; the first two profile and compile


class FromModelImage(nn.Module):
    """`to_input` and then a network in ``dtype``: uint8 [N, 28, 28] → float32 logits [N, classes]."""

    def __init__(self, net: nn.Module, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.net = net
        self.dtype = dtype

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.net(to_input(images).to(self.dtype))
        return logits.float()


class Runtime:
    """A network for inference: model images uint8 [N, 28, 28] → logits float32 [N, classes] on the CPU.

    Safe to call from several threads. ``folded`` is the network with each BatchNorm folded into its
    convolution. A batch size is compiled at its first use, in less than 0.1 s.
    """

    def __init__(self, net: nn.Module, device: torch.device) -> None:
        self.device = device
        self.folded = FromModelImage(fuse(net)).eval().requires_grad_(False)
        self._half: nn.Module | None = None
        if device.type == "cpu" and quick_dtype(device):
            half = copy.deepcopy(self.folded.net).to(torch.bfloat16)
            self._half = FromModelImage(half, torch.bfloat16).eval()
        self._compiled: dict[tuple[bool, int], nn.Module] = {}
        self._lock = threading.Lock()

    @property
    def rounds(self) -> bool:
        """Whether bfloat16 is used for ``rounded`` calls."""
        return self._half is not None

    @torch.inference_mode()
    def __call__(self, images: Tensor, rounded: bool = False) -> Tensor:
        """Logits of ``images``; with ``rounded`` in bfloat16 if that is faster here."""
        count = len(images)
        logits: Tensor
        if self.device.type != "cpu":
            logits = self.folded(images.to(self.device)).cpu()
            return logits
        if count > AT_ONCE:
            return torch.cat([self(some, rounded) for some in images.split(AT_ONCE)])
        rounded = rounded and self.rounds
        size = next((size for size in (FEW + MANY if rounded else FEW) if size >= count), None)
        if size is None or not count:
            logits = self.folded(images)
            return logits
        if count < size:
            images = torch.cat([images, images.new_zeros(size - count, SIZE, SIZE)])
        logits = self._compiled_for(size, rounded)(images)
        return logits[:count]

    def _compiled_for(self, size: int, rounded: bool) -> nn.Module:
        net = self._compiled.get((rounded, size))
        if net is None:
            with self._lock:
                net = self._compiled.get((rounded, size))
                if net is None:
                    net = compile_for(size, self._half if rounded and self._half else self.folded)
                    self._compiled[rounded, size] = net
        return net


def compile_for(size: int, net: nn.Module) -> nn.Module:
    """``net`` traced for ``size`` images on the CPU, frozen, and run by oneDNN Graph if that is available.

    Returns ``net`` itself if it cannot be traced.
    """
    if ZERO_GPU:
        return net
    images = torch.zeros(size, SIZE, SIZE, dtype=torch.uint8)
    try:
        # Tracing is deprecated; its replacement, torch.compile, needs a C++ compiler on the server.
        with warnings.catch_warnings(), torch.inference_mode(False), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.jit.enable_onednn_fusion(True)
            try:
                frozen: nn.Module = torch.jit.freeze(torch.jit.trace(net, images, check_trace=False))
                for _ in range(WARM_UP):
                    frozen(images)
            finally:
                torch.jit.enable_onednn_fusion(False)
    except (RuntimeError, AttributeError):
        return net
    return frozen


def fuse(net: nn.Module) -> nn.Module:
    """A copy for inference with each BatchNorm folded into the convolution before it, equal up to rounding.

    ``torch.fx`` finds these pairs in the order of execution.
    """
    from torch.fx.experimental.optimization import fuse as fold

    folded: nn.Module = fold(net).to(memory_format=torch.channels_last)
    return folded
