"""Values that the page computes once per reader and shares between sections."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from model import CheckpointError, DigitReader
from model.explain.activations import Explainer
from model.explain.attack import Attacker
from model.explain.attribution import Attribution
from model.explain.companion_files import CompanionError
from model.explain.damage import DamagedNetwork
from model.explain.linear_probes import LinearProbes, load_linear_probes, probes_path
from model.explain.neighbours import Neighbours, index_path, load_neighbours
from model.graph.summary import summarise
from model.image import SIZE


@dataclass(eq=False)
class PageContext:
    """One reader and what is derived from it. Each property is computed on first use and kept."""

    reader: DigitReader
    kept_answers: dict[str, list[int]] = field(default_factory=dict)  # by block, see inside/added_block

    def __post_init__(self) -> None:
        # Before the first request: torch.fx patches every module of the process while it traces, and a
        # network that another thread runs meanwhile would fail.
        self.attribution  # noqa: B018 - computes the property

    @cached_property
    def explainer(self) -> Explainer:
        """Activations of every operation, shares of skip and branch."""
        return Explainer(self.reader)

    @cached_property
    def attribution(self) -> Attribution:
        """Integrated gradients and class activation maps."""
        return Attribution(self.reader)

    @cached_property
    def linear_probes(self) -> LinearProbes | None:
        """The probes beside the reader's checkpoint; None where there are none for these weights."""
        if self.reader.path is None:
            return None
        try:
            return load_linear_probes(probes_path(self.reader.path), self.explainer)
        except CheckpointError:
            return None

    @cached_property
    def neighbours(self) -> Neighbours | CompanionError:
        """The index beside the reader's checkpoint, or the error that says why there is none."""
        try:
            return load_neighbours(index_path(self.reader.path or Path("none")), self.reader.net)
        except CompanionError as error:
            return error

    @cached_property
    def attacker(self) -> Attacker:
        """Smallest changes to other digits."""
        return Attacker(self.reader)

    @cached_property
    def damaged_network(self) -> DamagedNetwork:
        """The network with noise or a layer at zero, and stored digits to measure it on, if there are any."""
        digits = self.neighbours if isinstance(self.neighbours, Neighbours) else None
        return DamagedNetwork(self.explainer, digits)

    @cached_property
    def multiply_adds(self) -> int:
        """Multiply-adds of the network for one model image."""
        return summarise(self.reader.net, (1, SIZE, SIZE)).macs
