"""What the page derives from a reader."""

from __future__ import annotations

import threading

import torch

from model import DigitReader
from sketchpad.server.context import PageContext


def test_requests_of_other_threads_are_answered_from_the_start(untrained: DigitReader) -> None:
    """Tracing by torch.fx in one thread breaks a network that runs in another."""
    context = PageContext(untrained)
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    errors: list[Exception] = []
    done = threading.Event()

    def run() -> None:
        while not done.is_set():
            try:
                context.explainer.run(image)
            except Exception as error:
                errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    for _ in range(5):
        context.attribution.explain(image[0])
    done.set()
    thread.join()
    assert errors == []
    assert "attribution" in vars(PageContext(untrained))
