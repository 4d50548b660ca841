"""Write a checkpoint for other runtimes as ONNX or TorchScript, checked against the network.

    python -m model export onnx                      # checkpoints/mnist_resnet.onnx
    python -m model export onnx torchscript --checkpoint other.safetensors
    python -m model export --time                    # milliseconds per call of every variant of the network

The exported network starts with `to_input` and has each BatchNorm folded into its convolution: model images
uint8 [N, 28, 28] → logits float32 [N, classes]. An ONNX file has the card in its metadata.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import ExportError
from ..image import SIZE, to_input
from .checkpoint import Card, add_checkpoint_argument, load_checkpoint, write_atomically
from .provenance import hardware
from .runtime import FromModelImage, Runtime, fuse

EXPORT_SUFFIXES = {"onnx": ".onnx", "torchscript": ".pt"}  # by kind
TOLERANCE = 1e-5  # largest difference of a logit, relative to the largest logit
BATCHES = (1, 4, 32)
ROUNDS, WARM_UP = 60, 5  # timed calls, and untimed calls before them, which select kernels


def export(net: nn.Module, card: Card, path: Path, kind: str) -> float:
    """Write ``net`` to ``path`` as "onnx" or "torchscript"; returns the largest relative difference.

    Raises ExportError and writes nothing if it exceeds ``TOLERANCE`` or a package is missing.
    """
    check_export([kind])
    whole = FromModelImage(fuse(net.cpu().eval())).eval().requires_grad_(False)
    content = to_onnx(whole, card) if kind == "onnx" else to_torchscript(whole)
    images = sample_images(64)
    with torch.inference_mode():
        expected = net(to_input(images))
        logits = torch.as_tensor(load_exported(content, kind)(images))
    difference = float((logits - expected).abs().max() / expected.abs().max())
    if not difference <= TOLERANCE:
        raise ExportError(f"The {kind} network's logits differ by {difference:.1e}; nothing was written.")
    write_atomically(path, content)
    return difference


def check_export(kinds: Sequence[str]) -> None:
    """Raise ExportError if a package is missing. Training calls this before it starts."""
    missing = [package for package in ("onnx", "onnxscript", "onnxruntime") if find_spec(package) is None]
    if "onnx" in kinds and missing:
        raise ExportError(f"ONNX files need `pip install {' '.join(missing)}`.")


def sample_images(count: int) -> Tensor:
    """Images of smooth noise, uint8 [count, 28, 28], the same on every machine."""
    noise = torch.rand(count, 1, 7, 7, generator=torch.Generator().manual_seed(0))
    smooth = nn.functional.interpolate(noise, size=(SIZE, SIZE), mode="bilinear")[:, 0]
    return ((smooth - 0.5) * 1000).clamp(0, 255).byte()


def export_file(checkpoint: Path, kind: str) -> str:
    """Export a checkpoint to the file beside it; returns a line about the result."""
    net, card = load_checkpoint(checkpoint)
    path = checkpoint.with_suffix(EXPORT_SUFFIXES[kind])
    return f"{path}: logits differ by {export(net, card, path, kind):.1e}"


def to_onnx(whole: nn.Module, card: Card, outputs: Sequence[str] = ("logits",)) -> bytes:
    """The network as an ONNX file with a dynamic batch size, and the card under the metadata key "card"."""
    import onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own deprecations
        program = torch.onnx.export(
            whole,
            (sample_images(2),),
            input_names=["images"],
            output_names=list(outputs),
            dynamic_shapes={"images": {0: torch.export.Dim("n")}},
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    proto = program.model_proto
    onnx.helper.set_model_props(proto, {"card": json.dumps(card)})
    return bytes(proto.SerializeToString())


def to_torchscript(whole: nn.Module) -> bytes:
    """The network traced and frozen, for C++ and mobile runtimes that load it without Python."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, but those runtimes load nothing else
        torch.jit.save(torch.jit.freeze(torch.jit.trace(whole, sample_images(2))), file)
    return file.getvalue()


def load_exported(content: bytes, kind: str, outputs: Sequence[str] = ()) -> Callable[[Tensor], Any]:
    """A function that runs an exported network on one thread: images to logits, or to ``outputs``."""
    if kind == "torchscript":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network: Callable[[Tensor], Any] = torch.jit.load(io.BytesIO(content))
            return network
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    if outputs:
        return lambda images: session.run(list(outputs), {"images": images.numpy()})
    return lambda images: session.run(None, {"images": images.numpy()})[0]


def timings(net: nn.Module, card: Card) -> dict[str, dict[int, float]]:
    """Median milliseconds on one thread, for every variant of the network and every batch size.

    The variants take turns, so other load on the machine affects all of them equally.
    """
    torch.set_num_threads(1)
    net = net.cpu().eval().requires_grad_(False)
    whole = FromModelImage(fuse(net)).eval()
    runtime = Runtime(net, torch.device("cpu"))
    variants: dict[str, Callable[[Tensor], Any]] = {
        "PyTorch, as trained": lambda images: net(to_input(images)),
        "BatchNorm folded": FromModelImage(fuse(net).to(memory_format=torch.contiguous_format)),
        "folded, channels_last": whole,
        "the same in bfloat16": FromModelImage(fuse(net).to(torch.bfloat16), torch.bfloat16).eval(),
        "runtime, float32": runtime,
        "runtime, bfloat16": lambda images: runtime(images, rounded=True),
        "TorchScript": load_exported(to_torchscript(whole), "torchscript"),
    }
    try:
        check_export(["onnx"])
        variants["ONNX Runtime"] = load_exported(to_onnx(whole, card), "onnx")
    except ExportError as error:
        print(error, file=sys.stderr)
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    with torch.inference_mode():
        for count, _, name in product(BATCHES, range(WARM_UP + ROUNDS), variants):
            images = sample_images(count)
            started = time.perf_counter()
            variants[name](images)
            times[name, count].append((time.perf_counter() - started) * 1e3)
    return {name: {n: statistics.median(times[name, n][WARM_UP:]) for n in BATCHES} for name in variants}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("kinds", nargs="*", type=_kind, metavar="FORMAT", help=" or ".join(EXPORT_SUFFIXES))
    add_checkpoint_argument(parser)
    parser.add_argument(
        "--time",
        action="store_true",
        help="print the milliseconds per call of every variant of the network, on one thread",
    )


def _kind(text: str) -> str:
    if text not in EXPORT_SUFFIXES:  # argparse's choices reject an empty list
        raise argparse.ArgumentTypeError(f"unknown format '{text}'; choose from {', '.join(EXPORT_SUFFIXES)}")
    return text


def run(flags: argparse.Namespace) -> int:
    if not flags.kinds and not flags.time:
        raise ExportError(f"Choose a format, {' or '.join(EXPORT_SUFFIXES)}, or --time.")
    for kind in flags.kinds:
        print(export_file(flags.checkpoint, kind))
    if flags.time:
        net, card = load_checkpoint(flags.checkpoint)
        heads = (f"{n} image{'s' * (n > 1)}" for n in BATCHES)
        print(f"{f'ms per call, median of {ROUNDS}':34}" + "".join(f"{head:>12}" for head in heads))
        for name, by_count in timings(net, card).items():
            print(f"{name:34}" + "".join(f"{by_count[n]:12.2f}" for n in BATCHES))
        print(f"{card['arch']['name']}, {hardware(torch.device('cpu'))}")
    return 0
