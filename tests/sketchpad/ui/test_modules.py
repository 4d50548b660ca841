"""The bundles of the page's ES modules."""

from __future__ import annotations

from graphlib import CycleError
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from sketchpad.ui import assets, modules


def test_a_bundle_has_a_module_and_what_it_imports_each_after_its_own_imports() -> None:
    client = TestClient(Starlette(routes=[modules.route()]))
    first: set[str] = set()
    for name in (modules.FIRST, *modules.LATER):
        response = client.get(f"/{modules.FOLDER}/{name}")
        assert "immutable" in response.headers["cache-control"]
        before = set(first)
        for path, parts in response.json():
            assert set(parts[1::2]) <= before
            before.add(path)
        assert name.replace(".json", ".js") in before
        first = first or before
    assert {"ui/load.js", "draw/tab.js", "pad/pen.js"} <= first
    assert client.get(f"/modules/other/{modules.FIRST}").status_code == 404


def test_imports_are_found_in_each_form_and_not_in_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = {
        "tab/tab.js": '/** @import { Y } from "./y.js" */\nimport "../a.js";\n'
        'export {\n  b,\n} from "./b.js";\n'
        'const c = "./c.js"; // import "./d.js"\n',
        "a.js": 'import { b as x } from "./tab/b.js";',
        "tab/b.js": "export const b = 1;",
    }
    for path, source in sources.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(source)
    monkeypatch.setattr(assets, "PACKAGE", tmp_path)
    bundle = modules.bundle("tab/tab.js")
    assert [path for path, _ in bundle] == ["tab/b.js", "a.js", "tab/tab.js"]
    assert bundle[2][1][1::2] == ["a.js", "tab/b.js"]
    assert [path for path, _ in modules.bundle("tab/tab.js", without=["a.js"])] == ["tab/b.js", "tab/tab.js"]
    (tmp_path / "tab/b.js").write_text('import "../a.js";')
    with pytest.raises(CycleError):
        modules.bundle("a.js")
