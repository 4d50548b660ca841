"""What the page teaches and learns: the steps to the network's pixels, and "it was a …"."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import train_mnist
from model import DigitReader
from model.datasets import mnist as data
from model.datasets.stroke_files import PENS
from model.datasets.synthetic import generate
from model.inference.checkpoint import read_file
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, line, moved
from tests.browser.test_start import photograph, show
from tests.helpers.paths import CHECKPOINT
from tests.helpers.training_run import lay

UNHEARD = "The picture is too large; at most 6 MB are read."
SMALL = moved(DIGITS[5]["hat last"], 0.25, 8, 200)


def test_the_steps_are_shown_with_their_figures_beside_a_plain_resize(open_pad: Open) -> None:
    pad = open_pad()
    summary = pad.page.locator(".steps summary")
    summary.click()
    pad.page.locator(".steps .none").filter(has_text="Draw something first.").wait_for()
    pad.draw(SMALL)
    assert pad.final() == "5"
    says = pad.page.locator(".steps li p")
    says.nth(4).filter(has_text="shrunk").wait_for()
    raw, _, fitted, centred, plain = says.all_text_contents()
    assert re.match(r"\d\d × \d\d of 280 units, at \(28, 2", raw)
    assert "20 × 20" in fitted
    assert "Read as 5" in centred
    assert plain.startswith("The whole pad, shrunk. It would be ")
    light = pad.page.locator(".steps canvas[width='28']").evaluate_all(
        """all => all.map((c) => {
            const { data } = c.getContext('2d').getImageData(0, 0, 28, 28);
            return data.reduce((sum, v, i) => sum + (i % 4 ? 0 : v), 0);
        })"""
    )
    assert light[0] > 5 * light[2]  # nearly nothing is left of a small digit
    pad.page.keyboard.press("Delete")
    pad.draw(moved(SMALL, 1, 100, -100))  # the steps follow the drawing
    says.nth(0).filter(has_text="at (1").wait_for()


def test_a_picture_has_its_own_steps(open_pad: Open) -> None:
    pad = open_pad()
    two = [*moved(DIGITS[4]["open"], 1, 0, 0), *moved(DIGITS[2]["swan"], 1, 260, 0)]
    show(pad, photograph(two, (600, 320), 1))
    assert pad.final() == "42"
    pad.page.locator(".steps summary").click()
    says = pad.page.locator(".steps li p")
    says.nth(4).filter(has_text="The whole picture, shrunk. It would be ").wait_for()
    given, ink, fitted, centred, _ = says.all_text_contents()
    assert given == "600 × 320 pixels."
    width, height = map(int, re.search(r": (\d+) × (\d+) pixels remain", ink).groups())
    assert 110 < width < 130  # the 4 alone
    assert 180 < height < 210
    assert re.search(r"The pen was [01]\.\d wide, unlike MNIST, and was adjusted to 2\.\d", fitted)
    assert "Read as 4" in centred
    pad.page.locator(".chips button").nth(1).click()
    says.nth(3).filter(has_text="Read as 2").wait_for()
    pad.draw(SMALL)  # strokes again
    says.nth(0).filter(has_text="of 280 units").wait_for()
    assert not pad.page.locator('[data-step="ink"]').is_visible()


def test_a_refusal_is_said_in_the_visitors_language(open_pad: Open) -> None:
    pad = open_pad(
        locale="zh-CN",
        script="""
        const real = window.fetch;
        const refusal = { text: '', digits: [], error: 'The picture is too large; at most 6 MB are read.' };
        window.fetch = (...request) =>
            String(request[0]).includes('component_server')
                ? Promise.resolve(Response.json({ ...refusal, code: window.code, values: { most: 6 } }))
                : real(...request);""",
    )
    for code, said in (("picture.bytes", "图片过大，上限为 6 MB。"), ("unheard.of", UNHEARD)):
        pad.page.evaluate("code => { window.code = code }", code)
        pad.page.keyboard.press("Delete")
        pad.draw(SMALL)
        pad.final()
        assert pad.verdict == said


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
    pad.tool("The digit was 2")
    assert pad.page.locator(".corrections p").text_content() == "The digit was 2: saved in this browser."
    pad.page.reload()
    pad.final()
    export = pad.page.get_by_role("button", name="Export (1)")
    with pad.page.expect_download() as download:
        export.click()
    assert download.value.suggested_filename == "corrections.jsonl"
    download.value.save_as(tmp_path / "corrections.jsonl")
    (only,) = (tmp_path / "corrections.jsonl").read_text().splitlines()
    kept = json.loads(only)
    assert kept.keys() == {"source", "writer", "label", "strokes"}
    assert kept["label"] == "2"
    assert len(kept["strokes"]) == 2  # the crossed 7's, not the 3's
    assert all(len(point) == 2 for stroke in kept["strokes"] for point in stroke)
    pad.tool("Delete all")
    assert not export.is_visible()
    assert pad.page.evaluate("localStorage.getItem('sketchpad-corrections')") is None


@pytest.mark.slow
def test_what_was_corrected_in_the_browser_teaches_the_network(
    open_pad: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the pen to a checkpoint: draw, correct, export, and go on training with that file."""
    pad = open_pad()
    for turn in range(6):  # a 7 with a foot, as one writer has it
        foot = [(75, 60), (195, 60 + turn), (130, 225 - 2 * turn), (190 + turn, 222)]
        pad.draw([line(*foot)])
        pad.final()
        pad.tool("The digit was 7")
        pad.page.keyboard.press("Delete")
    with pad.page.expect_download() as download:
        pad.page.get_by_role("button", name="Export (6)").click()
    exported = tmp_path / "corrections.jsonl"
    download.value.save_as(exported)
    digits = generate(300, seed=5, not_digits=0.0)
    parts = (digits.images.numpy(), digits.labels.numpy())
    lay(tmp_path / "data" / "MNIST" / "raw", data.MNIST_MD5, parts, parts, monkeypatch)
    monkeypatch.setattr(data, "VALIDATION", 100)
    out = tmp_path / "mine.safetensors"
    options = ["--extra", str(exported), "--checkpoint", str(CHECKPOINT), "--out", str(out), "--epochs", "1"]
    options += ["--data-dir", str(tmp_path / "data"), "--device", "cpu", "--batch-size", "50"]
    assert train_mnist.main([*options, "--synthetic", "200"]) == 0
    assert read_file(out)[1]["images"]["corrections"] == 6 * len(PENS)
    learnt = DigitReader.load(out, "cpu")
    kept = [json.loads(each)["strokes"] for each in exported.read_text().splitlines()]
    assert [learnt.read_strokes(strokes).text for strokes in kept] == ["7"] * 6


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
    assert pad.page.evaluate("localStorage.getItem('sketchpad-corrections')") is None


def test_a_blank_pad_takes_no_correction(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.locator(".bars .name").nth(4).dispatch_event("click")
    assert pad.page.evaluate("localStorage.getItem('sketchpad-corrections')") is None
