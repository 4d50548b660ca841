"""Checkpoints on the Hub, with the functions of the Hub's library replaced: no test uses the network."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
import yaml
from huggingface_hub.errors import LocalEntryNotFoundError, LocalTokenNotFoundError

import train_mnist
from model import CheckpointError, DigitReader, load_checkpoint
from model.errors import TrainingError
from model.inference.hub import check_push, is_remote, local_path
from tests.helpers.training_run import run


class Hub:
    """Replaces HfApi: keeps what is uploaded, and fails as ``fails`` says."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.made: list[str] = []
        self.fails: dict[str, Exception] = {}

    def __call__(self) -> Hub:
        return self

    def _may(self, what: str) -> None:
        if what in self.fails:
            raise self.fails[what]

    def whoami(self) -> None:
        self._may("whoami")

    def create_repo(self, name: str, exist_ok: bool) -> None:
        self._may("create_repo")
        assert exist_ok
        self.made.append(name)

    def create_commit(self, name: str, operations: list, commit_message: str) -> None:
        self._may("create_commit")
        assert commit_message
        for operation in operations:
            content = operation.path_or_fileobj
            content = content if isinstance(content, bytes) else Path(content).read_bytes()
            self.files[f"{name}/{operation.path_in_repo}"] = content

    def model_info(self, name: str, timeout: float) -> SimpleNamespace:
        self._may("model_info")
        return SimpleNamespace(sha="abc")


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hub:
    hub = Hub()

    def download(name: str, file: str, revision: str | None, local_files_only: bool) -> str:
        """From the cache alone without network, else from ``hub.files``."""
        cached = tmp_path / "cache" / file
        if local_files_only and not cached.exists():
            raise LocalEntryNotFoundError("not in the cache")
        if not local_files_only:
            assert revision == "abc"
            cached.parent.mkdir(exist_ok=True)
            cached.write_bytes(hub.files[f"{name}/{file}"])
        return str(cached)

    monkeypatch.setattr(huggingface_hub, "HfApi", hub)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    return hub


def test_a_pushed_checkpoint_can_be_loaded_and_has_a_readme(
    hub: Hub, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "net.safetensors"
    assert run(small, out, "--push-to-hub", "me/my-digits", epochs=1) == 0
    assert "pushed to hf://me/my-digits" in capsys.readouterr().out
    assert hub.made == ["me/my-digits"]
    assert hub.files["me/my-digits/model.safetensors"] == out.read_bytes()
    card = load_checkpoint(out)[1]
    text = hub.files["me/my-digits/README.md"].decode()
    front = yaml.safe_load(text.split("---\n")[1])
    assert front["model-index"][0]["results"][0]["metrics"][0]["value"] == card["figures"]["test"]["accuracy"]
    assert front["license"] == "mit"
    assert front["datasets"] == ["ylecun/mnist"]
    assert "app.py --checkpoint hf://me/my-digits" in text
    assert f"| 50 | {card['figures']['test']['accuracy']:.2%}" in text
    assert f"seed {card['seed']}: 1 epochs" in text
    assert card["commit"] in text
    assert "{" not in text.split("---\n")[2].split("| | |")[0], "a value was not filled in"
    reader = DigitReader.load("hf://me/my-digits", "cpu")
    assert reader.card == card
    assert local_path("hf://me/my-digits/model.safetensors").read_bytes() == out.read_bytes()


def test_without_a_network_the_cache_is_used(hub: Hub, checkpoint: Path, tmp_path: Path) -> None:
    hub.files["me/it/model.safetensors"] = checkpoint.read_bytes()
    hub.fails["model_info"] = OSError("Name or service not known")
    with pytest.raises(CheckpointError, match=r"cannot be reached .* hf://me/it was never downloaded"):
        load_checkpoint("hf://me/it")
    hub.fails.clear()
    load_checkpoint("hf://me/it")
    hub.fails["model_info"] = OSError("Name or service not known")
    load_checkpoint("hf://me/it")


@pytest.mark.parametrize("name", ["hf://me", "hf://me/", "hf:///x", "hf://me/it/file.bin"])
def test_a_wrong_reference_is_refused(name: str) -> None:
    with pytest.raises(CheckpointError, match=r"is not a checkpoint: use hf://USER/NAME or "):
        load_checkpoint(name)


def test_a_path_keeps_the_reference(tmp_path: Path) -> None:
    """Path turns two slashes into one."""
    assert is_remote("hf://me/it")
    assert is_remote(Path("hf://me/it"))
    assert not is_remote(tmp_path / "hf.safetensors")
    assert local_path(str(tmp_path)) == tmp_path


@pytest.mark.parametrize(
    ("step", "error", "sentence"),
    [
        ("whoami", LocalTokenNotFoundError("no token"), "hf auth login"),
        ("create_repo", OSError("Name or service not known\nand more"), "cannot be reached from here"),
    ],
)
def test_upload_problems_are_reported_before_training(
    step: str, error: Exception, sentence: str, hub: Hub, small: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    hub.fails[step] = error
    monkeypatch.setattr(train_mnist, "train", lambda *_: pytest.fail("training began"))
    assert run(small, tmp_path / "net.safetensors", "--push-to-hub", "me/it") == 1
    message = capsys.readouterr().err
    assert sentence in message
    assert message.count("\n") == 1
    with pytest.raises(TrainingError):
        check_push("me/it")


def test_a_failed_upload_keeps_the_checkpoint_and_gives_the_command(
    hub: Hub, small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.fails["create_commit"] = OSError("connection reset")
    out = tmp_path / "net.safetensors"
    assert run(small, out, "--push-to-hub", "me/it", epochs=1) == 1
    message = capsys.readouterr().err
    assert f"The checkpoint is in {out}; only its upload failed (connection reset)" in message
    assert f"hf upload me/it {out} model.safetensors" in message
    load_checkpoint(out)


def test_wrong_repository_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("me", "me/it/too", "https://x/y"):
        with pytest.raises(SystemExit):
            train_mnist.main(["--push-to-hub", name])
        assert "is not USER/NAME" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        train_mnist.main(["--extra", "mine.jsonl", "--checkpoint", "hf://me/it"])
    assert "choose a file with --out" in capsys.readouterr().err


def test_fine_tuning_can_start_from_the_hub(hub: Hub, checkpoint: Path, tmp_path: Path) -> None:
    shutil.copy(checkpoint, tmp_path / "it.safetensors")
    hub.files["me/it/other.safetensors"] = checkpoint.read_bytes()
    flags = train_mnist.parse_arguments(
        ["--extra", "m.jsonl", "--checkpoint", "hf://me/it/other.safetensors", "--out", "x.safetensors"], ""
    )
    assert train_mnist.configure(flags).model == "mnist_resnet"
