"""A convolution's gradients as matrix products, where oneDNN is slow at them: bfloat16 on a CPU with AMX.

oneDNN's own backward pass takes, for 192 channels of 4×4 pixels, five times its forward pass: its kernel
for the weights' gradient works along rows of pixels, and here they are short. The same sum is one product
of two matrices, the output's gradient and the patches that each output was made of, and products are what
AMX is for. Values agree with oneDNN's to bfloat16's rounding of one sum of float32. One step of the default
recipe takes a tenth less time by it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

SMALL = 16  # pixels of an output map up to which, without a stride, the products are faster


def quick_backward(device: torch.device) -> AbstractContextManager[object]:
    """The context to run a network's forward pass in, so that its backward pass is quick on ``device``."""
    return MatrixGradients() if device.type == "cpu" else nullcontext()


class MatrixGradients(TorchFunctionMode):
    """While it is entered, each 2-D convolution that gains by it learns through ``_Convolve``.

    And the average over a whole map is one whose gradient keeps the channels last, as the layers before
    it have them: each mixes layouts at great cost otherwise. It looks for autocast to bfloat16 on the CPU
    and leaves everything else as it is.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - as the class it derives from
        if func is F.conv2d and not kwargs and gains(*args):
            inputs, weight, _, stride, padding, *_ = args
            return _Convolve.apply(inputs.bfloat16(), weight.bfloat16(), stride[0], padding[0])
        if func is F.adaptive_avg_pool2d and args[1:] == (1,) and torch.is_autocast_enabled("cpu"):
            return F.avg_pool2d(args[0], args[0].shape[-2:])
        return func(*args, **(kwargs or {}))


def gains(
    inputs: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int] | str,
    dilation: Sequence[int],
    groups: int,
) -> bool:
    """Whether the products are faster for ``F.conv2d`` of these arguments, and can stand for it."""
    if inputs.device.type != "cpu" or not torch.is_autocast_enabled("cpu") or not weight.requires_grad:
        return False
    plain = bias is None and groups == 1 and set(dilation) == {1} and not isinstance(padding, str)
    square = len(set(stride)) == len(set(padding)) == 1 and weight.shape[2] == weight.shape[3]
    if not plain or not square or inputs.shape[1] % 16:
        return False
    height, width = (s + 2 * padding[0] - weight.shape[2] + stride[0] for s in inputs.shape[2:])
    return stride[0] > 1 or height * width <= SMALL


class _Convolve(torch.autograd.Function):
    """``F.conv2d`` of bfloat16 inputs [N, C, H, W] and weights [O, C, K, K], one stride, one padding."""

    @staticmethod
    def forward(ctx: FunctionCtx, inputs: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(inputs, weight, None, stride, padding)

    @staticmethod
    def backward(ctx: FunctionCtx, gradient: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        inputs, weight = ctx.saved_tensors
        stride, padding = ctx.stride, ctx.padding
        channels, (out, _, kernel, _) = inputs.shape[1], weight.shape
        rows = gradient.permute(0, 2, 3, 1).reshape(-1, out)  # a row an output pixel
        patches = _patches(inputs, kernel, stride, padding)
        of_weight = (rows.t().contiguous() @ patches).view(out, kernel, kernel, channels)
        of_inputs = None
        if ctx.needs_input_grad[0]:
            of_inputs = _of_inputs(gradient, inputs, weight, stride, padding)
        return of_inputs, of_weight.permute(0, 3, 1, 2), None, None


def _patches(inputs: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    """What each output pixel is made of, [N · H' · W', kernel · kernel · C], from [N, C, H, W]."""
    last = inputs.permute(0, 2, 3, 1)
    if padding:
        last = F.pad(last, (0, 0, padding, padding, padding, padding))
    count, height, width, channels = last.shape
    down, across = ((side - kernel) // stride + 1 for side in (height, width))
    last = last.contiguous()
    image, row, pixel, _ = last.stride()
    windows = last.as_strided(
        (count, down, across, kernel, kernel * channels), (image, stride * row, stride * pixel, row, 1)
    )
    return windows.reshape(count * down * across, kernel * kernel * channels)


def _of_inputs(gradient: Tensor, inputs: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """The inputs' gradient; of a 1×1 kernel one product, in whose answer most pixels stay zero."""
    if weight.shape[2] > 1 or padding:
        arguments = (gradient, inputs, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1)
        return torch.ops.aten.convolution_backward(*arguments, [True, False, False])[0]
    of_inputs = torch.zeros_like(inputs)
    seen = gradient.permute(0, 2, 3, 1) @ weight[:, :, 0, 0]
    of_inputs.permute(0, 2, 3, 1)[:, ::stride, ::stride] = seen
    return of_inputs
