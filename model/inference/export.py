"""A checkpoint for other runtimes: ONNX or TorchScript, normalisation and all, checked against the network.

    python -m model export onnx                      # checkpoints/mnist_resnet.onnx, and the difference
    python -m model export onnx torchscript --checkpoint other.safetensors
    python -m model export --time                    # seconds an answer of every way to run the network

Exported is the network with each BatchNorm folded into its convolution and `to_input` in front: uint8
[N, 28, 28] as model images in, float32 [N, classes] logits out. The card goes with an ONNX file as metadata.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import CheckpointError, ExportError
from ..image import SIZE, to_input
from .checkpoint import DEFAULT_CHECKPOINT, Card, load_checkpoint, write_atomically
from .provenance import hardware
from .runtime import FromModelImage, Runtime, fuse

SUFFIX = {"onnx": ".onnx", "torchscript": ".pt"}  # by kind
TOLERANCE = 1e-5  # of a logit, over the largest one
BATCHES = (1, 4, 32)
ROUNDS = 60


def export(net: nn.Module, card: Card, path: Path, kind: str) -> float:
    """Write ``net`` to ``path`` as "onnx" or "torchscript"; the largest difference of a logit, relative.

    Nothing is written where the difference is over TOLERANCE, or a package is missing: ExportError.
    """
    check_export([kind])
    whole = FromModelImage(fuse(net.cpu().eval())).eval().requires_grad_(False)
    content = to_onnx(whole, card) if kind == "onnx" else to_torchscript(whole)
    images = drawings(64)
    with torch.inference_mode():
        wanted = net(to_input(images))
        found = torch.as_tensor(runner(content, kind)(images))
    difference = float((found - wanted).abs().max() / wanted.abs().max())
    if not difference <= TOLERANCE:
        raise ExportError(f"The {kind} network answers otherwise, by {difference:.1e}; nothing was written.")
    write_atomically(path, content)
    return difference


def check_export(kinds: Sequence[str]) -> None:
    """ExportError where a package is missing: said before a training and not after it."""
    missing = [package for package in ("onnx", "onnxscript", "onnxruntime") if find_spec(package) is None]
    if "onnx" in kinds and missing:
        raise ExportError(f"ONNX files need `pip install {' '.join(missing)}`.")


def drawings(count: int) -> Tensor:
    """Something like ink: uint8 [count, 28, 28], the same on every machine."""
    noise = torch.rand(count, 1, 7, 7, generator=torch.Generator().manual_seed(0))
    smooth = nn.functional.interpolate(noise, size=(SIZE, SIZE), mode="bilinear")[:, 0]
    return ((smooth - 0.5) * 1000).clamp(0, 255).byte()


def export_file(checkpoint: Path, kind: str) -> str:
    """Export a checkpoint to the file beside it; what to say of it."""
    net, card = load_checkpoint(checkpoint)
    path = checkpoint.with_suffix(SUFFIX[kind])
    return f"{path}: logits differ by {export(net, card, path, kind):.1e}"


def to_onnx(whole: nn.Module, card: Card) -> bytes:
    """By ``torch.export``, the number of images left open; the card under the metadata key "card"."""
    import onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch's own, of what it will change one day
        program = torch.onnx.export(
            whole,
            (drawings(2),),
            input_names=["images"],
            output_names=["logits"],
            dynamic_shapes={"images": {0: torch.export.Dim("n")}},
            dynamo=True,
            verbose=False,
        )
    proto = program.model_proto
    onnx.helper.set_model_props(proto, {"card": json.dumps(card)})
    return proto.SerializeToString()


def to_torchscript(whole: nn.Module) -> bytes:
    """By tracing, frozen: for C++ and mobile runtimes that load it without Python."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch calls it deprecated; those runtimes know nothing else
        torch.jit.save(torch.jit.freeze(torch.jit.trace(whole, drawings(2))), file)
    return file.getvalue()


def runner(content: bytes, kind: str) -> Callable[[Tensor], Any]:
    """What runs an exported network on one thread: images to logits."""
    if kind == "torchscript":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return torch.jit.load(io.BytesIO(content))
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    return lambda images: session.run(None, {"images": images.numpy()})[0]


def timings(net: nn.Module, card: Card) -> dict[str, dict[int, float]]:
    """Median milliseconds of every way to run the network on one thread, by images at a time.

    The ways take turns, so that whatever else the machine does falls on all alike.
    """
    torch.set_num_threads(1)
    net = net.cpu().eval().requires_grad_(False)
    whole = FromModelImage(fuse(net)).eval()
    half = FromModelImage(fuse(net).to(torch.bfloat16), torch.bfloat16).eval()
    serving = Runtime(net, torch.device("cpu"))
    ways: dict[str, Callable[[Tensor], Any]] = {
        "PyTorch, as trained": lambda images: net(to_input(images)),
        "BatchNorm folded": FromModelImage(fuse(net).to(memory_format=torch.contiguous_format)),
        "folded, channels_last": whole,
        "the same in bfloat16": half,
        "serves, exact": serving,
        "serves, rounded": lambda images: serving(images, rounded=True),
        "TorchScript": runner(to_torchscript(whole), "torchscript"),
    }
    try:
        check_export(["onnx"])
        ways["ONNX Runtime"] = runner(to_onnx(whole, card), "onnx")
    except ExportError as error:
        print(error, file=sys.stderr)
    found: dict[str, dict[int, float]] = {name: {} for name in ways}
    for count in BATCHES:
        images = drawings(count)
        took: dict[str, list[float]] = {name: [] for name in ways}
        with torch.inference_mode():
            for turn in range(ROUNDS + 5):
                for name, way in ways.items():
                    started = time.perf_counter()
                    way(images)
                    if turn >= 5:  # before that kernels are chosen
                        took[name].append((time.perf_counter() - started) * 1e3)
        for name in ways:
            found[name][count] = statistics.median(took[name])
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(SUFFIX)}")
    parser.add_argument("--checkpoint", type=Path, default=DEFAULT_CHECKPOINT)
    parser.add_argument("--time", action="store_true", help="print milliseconds an answer, one thread")
    flags = parser.parse_args(arguments)
    if unknown := set(flags.kinds) - SUFFIX.keys():
        parser.error(f"there is no kind {min(unknown)}")
    try:
        for kind in flags.kinds:
            print(export_file(flags.checkpoint, kind))
        if flags.time:
            net, card = load_checkpoint(flags.checkpoint)
            print(
                f"{'median ms, ' + str(ROUNDS) + ' turns':34}"
                + "".join(f"{f'{n} images':>12}" for n in BATCHES)
            )
            for name, by_count in timings(net, card).items():
                print(f"{name:34}" + "".join(f"{by_count[n]:12.2f}" for n in BATCHES))
            print(f"{card['arch']['name']}, one thread, {hardware(torch.device('cpu'))}")
    except (CheckpointError, ExportError, OSError) as error:
        print(f"model.export: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
