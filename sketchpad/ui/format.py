"""Numbers as the page writes them."""

from __future__ import annotations


def percent(share: float, digits: int = 2) -> str:
    return f"{100 * share:.{digits}f}\N{NO-BREAK SPACE}%"
