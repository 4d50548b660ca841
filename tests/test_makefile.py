"""`make run` on a machine with uv, without it, and the second time. Scripts replace both installers."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

TOOLS = ("sh", "touch", "test", "tr", "uname", "mkdir", "cp", "chmod")
# Writes its call into `calls`, and creates an environment with itself as its Python.
INSTALLER = """#!/bin/sh
echo "${0##*/} $*" >> "$CALLS"
for word in "$@"; do last=$word; done
case " $* " in *" venv "*) mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;; esac
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The Makefile, and a PATH with `python3` and nothing else that installs."""
    for name in ("Makefile", "requirements.txt", "requirements-test.txt"):
        shutil.copy(ROOT / name, tmp_path / name)
    path = tmp_path / "path"
    path.mkdir()
    for tool in TOOLS:
        (path / tool).symlink_to(shutil.which(tool))
    add(tmp_path, "python3")
    return tmp_path


def add(folder: Path, name: str) -> None:
    script = folder / "path" / name
    script.write_text(INSTALLER)
    script.chmod(0o755)


def make(folder: Path, *arguments: str, ci: str = "") -> tuple[str, list[str]]:
    """The output of make, and the calls of the installers and of the environment's Python."""
    calls = folder / "calls"
    calls.unlink(missing_ok=True)
    environment = {"PATH": str(folder / "path"), "CALLS": str(calls), "CI": ci}
    command = [shutil.which("make"), "--no-print-directory", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout, calls.read_text().splitlines()


def test_with_uv_pytorch_is_the_build_for_this_machine(folder: Path) -> None:
    add(folder, "uv")
    output, calls = make(folder, "run", "PYTHON=python3.12", "PORT=8000")
    assert calls == [
        "uv venv --quiet --seed --python python3.12 .venv",
        "uv pip install --python .venv/bin/python --torch-backend=auto -r requirements.txt",
        "python app.py --port 8000",
    ]
    assert "uv downloads" in output


@pytest.mark.parametrize("arguments", [[], ["UV="]])
def test_without_uv_the_size_of_the_download_is_said_before_it_starts(
    folder: Path, arguments: list[str]
) -> None:
    if arguments:
        add(folder, "uv")
    output, calls = make(folder, "run", *arguments)
    assert calls == [
        "python3 -m venv .venv",
        "python -m pip install --disable-pip-version-check -r requirements.txt",
        "python app.py",
    ]
    size = "3 GB with pip" if platform.system() == "Linux" else "0.4 GB"
    assert size in output.partition("pip install")[0]


def test_only_ci_hides_the_progress(folder: Path) -> None:
    assert "--quiet" in make(folder, "run", ci="true")[1][1]


def test_a_second_run_only_starts_the_page(folder: Path) -> None:
    make(folder, "run")
    start = time.perf_counter()
    output, calls = make(folder, "run")
    assert time.perf_counter() - start < 1
    assert calls == ["python app.py"]
    assert "Installing" not in output


def test_a_changed_list_of_requirements_installs_again(folder: Path) -> None:
    make(folder, "run")
    later = time.time() + 10
    os.utime(folder / "requirements.txt", (later, later))
    assert any("requirements.txt" in call for call in make(folder, "run")[1])


def test_an_upload_takes_the_name_of_the_space(folder: Path) -> None:
    _, calls = make(folder, "space", "SPACE=ada/sketchpad", "ARGS=--dry-run")
    assert calls[-1] == "python scripts/space.py ada/sketchpad --dry-run"
    assert make(folder, "space")[1] == ["python scripts/space.py "]  # which answers with a sentence
