"""What each depth reads, live: columns that follow the pad, sentences that say what the columns show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, LETTER_A, moved
from tests.browser.test_draw import PHONE

OWN = '[data-section="linear_probes"]'
READ = f"""() => [...document.querySelectorAll('{OWN} .linear-probes thead th')].map((_, column) =>
  [...document.querySelectorAll('{OWN} .linear-probes tbody tr')].filter((row) =>
    row.cells[column + 1].classList.contains('best')).map((row) => row.cells[0].textContent).join())"""
VIEWS = {"desktop": {}, "phone": PHONE}


def shown(page: Page, digit: str) -> list[str]:
    """The digit that each depth reads, and last the answer, once the answer is ``digit``."""
    page.wait_for_function(f"(digit) => ({READ})().at(-1) === digit", arg=digit)
    return page.evaluate(READ)


def sentence(page: Page, name: str) -> str:
    return page.locator(f"{OWN} .{name}").text_content() or ""


@pytest.mark.parametrize("view", VIEWS)
def test_the_columns_follow_the_pad(open_pad: Open, view: str) -> None:
    pad = open_pad(**VIEWS[view])
    page = pad.page
    pad.tab("Inside")
    assert page.locator("#inside h3:visible").all_text_contents() == [
        "A map of the digits",
        "Why residual networks exist",
    ]
    for digit, way in ((7, "plain"), (4, "open")):
        pad.tab("Draw")
        if pad.state != "blank":
            pad.tool("Clear")
        pad.touch(DIGITS[digit][way]) if view == "phone" else pad.draw(DIGITS[digit][way])
        pad.final()
        pad.tab("Inside")
        read = shown(page, str(digit))
        assert len(read) == 6
        assert read[-2:] == [str(digit)] * 2  # the last block's features are the classifier's own
        assert sentence(page, "where").startswith(f"{digit} is first predicted after")
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    shares = page.locator(f"{OWN} .linear-probes tbody tr td:nth-child(3) b").all_text_contents()
    assert 97 <= sum(int(share or 0) for share in shares) <= 103  # ten rounded numbers


def test_a_depth_is_chosen_by_key_and_told_in_words(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(DIGITS[9]["curled"])
    pad.final()
    pad.tab("Inside")
    read = shown(pad.page, "9")
    buttons = pad.page.locator(f"{OWN} .linear-probes thead button")
    for column in (0, 3):
        buttons.nth(column).focus()
        pad.page.keyboard.press("Enter")
        assert buttons.nth(column).get_attribute("aria-pressed") == "true"
        place = "the stem" if column == 0 else "stage 3, block 1"
        told = re.fullmatch(
            rf"After {place}: (\d) with (?:>\s)?([\d.]+)\s%\. "
            r"The accuracy at this depth is ([\d.]+)\s% on 5,000 validation images\.",
            sentence(pad.page, "at"),
        )
        assert told[1] == read[column]
        cell = (
            pad.page.locator(f"{OWN} .linear-probes tbody tr")
            .nth(int(read[column]))
            .locator("td")
            .nth(column)
        )
        assert abs(int(cell.locator("b").text_content()) - float(told[2])) <= 0.5
        assert (
            pad.page.locator(f"{OWN} .linear-probes tfoot td").nth(column).text_content().startswith(told[3])
        )
    boxes = [box.bounding_box() for box in buttons.all()]
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44


def test_what_is_no_digit_is_said_to_be_none(open_pad: Open, rejecting: None) -> None:
    pad = open_pad()
    pad.draw(LETTER_A)
    pad.final()
    pad.tab("Inside")
    pad.page.wait_for_function(
        f"document.querySelector('{OWN} .where').textContent.startsWith('The network classifies this as not')"
    )


def test_the_digit_that_is_picked_is_the_one_that_is_read(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw([*moved(DIGITS[2]["swan"], 0.4, 0, 80), *moved(DIGITS[8]["one stroke"], 0.4, 150, 80)])
    assert pad.final() == "28"
    pad.tab("Inside")
    shown(pad.page, "8")
    pad.page.locator(".digits button").first.click()
    shown(pad.page, "2")


def test_plain_and_residual_are_compared_without_a_drawing(open_pad: Open) -> None:
    page = open_pad(locale="zh-CN").page
    page.locator('[role="tab"][data-tab="Inside"]').click()
    page.locator('[data-section="degradation"] summary').click()
    charts = page.locator('[data-section="degradation"] .charts svg')
    assert charts.count() == 4
    assert charts.nth(1).is_visible()
    label = charts.nth(1).get_attribute("aria-label")
    assert re.search(r"56 层的训练损失：普通网络从 [\d.]+ 到 [\d.]+，残差网络从 [\d.]+ 到 [\d.]+", label)
    outside = charts.evaluate_all(
        """svgs => svgs.flatMap((svg) => {
          const box = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text, path")].filter((part) => {
            const own = part.getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1;
          }).map((part) => part.outerHTML.slice(0, 80));
        })"""
    )
    assert outside == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_everybody_can_use_it(open_pad: Open, shots: Path, view: str, scheme: str) -> None:
    pad = open_pad(color_scheme=scheme, reduced_motion="reduce", **VIEWS[view])
    pad.draw(DIGITS[5]["hat last"])
    pad.final()
    pad.tab("Inside")
    shown(pad.page, "5")
    pad.page.wait_for_timeout(300)  # colours change over
    assert violations(pad.page) == []
    pad.page.locator(OWN).screenshot(path=shots / f"depth-{view}-{scheme}.png")
