"""The page around the pad: tabs, languages, light and dark, phones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Open
from tests.browser.first_load import visit
from tests.browser.hand import DIGITS

SIZES = {"desktop": (1280, 800), "phone": (360, 740)}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_tab_fits_the_screen(open_pad: Open, shots: Path, scheme: str, size: str) -> None:
    width, height = SIZES[size]
    pad = open_pad(color_scheme=scheme, viewport={"width": width, "height": height})
    pad.draw(DIGITS[3]["round"])
    pad.final()
    for tab in ("Draw", "Inside", "Architectures", "Training", "Play"):
        pad.tab(tab)
        assert pad.page.evaluate("document.documentElement.scrollWidth") <= width
        pad.page.screenshot(path=shots / f"{tab.lower()}-{size}-{scheme}.png", full_page=True)


SCREENS = [
    *((320, 640), (360, 640), (390, 664), (768, 1024)),  # upright
    *((667, 375), (740, 360), (844, 390), (640, 400), (1280, 720), (3840, 2160)),  # lying
]


@pytest.mark.parametrize(("width", "height"), SCREENS, ids=[f"{w}x{h}" for w, h in SCREENS])
def test_pad_and_answer_are_on_the_screen_together(open_pad: Open, width: int, height: int) -> None:
    """Upright and lying phones, a tablet, a laptop, the same magnified to 200 %, and a wall."""
    pad = open_pad(viewport={"width": width, "height": height})
    before = pad.page.locator("#reading").bounding_box()
    pad.draw(DIGITS[5]["hat last"])
    assert pad.final() == "5"
    for part in ("#pad", "#reading", "#verdict"):
        box = pad.page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= height, part
    assert pad.page.locator("#reading").bounding_box() == before  # nothing moves
    assert pad.page.locator("#pad").bounding_box()["width"] >= 0.25 * min(width, height)
    tabs = pad.page.locator('[role="tab"][data-tab]').evaluate_all(
        "all => all.map((tab) => tab.getBoundingClientRect().top)"
    )
    assert len(set(tabs)) == 1


def test_dark_ink_is_light_and_light_ink_is_dark(open_pad: Open) -> None:
    for scheme, light in (("light", False), ("dark", True)):
        pad = open_pad(color_scheme=scheme)
        pad.draw([[(140, 100), (140, 180)]])
        pad.final()
        red = pad.page.evaluate(
            """() => { const c = document.querySelector('#pad canvas'); const m = c.width / 2;
            return c.getContext('2d').getImageData(m, m, 1, 1).data[0]; }"""
        )
        assert (red > 128) is light


def test_training_shows_accuracy_with_its_n(open_pad: Open) -> None:
    pad = open_pad()
    pad.tab("Training")
    card = pad.page.locator(".card").first
    assert card.locator("strong").text_content().endswith("%")
    assert re.search(r"[\d,]+ of [\d,]+ MNIST test images", card.text_content())
    assert pad.page.locator(".confusion tbody tr").count() == 10


@pytest.mark.parametrize("width", [1280, 390])
def test_a_first_visit_transfers_little_and_nothing_moves(browser: Browser, server: str, width: int) -> None:
    first = visit(browser, server, viewport={"width": width, "height": 800})
    assert first.kilobytes < 500
    assert first.shift <= 0.05


def test_the_page_speaks_the_visitors_language_or_the_chosen_one(open_pad: Open) -> None:
    pad = open_pad(locale="zh-TW")
    assert pad.page.locator('[data-tab="Draw"]').text_content() == "書寫"
    assert pad.page.locator("html").get_attribute("lang") == "zh-Hant"
    pad.draw(DIGITS[8]["two circles"])
    pad.final()
    pad.page.select_option("#language", "zh-Hans")
    assert "8" in pad.verdict
    named = pad.page.locator("[data-tool]").evaluate_all("all => all.map((b) => b.ariaLabel)")
    assert named == ["撤销", "重做", "复制链接", "清空"]
    pad.page.select_option("#language", "en")
    assert pad.page.locator('[data-tab="Training"]').text_content() == "Training"
    pad.page.reload()
    pad.final()  # the drawing is there again
    assert pad.page.locator("#language").input_value() == "en"


def test_a_tab_opened_while_the_server_is_away_says_so_and_appears_later(open_pad: Open) -> None:
    pad = open_pad(quiet=False)  # the browser reports requests that fail
    away = ("**/modules/**/architectures/tab.json", "**/component_server/**")
    for address in away:
        pad.page.route(address, lambda route: route.abort())
    pad.page.reload()
    pad.ready()
    pad.tab("Architectures")
    tab = pad.page.locator("#architectures")
    sentence = "The server does not respond. Trying again …"
    tab.get_by_role("alert").get_by_text(sentence).wait_for()
    pad.page.unroute(away[0])  # the tab's own requests still fail
    tab.locator(".problem").get_by_text(sentence).wait_for()
    pad.page.unroute(away[1])
    tab.locator(".result h2").wait_for()
    tab.locator(".comparison tbody tr").first.wait_for()
    assert tab.get_by_text(sentence).count() == 0


def test_the_page_starts_once_its_modules_come(open_pad: Open) -> None:
    pad = open_pad(quiet=False)  # the browser reports requests that fail
    pad.page.route("**/modules/**", lambda route: route.abort())
    pad.page.reload()
    pad.page.locator("#pad").wait_for(state="attached")
    assert pad.page.locator("[data-mounted]").count() == 0
    pad.page.unroute("**/modules/**")
    pad.ready()
    pad.draw(DIGITS[7]["plain"])
    assert pad.final() == "7"


def test_the_address_brings_back_the_tab_and_what_is_open_in_it(open_pad: Open) -> None:
    pad = open_pad()
    page, selected = pad.page, '[role="tab"][aria-selected="true"][data-tab="{}"]'
    assert page.evaluate("location.hash") == ""
    pad.draw(DIGITS[3]["round"])
    pad.final()
    pad.tab("Inside", unfold=False)
    page.get_by_role("link", name="Skip connections and residual branches").click()
    section = page.locator('[data-section="branches"]')
    section.locator("dl").first.wait_for()
    assert page.evaluate("location.hash") == "#Inside/branches"
    assert section.bounding_box()["y"] < 400
    pad.tab("Architectures")
    page.select_option("#architectures [name=network]", "resnet20")
    page.select_option("#architectures [name=beside]", "plain20")
    page.wait_for_function("location.hash === '#Architectures/resnet20/plain20'")
    page.reload()
    page.wait_for_selector(selected.format("Architectures"))
    page.wait_for_selector('#architectures article[data-network="plain20"]')
    assert page.input_value("#architectures [name=size]") == "32"
    page.evaluate("location.hash = '#Training'")  # as a link does
    page.wait_for_selector(selected.format("Training"))
    page.evaluate("location.hash = '#drawing=1,2'")  # none of ours: nothing moves
    pad.tab("Draw")
    page.wait_for_function("location.hash === '#Draw'")


def test_sections_fold_by_key_and_stay_as_they_are(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(DIGITS[3]["round"])
    pad.final()
    pad.tab("Inside", unfold=False)
    sections = pad.page.locator("#inside [data-section] > details")
    sections.first.locator(".tiles button").first.wait_for()
    is_open = "all => all.map((section) => section.open)"
    folded = [False] * (sections.count() - 2)
    assert sections.evaluate_all(is_open) == [True, False, *folded]
    assert pad.page.evaluate("document.documentElement.scrollHeight") < 2200
    links = pad.page.locator("#inside nav a")
    assert links.all_text_contents() == sections.locator("h3").all_text_contents()
    sections.nth(1).locator("summary").focus()
    pad.page.keyboard.press("Enter")
    sections.nth(1).locator("tbody .best").wait_for()
    assert sections.nth(1).locator("tbody .best th").text_content() == "3"
    pad.tab("Draw")
    pad.tab("Inside", unfold=False)
    assert sections.evaluate_all(is_open) == [True, True, *folded]
