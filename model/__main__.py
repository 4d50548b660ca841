"""The command line of the package: ``python -m model COMMAND``.

A command is a module with ``add_arguments(parser)`` and ``run(flags) -> int``, the exit status. Only the
chosen command's module is imported.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import NoReturn

from .errors import UserError

COMMANDS = {
    "evaluate": ("model.evaluation.evaluate", "measure a checkpoint on MNIST, drawings or pictures"),
    "export": ("model.inference.export", "write a checkpoint as ONNX or TorchScript"),
    # The page's own files are part of it, so `sketchpad` has this command: the one that `model` names of it.
    "export web": ("sketchpad.web.export", "write a page that reads without a server, as a folder"),
    "probes": ("model.explain.linear_probes", "fit a linear probe after every block"),
    "neighbours": ("model.explain.neighbours", "index training images for the nearest-digits view"),
    "attack": ("model.explain.attack", "find the smallest changes that are read as other digits"),
    "photographs": ("model.datasets.photographs", "make photographs of handwritten digits, with labels"),
    "timed": ("model.training.timed", "train a small network for a number of seconds"),
}


class _Parser(argparse.ArgumentParser):
    """Reports an invalid command line in one sentence, without the usage text."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. See `{self.prog} --help`.\n")


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status.

    A UserError or OSError prints one sentence to stderr and returns 1. An invalid command line raises
    SystemExit(2).
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = _Parser(
        prog="python -m model",
        description="Measure, export and explain a checkpoint, or train a small network.",
        epilog="`python -m model COMMAND --help` lists the flags of a command.",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    if " ".join(arguments[:2]) in COMMANDS:
        arguments = [" ".join(arguments[:2]), *arguments[2:]]
    for name, (module, summary) in COMMANDS.items():
        command_parser = commands.add_parser(
            name, help=summary, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        if arguments[:1] == [name]:
            command = import_module(module)
            command_parser.description = command.__doc__
            command.add_arguments(command_parser)
    flags = parser.parse_args(arguments)
    try:
        status: int = command.run(flags)
        return status
    except (UserError, OSError) as error:
        print(f"{parser.prog} {flags.command}: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
