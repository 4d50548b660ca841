"""The map of digits in a browser: a dot that moves with the pen, dots to press, zoom, keys."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS
from tests.browser.test_draw import PHONE

MAP = '[data-section="digit_map"]'
# Updates of the place and of the reading while the pen is down, and for how long it was.
WATCH = """() => {
    const canvas = document.querySelector('[data-section="digit_map"] .map canvas');
    window.seen = { places: 0, readings: 0, drawing: 0 };
    let down = 0;
    document.addEventListener('pointerdown', (e) => { down = e.timeStamp; }, true);
    document.addEventListener('pointerup', (e) => { seen.drawing += e.timeStamp - down; down = 0; }, true);
    const count = (node, name, key) =>
        new MutationObserver(() => { if (down) seen[key]++; }).observe(node, { attributeFilter: [name] });
    count(canvas, 'data-place', 'places');
    count(document.querySelector('#reading'), 'data-seq', 'readings');
}"""


def unfold(page: Page) -> None:
    page.locator(f"{MAP} summary").click()
    page.locator(f"{MAP} .map").scroll_into_view_if_needed()


def draw(page: Page, digit: int, way: str) -> None:
    """On the map's small pad, at a hand's pace."""
    area = page.locator(f"{MAP} .small-pad canvas").bounding_box()
    scale = area["width"] / 280
    for stroke in DIGITS[digit][way]:
        for n, (x, y) in enumerate(stroke):
            page.mouse.move(area["x"] + x * scale, area["y"] + y * scale)
            if n == 0:
                page.mouse.down()
            page.wait_for_timeout(16)
        page.mouse.up()


def test_the_drawing_is_a_dot_that_moves_while_the_pen_moves(open_pad: Open) -> None:
    pad = open_pad()
    page = pad.page
    calls: list[str] = []
    page.on("request", lambda r: '"digit_map"' in (r.post_data or "") and calls.append(r.post_data))
    pad.draw(DIGITS[3]["round"])
    pad.final()
    pad.tab("Inside", unfold=False)
    page.locator(f"{MAP} summary").wait_for()
    page.wait_for_timeout(300)
    assert calls == []  # folded
    unfold(page)
    nearest = page.locator(f"{MAP} .nearest b")
    expect(nearest).to_have_text(["3"] * 5, timeout=20_000)
    sent = len(calls)
    page.locator(f"{MAP} .clear").click()
    expect(nearest).to_have_count(0)
    page.evaluate(WATCH)
    draw(page, 8, "two circles")
    expect(nearest).to_have_text(["8"] * 5)
    seen = page.evaluate("seen")
    # Ten a second; where the machine is too busy for it, one for every other reading.
    assert seen["places"] >= min(10 * seen["drawing"] / 1000, seen["readings"] / 2) > 0
    assert sum('"image"' not in call for call in calls[:sent]) == 1  # the dots come once
    assert all('"image"' in call for call in calls[sent:])
    pad.tab("Draw")
    assert pad.final() == "8"  # one drawing on both pads


def test_dots_are_pressed_zoomed_and_walked(open_pad: Open) -> None:
    pad = open_pad()
    page = pad.page
    pad.tab("Inside", unfold=False)
    unfold(page)
    canvas, card = page.locator(f"{MAP} .map canvas"), page.locator(f"{MAP} .card p")
    draw(page, 7, "plain")
    first = page.locator(f"{MAP} .nearest button").first
    first.wait_for()
    first.click()
    expect(card).to_have_text("Label 7. The network's reading: Clearly 7.")
    canvas.focus()
    page.keyboard.press("Escape")
    expect(card).to_have_text("Press a dot to see its digit.")
    page.keyboard.press("Home")
    expect(card).to_contain_text("Label 7.")
    whole = page.locator(f'{MAP} [data-zoom="0"]')
    page.keyboard.press("+")
    expect(whole).to_have_attribute("aria-disabled", "false")
    for _ in range(60):  # to the left end of the map
        page.keyboard.press("ArrowLeft")
    expect(card).not_to_contain_text("Label 7.")
    expect(card).to_contain_text("The network's reading: ")
    page.keyboard.press("0")
    expect(whole).to_have_attribute("aria-disabled", "true")
    # A press on the drawing's dot selects one of its neighbours.
    place = [float(share) for share in canvas.get_attribute("data-place").split(",")]
    box = canvas.bounding_box()
    edge = 24 / 600
    shares = zip("xy", place, strict=True)
    x, y = (box[side] + box["width"] * (edge + share * (1 - 2 * edge)) for side, share in shares)
    page.mouse.click(x, y)
    expect(card).to_contain_text("Label 7.")
    before = canvas.screenshot()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    expect(whole).to_have_attribute("aria-disabled", "false")
    page.mouse.down()
    page.mouse.move(x - 80, y + 20, steps=4)
    page.mouse.up()
    assert canvas.screenshot() != before
    whole.click()
    expect(whole).to_have_attribute("aria-disabled", "true")


def test_on_a_phone_fingers_zoom_and_axe_finds_nothing(open_pad: Open) -> None:
    pad = open_pad(reduced_motion="reduce", **PHONE)
    page = pad.page
    pad.tab("Inside", unfold=False)
    unfold(page)
    canvas = page.locator(f"{MAP} .map canvas")
    expect(canvas).to_have_attribute("data-place", "", timeout=20_000)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    cdp = page.context.new_cdp_session(page)
    for apart in (20, 40, 80, 120):
        touches = [{"x": middle[0] + side * apart, "y": middle[1], "id": side} for side in (-1, 1)]
        kind = "touchStart" if apart == 20 else "touchMove"
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator(f'{MAP} [data-zoom="0"]')).to_have_attribute("aria-disabled", "false")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [*violations(page)] == []
