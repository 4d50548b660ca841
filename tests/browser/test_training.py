"""The Training tab in a browser: curves that zoom, cells that open their images, a network trained here."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, moved
from tests.browser.pen import Pad
from tests.browser.test_draw import PHONE

EPOCHS = ".curves .place"


def opened(open_pad: Open, **options: object) -> Page:
    pad = open_pad(**options)
    pad.tab("Training")
    pad.page.locator('.curves [data-chart="loss"] .line').wait_for()
    return pad.page


def span(page: Page) -> list[float]:
    """First and last epoch on the axis, as said above the curves."""
    said = page.locator(EPOCHS).text_content() or ""
    return [float(word) for word in said.split() if word.replace(".", "").isdigit()]


def middle(plot: Locator) -> tuple[float, float, float]:
    box = plot.bounding_box()
    assert box is not None
    return box["x"], box["y"] + box["height"] / 2, box["width"]


def test_a_stretch_drawn_with_the_mouse_is_zoomed_in_on_in_every_curve(open_pad: Open) -> None:
    page = opened(open_pad)
    whole = span(page)
    assert whole[0] == 1
    plot = page.locator(".curves .plot").first
    plot.scroll_into_view_if_needed()
    ticks = page.locator('.curves [data-chart="lr"] .centre')
    before = ticks.all_text_contents()
    x, y, width = middle(plot)
    page.mouse.move(x + width * 0.4, y)
    page.mouse.down()
    page.mouse.move(x + width * 0.6, y, steps=5)
    assert plot.locator(".stretch").count() == 1
    page.mouse.up()
    page.mouse.move(5, 5)
    first, last = span(page)
    assert whole[0] < first < last < whole[1]
    assert ticks.all_text_contents() != before  # the other curves follow
    page.get_by_role("button", name="Zoom in", exact=True).click()
    closer = span(page)
    assert closer[1] - closer[0] < last - first
    page.get_by_role("button", name="All epochs").click()
    assert span(page) == whole


def test_values_are_read_by_mouse_and_by_keys(open_pad: Open) -> None:
    page = opened(open_pad)
    plot = page.locator(".curves .plot").nth(1)
    plot.focus()
    for key in ("Home", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert page.locator(EPOCHS).text_content() == "Epoch 3"
    assert (plot.get_attribute("aria-valuetext") or "").startswith("Epoch 3: ")
    assert plot.get_attribute("aria-valuenow") == "3"
    for _ in range(2):
        page.keyboard.press("+")
    page.keyboard.press("End")
    assert 3 < float(plot.get_attribute("aria-valuenow") or 0) < 20  # the end of the stretch
    page.keyboard.press("Escape")
    page.keyboard.press("End")
    last = plot.get_attribute("aria-valuetext")
    page.locator("#language").focus()
    assert len(span(page)) == 2
    x, y, width = middle(plot)
    page.mouse.move(x + width - 15, y)
    assert plot.get_attribute("aria-valuetext") == last


@pytest.mark.parametrize("view", [{}, PHONE], ids=["desktop", "phone"])
def test_a_cell_of_the_matrix_shows_its_images_and_those_alone(open_pad: Open, view: dict) -> None:
    page = opened(open_pad, **view)
    images = page.locator(".images figure")
    everything = images.count()
    cell = page.locator(".confusion [data-cell]").first
    name = cell.get_attribute("data-cell")
    cell.focus()
    page.keyboard.press("Enter")
    shown = page.locator(".images figure:not([hidden])")
    assert shown.count() == int(cell.text_content() or 0)
    assert {each.get_attribute("data-of") for each in shown.all()} == {name}
    assert shown.first.evaluate("figure => figure.querySelector('img').naturalWidth") == 28
    page.wait_for_timeout(200)
    assert page.locator(".misread-title").evaluate(
        "(t) => t.getBoundingClientRect().bottom > 0 && t.getBoundingClientRect().top < innerHeight"
    )
    page.get_by_role("button", name="Show all").click()
    assert shown.count() == everything


def test_targets_are_large_enough_for_a_finger(open_pad: Open) -> None:
    page = opened(open_pad, **PHONE)
    small = (
        page.locator("#training")
        .locator("button:visible, select:visible, summary:visible")
        .evaluate_all(
            "all => all.filter((e) => Math.min(e.offsetHeight, e.offsetWidth) < 44).map((e) => e.outerHTML)"
        )
    )
    assert small == []


@pytest.mark.slow
def test_a_network_is_trained_here_while_somebody_draws(open_pad: Open) -> None:
    seven: Pad = open_pad()
    seven.draw(moved(DIGITS[7]["crossed"], 1, 0, 0))
    seven.final()
    seven.tab("Training")
    page = seven.page
    page.get_by_role("button", name="Train for a minute").click()
    page.locator('.here [data-chart="loss"] .dot').wait_for(timeout=60_000)
    watcher = opened(open_pad)  # anybody may watch, nobody else may stop or start
    watcher.locator(".here-status").filter(has_text="Another visitor is training").wait_for()
    assert watcher.get_by_role("button", name="Train for a minute").get_attribute("aria-disabled") == "true"
    assert not watcher.get_by_role("button", name="Stop", exact=True).is_visible()
    page.locator(".try-reading").filter(has_text="7").wait_for(timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator(".here-status").filter(has_text="Done").wait_for(timeout=30_000)
    box = page.locator(".small-pad canvas").bounding_box()
    assert box is not None
    page.locator(".small-pad canvas").scroll_into_view_if_needed()
    page.get_by_role("button", name="Clear", exact=True).last.click()
    page.locator(".try-reading").filter(has_text="–").wait_for()
    page.locator('[name="compare"]').select_option("trained here")
    page.locator(".versus table").wait_for()
    assert page.locator('.curves [data-chart="loss"] .line.other').count() == 1
