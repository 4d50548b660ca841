"""The API as others call it: Python's client, JavaScript's, curl, and a model by MCP."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from sketchpad.server.api import EXAMPLE_IMAGE, EXAMPLE_STROKES
from tests.browser.test_api import picture
from tests.helpers.paths import ROOT

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


def test_a_model_by_mcp(server: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package's own, when it is imported
        from mcp import ClientSession
        from mcp.client.streamable_http import streamable_http_client

    async def talk() -> tuple[dict[str, Any], str, bool]:
        async with (
            streamable_http_client(f"{server}gradio_api/mcp/") as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            good = await session.call_tool("read_strokes", {"strokes": EXAMPLE_STROKES})
            bad = await session.call_tool("read_strokes", {"strokes": "seven"})
            return tools, good.content[0].text, bad.isError

    # In a thread: Playwright's loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        tools, text, refused = thread.submit(lambda: asyncio.run(talk())).result()
    assert {"read_strokes", "read_image", "read_batch", "describe"} <= tools.keys()
    for name, tool in tools.items():
        assert len(tool.description) > 40, name
        for given in tool.inputSchema["properties"].values():
            assert given["description"], name
    assert "'text': '7'" in text or '"text": "7"' in text
    assert refused
