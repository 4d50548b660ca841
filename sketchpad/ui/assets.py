"""Files of the page: templates, style sheets and scripts, by their path in this package."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

PACKAGE = Path(__file__).parents[1]


def read_asset(path: str) -> str:
    """The text of a file of this package, named from the package's root: ``draw/tab.html``."""
    return (PACKAGE / path).read_text(encoding="utf-8")


PAD_SIDE = 280  # side of the pad, in pad units
ServerFunction = Callable[[object], Awaitable[object]]
