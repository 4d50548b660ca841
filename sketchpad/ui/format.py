"""Numbers as the page writes them. A no-break space stands before a unit."""

from __future__ import annotations

from collections.abc import Sequence

SPACE = "\N{NO-BREAK SPACE}"


def percent(share: float, digits: int = 2) -> str:
    """A share between 0 and 1: "99.68 %"."""
    return f"{100 * share:.{digits}f}{SPACE}%"


def percent_of(part: float, whole: float) -> str:
    """The share of ``part`` in two significant digits: "24 %", "3.1 %", "< 0.1 %"."""
    share = part / whole if whole else 0.0
    if 0 < share < 0.001:
        return f"<{SPACE}0.1{SPACE}%"
    return percent(share, 0 if share >= 0.0995 or not share else 1)


def thousands(number: int) -> str:
    """ "25,557,032"."""
    return f"{number:,}"


def compact(number: float, digits: int = 3, space: str = SPACE) -> str:
    """A count in ``digits`` significant digits: "300 k", "25.6 M", "4.09 G"."""
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= unit:
            return f"{number / unit:.{digits}g}{space}{sign}"
    return f"{number:g}"


def shape_text(shape: Sequence[int]) -> str:
    """ "64 × 56 × 56"."""
    return f"{SPACE}×{SPACE}".join(map(str, shape))


def block_position(block: str) -> dict[str, int]:
    """Stage and number of a block, from 1: ``stages.1.0`` is ``{"stage": 2, "n": 1}``."""
    _, stage, number = block.split(".")
    return {"stage": int(stage) + 1, "n": int(number) + 1}
