"""The running server without a browser: the API, and what happens to bad input."""

from __future__ import annotations

import contextlib
import io
import json
import urllib.error
import urllib.request
import uuid
from base64 import b64encode
from typing import Any

import pytest
from PIL import Image, ImageDraw

from tests.browser.hand import DIGITS

SEVEN = [[list(point) for point in stroke] for stroke in DIGITS[7]["plain"]]
JUNK = {
    "a word": "seven",
    "a number": 7,
    "nothing": None,
    "a dict": {"strokes": SEVEN},
    "words for points": [["ab", "cd"]],
    "nested too deep": [[[[1, 2], [3, 4]]]],
    "three coordinates": [[[1, 2, 3]]],
    "not a number": [[[float("nan"), 1.0], [2.0, 3.0]]],
    "infinite": [[[1.0, 1.0], [float("inf"), 3.0]]],
}
ODD = {
    "blank": [],
    "empty stroke": [[]],
    "dot": [[[5, 5]]],
    "one pixel": [[[5, 5], [5, 6]]],
    "100,000 points": [[[i % 280, (i * 7) % 280] for i in range(100_000)]],
}


def post(url: str, body: object) -> Any:  # noqa: ANN401 - JSON
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return json.load(response)


def call(server: str, name: str, argument: object) -> tuple[str, Any]:
    """Ask the public API as `curl` would: the kind of the last event, and its data."""
    event = post(f"{server}gradio_api/call/{name}", {"data": [argument]})["event_id"]
    with urllib.request.urlopen(f"{server}gradio_api/call/{name}/{event}", timeout=30) as response:
        kind, data = response.read().decode().strip().split("\n")[-2:]
    return kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))


@pytest.fixture(scope="session")
def pad_id(server: str) -> int:
    """The component that `live` belongs to."""
    with urllib.request.urlopen(f"{server}config") as response:
        components = json.load(response)["components"]
    return next(c["id"] for c in components if "live" in (c["props"].get("server_fns") or []))


def ask(server: str, pad_id: int, name: str, data: object) -> Any:  # noqa: ANN401 - JSON
    """Call one of the pad's own functions as its script does."""
    return post(
        f"{server}gradio_api/component_server/",
        {"data": data, "component_id": pad_id, "fn_name": name, "session_hash": "test"},
    )


def live(server: str, pad_id: int, strokes: object) -> Any:  # noqa: ANN401 - JSON
    return ask(server, pad_id, "live", strokes)


