#!/usr/bin/env python
"""Train a classifier on MNIST or a similar data set and write its checkpoint.

    python train_mnist.py                         # digits, with the default network and recipe
    python train_mnist.py --recipe d2l            # the book's ResNet-18 on Fashion-MNIST at 96 px
    python train_mnist.py --extra mine.jsonl      # fine-tune the digit checkpoint on corrections
    python train_mnist.py --epochs 2 --out /tmp/quick.safetensors
    torchrun --nproc-per-node 2 train_mnist.py    # two processes that share each batch

In model/training, cli.py has the flags, config.py the recipes and loop.py the training loop.
"""

from __future__ import annotations

import argparse
import sys
import time

from model import CheckpointError, DataError
from model.errors import ExportError, TrainingError
from model.inference.provenance import hardware
from model.training.cli import check_flags, configure, default_out, parse_arguments, publish
from model.training.distributed import ProcessGroup, join_process_group, restarts
from model.training.failures import KeptProgress, failures_explained
from model.training.loop import train
from model.training.resume import run_file
from model.training.trackers import make_trackers


def run(flags: argparse.Namespace) -> None:
    """Train with these flags and print the accuracy on the test images."""
    started = time.perf_counter()
    config = configure(flags)
    out = flags.out or default_out(config)
    device, process_group = join_process_group(flags.device)
    process_group.check_batch_size(config.batch_size)
    resume = flags.resume or (restarts() > 0 and run_file(out).exists())
    trackers = None
    if process_group.is_main:
        check_flags(flags, out)
        trackers = make_trackers(out, flags.track, flags.tensorboard)
        print(
            f"{config.model} on {hardware(device, process_group.size)}, seed {config.seed}, to {out}",
            flush=True,
        )

    with failures_explained(config, KeptProgress(out, resume)):
        card = train(
            config,
            flags.data_dir,
            device,
            out,
            resume,
            flags.checkpoint,
            flags.extra,
            process_group,
            trackers,
        )

    process_group.leave()
    if process_group.is_main:
        test = card["figures"]["test"]
        print(
            f"test accuracy {test['accuracy']:.2%} ({test['n'] - test['correct']} of {test['n']:,} wrong), "
            f"ECE {test['ece']:.4f}, in {(time.perf_counter() - started) / 60:.1f} min → {out}"
        )
        publish(flags, out, card)


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0, 1 for an error, 130 for Ctrl-C. An error prints one sentence to stderr."""
    flags = parse_arguments(arguments, __doc__.split("\n")[0])
    is_main = ProcessGroup.from_environment().is_main
    try:
        run(flags)
    except KeyboardInterrupt as stop:
        if is_main:
            print(str(stop) or "Stopped.", file=sys.stderr)
        return 130
    except (DataError, CheckpointError, ExportError, TrainingError, ValueError, OSError) as error:
        if not is_main:
            time.sleep(5)  # the main process prints the same error; torchrun then ends this process
        print(f"train_mnist.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
