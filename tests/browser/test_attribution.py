"""The Inside tab's attribution and prefix predictions in a browser."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, LETTER_A, moved
from tests.browser.pen import Pad
from tests.browser.test_draw import PHONE

VIEWS = {"desktop": {"viewport": {"width": 1280, "height": 800}}, "phone": PHONE}
EIGHT = DIGITS[8]["one stroke"]


def section(pad: Pad, name: str) -> Locator:
    """A section of the Inside tab, once it has looked."""
    pad.tab("Inside")
    found = pad.page.locator(f'[data-section="{name}"]')
    found.scroll_into_view_if_needed()
    first = ".question" if name == "attribution" else ".reading b"
    expect(found.locator(first)).not_to_have_text("", timeout=20_000)
    return found


def colours(canvas: Locator) -> set[tuple[int, ...]]:
    pixels = np.asarray(Image.open(io.BytesIO(canvas.screenshot())).convert("RGB"))
    return set(map(tuple, pixels.reshape(-1, 3).tolist()))


@pytest.mark.parametrize("view", VIEWS)
def test_why_this_digit_and_not_that_one(open_pad: Open, view: str) -> None:
    pad = open_pad(**VIEWS[view])
    pad.draw(EIGHT)
    assert pad.final() == "8"
    why = section(pad, "attribution")
    expect(why.locator(".question")).to_have_text(re.compile(r"^Why 8 and not [0-79]\?$"))
    likeliest = why.locator(".question").text_content()[-2]
    other = "3" if likeliest != "3" else "9"
    assert why.locator("[data-other]").evaluate_all(
        "all => all.filter((b) => b.getAttribute('aria-disabled') === 'true').map((b) => b.textContent)"
    ) == ["8"]
    before = why.locator(".trio canvas").nth(1).screenshot()
    another = why.get_by_role("button", name=other, exact=True)
    assert another.bounding_box()["height"] >= 44
    another.focus()
    pad.page.keyboard.press("Enter")
    expect(why.locator(".question")).to_have_text(f"Why 8 and not {other}?")
    expect(another).to_have_attribute("aria-pressed", "true")
    assert why.locator("figcaption").all_text_contents() == ["for 8", f"for {other}", f"8 over {other}"] * 2
    assert why.locator(".trio canvas").nth(1).screenshot() != before
    for canvas in why.locator(".trio canvas").all():
        assert len(colours(canvas)) > 10
        assert canvas.get_attribute("aria-label")
    assert f"as likely as {other}" in why.locator(".gap").text_content()
    assert "The integral in 14 steps is off by" in why.locator(".sum").first.text_content()
    assert why.locator(".nearest li").count() == 8
    why.get_by_role("button", name="8", exact=True).click(force=True)  # the answer itself: nothing to compare
    expect(why.locator(".question")).to_have_text(f"Why 8 and not {other}?")
    assert pad.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_no_digit_is_not_called_one(open_pad: Open, rejecting: None) -> None:
    pad = open_pad()
    pad.draw(LETTER_A)
    pad.final()
    assert pad.page.locator("#reading [data-verdict]").get_attribute("data-verdict") == "not a digit"
    question = section(pad, "attribution").locator(".question")
    expect(question).to_have_text(re.compile(r"^Not a digit\. If it were one: why \d and not \d\?$"))


def test_the_outline_lies_on_the_ink(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(EIGHT)
    pad.final()
    why = section(pad, "attribution")
    off = why.evaluate(
        """(own) => {
            const image = document.querySelector('#inside .model-image');
            const copy = document.createElement('canvas');
            copy.width = copy.height = 28;
            const view = copy.getContext('2d', { willReadFrequently: true });
            view.drawImage(image, 0, 0);
            const { data } = view.getImageData(0, 0, 28, 28);
            const line = own.querySelector('.frame path').getAttribute('d');
            const points = line.match(/[\\d.]+ [\\d.]+/g).map((point) => point.split(' ').map(Number));
            // Share of the line's points that do not lie between a pixel of ink and one of paper.
            const ink = (x, y) => data[4 * (28 * y + x)] > 127;
            const at = (v) => [Math.floor(v - 0.5), Math.ceil(v - 0.5)];
            return points.filter(([x, y]) => {
                const seen = new Set(at(x).flatMap((i) => at(y).map((j) => ink(i, j))));
                return seen.size < 2;
            }).length / points.length;
        }"""
    )
    assert off < 0.05  # but for rounding, where the ink is all but black or white


def test_a_theme_of_its_own_colours_the_maps(open_pad: Open) -> None:
    shots = []
    for scheme in ("light", "dark"):
        pad = open_pad(color_scheme=scheme)
        pad.draw(EIGHT)
        pad.final()
        shots.append(colours(section(pad, "attribution").locator(".trio canvas").first))
    assert (255, 255, 255) in shots[0]
    assert (255, 255, 255) not in shots[1] or (26, 33, 43) in shots[1]


@pytest.mark.parametrize("view", VIEWS)
def test_when_did_it_know(open_pad: Open, view: str) -> None:
    pad = open_pad(**VIEWS[view])
    pad.draw(EIGHT)
    pad.final()
    time = section(pad, "prefix_predictions")
    settled = time.locator(".settled").text_content()
    assert settled.startswith("Settled at ")
    assert "the prediction is 8" in settled
    answers = time.locator(".plot .answer").all_text_contents()
    assert answers[-1] == "8"
    assert len(answers) >= 2
    assert time.locator(".plot .line").count() == 10
    assert time.locator(".plot .flip").count() >= len(answers) - 1
    scrub = time.get_by_role("slider")
    assert scrub.bounding_box()["height"] >= 44
    whole = time.locator(".drawn .done").get_attribute("stroke-dasharray")
    scrub.focus()
    pad.page.keyboard.press("Home")
    expect(time.locator(".reading p")).to_contain_text("At 3 % of the path")
    assert scrub.get_attribute("aria-valuetext") == time.locator(".reading p").text_content()
    assert time.locator(".drawn .done").get_attribute("stroke-dasharray") != whole
    first = re.search(r"(\S)\u00a0→", settled)[1]  # named there even where the plot has no room for it
    assert time.locator(".reading b").text_content() == first
    pad.page.keyboard.press("ArrowRight")
    expect(time.locator(".reading p")).to_contain_text("At 6 % of the path")
    pad.page.keyboard.press("End")
    expect(time.locator(".reading b")).to_have_text("8")
    time.get_by_role("button", name="Replay the drawing").click()
    expect(time.get_by_role("button", name="Pause")).to_be_visible()
    expect(time.get_by_role("button", name="Replay the drawing")).to_be_visible(timeout=10_000)
    expect(time.locator(".reading p")).to_contain_text("At 100 %")
    assert pad.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_handle_stands_under_the_moment(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(EIGHT)
    pad.final()
    time = section(pad, "prefix_predictions")
    for n in (0, 16, 31):
        time.get_by_role("slider").fill(str(n))
        plot = time.locator(".plot").bounding_box()
        line = float(time.locator(".plot .now").get_attribute("d")[1:].split()[0])
        box = time.get_by_role("slider").bounding_box()
        handle = box["x"] + 11 + (box["width"] - 22) * n / 31
        assert plot["x"] + line == pytest.approx(handle, abs=1)


def test_a_click_on_the_plot_goes_there(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(EIGHT)
    pad.final()
    time = section(pad, "prefix_predictions")
    box = time.locator(".plot").bounding_box()
    time.locator(".plot").click(position={"x": box["width"] / 2, "y": 90})
    assert 10 < int(time.get_by_role("slider").input_value()) < 20


def test_in_another_language_the_moment_stays(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(EIGHT)
    pad.final()
    timeline = section(pad, "prefix_predictions")
    timeline.locator("input").press("Home")
    expect(timeline.locator(".reading p")).to_have_text(re.compile(r"^At 3 % of the path"))
    pad.page.locator("#language").select_option("zh-Hans")
    expect(timeline.locator(".reading p")).to_have_text(re.compile(r"^路径的 3 % 处"))


def test_the_timeline_is_of_the_digit_that_is_looked_at(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw([*moved(DIGITS[7]["crossed"], 0.45, 0, 80), *moved(DIGITS[3]["round"], 0.45, 140, 80)])
    assert pad.final() == "73"
    time = section(pad, "prefix_predictions")
    expect(time.locator(".reading b")).to_have_text("3")
    assert time.locator(".drawn .done").count() == 1
    pad.page.locator("#inside .digits button").first.click()
    expect(time.locator(".reading b")).to_have_text("7")
    assert time.locator(".drawn .done").count() == 2
    expect(section(pad, "attribution").locator(".question")).to_contain_text("Why 7 and not")


def test_a_picture_has_no_time(open_pad: Open) -> None:
    pad = open_pad()
    page = Image.new("L", (120, 160), 255)
    for y in range(30, 130):
        for x in range(56, 66):
            page.putpixel((x, y), 0)
    file = io.BytesIO()
    page.save(file, "PNG")
    picture = {"name": "one.png", "mimeType": "image/png", "buffer": file.getvalue()}
    pad.page.locator('[data-source="picture"]').set_input_files(picture)
    assert pad.final() == "1"
    expect(section(pad, "attribution").locator(".question")).to_contain_text("Why 1 and not")
    time = pad.page.locator('[data-section="prefix_predictions"]')
    expect(time.locator(".nothing")).to_have_text("This needs strokes. A picture has no drawing order.")
    expect(time.locator(".time")).to_be_hidden()
