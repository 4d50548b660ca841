"""Which part of the project may import which: arrows run one way."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.helpers.paths import ROOT

# What each folder of ``model`` may import, besides itself, ``errors`` and ``device``.
ALLOWED = {
    "image": set(),
    "networks": set(),
    "graph": {"networks"},
    "input": {"image"},
    "datasets": {"image", "input"},
    "inference": {"image", "input", "networks", "graph"},
    "evaluation": {"image", "input", "networks", "graph", "datasets", "inference"},
    "explain": {"image", "input", "networks", "graph", "datasets", "inference", "evaluation"},
    "training": {"image", "input", "networks", "graph", "datasets", "inference", "evaluation"},
    # The page. Any part of it may import `model`.
    "ui": set(),
    "icons": {"ui"},
    "server": {"ui", "icons"},
    "web": {"ui", "icons"},
}
TABS = ("draw", "inside", "architectures", "training", "play", "lesson")
TAB = {"ui", "server"}  # what a tab may import, besides itself


def imported(path: Path) -> set[str]:
    """The modules that a file imports, as dotted names from the root of the project."""
    package = path.relative_to(ROOT).parts[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            found |= {f"{module}.{name.name}" for name in node.names}
    return found


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def test_a_folder_of_model_imports_only_what_lies_before_it() -> None:
    for path in modules("model"):
        names = imported(path)
        assert not {name.split(".")[0] for name in names} & {"gradio", "sketchpad", "app", "train_mnist"}, (
            path
        )
        here = path.relative_to(ROOT).with_suffix("").parts[1]
        if here in ("__init__", "__main__"):  # the public surface and the command line import from everywhere
            continue
        folders = {name.split(".")[1] for name in names if name.startswith("model.")}
        assert folders <= ALLOWED.get(here, set()) | {here, "errors", "device"}, (path, folders)


def test_a_tab_imports_no_other_tab() -> None:
    for path in modules("sketchpad"):
        names = imported(path)
        assert not {name.split(".")[0] for name in names} & {"app", "train_mnist", "torchvision"}, path
        here = path.relative_to(ROOT).with_suffix("").parts[1]
        if here in ("__init__", "page"):
            continue
        folders = {name.split(".")[1] for name in names if name.startswith("sketchpad.")}
        assert folders <= (TAB if here in TABS else ALLOWED[here]) | {here}, (path, folders)


def test_training_needs_no_page() -> None:
    names = {name.split(".")[0] for name in imported(ROOT / "train_mnist.py")}
    assert not names & {"gradio", "sketchpad", "app"}


def test_blocks_do_not_import_the_networks_built_from_them() -> None:
    networks = ROOT / "model" / "networks"
    assert not {name for name in imported(networks / "blocks.py") if name.startswith("model.")}
    names = {name for name in imported(networks / "resnet.py") if name.startswith("model.")}
    assert {name.split(".")[2] for name in names} <= {"blocks", "network"}


def test_torchvision_is_imported_inside_functions_alone() -> None:
    for path in modules("model"):
        statements = map(ast.unparse, ast.parse(path.read_text(encoding="utf-8")).body)
        assert not [each for each in statements if re.match(r"(import|from) torchvision\b", each)], path
