"""The repository as a Hugging Face Space, and as a container."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import SpaceCard, SpaceCardData

ROOT = Path(__file__).parents[1]


def test_the_hub_finds_nothing_to_complain_of_in_the_front_matter() -> None:
    card = SpaceCard((ROOT / "README.md").read_text(encoding="utf-8"))
    assert isinstance(card.data, SpaceCardData)
    given = card.data.to_dict()
    # What SpaceCardData does not know it keeps as it is: a misspelt key would go unnoticed.
    documented = {"emoji", "colorFrom", "colorTo", "pinned", "short_description", "suggested_hardware"}
    assert set(given) <= set(SpaceCardData().__dict__) | documented | {"startup_duration_timeout"}
    assert given["sdk"] == "gradio"
    assert (ROOT / given["app_file"]).is_file()
    assert 0 < len(given["short_description"]) <= 60
    assert re.fullmatch(r"(\d+)(m|h)", given["startup_duration_timeout"])


def test_the_interpreter_of_the_space_is_one_that_the_project_and_zerogpu_take() -> None:
    card = SpaceCard((ROOT / "README.md").read_text(encoding="utf-8"))
    assert card.data.to_dict()["python_version"] in ("3.12.12", "3.10.13")


def test_the_container_serves_without_rights_and_says_whether_it_is_well() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    words = [line.split(maxsplit=1)[0] for line in lines if line and line[0] not in "# "]
    assert words.index("USER") < words.index("CMD")
    user = next(line.split()[1] for line in lines if line.startswith("USER"))
    assert user not in ("root", "0")
    assert "HEALTHCHECK" in words
    assert any("/health" in line for line in lines)


def can_be_closed_off() -> bool:
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("unshare") is not None


@pytest.mark.slow
@pytest.mark.skipif(not can_be_closed_off(), reason="needs root on Linux, for namespaces of its own")
def test_it_reads_with_no_network_nothing_writable_but_tmp_and_no_rights() -> None:
    command = ["unshare", "--net", "--mount", sys.executable, "tests/sandbox.py"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert '"text": "7"' in done.stdout
    assert "Traceback" not in done.stderr
