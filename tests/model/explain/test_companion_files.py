"""The commands that write files beside a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.__main__ import main
from model.datasets.mnist import Labelled
from model.explain.companion_files import companion_path, shuffle


@pytest.mark.parametrize("command", ["probes", "neighbours"])
def test_a_command_prints_an_error_as_one_sentence(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--checkpoint", str(tmp_path / "none.safetensors")]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"python -m model {command}: There is no checkpoint")
    assert error.count("\n") == 1


def test_a_file_lies_beside_its_checkpoint() -> None:
    assert companion_path(Path("some/net.safetensors"), "probes") == Path("some/net.probes.safetensors")


def test_the_seed_alone_decides_the_order() -> None:
    data = Labelled(torch.arange(50).view(-1, 1, 1), torch.arange(50))
    first, again, other = (shuffle(data, seed) for seed in (1, 1, 2))
    assert torch.equal(first.labels, again.labels)
    assert not torch.equal(first.labels, other.labels)
    assert torch.equal(first.images[:, 0, 0], first.labels)
    assert torch.equal(first.labels.sort().values, data.labels)
