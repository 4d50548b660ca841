"""The documents, the requirements, and which folder may import which."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from tests.helpers.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
FRONT = yaml.safe_load(README.split("---\n")[1])
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *(ROOT / "docs").glob("*.md"),
]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return import_module("scripts.readme")


def requirement(package: str) -> str:
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return re.search(rf"^{package}(?:\[\w+\])?(\S+)", text, re.MULTILINE)[1]


def test_front_matter_is_what_a_space_needs() -> None:
    assert README.startswith("---\n")
    assert FRONT["title"] == "ResNet Sketchpad"
    assert FRONT["sdk"] == "gradio"
    assert FRONT["python_version"] == "3.12.12"
    assert FRONT["license"] == "mit"
    assert FRONT["models"] == []
    assert FRONT["suggested_hardware"] == "zero-a10g"  # the only one that a free account may create
    assert len(FRONT["short_description"]) <= 60
    palette = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert {FRONT["colorFrom"], FRONT["colorTo"]} <= palette
    assert FRONT["pinned"] is False
    assert FRONT["emoji"]
    assert FRONT["tags"]
    assert isinstance(FRONT["python_version"], str)  # unquoted, 3.10 would become 3.1


def test_the_space_runs_the_gradio_that_is_tested() -> None:
    gradio = pytest.importorskip("importlib.metadata").version("gradio")
    assert requirement("gradio") == f"=={FRONT['sdk_version']}" == f"=={gradio}"


def test_the_app_file_has_a_demo_at_module_level() -> None:
    assigned = {
        target.id
        for node in ast.walk(ast.parse((ROOT / FRONT["app_file"]).read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    assert "demo" in assigned


@pytest.mark.parametrize(
    ("package", "wanted"),
    [("torch", ["2.9.0", "2.13.0", "2.14.1"]), ("torchvision", ["0.24.0", "0.28.0", "0.29.1"])],
)
def test_the_ranges_admit_what_spaces_and_plain_machines_have(package: str, wanted: list[str]) -> None:
    low, high = re.fullmatch(r">=([\d.]+),<([\d.]+)", requirement(package)).groups()

    def numbers(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    for version in wanted:
        assert numbers(low) <= numbers(version) < numbers(high)


def test_every_dependency_has_its_reason() -> None:
    lists = (ROOT / "requirements.txt").read_text() + (ROOT / "requirements-test.txt").read_text()
    named = re.findall(r"^([a-z]+)[=<>]", lists, re.MULTILINE)
    reasons = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Dependencies")[1]
    assert len(named) >= 9
    for package in named:
        assert package in reasons, f"{package} has no reason in CONTRIBUTING.md"


def test_the_readme_has_at_most_8000_characters() -> None:
    assert len(README) <= 8_000


@pytest.mark.parametrize(
    ("document", "block"),
    [
        ("README.md", "figures"),
        ("docs/training.md", "experiments"),
        ("docs/training.md", "race"),
        ("docs/training.md", "processes"),
    ],
)
def test_generated_tables_are_up_to_date(script: ModuleType, document: str, block: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    shown = text.split(f"<!-- {block} -->")[1].split(f"<!-- /{block} -->")[0]
    assert shown.strip() == script.BLOCKS[block]().strip(), "run `make readme`"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_documents_name_only_files_that_exist() -> None:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for path in re.findall(r"`((?:model|sketchpad|scripts|tests|docs)/[\w/.-]+)`", text):
            assert (ROOT / path).exists(), f"{document.name}: {path}"


@pytest.mark.parametrize("document", ["README.md", "docs/api.md"])
def test_the_python_example_runs(untrained: object, document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    code = re.search(r"```python\n(from model import DigitReader.*?)```", text, re.DOTALL)[1]
    names = {"reader": untrained}
    for line in code.splitlines():
        if line.startswith("reading"):
            exec(line, names)
    assert len(names["reading"].digits) == 1


def test_installing_the_repository_as_a_package_ends_with_a_sentence() -> None:
    if find_spec("pip") is None:
        pytest.skip("pip is not installed")
    command = [sys.executable, "-m", "pip", "install", "--no-index", "--no-deps", str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "ResNet Sketchpad is not a package: run it from its folder" in done.stderr
