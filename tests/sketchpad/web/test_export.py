"""The folder of the page without a server: complete, in every language, written as a whole or not at all."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from model import DigitReader
from model.__main__ import main
from sketchpad.ui.i18n import LANGUAGES, TEXTS
from sketchpad.web import export
from sketchpad.web.export import FOLDERS, Files, page_files, write_folder

OUTER = {"service_worker.js", "service_worker_files.js"}


@pytest.fixture
def files(untrained: DigitReader, monkeypatch: pytest.MonkeyPatch) -> Files:
    monkeypatch.setattr(export, "web_network", lambda net, card: b"network")
    monkeypatch.setattr(export, "runtime_files", lambda: (b"module", b"runtime"))
    return page_files(untrained)


def test_everything_that_the_page_names_is_there(files: Files) -> None:
    index = files["index.html"].decode()
    assert "data-lesson" not in index  # the static page has no lesson
    named = re.findall(r'(?:src|href)="([^":]+)"', index)
    assert len(named) > 20
    assert [name for name in named if name not in files] == []
    assert {icon["src"] for icon in json.loads(files["manifest.json"])["icons"]} <= files.keys()
    (version,) = {name.split("/")[0] for name in named if name.endswith(".js")}
    assert 'id="pad"' in index
    assert "data-text" in index
    for name, content in files.items():
        for target in re.findall(rb'(?:from|import) "(\.[^"]+)"', content if name.endswith(".js") else b""):
            path = (Path("/") / name).parent / target.decode()
            assert path.resolve().relative_to("/").as_posix() in files
    listed = json.loads(files[f"{version}/reader.json"])
    assert {listed[part]["file"] for part in ("network", "runtime")} == {"network.bin", "runtime.bin"}
    assert "title: ResNet Sketchpad\n" in files["README.md"].decode()
    assert "\nsdk: static\n" in files["README.md"].decode()
    card = json.loads(files["card.json"])
    assert len(card["weights_sha256"]) == 64


def test_a_change_makes_a_new_version(
    files: Files, untrained: DigitReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert page_files(untrained) == files
    monkeypatch.setattr(export, "web_network", lambda net, card: b"another network")
    changed = page_files(untrained)
    assert not {name for name in changed.keys() & files.keys() if name.endswith((".js", ".bin"))} - OUTER
    assert changed["service_worker_files.js"] != files["service_worker_files.js"]


def test_a_folder_is_replaced_as_a_whole(files: Files, tmp_path: Path) -> None:
    folder = tmp_path / "page"
    write_folder(folder, {**files, "old": b""})
    export.check_folder(folder)
    write_folder(folder, files)
    written = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert written == set(files)
    assert [path.name for path in tmp_path.iterdir()] == ["page"]


def test_a_folder_with_other_files_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "thesis.txt").write_text("")
    assert main(["export", "web", str(tmp_path)]) == 1
    assert "has other files" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").exists()


def test_without_npm_the_export_says_what_it_needs(
    tmp_path: Path, checkpoint: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "package.json").write_text('{"devDependencies": {"onnxruntime-web": "1.2.3"}}')
    monkeypatch.setattr(export, "ROOT", tmp_path)
    assert main(["export", "web", str(tmp_path / "page"), "--checkpoint", str(checkpoint)]) == 1
    assert "needs onnxruntime-web 1.2.3 from npm: install Node, then run `npm ci`" in capsys.readouterr().err
    assert not (tmp_path / "page").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_replaces_the_sentences_about_a_server(language: str) -> None:
    keys = {code: export.load(code, FOLDERS[-1:]).keys() for code in LANGUAGES}
    assert keys[language] == keys["en"]
    replaced = {key for key in keys["en"] if not key.startswith("error.")}
    assert replaced <= TEXTS[language].keys()
