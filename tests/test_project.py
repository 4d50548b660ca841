"""What the files outside the code promise, and the rules that the code's layout promises."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from tests.helpers.paths import ROOT
from tests.helpers.script_loader import load_script

README = (ROOT / "README.md").read_text(encoding="utf-8")
FRONT = yaml.safe_load(README.split("---\n")[1])


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("readme")


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
    assert FRONT["suggested_hardware"] == "cpu-basic"
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
    [("torch", ["2.9.0", "2.11.0", "2.14.1"]), ("torchvision", ["0.24.0", "0.26.0", "0.29.1"])],
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


def test_readme_names_every_module(script: ModuleType) -> None:
    shown = README.split("<!-- tree -->")[1].split("<!-- /tree -->")[0]
    for folder in ("model", "sketchpad"):
        for path in script.modules(folder):
            name = f"{path.parent.name}/" if path.name == "__init__.py" else path.name
            assert f"  {name} " in shown, f"{path} is not in README's tree: `make readme`"


def test_readme_gives_the_figures_of_the_committed_checkpoint(script: ModuleType) -> None:
    known = ["git", "ls-files", "--error-unmatch", "checkpoints/mnist_resnet.safetensors"]
    if subprocess.run(known, cwd=ROOT, capture_output=True).returncode:
        pytest.skip("no checkpoint is committed")
    shown = README.split("<!-- figures -->")[1].split("<!-- /figures -->")[0]
    assert shown.strip() == script.figures().strip(), "run `make readme`"


def test_readme_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_the_readmes_python_example_runs(untrained: object) -> None:
    code = re.search(r"```python\n(from model import DigitReader.*?)```", README, re.DOTALL)[1]
    lines = [line for line in code.splitlines() if line.startswith("reading")]
    names = {"reader": untrained}
    for line in lines:
        exec(line, names)
    assert len(names["reading"].digits) == 1


def imports(path: Path) -> set[str]:
    """What a module of ``model`` imports: top-level packages, and siblings with a dot before them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * bool(node.level) + (node.module or "").split(".")[0])
    return found


def test_arrows_run_one_way() -> None:
    for path in (ROOT / "model").glob("*.py"):
        outside = {"gradio", "sketchpad", "app", "train_mnist"}
        assert not imports(path) & outside, path.name
    for path in (ROOT / "sketchpad").glob("*.py"):
        assert not imports(path) & {"app", "train_mnist", "torchvision"}, path.name
    assert not imports(ROOT / "train_mnist.py") & {"gradio", "sketchpad", "app"}
    siblings = {f".{path.stem}" for path in (ROOT / "model").glob("*.py")}
    assert not imports(ROOT / "model" / "blocks.py") & siblings
    assert not imports(ROOT / "model" / "resnet.py") & {".zoo", ".reader", ".checkpoint", ".data"}
    for path in (ROOT / "model").glob("*.py"):  # inside a function it costs the page's start nothing
        top = ast.parse(path.read_text(encoding="utf-8")).body
        at_import = ast.Module([n for n in top if isinstance(n, (ast.Import, ast.ImportFrom))], [])
        assert "torchvision" not in ast.unparse(at_import), path.name
