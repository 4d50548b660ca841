"""Uploading to a Space, with the Hub's API replaced: no test uses the network."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import huggingface_hub
import pytest
from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

from scripts import space
from tests.helpers.paths import ROOT

NAME = "ada/sketchpad"


class Hub:
    """Replaces HfApi: keeps what is sent, and fails as ``fails`` says."""

    def __init__(self) -> None:
        self.me = {"name": "ada", "orgs": [{"name": "club"}], "auth": {"accessToken": {"role": "write"}}}
        self.fails: dict[str, Exception] = {}
        self.there: list[str] | None = None  # the files of the Space, if there is one
        self.created: list[str] = []
        self.added: dict[str, bytes] = {}
        self.deleted: list[str] = []

    def __call__(self) -> Hub:
        return self

    def _may(self, what: str) -> None:
        if what in self.fails:
            raise self.fails[what]

    def whoami(self) -> dict:
        self._may("whoami")
        return self.me

    def repo_exists(self, name: str, repo_type: str) -> bool:
        assert repo_type == "space"
        return self.there is not None

    def list_repo_files(self, name: str, repo_type: str) -> list[str]:
        return self.there or []

    def create_repo(self, name: str, repo_type: str, space_sdk: str, space_hardware: object) -> None:
        self._may("create_repo")
        assert (repo_type, space_sdk) == ("space", "gradio")
        self.created.append(f"{name} on {space_hardware.value}")

    def create_commit(self, name: str, operations: list, commit_message: str, repo_type: str) -> None:
        self._may("create_commit")
        assert repo_type == "space"
        assert re.fullmatch(r"Upload [0-9a-f]{7,}", commit_message)
        for operation in operations:
            if isinstance(operation, huggingface_hub.CommitOperationAdd):
                self.added[operation.path_in_repo] = Path(operation.path_or_fileobj).read_bytes()
            else:
                self.deleted.append(operation.path_in_repo)

    @property
    def sent(self) -> bool:
        return bool(self.created or self.added or self.deleted)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    hub = Hub()
    monkeypatch.setattr(huggingface_hub, "HfApi", hub)
    return hub


def git(root: Path, *arguments: str) -> None:
    who = ("-c", "user.name=ada", "-c", "user.email=ada@example.org")
    subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small repository with this project's front matter and requirements."""
    for name in ("README.md", "requirements.txt", "app.py", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "digits").write_text("ignored by git")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    return tmp_path


def refusal(capsys: pytest.CaptureFixture[str], hub: Hub, *arguments: str, root: Path) -> str:
    """The one line on standard error of a refused upload."""
    assert space.main(list(arguments), root) == 1
    output = capsys.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert not hub.sent
    return line


def test_this_project_may_be_uploaded() -> None:
    assert space.check_front_matter(ROOT)["suggested_hardware"] == "zero-a10g"


