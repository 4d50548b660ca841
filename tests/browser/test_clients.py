"""The API as others call it: Python's client, JavaScript's, curl, and a model by MCP."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
import warnings
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from model.input.rasterizer import rasterise_digits
from model.input.strokes import parse_strokes
from sketchpad.server.api import EXAMPLE_STROKES
from tests.browser.serve import free_port, started
from tests.browser.test_api import call, picture
from tests.helpers.paths import ROOT

EXAMPLE_IMAGE = rasterise_digits([parse_strokes(EXAMPLE_STROKES)])[0].tolist()

DEFINED = json.loads((ROOT / "docs" / "api.schema.json").read_text(encoding="utf-8"))


def check(answer: object, kind: str) -> dict[str, Any]:
    """The answer, if it is what docs/api.schema.json says."""
    jsonschema.validate(answer, {**DEFINED, "$ref": f"#/$defs/{kind}"})
    assert isinstance(answer, dict)
    return answer


@pytest.fixture(scope="module")
def client(server: str) -> Client:
    return Client(server, verbose=False)


def test_python(client: Client, tmp_path: Path) -> None:
    assert check(client.predict(EXAMPLE_STROKES, api_name="/read_strokes"), "reading")["text"] == "7"
    (tmp_path / "seven.png").write_bytes(picture())
    image = handle_file(tmp_path / "seven.png")
    assert check(client.predict(image, api_name="/read_image"), "reading")["text"] == "7"
    images = [EXAMPLE_IMAGE, EXAMPLE_IMAGE]
    assert check(client.predict(images, api_name="/read_batch"), "batch")["labels"] == [7, 7]
    assert check(client.predict([], api_name="/read_batch"), "batch")["verdicts"] == []
    described = check(client.predict(api_name="/describe"), "description")
    assert described["network"]["parameters"] < 1_000_000
    assert "confusion" not in described["card"]["figures"]["test"]


@pytest.mark.parametrize(
    "images",
    [
        "x",
        [1],
        [EXAMPLE_IMAGE[:27]],
        [[[256] * 28] * 28],
        [[[0.5] * 28] * 28],
        [None],
        [EXAMPLE_IMAGE] * 1001,
    ],
    ids=["a word", "a number", "a row too few", "too dark", "a half", "nothing", "too many"],
)
def test_a_batch_of_anything_else_is_refused_with_code_and_sentence(client: Client, images: object) -> None:
    with pytest.raises(AppError) as refusal:
        client.predict(images, api_name="/read_batch")
    assert str(refusal.value).endswith(".")
    assert refusal.value.title


def test_the_api_page_shows_calls_that_run(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert endpoints.keys() == {"/read_strokes", "/read_image", "/read_batch", "/describe"}
    for name, endpoint in endpoints.items():
        assert endpoint["description"], name
        given = [parameter["example_input"] for parameter in endpoint["parameters"]]
        assert len(json.dumps(endpoint["parameters"])) < 1000, name  # no image written out as numbers
        assert not any(parameter["parameter_has_default"] for parameter in endpoint["parameters"])
        if name != "/read_image":
            client.predict(*given, api_name=name)


def curl(*arguments: str) -> str:
    return subprocess.run(["curl", "-sS", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")
def test_curl(server: str) -> None:
    url = f"{server}gradio_api/call/read_strokes"
    body = json.dumps({"data": [EXAMPLE_STROKES]})
    event = json.loads(curl(url, "-H", "Content-Type: application/json", "-d", body))["event_id"]
    answer = curl("-N", f"{url}/{event}")
    (data,) = (line.removeprefix("data: ") for line in answer.splitlines() if line.startswith("data: "))
    assert check(json.loads(data)[0], "reading")["text"] == "7"


SCRIPT = """
import { Client } from "@gradio/client";
const client = await Client.connect(process.argv[2]);
const read = await client.predict("/read_strokes", { strokes: JSON.parse(process.argv[3]) });
let refused;
try {
  await client.predict("/read_strokes", { strokes: "seven" });
} catch (error) {
  refused = error.message;
}
console.log(JSON.stringify({ answer: read.data[0], refused }));
process.exit(0);
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("npm") is None, reason="no npm")
def test_javascript(server: str, tmp_path: Path) -> None:
    """Fetches the client from npm: where that cannot be reached it skips, saying so."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(tmp_path), "@gradio/client@2"]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("npm could not fetch @gradio/client")
    (tmp_path / "read.mjs").write_text(SCRIPT)
    command = ["node", "read.mjs", server, json.dumps(EXAMPLE_STROKES)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    given = json.loads(done.stdout.splitlines()[-1])
    assert check(given["answer"], "reading")["text"] == "7"
    assert given["refused"].endswith(".")


def by_mcp(address: str, *calls: tuple[str, dict[str, Any]]) -> tuple[dict[str, Any], list[Any]]:
    """The MCP tools by name, and the results of ``calls`` of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own, when it is imported
        from mcp import ClientSession
        from mcp.client.streamable_http import streamable_http_client

    async def talk() -> tuple[dict[str, Any], list[Any]]:
        async with (
            streamable_http_client(f"{address}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            return tools, [await session.call_tool(*call) for call in calls]

    # In a thread: Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(talk())).result()


def test_a_model_by_mcp(server: str) -> None:
    data = f"data:image/png;base64,{b64encode(picture()).decode()}"
    tools, results = by_mcp(
        server, ("read_strokes", {"strokes": EXAMPLE_STROKES}), ("read_image", {"image": data})
    )
    assert {"read_strokes", "read_image", "read_batch", "describe"} <= tools.keys()
    for name, tool in tools.items():
        assert len(tool.description) > 40, name
        for given in tool.inputSchema["properties"].values():
            assert given["description"], name
            assert "default" not in given, name
    shown = re.search(r"```json\n(.*?)```", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"), re.DOTALL)
    configured = json.loads(shown[1])["mcpServers"]["sketchpad"]["url"]
    assert configured == "http://127.0.0.1:7860/gradio_api/mcp/"  # as `by_mcp` uses it, at another port
    for result in results:
        assert not result.isError
        assert re.search("""['"]text['"]: ['"]7['"]""", result.content[0].text)


BROKEN_CALLS = {
    "picture.format": [
        ("read_image", {"image": "data:image/png;base64,YnJva2Vu"}),
        ("read_image", {"image": "data:image/svg+xml;base64,PHN2Zy8+"}),
    ],
    "picture.kind": [
        ("read_image", {"image": "data:image/png"}),
        ("read_image", {"image": "data:image/png;base64,\u00e9"}),
        ("read_image", {"image": "/etc/passwd"}),
        ("read_image", {"image": None}),
        ("read_image", {"image": {"path": "/etc/passwd"}}),
    ],
    "picture.address": [("read_image", {"image": "http://127.0.0.1:1/x.png"})],
    "strokes.list": [("read_strokes", {"strokes": "seven"})],
    "input": [("read_batch", {"images": [[1]]})],
    "tool.arguments": [("read_image", {}), ("read_strokes", {}), ("describe", {"verbose": True})],
    "tool.name": [("write_image", {})],
}


def test_a_broken_call_by_mcp_is_a_sentence_with_a_code_and_the_log_stays_json(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "app.py", "--port", str(port), "--device", "cpu"]
    expected = [code for code, calls in BROKEN_CALLS.items() for _ in calls]
    with log.open("wb") as log_file, started(command, port, log_file) as (address, process):
        _, results = by_mcp(address, *(call for calls in BROKEN_CALLS.values() for call in calls))
        # Over HTTP Gradio itself refuses a file of the server, with a traceback of its own.
        file = {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}
        assert call(address, "read_image", file)[0] == "error"
        process.terminate()
        process.wait(20)
    for code, result in zip(expected, results, strict=True):
        assert result.isError
        assert result.structuredContent["code"] == code
        assert result.content[0].text == f"{result.structuredContent['error']} ({code})"
        assert result.structuredContent["error"].endswith(".")
    lines = [json.loads(line) for line in log.read_text().splitlines()]  # each line is one JSON object
    assert [line["event"] for line in lines if line["level"] == "info"] == ["start", "figures", "stop"]
    assert [line["error"] for line in lines if line["level"] == "error"] == ["InvalidPathError"]
