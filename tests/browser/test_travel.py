"""A drawing beyond the open page: as a link, after a reload, as a file, and among the recent ones."""

from __future__ import annotations

import json
import re
from pathlib import Path

from PIL import Image

from model import DigitReader
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS
from tests.browser.pen import Pad

THREE, SEVEN = DIGITS[3]["round"], DIGITS[7]["plain"]
ALLOWED = {"permissions": ["clipboard-read", "clipboard-write"]}


def link_of(pad: Pad) -> str:
    pad.tool("Copy link")
    pad.page.wait_for_function("() => document.querySelector('.exports p').textContent === 'Copied.'")
    return str(pad.page.evaluate("() => navigator.clipboard.readText()"))


def saved(pad: Pad, name: str, folder: Path) -> Path:
    with pad.page.expect_download() as download:
        pad.tool(f"Save {name}")
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_link_opens_the_drawing_for_somebody_else(open_pad: Open) -> None:
    pad = open_pad(**ALLOWED)
    pad.draw(THREE)
    assert pad.final() == "3"
    link = link_of(pad)
    assert re.fullmatch(r"http://[\w.:]+/#draw=1[\w-]+", link)
    assert len(link) < 500
    other = open_pad()
    other.page.goto(link)
    assert other.final() == "3"
    assert "draw=" not in other.page.url  # reloading brings back what is drawn, not the link
    other.tool("Undo")
    assert other.state == "blank"


def test_a_broken_link_is_said_and_leaves_the_pad_usable(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.goto(f"{pad.page.url}#draw=1AAAA")
    pad.page.get_by_text("The link's drawing is incomplete").wait_for()
    pad.draw(SEVEN)
    assert pad.final() == "7"


def test_a_drawing_survives_a_reload_and_clear_does_too(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(THREE)
    pad.final()
    pad.page.reload()
    assert pad.final() == "3"
    pad.tool("Clear")
    pad.page.reload()
    pad.ready()
    assert pad.reading == ""


def test_cleared_drawings_can_be_brought_back(open_pad: Open) -> None:
    pad = open_pad()
    recent = pad.page.get_by_role("button", name="Open this drawing again")
    for drawing in (THREE, SEVEN):
        pad.draw(drawing)
        pad.final()
        pad.tool("Clear")
    assert recent.count() == 2
    recent.nth(1).click()
    assert pad.final() == "3"
    pad.page.reload()
    pad.final()
    assert recent.count() == 2
    pad.tool("Forget")
    assert recent.count() == 0


def test_a_drawing_is_saved_as_a_file(open_pad: Open, tmp_path: Path, trained: DigitReader) -> None:
    pad = open_pad()
    pad.draw(SEVEN)
    pad.final()
    strokes = json.loads(saved(pad, "JSON", tmp_path).read_text())
    assert trained.read_strokes(strokes).text == "7"
    image = Image.open(saved(pad, "PNG", tmp_path))
    assert image.size == (1120, 1120)
    assert trained.read_image(image).text == "7"
    assert saved(pad, "SVG", tmp_path).read_text().startswith("<svg")


def test_a_picture_has_no_link(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.locator('[data-start="mnist"]').click()
    pad.final()
    pad.page.locator("[data-tool=share]").click(force=True)  # aria-disabled, but it says why
    pad.page.get_by_text("a link carries strokes, not pictures").wait_for()
