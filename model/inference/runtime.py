"""The trained network in the forms that answer fastest, chosen by the device and the number of images.

Measured on one thread of a Xeon with AMX, and of an EPYC with AVX512_BF16, which multiplies bfloat16 without
tiles; median ms (`python -m model export --time` prints them anew):

    images                             1      3      8     32          1      3      8     32
    PyTorch, BatchNorm folded       1.24   2.72   4.99  17.54       1.76   3.34   6.58  26.22
    the same through oneDNN Graph   0.83   1.68   3.76  14.14       1.04   2.24   5.05  21.81
    and in bfloat16                 0.36   0.54   0.95   2.73       0.66   1.23   2.78  10.68

That was with a stem of stride 2 and as many multiply-adds; on the EPYC today's network takes 0 to 8 % longer.
PyTorch packs each convolution's weights anew on every call, and looks up each kernel; oneDNN Graph packs
them once, for one number of images. Hence few sizes: images are filled up with blanks to the next one.

In float32 its logits differ from PyTorch's by rounding. In bfloat16 a probability moves, for the committed
checkpoint: on MNIST's 10,000 test images by 0.018 at the most, on 1,851 digits drawn with a pen by 0.019,
on 3,629 pieces of letters by 0.026, of which 11 are then taken for another digit. But a sure answer has no
room to move. So `DigitReader` reads in bfloat16 where the processor multiplies it, and what is then in doubt
once more in float32: 2 % of MNIST, 3 % of the drawn digits, 74 % of the letters. What remains is 0.0005 at
the most on all of them, and no other digit or verdict: everybody sees the same figures on every machine and
in every tab.
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

FEW = (1, 3, 6)  # images that a drawing of one, two and three parts has
MANY = (8, 16, 32, 64)  # for bfloat16 only: in float32 filling up costs what packing saves
AT_ONCE = 64  # images in one call of the network: more are no faster, and take their memory
# A Space that lends GPUs by the call: its package puts itself between PyTorch and CUDA, and there a traced
# network ends the process, without a word.
ZERO_GPU = os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")
WARM = 3  # calls: the first two are watched, by the second it is compiled


class FromModelImage(nn.Module):
    """`to_input` and a network behind it, which computes in ``dtype``: uint8 [N, 28, 28] → float32 logits."""

    def __init__(self, net: nn.Module, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.net = net
        self.dtype = dtype

    def forward(self, images: Tensor) -> Tensor:
        return self.net(to_input(images).to(self.dtype)).float()


class Runtime:
    """A network, ready to answer: model images uint8 [N, 28, 28] → logits float32 [N, classes] on the CPU.

    Safe to call from threads. ``folded`` is the network with each BatchNorm in its convolution. What is
    compiled for a number of images is compiled at the first call with as many, in less than 0.1 s.
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
        """Whether bfloat16 is faster here."""
        return self._half is not None

    @torch.inference_mode()
    def __call__(self, images: Tensor, rounded: bool = False) -> Tensor:
        """``rounded`` to bfloat16, if that is faster here."""
        count = len(images)
        if self.device.type != "cpu":
            return self.folded(images.to(self.device)).cpu()
        if count > AT_ONCE:
            return torch.cat([self(some, rounded) for some in images.split(AT_ONCE)])
        rounded = rounded and self.rounds
        size = next((size for size in (FEW + MANY if rounded else FEW) if size >= count), None)
        if size is None or not count:
            return self.folded(images)
        if count < size:
            images = torch.cat([images, images.new_zeros(size - count, SIZE, SIZE)])
        return self._form(rounded, size)(images)[:count]

    def _form(self, rounded: bool, size: int) -> nn.Module:
        form = self._compiled.get((rounded, size))
        if form is None:
            with self._lock:
                form = self._compiled.get((rounded, size))
                if form is None:
                    whole = self._half if rounded and self._half else self.folded
                    form = self._compiled[rounded, size] = compiled(whole, size)
        return form


def compiled(whole: nn.Module, size: int) -> nn.Module:
    """``whole`` for ``size`` images on the CPU: traced, frozen and run by oneDNN Graph where there is one.

    ``whole`` itself where it cannot be traced.
    """
    if ZERO_GPU:
        return whole
    images = torch.zeros(size, SIZE, SIZE, dtype=torch.uint8)
    try:
        # PyTorch calls tracing deprecated; what it recommends needs a compiler where the page is served.
        with warnings.catch_warnings(), torch.inference_mode(False), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.jit.enable_onednn_fusion(True)
            try:
                frozen = torch.jit.freeze(torch.jit.trace(whole, images, check_trace=False))
                for _ in range(WARM):
                    frozen(images)
            finally:
                torch.jit.enable_onednn_fusion(False)
    except (RuntimeError, AttributeError):
        return whole
    return frozen


def fuse(net: nn.Module) -> nn.Module:
    """A copy for inference with each BatchNorm folded into the convolution before it.

    By ``torch.fx``, which sees the pairs in the order they run; same outputs up to rounding.
    """
    from torch.fx.experimental.optimization import fuse as fold

    return fold(net).to(memory_format=torch.channels_last)
