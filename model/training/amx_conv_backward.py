"""The backward pass of small convolutions as matrix products, for bfloat16 on a CPU with AMX.

For 192 channels of 4×4 pixels, oneDNN's backward pass takes five times as long as its forward pass: its
kernel for the weight gradient works along rows of pixels, which are short here. The same gradient is one
product of two matrices, the output's gradient and the input patches (im2col), which AMX computes fast. Values
agree with oneDNN's within bfloat16's rounding of one float32 sum. A step of the default recipe takes a tenth
less time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

Context = Any  # PyTorch's FunctionCtx has no annotations for its attributes
SMALL = 16  # pixels; up to this size of an output map, at stride 1, the products are faster


def quick_backward(device: torch.device) -> AbstractContextManager[object]:
    """A context for a network's forward pass that makes its backward pass faster on ``device``."""
    return MatrixBackward() if device.type == "cpu" else nullcontext()


class MatrixBackward(TorchFunctionMode):
    """Replaces 2-D convolutions by ``_Convolve`` where that is faster: under autocast to bfloat16 on the CPU.

    It also replaces global average pooling by one whose gradient is channels-last like the layers before it,
    because converting the layout in each of them is slow.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401 - as in the base class
        if func is F.conv2d and not kwargs and is_faster(*args):
            inputs, weight, _, stride, padding, *_ = args
            return _Convolve.apply(inputs.bfloat16(), weight.bfloat16(), stride[0], padding[0])
        if func is F.adaptive_avg_pool2d and args[1:] == (1,) and torch.is_autocast_enabled("cpu"):
            return F.avg_pool2d(args[0], args[0].shape[-2:])
        return func(*args, **(kwargs or {}))


def is_faster(
    inputs: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Sequence[int],
    padding: Sequence[int] | str,
    dilation: Sequence[int],
    groups: int,
) -> bool:
    """Whether ``_Convolve`` can replace ``F.conv2d`` for these arguments and is faster."""
    if inputs.device.type != "cpu" or not torch.is_autocast_enabled("cpu") or not weight.requires_grad:
        return False
    plain = bias is None and groups == 1 and set(dilation) == {1} and not isinstance(padding, str)
    square = len(set(stride)) == len(set(padding)) == 1 and weight.shape[2] == weight.shape[3]
    if not plain or not square or inputs.shape[1] % 16:
        return False
    if stride[0] > 1:
        return True
    grown = 2 * int(padding[0]) + 1 - weight.shape[2]
    return (inputs.shape[2] + grown) * (inputs.shape[3] + grown) <= SMALL


class _Convolve(torch.autograd.Function):
    """``F.conv2d`` of bfloat16 inputs [N, C, H, W] and weights [O, C, K, K] with one stride and padding."""

    @staticmethod
    def forward(ctx: Context, inputs: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
        ctx.save_for_backward(inputs, weight)
        ctx.stride, ctx.padding = stride, padding
        return F.conv2d(inputs, weight, None, stride, padding)

    @staticmethod
    def backward(ctx: Context, gradient: Tensor) -> tuple[Tensor | None, Tensor, None, None]:
        inputs, weight = ctx.saved_tensors
        stride, padding = ctx.stride, ctx.padding
        out, channels, kernel, _ = weight.shape
        rows = gradient.permute(0, 2, 3, 1).reshape(-1, out)  # one row per output pixel
        patches = _patches(inputs, kernel, stride, padding)
        grad_weight = (rows.t().contiguous() @ patches).view(out, kernel, kernel, channels)
        needed = ctx.needs_input_grad[0]
        grad_inputs = _input_gradient(gradient, inputs, weight, stride, padding) if needed else None
        return grad_inputs, grad_weight.permute(0, 3, 1, 2), None, None


def _patches(inputs: Tensor, kernel: int, stride: int, padding: int) -> Tensor:
    """The input patch of each output pixel, [N · H' · W', kernel · kernel · C], from [N, C, H, W]."""
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


def _input_gradient(gradient: Tensor, inputs: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """The gradient of the inputs. For a 1×1 kernel it is one matrix product, and 0 at skipped pixels."""
    if weight.shape[2] > 1 or padding:
        arguments = (gradient, inputs, weight, None, [stride] * 2, [padding] * 2, [1, 1], False, [0, 0], 1)
        result: Tensor = torch.ops.aten.convolution_backward(*arguments, [True, False, False])[0]
        return result
    result = torch.zeros_like(inputs)
    result.permute(0, 2, 3, 1)[:, ::stride, ::stride] = gradient.permute(0, 2, 3, 1) @ weight[:, :, 0, 0]
    return result