def test_a_new_space_gets_the_committed_files_and_the_suggested_hardware(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert space.main([NAME], checkout) == 0
    assert capsys.readouterr().out == "https://huggingface.co/spaces/ada/sketchpad\n"
    assert hub.created == [f"{NAME} on zero-a10g"]
    assert set(hub.added) == {".gitignore", "README.md", "app.py", "requirements.txt"}
    assert hub.added["app.py"] == (ROOT / "app.py").read_bytes()


def test_other_hardware_and_an_organisation(hub: Hub, checkout: Path) -> None:
    assert space.main(["club/page", "--hardware", "cpu-basic"], checkout) == 0
    assert hub.created == ["club/page on cpu-basic"]


def test_an_existing_space_loses_files_that_are_gone(hub: Hub, checkout: Path) -> None:
    hub.there = [".gitattributes", "README.md", "app.py", "sketchpad/page.py"]
    assert space.main([NAME], checkout) == 0
    assert hub.created == []
    assert hub.deleted == ["sketchpad/page.py"]


def test_a_dry_run_lists_every_file_and_asks_nobody(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.fails["whoami"] = AssertionError("a dry run needs no login")
    assert space.main([NAME, "--dry-run"], checkout) == 0
    assert not hub.sent
    *lines, total, end = capsys.readouterr().out.splitlines()
    listed = {name: int(size.replace(",", "")) for size, name in (line.split() for line in lines)}
    assert listed == {name: (checkout / name).stat().st_size for name in listed}
    assert set(listed) == {".gitignore", "README.md", "app.py", "requirements.txt"}
    assert f"{sum(listed.values()):,}" in total
    assert "4 files for https://huggingface.co/spaces/ada/sketchpad" in total
    assert "zero-a10g" in end


@pytest.mark.parametrize(
    "name",
    ["", "ada", "ada/", "/x", "ada/a/b", "ada/a b", "https://huggingface.co/spaces/ada/x", "a/..", "ada/é",
     "ada/x.", "ada/a--b", f"ada/{'x' * 93}"],
)  # fmt: skip
def test_what_is_not_a_name_is_refused(
    name: str, hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "user/name" in refusal(capsys, hub, name, root=checkout)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("README.md", "sdk: gradio", "sdk: docker", "sdk must be gradio"),
        ("README.md", "sdk_version: ", "sdk_version: 1", "sdk_version"),
        ("README.md", 'python_version: "3.12.12"', "python_version: 3.10", "python_version"),
        ("README.md", "app_file: app.py", "app_file: main.py", "main.py"),
        ("README.md", "short_description: ", f"short_description: {'x' * 60}", "short_description"),
        ("README.md", "suggested_hardware: zero-a10g", "suggested_hardware: zero", "suggested_hardware"),
        ("README.md", "colorTo: yellow", "colorTo: gold", "colorTo"),
        ("README.md", "title: ResNet Sketchpad", "title:", "title"),
        ("README.md", "tags:", "tags: [", "valid YAML"),
        ("README.md", "---\n", "", "sdk must be gradio"),
        ("requirements.txt", "gradio[mcp]==", "gradio[mcp]==1", "sdk_version"),
        ("requirements.txt", "torch>=2.9,", "torch>=2.14,", "ZeroGPU"),
    ],
)
def test_wrong_front_matter_or_requirements_are_refused(
    file: str, old: str, new: str, said: str, hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (checkout / file).read_text(encoding="utf-8")
    assert old in text
    (checkout / file).write_text(text.replace(old, new), encoding="utf-8")
    git(checkout, "commit", "--quiet", "--all", "--message", "Break it")
    assert said in refusal(capsys, hub, NAME, root=checkout)


def changed(root: Path) -> None:
    (root / "app.py").write_text("changed")


def two_untracked(root: Path) -> None:
    (root / "a.py").write_text("new")
    (root / "b.py").write_text("new")


def deleted(root: Path) -> None:
    (root / ".gitignore").unlink()
    shutil.rmtree(root / "data")


def ignored(root: Path) -> None:
    git(root, "add", "--force", "data/digits")
    git(root, "commit", "--quiet", "--message", "Add what is ignored")


def in_data(root: Path) -> None:
    (root / ".gitignore").write_text("")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "--message", "Ignore nothing")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (changed, "app.py differs"),
        (two_untracked, "a.py and 1 more differ"),
        (deleted, ".gitignore differs"),
        (ignored, "data/digits is committed although"),
        (in_data, "data/digits must not be"),
        (lambda root: shutil.rmtree(root / ".git"), "git checkout"),
    ],
)
def test_other_files_than_the_committed_ones_are_refused(
    spoil: Callable[[Path], None], said: str, hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(checkout)
    assert said in refusal(capsys, hub, NAME, root=checkout)
    assert said in refusal(capsys, hub, NAME, "--dry-run", root=checkout)


def test_a_huge_file_is_refused(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "MAX_FILE", (checkout / "README.md").stat().st_size - 1)
    assert "README.md has" in refusal(capsys, hub, NAME, root=checkout)


def http_error(status: int, message: str) -> HfHubHTTPError:
    response = httpx.Response(
        status, request=httpx.Request("POST", "https://huggingface.co/api/repos/create")
    )
    return HfHubHTTPError(f"Client error '{status}'", response=response, server_message=message)


def test_without_a_login_the_command_for_one_is_named(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.fails["whoami"] = LocalTokenNotFoundError("no token, in several\nlines")
    assert "hf auth login" in refusal(capsys, hub, NAME, root=checkout)


def test_a_login_that_may_not_write_is_refused(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "ada, who may not upload to bob" in refusal(capsys, hub, "bob/page", root=checkout)
    hub.me["auth"]["accessToken"]["role"] = "read"
    assert "may only read" in refusal(capsys, hub, NAME, root=checkout)


def test_a_space_of_another_app_is_left_alone(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.there = [".gitattributes", "README.md", "main.py"]
    assert "another app" in refusal(capsys, hub, NAME, root=checkout)


def test_without_a_network_one_sentence_says_so(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.fails["whoami"] = httpx.ConnectError("Name or service not known\nand more")
    assert "cannot be reached" in refusal(capsys, hub, NAME, root=checkout)


def test_a_refusal_of_the_hub_is_passed_on(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.fails["create_repo"] = http_error(402, "Static Spaces are free for everyone.\nSubscribe.")
    line = refusal(capsys, hub, NAME, root=checkout)
    assert line == f"The Hub refuses {NAME}: Static Spaces are free for everyone."


def test_a_failed_upload_to_a_new_space_says_that_it_is_there(
    hub: Hub, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.fails["create_commit"] = httpx.ReadTimeout("timed out")
    assert space.main([NAME], checkout) == 1
    assert "run the same again" in capsys.readouterr().err
    assert hub.created
    assert not hub.added
