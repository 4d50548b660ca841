"""Sums by hand: played with a pen, by keys, and left alone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, Drawing, moved
from tests.browser.pen import Pad
from tests.browser.test_draw import PHONE

VIEWS = {"desktop": {"color_scheme": "dark"}, "phone": PHONE}
STYLES = ("round", "plain", "swan", "round", "closed", "hat last", "round", "plain", "one stroke", "straight")


def written(text: str) -> list[Drawing]:
    """An answer of one or two digits on the pad, digit by digit."""
    shapes = [DIGITS[int(digit)][STYLES[int(digit)]] for digit in text]
    return [moved(shape, 0.48, 5 + 135 * i, 70) for i, shape in enumerate(shapes)]


def answer(page: Page) -> str:
    """What the sum on the page comes to."""
    a, sign, b, _ = (page.locator("#play .asked").text_content() or "").split()
    return str(int(a) + int(b) if sign == "+" else int(a) * int(b))


def start(pad: Pad, level: str) -> Page:
    pad.page.evaluate("location.hash = '#Play/7'")  # always the same sums
    pad.page.locator(f'[data-level="{level}"]').click()
    return pad.page


def wait(page: Page, phase: str) -> None:
    page.wait_for_selector(f'#play .game[data-phase="{phase}"]')


def solved(page: Page, number: int, mark: str) -> None:
    """Wait until a sum is marked and the next one is asked."""
    page.wait_for_selector(f'#play .dots i:nth-child({number})[data-mark="{mark}"]')
    wait(page, "asking")


@pytest.mark.parametrize("view", VIEWS)
def test_sums_are_answered_by_hand(open_pad: Open, view: str) -> None:
    pad = open_pad(reduced_motion="reduce", **VIEWS[view])
    pen = Pad(pad.page, canvas="#play canvas")
    draw = pen.touch if view == "phone" else pen.draw
    page = start(pad, "twenty")
    tools = page.locator("#play .game-tools").bounding_box()
    assert tools["y"] + tools["height"] <= page.viewport_size["height"]

    tens, ones = written(answer(page))
    draw(tens)
    page.wait_for_function("document.querySelector('#play .given').textContent.length === 1")
    page.wait_for_timeout(1500)  # longer than a wrong answer is on view
    wait(page, "asking")
    draw(ones)
    solved(page, 1, "right")

    wrong = {"11": "17"}.get(answer(page), "11")
    for digit in written(wrong):
        draw(digit)
    wait(page, "wrong")
    assert wrong in page.locator("#play .remark").text_content()
    found = violations(page)
    for digit in written(answer(page)):
        draw(digit)  # the first stroke begins anew
    solved(page, 2, "corrected")

    page.keyboard.press("1")
    page.locator("[data-play=type]").click()
    found += violations(page)
    page.locator('[data-key="Backspace"]').click()
    for digit in answer(page):
        page.locator(f'[data-key="{digit}"]').click()
    solved(page, 3, "right")
    assert found == []

    pad.tab("Draw")  # its pad and what it keeps are as they were
    assert (pad.state, pad.ink()) == ("blank", 0)
    assert page.evaluate("localStorage.getItem('sketchpad-drawing')") is None


def test_the_clock_stops_while_the_tab_is_hidden(open_pad: Open) -> None:
    pad = open_pad()
    page = start(pad, "ten")
    pad.tab("Draw")
    pad.tab("Play")
    assert page.locator("#play .paused").is_visible()
    assert not page.locator("#play .equation").is_visible()  # no time to think
    clock = page.locator("#play .clock").text_content()
    page.wait_for_timeout(1200)
    assert page.locator("#play .clock").text_content() == clock
    page.locator("[data-play=resume]").click()
    assert page.evaluate("document.activeElement.matches('#play canvas')")
    page.wait_for_function(f"document.querySelector('#play .clock').textContent !== '{clock}'")


def test_a_game_by_keys_ends_in_a_score_and_the_best_stays(open_pad: Open) -> None:
    pad = open_pad()
    page = pad.page
    page.evaluate("location.hash = '#Play/7'")
    page.wait_for_selector("[data-level=tables]")
    page.clock.install()
    page.locator("[data-level=tables]").focus()
    page.keyboard.press("Enter")
    first = page.locator("#play .asked").text_content()
    assert (first or "").split(" =")[0].replace("×", "times") in page.locator("#play .news").text_content()
    for n in range(20):
        if n == 5:
            page.locator("[data-play=skip]").click()
        else:
            page.keyboard.type(answer(page))
        page.clock.run_for(1000)
        page.clock.run_for(1000)
    page.wait_for_selector("#play .score h2:focus")
    assert "19 of 20" in page.locator("#play .score h2").text_content()
    assert page.locator("#play .strip li").count() == 20
    assert page.locator('#play .strip li[data-mark="skipped"]').count() == 1
    assert violations(page) == []
    assert page.evaluate("location.hash") == "#Play"
    page.reload()
    page.wait_for_selector('[data-level=tables] .best:has-text("19 right")')
