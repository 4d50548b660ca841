"""MNIST test images whose label most people disagree with.

Northcutt, Athalye and Mueller 2021, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks" (arXiv:2103.14749; labelerrors.com), asked five people whether a suspicious image shows its label,
another digit that a network proposed, or neither. The table has the 15 of MNIST's 10,000 test images whose
label got fewer than three votes, with the published votes.
"""

from __future__ import annotations

from typing import NamedTuple


class LabelVotes(NamedTuple):
    """Five votes: ``for_label``, ``for_other`` (the digit ``other``) and ``neither``."""

    label: int
    other: int
    for_label: int
    for_other: int
    neither: int


DOUBTFUL = {  # by index in the test set
    947: LabelVotes(8, 9, 0, 5, 0),
    1621: LabelVotes(0, 6, 2, 3, 0),
    1901: LabelVotes(9, 4, 2, 3, 0),
    2130: LabelVotes(4, 9, 2, 2, 1),
    2462: LabelVotes(2, 0, 0, 4, 1),
    2597: LabelVotes(5, 3, 0, 4, 1),
    2654: LabelVotes(6, 1, 0, 2, 3),
    3520: LabelVotes(6, 4, 2, 0, 3),
    3558: LabelVotes(5, 0, 1, 4, 0),
    5937: LabelVotes(5, 3, 1, 3, 1),
    6651: LabelVotes(0, 6, 0, 5, 0),
    6783: LabelVotes(1, 6, 2, 3, 0),
    8527: LabelVotes(4, 9, 2, 2, 1),
    9679: LabelVotes(6, 3, 2, 0, 3),
    9729: LabelVotes(5, 6, 2, 3, 0),
}
