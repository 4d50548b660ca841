"""ResNet Sketchpad: draw digits, and a residual network reads them while the pen is still moving.

    python app.py                    # http://127.0.0.1:7860
    python app.py --device cuda --port 8000 --checkpoint checkpoints/other.safetensors

Hugging Face Spaces run this file without arguments. Environment variables set the defaults of the flags:
SKETCHPAD_CHECKPOINT, SKETCHPAD_DEVICE, SKETCHPAD_METRICS=1, SKETCHPAD_EMBED_FROM, SKETCHPAD_BROWSER_READER,
GRADIO_SERVER_NAME, GRADIO_SERVER_PORT or PORT.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import torch

import sketchpad
from model import CheckpointError, DigitReader
from sketchpad.server.zero_gpu import ZERO_GPU

LAST_PORT = 65535
CHECKPOINT = Path(__file__).parent / "checkpoints" / "mnist_resnet.safetensors"
# Read once at startup: a "1", and a dash, which is unsure and therefore also computed in float32.
WARM_UP = ([[[100.0, 60.0], [140.0, 30.0], [140.0, 220.0]]], [[[80.0, 140.0], [200.0, 140.0]]])


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the flags. Environment variables override the default values in this function."""
    env = os.environ
    checkpoint = env.get("SKETCHPAD_CHECKPOINT", CHECKPOINT)
    # ZeroGPU reports CUDA, but assigns a GPU only for the duration of a call.
    device = env.get("SKETCHPAD_DEVICE", "cpu" if ZERO_GPU else "auto")
    # Visitors reach a Space from outside its container.
    host = env.get("GRADIO_SERVER_NAME", "0.0.0.0" if "SPACE_ID" in env else "127.0.0.1")
    port = env.get("GRADIO_SERVER_PORT") or env.get("PORT") or 7860
    metrics = env.get("SKETCHPAD_METRICS", "") not in ("", "0")
    parser = argparse.ArgumentParser(
        description="Serve the ResNet Sketchpad page.", formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    parser.add_argument("--checkpoint", default=checkpoint, help="weights: a file or hf://USER/NAME[/FILE]")
    parser.add_argument("--device", default=device, help="auto, cpu, cuda, cuda:N or mps")
    parser.add_argument("--host", default=host, help="address to listen on")
    parser.add_argument("--port", type=int, default=port, help="port to listen on")
    parser.add_argument(
        "--metrics", action="store_true", default=metrics, help="serve /metrics for Prometheus"
    )
    parser.add_argument(
        "--embed-from",
        nargs="*",
        metavar="ORIGIN",
        default=env.get("SKETCHPAD_EMBED_FROM", "").split(),
        help="sites that may show the page in a frame, such as https://school.example",
    )
    parser.add_argument(
        "--browser-reader",
        type=Path,
        metavar="FOLDER",
        default=env.get("SKETCHPAD_BROWSER_READER") or None,
        help="of `python -m model export web`: pages read by themselves while the server is silent",
    )
    return parser.parse_args(arguments)


def open_page(options: argparse.Namespace) -> sketchpad.Page:
    """Load the reader and build the page for it."""
    # A second thread does not make one digit faster, and other visitors can use its core.
    torch.set_num_threads(1)
    # By default a thread keeps the GIL for 5 ms, as long as a whole response takes.
    sys.setswitchinterval(0.0005)
    reader = DigitReader.load(options.checkpoint, options.device)
    for strokes in WARM_UP:
        reader.read_strokes(strokes)
    return sketchpad.build(reader, options.metrics, options.embed_from, options.browser_reader)


# Spaces and `gradio app.py` import this module and look for `demo`. The command line is parsed only if this
# file is the main program.
options = parse(sys.argv[1:] if __name__ == "__main__" else [])
if __name__ == "__main__" and not 1 <= options.port <= LAST_PORT:
    sys.exit(f"There is no port {options.port}. Choose a number from 1 to {LAST_PORT}.")
try:
    demo = open_page(options)
except (CheckpointError, ValueError) as error:
    if __name__ != "__main__":
        raise
    sys.exit(f"{error}")

if __name__ == "__main__":
    try:
        demo.launch(server_name=options.host, server_port=options.port)
    except OSError:
        sys.exit(f"Cannot listen on {options.host}, port {options.port}: already in use or not available.")
