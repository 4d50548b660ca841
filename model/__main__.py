"""The command line of the package: ``python -m model COMMAND``.

    python -m model evaluate     # accuracy on MNIST's test images or on drawings
    python -m model export       # write a checkpoint as ONNX or TorchScript
    python -m model probes       # fit a linear probe behind every block
    python -m model neighbours   # index training digits for the nearest-digits view
    python -m model timed        # train a small network for a number of seconds

``python -m model COMMAND --help`` lists the flags of a command.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

COMMANDS = {
    "evaluate": "model.evaluation.evaluate",
    "export": "model.inference.export",
    "probes": "model.explain.linear_probes",
    "neighbours": "model.explain.neighbours",
    "timed": "model.training.timed",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit status. An unknown command is one sentence and status 2."""
    parser = argparse.ArgumentParser(
        prog="python -m model",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="python -m model [-h] COMMAND ...",
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND", help=", ".join(COMMANDS))
    given = sys.argv[1:] if arguments is None else arguments
    command = parser.parse_args(given[:1]).command
    return import_module(COMMANDS[command]).main(given[1:])


if __name__ == "__main__":
    sys.exit(main())
