"""What the page teaches and learns: the steps to the network's pixels, and "it was a …"."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .conftest import Open
from .hand import DIGITS, moved

SMALL = moved(DIGITS[5]["hat last"], 0.25, 8, 200)


def test_the_steps_are_shown_with_their_figures_beside_a_plain_resize(open_pad: Open) -> None:
    pad = open_pad()
    summary = pad.page.locator(".steps summary")
    summary.click()
    pad.page.locator(".steps .none").filter(has_text="Draw something first.").wait_for()
    pad.draw(SMALL)
    assert pad.final() == "5"
    says = pad.page.locator(".steps li p")
    says.nth(3).filter(has_text="shrunk").wait_for()
    raw, fitted, centred, plain = says.all_text_contents()
    assert re.match(r"\d\d × \d\d of 280 units, at \(28, 2", raw)
    assert "20 × 20" in fitted
    assert "Read as 5" in centred
    assert plain.startswith("The whole pad, shrunk. It would have been ")
    light = pad.page.locator(".steps canvas").evaluate_all(
        """all => all.map((c) => {
            const { data } = c.getContext('2d').getImageData(0, 0, 28, 28);
            return data.reduce((sum, v, i) => sum + (i % 4 ? 0 : v), 0);
        })"""
    )
    assert light[0] > 5 * light[2]  # nearly nothing is left of a small digit
    pad.page.keyboard.press("Delete")
    pad.draw(moved(SMALL, 1, 100, -100))  # the steps follow the drawing
    says.nth(0).filter(has_text="at (1").wait_for()


def test_nothing_is_asked_while_nobody_looks(open_pad: Open) -> None:
    pad = open_pad()
    asked: list[str] = []
    pad.page.on("request", lambda r: asked.append(r.post_data or ""))
    pad.draw(SMALL)
    pad.final()
    pad.page.wait_for_timeout(100)
    assert not [body for body in asked if "explain" in body]


def test_a_correction_is_kept_exported_and_forgotten(open_pad: Open, tmp_path: Path) -> None:
    pad = open_pad()
    two_digits = [*moved(DIGITS[3]["round"], 0.5, 0, 60), *moved(DIGITS[7]["crossed"], 0.5, 130, 60)]
    pad.draw(two_digits)
    assert pad.final() == "37"
    pad.page.locator(".chips button").nth(1).click()
    pad.tool("It was a 2")
    assert pad.page.locator(".corrections p").text_content() == "It was a 2: kept in this browser."
    pad.page.reload()
    pad.ready()
    export = pad.page.get_by_role("button", name="Export (1)")
    with pad.page.expect_download() as download:
        export.click()
    assert download.value.suggested_filename == "corrections.jsonl"
    download.value.save_as(tmp_path / "corrections.jsonl")
    (line,) = (tmp_path / "corrections.jsonl").read_text().splitlines()
    kept = json.loads(line)
    assert kept.keys() == {"source", "writer", "label", "strokes"}
    assert kept["label"] == "2"
    assert len(kept["strokes"]) == 2  # the crossed 7's, not the 3's
    assert all(len(point) == 2 for stroke in kept["strokes"] for point in stroke)
    pad.tool("Delete all")
    assert not export.is_visible()
    assert pad.page.evaluate("localStorage.getItem('sketchpad-corrections')") == ""


def test_a_correction_said_twice_is_taken_back_and_survives_undo(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(DIGITS[9]["curled"])
    pad.final()
    four = pad.page.locator(".bars .name").nth(4)
    four.click()
    assert four.get_attribute("aria-pressed") == "true"
    pad.page.keyboard.press("Control+z")
    assert four.get_attribute("aria-pressed") == "false"
    pad.page.keyboard.press("Control+y")
    pad.final()
    assert four.get_attribute("aria-pressed") == "true"
    four.click()
    assert pad.page.evaluate("localStorage.getItem('sketchpad-corrections')") == ""


def test_a_blank_pad_takes_no_correction(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.locator(".bars .name").nth(4).dispatch_event("click")
    assert pad.page.evaluate("localStorage.getItem('sketchpad-corrections')") is None
