"""MNIST test images whose label most people do not see in them.

Northcutt, Athalye and Mueller 2021, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks" (arXiv:2103.14749; labelerrors.com), asked five people about each suspicious image: its label,
another digit that a network proposed, or neither? Listed are the 15 of MNIST's 10,000 test images for
whose label fewer than three voted, as the votes are published with the paper.
"""

from __future__ import annotations

from typing import NamedTuple


class Votes(NamedTuple):
    """Of five votes: ``for_label``, ``for_other`` (the digit ``other``), and ``neither``."""

    label: int
    other: int
    for_label: int
    for_other: int
    neither: int


DOUBTFUL = {  # by the image's number in the test set, counted from 0
    947: Votes(8, 9, 0, 5, 0),
    1621: Votes(0, 6, 2, 3, 0),
    1901: Votes(9, 4, 2, 3, 0),
    2130: Votes(4, 9, 2, 2, 1),
    2462: Votes(2, 0, 0, 4, 1),
    2597: Votes(5, 3, 0, 4, 1),
    2654: Votes(6, 1, 0, 2, 3),
    3520: Votes(6, 4, 2, 0, 3),
    3558: Votes(5, 0, 1, 4, 0),
    5937: Votes(5, 3, 1, 3, 1),
    6651: Votes(0, 6, 0, 5, 0),
    6783: Votes(1, 6, 2, 3, 0),
    8527: Votes(4, 9, 2, 2, 1),
    9679: Votes(6, 3, 2, 0, 3),
    9729: Votes(5, 6, 2, 3, 0),
}
