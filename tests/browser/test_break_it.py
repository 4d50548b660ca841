"""The Inside tab's numbers behind a pixel, the smallest change and the damaged network in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS
from tests.browser.pen import Pad
from tests.browser.test_draw import PHONE

WALK, ATTACK, DAMAGE = (f'[data-section="{name}"]' for name in ("feature_maps", "attack", "damage"))
SEVEN, THREE = DIGITS[7]["crossed"], DIGITS[3]["round"]


def inside(pad: Pad, *opened: str) -> Page:
    """The tab with a seven, and only these sections open."""
    pad.draw(SEVEN)
    assert pad.final() == "7"
    pad.tab("Inside", unfold=False)
    for section in opened:
        pad.page.locator(f"{section} summary").click()
    pad.page.wait_for_selector(f"{WALK} .tiles button")
    return pad.page


def test_the_numbers_behind_a_pixel_add_up_on_the_page(open_pad: Open) -> None:
    pad = open_pad()
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.extend(re.findall(r'"pixel"', request.post_data or ""))

    pad.page.on("request", note)
    page = inside(pad)
    walk = page.locator(WALK)
    walk.locator('[data-node="stages.1.0.conv1"]').click()
    expect(walk.locator(".name")).to_have_text("Stage 2, block 1: conv 1")
    assert not asked  # nobody has pointed at a pixel yet
    expect(walk.locator(".arithmetic .hint")).to_be_visible()
    canvas = walk.locator(".map canvas")
    canvas.hover()
    expect(walk.locator(".chain")).to_contain_text("ReLU")
    products = walk.locator(".grid").nth(2).locator("td").all_text_contents()
    total = re.search(r"Channel \d+ sums to (−?[\d.]+)", walk.locator(".chain").text_content())
    shown = [float(text.replace("−", "-")) for text in (*products, total[1])]
    assert sum(shown[:9]) == pytest.approx(shown[9], abs=0.006)
    value = re.search(r": (−?[\d.]+)\. Receptive", walk.locator(".pixel").text_content())[1]
    last = walk.locator(".chain").text_content().rsplit("ReLU ", 1)[1]
    assert float(last) == pytest.approx(float(value), abs=0.006)
    before = walk.locator(".chain").text_content()
    walk.locator(".arithmetic select").select_option(index=3)
    expect(walk.locator(".chain")).not_to_have_text(before)
    assert before.split("channels to ")[1] == walk.locator(".chain").text_content().split("channels to ")[1]
    canvas.focus()
    before = walk.locator(".pixel").text_content()
    page.keyboard.press("ArrowDown")
    expect(walk.locator(".pixel")).not_to_have_text(before)
    walk.locator('[data-node="fc"]').click()
    expect(walk.locator(".classes tfoot tr").last.locator("td")).to_have_count(2)
    walk.locator(".arithmetic select").select_option("3")
    expect(walk.locator(".classes thead")).to_contain_text("weight and product for 3")


def test_the_smallest_change_by_keyboard(open_pad: Open) -> None:
    pad = open_pad()
    page = inside(pad, ATTACK)
    attack = page.locator(ATTACK)
    expect(attack.locator(".size")).to_contain_text("Size of the change:", timeout=20_000)
    assert attack.locator("input:disabled").get_attribute("value") == "7"
    attack.locator("input:checked").focus()
    attack.locator('input[value="2"]').focus()
    page.keyboard.press("Space")
    expect(attack.locator('[data-picture="after"] figcaption')).to_contain_text(
        re.compile(r"^after: 2 at \d"), timeout=20_000
    )
    assert attack.locator("input:checked").get_attribute("value") == "2"
    expect(attack.locator('[data-picture="before"] figcaption')).to_contain_text("before: 7 at 9")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_damage_on_a_phone(open_pad: Open, scheme: str) -> None:
    pad = open_pad(color_scheme=scheme, reduced_motion="reduce", **PHONE)
    page = inside(pad, ATTACK, DAMAGE)
    walk, damage = page.locator(WALK), page.locator(DAMAGE)
    expect(damage.locator(".change")).to_contain_text("The network is whole", timeout=20_000)
    damage.get_by_role("slider").fill("100")
    expect(damage.locator(".change")).not_to_contain_text("whole", timeout=20_000)
    low = float(re.search(r"digits: ([\d.]+)", damage.locator(".accuracy").text_content())[1])
    assert low < 50
    damage.get_by_role("button", name="Undo the damage").tap()
    expect(damage.locator(".change")).to_contain_text("The network is whole", timeout=20_000)
    assert page.evaluate("document.activeElement.type") == "range"
    damage.locator("select").select_option("stages.2.0.conv2")
    expect(damage.locator(".change")).not_to_contain_text("whole", timeout=20_000)
    canvas = walk.locator(".map canvas")
    side = canvas.bounding_box()["width"]
    canvas.tap(position={"x": 0.5 * side, "y": 0.5 * side})
    expect(walk.locator(".chain")).to_contain_text("Sum ")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    own = page.locator(f"{ATTACK} label, {DAMAGE} button, {DAMAGE} select, {DAMAGE} input")
    heights = own.evaluate_all("all => all.map((e) => e.getBoundingClientRect().height)")
    assert min(heights) >= 44
    page.wait_for_function("!document.querySelector('section.waiting')")
    page.wait_for_timeout(300)
    assert violations(page) == []
