"""The pen in the hand: widths, eraser, stylus and palm, lost capture, rotation, and the arrow keys."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, Stroke, line
from tests.browser.pen import Pad
from tests.browser.test_draw import PHONE, covered

ONE, SEVEN = DIGITS[1]["plain"], DIGITS[7]["crossed"]
Send = Callable[..., None]


def fingers(pad: Pad) -> Send:
    """Sends touches in pad units: `send("touchMove", (x, y), (x, y))`, one for each finger."""
    cdp = pad.page.context.new_cdp_session(pad.page)

    def send(kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(pad.on_page(list(points)))]
        cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

    return send


def write(pad: Pad, stroke: Stroke) -> None:
    """Draw with a stylus."""
    cdp = pad.page.context.new_cdp_session(pad.page)
    points = pad.on_page(stroke)
    kinds = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
    for kind, (x, y) in zip(kinds, [*points, points[-1]], strict=True):
        event = {"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}
        cdp.send("Input.dispatchMouseEvent", {**event, "pointerType": "pen"})


def test_a_broad_pen_inks_more_and_reads_the_same(open_pad: Open) -> None:
    pad = open_pad()
    ink = {}
    for width in ("Fine pen", "Medium pen", "Broad pen"):
        pad.tool(width)
        pad.draw(DIGITS[3]["round"])
        assert pad.final() == "3"
        ink[width] = pad.ink()
        pad.page.keyboard.press("Delete")
    assert ink["Fine pen"] * 1.5 < ink["Medium pen"] < ink["Broad pen"] / 1.5


def test_a_dot_is_as_wide_as_its_pen(open_pad: Open) -> None:
    pad = open_pad()
    pad.tool("Broad pen")
    pad.draw([[(140, 140)]])
    pad.final()
    width = 22 * pad.page.evaluate("document.querySelector('#pad canvas').width") / 280
    assert pad.ink() == pytest.approx(np.pi * width**2 / 4, rel=0.2)


def test_a_stroke_keeps_the_pen_that_drew_it(open_pad: Open) -> None:
    pad = open_pad()
    pad.tool("Fine pen")
    pad.draw(ONE)
    pad.final()
    ink = pad.ink()
    pad.tool("Broad pen")
    assert pad.ink() == ink


def test_a_cleared_pad_is_drawn_on_with_the_pen_that_was_used_last(open_pad: Open) -> None:
    pad = open_pad()
    hint = pad.page.locator("#pad .hint")
    pad.tool("Broad pen")
    pad.draw(DIGITS[1]["plain"])
    pad.final()
    pad.tool("Eraser")
    pad.tool("Clear")
    assert pad.page.locator('[data-pen][aria-pressed="true"]').get_attribute("data-pen") == "22"
    assert hint.text_content() == "Draw one or more digits here"
    pad.draw(DIGITS[7]["plain"])
    assert pad.final() == "7"
    pad.tool("Eraser")
    pad.draw([line((20, 140), (260, 140))])  # takes the only stroke, and may sweep on
    pad.page.wait_for_selector('#reading[data-state="blank"]')
    assert hint.text_content() == "Nothing to erase. Choose a pen to draw."
    pad.tool("Fine pen")
    assert hint.text_content() == "Draw one or more digits here"


def test_the_eraser_takes_whole_strokes_and_can_be_undone(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(SEVEN)
    pad.final()
    whole = pad.ink()
    pad.tool("Eraser")
    pad.draw([line((183, 140), (183, 165))])  # across the bar only
    assert pad.final() == "7"
    assert 0 < pad.ink() < whole
    pad.page.keyboard.press("Control+z")
    assert pad.ink() == whole
    pad.draw([line((20, 20), (40, 20))])  # touches nothing: no step of the history, the answer stands
    assert pad.final() == "7"
    pad.draw([line((60, 150), (250, 150)), line((60, 65), (250, 65))])
    pad.page.wait_for_selector('#reading[data-state="blank"]')
    assert pad.ink() == 0


def test_a_second_finger_and_a_palm_draw_nothing(open_pad: Open) -> None:
    pad = open_pad(**PHONE)
    send = fingers(pad)
    send("touchStart", (140, 50))
    send("touchMove", (140, 120))
    send("touchStart", (140, 120), (40, 240))
    send("touchMove", (140, 230), (250, 240))
    send("touchEnd")
    assert pad.final() == "1"
    assert sketch(pad) == 1


def test_the_hand_that_holds_the_stylus_draws_nothing(open_pad: Open) -> None:
    pad = open_pad(**PHONE)
    send = fingers(pad)
    send("touchStart", (220, 250))  # the palm comes first
    send("touchMove", (225, 252))
    write(pad, line((140, 50), (138, 235)))
    send("touchEnd")
    send("touchStart", (220, 250))  # and again
    send("touchMove", (235, 220))
    send("touchEnd")
    assert pad.final() == "1"
    assert sketch(pad) == 1


def sketch(pad: Pad) -> int:
    """How many strokes were sent with the newest question."""
    with pad.page.expect_request("**/component_server/**") as request:
        pad.page.keyboard.press("Control+z")
        pad.page.keyboard.press("Control+y")
    return len(request.value.post_data_json["data"]["strokes"])


def test_lost_capture_ends_the_stroke_and_keeps_it(open_pad: Open) -> None:
    pad = open_pad()
    pad.press(ONE[0])
    pad.page.evaluate("document.querySelector('#pad canvas').releasePointerCapture(1)")
    pad.page.mouse.move(300, 300)  # the loss is told with the next event; it draws nothing any more
    assert pad.final() == "1"
    ink = pad.ink()
    pad.page.mouse.move(400, 300)
    assert pad.ink() == ink
    pad.page.mouse.up()


def test_a_stroke_ends_at_the_edge_and_another_begins_where_the_pen_comes_back(open_pad: Open) -> None:
    pad = open_pad()
    pad.press([(140, 200), (140, 260)])
    for point in pad.on_page([(140, 330), (200, 330), (200, 260), (200, 200)]):
        pad.page.mouse.move(*point, steps=4)
    pad.page.mouse.up()
    pad.final()
    assert sketch(pad) == 2  # not joined by a line along the edge


def test_turning_the_phone_keeps_the_drawing(open_pad: Open) -> None:
    pad = open_pad(**PHONE)
    pad.touch(SEVEN)
    pad.final()
    share = covered(pad)
    pad.page.set_viewport_size({"width": 844, "height": 390})
    pad.page.wait_for_timeout(100)
    assert (pad.state, pad.reading) == ("final", "7")
    assert covered(pad) == pytest.approx(share, rel=0.1)


def test_arrow_keys_draw(open_pad: Open) -> None:
    pad = open_pad()
    key = pad.page.keyboard
    pad.page.locator("#pad canvas").focus()
    for arrow, times in (("ArrowUp", 11), ("Space", 1), ("ArrowDown", 22), ("Space", 1)):
        for _ in range(times):
            key.press(arrow)
    assert pad.final() == "1"
    assert pad.page.locator(".spoken").text_content() == "Pen up"
    assert pad.page.locator(".cursor").is_visible()
    key.press("Control+z")
    assert pad.ink() == 0


def test_two_arrows_held_draw_a_slanted_line(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.locator("#pad canvas").focus()
    key = pad.page.keyboard
    for _ in range(9):
        key.press("ArrowUp")
    for _ in range(6):
        key.press("ArrowLeft")
    key.press("Space")
    for _ in range(12):
        key.press("ArrowRight")
    key.down("ArrowLeft")
    for _ in range(10):  # as a held key repeats
        key.down("ArrowDown")
    key.up("ArrowDown")
    key.up("ArrowLeft")
    for _ in range(8):
        key.press("ArrowDown")
    key.press("Escape")
    assert pad.final() == "7"


def test_space_on_a_button_is_not_the_pens(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.locator('[data-example="seven"]').focus()
    pad.page.keyboard.press("Space")
    assert pad.final() == "7"


def test_a_pen_still_down_draws_nothing_while_another_tab_is_shown(open_pad: Open) -> None:
    pad = open_pad()
    pad.press(SEVEN[0])
    before = pad.ink()
    pad.page.evaluate("document.querySelectorAll('[role=tab]')[1].click()")
    pad.page.wait_for_selector("#pad", state="hidden")
    pad.page.mouse.move(700, 500)
    pad.page.mouse.up()
    pad.tab("Draw")
    assert pad.ink() == before
