"""An exported folder beside the served page: of the same network, or refused in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from model import DigitReader
from sketchpad.web import export
from sketchpad.web.serve import BrowserReader


@pytest.fixture
def folder(untrained: DigitReader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(export, "web_network", lambda net, card: b"network")
    monkeypatch.setattr(export, "runtime_files", lambda: (b"module", b"runtime"))
    export.write_folder(tmp_path / "page", export.page_files(untrained))
    return tmp_path / "page"


def test_the_files_are_served_and_may_be_cached(untrained: DigitReader, folder: Path) -> None:
    served = BrowserReader(folder, untrained)
    client = TestClient(Starlette(routes=[served.route()]))
    response = client.get(f"/{served.address}web/worker.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert client.get(f"/{served.address}network.bin").status_code == 200
    assert client.get("/browser/index.html").status_code == 404
    assert client.get("/browser/../card.json").status_code == 404


def test_another_networks_folder_is_refused(untrained: DigitReader, folder: Path) -> None:
    card = folder / "card.json"
    card.write_text(card.read_text().replace('"weights_sha256": "', '"weights_sha256": "0'))
    with pytest.raises(ValueError, match="has another network"):
        BrowserReader(folder, untrained)


def test_any_other_folder_is_refused(untrained: DigitReader, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not a folder from"):
        BrowserReader(tmp_path / "none", untrained)