def upload(server: str, content: bytes, name: str) -> dict[str, Any]:
    """Put a file on the server as a client does; returns the file data to pass on."""
    boundary = uuid.uuid4().hex
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode() + content
    request = urllib.request.Request(
        f"{server}gradio_api/upload",
        body + f"\r\n--{boundary}--\r\n".encode(),
        {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        return {"path": json.load(response)[0], "meta": {"_type": "gradio.FileData"}}


def picture() -> bytes:
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([tuple(p) for p in SEVEN[0]], fill=0, width=16, joint="curve")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_strokes_and_pictures_are_read(server: str) -> None:
    for kind, (reading,) in (
        call(server, "read_strokes", SEVEN),
        call(server, "read_image", upload(server, picture(), "seven.png")),
    ):
        assert kind == "complete"
        assert reading["text"] == "7"
        (digit,) = reading["digits"]
        assert digit.keys() == {"label", "probabilities", "verdict", "reason", "box", "line"}
        assert sum(digit["probabilities"]) == pytest.approx(1, abs=1e-4)


def test_one_request_is_answered_as_two_are(server: str) -> None:
    """By `run`, which takes a shortcut; pictures may not: they would get past the queue."""
    run = f"{server}gradio_api/run/"
    _, (reading,) = call(server, "read_strokes", SEVEN)
    (shortly,) = post(f"{run}read_strokes", {"data": [SEVEN]})["data"]
    assert {**shortly, "milliseconds": 0} == {**reading, "milliseconds": 0}
    with pytest.raises(urllib.error.HTTPError) as refusal:
        post(f"{run}read_strokes", {"data": ["seven"]})
    said = json.load(refusal.value)
    assert (said["title"], said["error"][-1]) == ("strokes.list", ".")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        post(f"{run}read_strokes", {"data": []})
    assert json.load(refusal.value) == said
    with pytest.raises(urllib.error.HTTPError, match="404"):
        post(f"{run}read_batch", {"data": [[]]})


@pytest.mark.parametrize("path", ["monitoring/summary", "gradio_api/deep_link?session_hash=x"])
def test_what_the_page_does_not_need_is_closed(server: str, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{server}{path}")


@pytest.mark.parametrize("strokes", JUNK.values(), ids=JUNK)
def test_junk_is_refused_with_a_sentence(server: str, pad_id: int, strokes: object) -> None:
    answer = live(server, pad_id, {"strokes": strokes, "final": True})
    assert answer["digits"] == []
    assert answer["error"].endswith(".")
    kind, error = call(server, "read_strokes", strokes)
    assert kind == "error"
    assert error["error"] == answer["error"]
    assert live(server, pad_id, SEVEN)["text"] == "7"


@pytest.mark.parametrize("strokes", ODD.values(), ids=ODD)
def test_odd_drawings_are_read_as_they_are(server: str, pad_id: int, strokes: object) -> None:
    answer = live(server, pad_id, strokes)
    assert "error" not in answer
    assert live(server, pad_id, SEVEN)["text"] == "7"


def test_a_damaged_picture_is_refused_with_a_sentence(server: str) -> None:
    for content in (b"not a picture", picture()[:60], picture()[:-40]):
        kind, error = call(server, "read_image", upload(server, content, "broken.png"))
        assert kind == "error"
        assert error["error"].endswith(".")


@pytest.mark.parametrize(
    "path",
    [{"path": "/etc/passwd"}, {"path": "/etc/passwd", "meta": {"_type": "gradio.FileData"}}, "x"],
    ids=["plain dict", "forged file data", "a word"],
)
def test_no_file_of_the_server_is_opened_for_a_client(server: str, path: object) -> None:
    with contextlib.suppress(urllib.error.HTTPError):  # where Gradio itself refuses
        kind, _ = call(server, "read_image", path)
        assert kind == "error"


def test_live_is_in_no_public_api(server: str) -> None:
    with urllib.request.urlopen(f"{server}gradio_api/info") as response:
        names = {"/read_strokes", "/read_image", "/read_batch", "/describe"}
        assert set(json.load(response)["named_endpoints"]) == names


URL = f"data:image/png;base64,{b64encode(picture()).decode()}"


@pytest.mark.parametrize(
    "given",
    [
        None,
        7,
        "/etc/passwd",
        "file:///etc/passwd",
        "data:image/png;base64,%%%",
        URL[:200],
        URL + 7_000_000 * "A",
    ],
    ids=["nothing", "a number", "a path", "a file URL", "no base64", "cut off", "too large"],
)
def test_the_pad_reads_no_junk_as_a_picture(server: str, pad_id: int, given: object) -> None:
    assert ask(server, pad_id, "look", given)["error"].endswith(".")
    assert ask(server, pad_id, "look", URL)["text"] == "7"


@pytest.mark.parametrize(
    "given",
    [
        None,
        {},
        {"digit": [], "strokes": [], "pens": []},
        {"digit": SEVEN, "strokes": SEVEN, "pens": []},
        {"digit": SEVEN, "strokes": SEVEN, "pens": ["12"]},
        {"digit": SEVEN, "strokes": SEVEN, "pens": [-1]},
        {"digit": SEVEN, "strokes": SEVEN, "pens": [float("nan")]},
    ],
)
def test_the_pad_explains_no_junk(server: str, pad_id: int, given: object) -> None:
    assert ask(server, pad_id, "explain", given)["error"].endswith(".")
    good = ask(server, pad_id, "explain", {"digit": SEVEN, "strokes": SEVEN, "pens": [12]})
    assert good["plain"]["label"] in range(10)


def test_a_link_to_the_page_has_a_preview_at_its_public_address(server: str) -> None:
    request = urllib.request.Request(
        server, headers={"X-Forwarded-Host": "pad.example", "X-Forwarded-Proto": "https"}
    )
    with urllib.request.urlopen(request) as response:
        page = response.read().decode()
    assert '<meta property="og:image" content="https://pad.example/preview.png">' in page
    assert page.count("<title>ResNet Sketchpad</title>") == page.count("og:title") == 1
    with urllib.request.urlopen(f"{server}preview.png") as response:
        assert response.headers["content-type"] == "image/png"
