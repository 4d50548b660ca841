"""Everybody: axe-core finds nothing, everything is reached by Tab, and the answer is told politely."""

from __future__ import annotations

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, LETTER_A, moved
from tests.browser.test_draw import PHONE

TABS = ("Draw", "Inside", "Architectures", "Training", "Play")
MIXED = [*moved(DIGITS[2]["swan"], 0.4, 0, 80), *moved(LETTER_A, 0.4, 120, 80)]
VIEWS = {"desktop": {"viewport": {"width": 1280, "height": 800}}, "phone": PHONE}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_wrong(open_pad: Open, view: str, scheme: str) -> None:
    pad = open_pad(color_scheme=scheme, reduced_motion="reduce", **VIEWS[view])
    found = [("blank", *violations(pad.page))]
    pad.page.locator(".steps summary").click()
    pad.draw(MIXED)
    pad.final()
    pad.page.locator(".bars .name").nth(7).click()
    for tab in TABS:
        pad.tab(tab)
        pad.page.wait_for_timeout(300)  # until the sections see that they are visible
        pad.page.wait_for_function("!document.querySelector('section.waiting')")
        pad.page.wait_for_timeout(300)  # what waits is pale, and colours change over
        found.append((tab, *violations(pad.page)))
    assert found == [("blank",), *((tab,) for tab in TABS)]


def test_everything_on_the_pad_is_reached_by_tab_with_a_visible_focus(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(MIXED)
    pad.final()
    wanted = pad.page.evaluate(
        """() => [...document.querySelectorAll('.sketch button, .sketch canvas[tabindex], .sketch summary')]
            .filter((e) => e.offsetParent).length"""
    )
    pad.page.locator("#language").focus()
    for _ in range(wanted + 5):  # the five tabs come first
        pad.page.keyboard.press("Tab")
        outline, reached = pad.page.evaluate(
            """() => {
                const here = document.activeElement;
                const ours = here.closest('.sketch');
                if (ours) (window.reached ??= new Set()).add(here);
                const outline = ours ? parseFloat(getComputedStyle(here).outlineWidth) : null;
                return [outline, window.reached?.size ?? 0];
            }"""
        )
        assert outline is None or outline >= 2
    assert reached == wanted


def test_the_answer_is_told_politely_and_once_it_is_final(open_pad: Open) -> None:
    pad = open_pad()
    for name in ("#reading", "#verdict"):
        assert pad.page.locator(name).get_attribute("aria-live") == "polite"
    pad.press(DIGITS[2]["swan"][0])
    pad.page.wait_for_selector('#verdict[aria-busy="true"]')
    pad.page.mouse.up()
    pad.final()
    assert pad.page.locator("#verdict").get_attribute("aria-busy") == "false"


def test_nothing_moves_for_those_who_asked_for_it(open_pad: Open) -> None:
    pad = open_pad(reduced_motion="reduce")
    pad.page.locator('[data-example="row"]').click()
    pad.final()  # drawn at once
    moving = pad.page.evaluate(
        """() => [...document.querySelectorAll('.sketch *')].filter((e) =>
            parseFloat(getComputedStyle(e).transitionDuration) > 0).map((e) => e.className)"""
    )
    assert moving == []
