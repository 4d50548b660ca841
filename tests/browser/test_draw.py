"""Drawing on the real page: every digit read, live, undoable, by finger, and never out of order."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, line
from tests.browser.pen import Pad

TWO, SEVEN = DIGITS[2]["swan"], DIGITS[7]["plain"]
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}
# Writes down every state of the reading, with its number.
RECORD = """() => {
    const reading = document.querySelector('#reading');
    window.record = [];
    new MutationObserver(() => {
        const entry = [Number(reading.dataset.seq), reading.dataset.state, reading.textContent];
        if (String(entry) !== String(window.record.at(-1))) window.record.push(entry);
    }).observe(reading, { attributes: true, childList: true });
}"""


def test_every_digit_is_read_in_every_way(open_pad: Open) -> None:
    pad = open_pad()
    misread = []
    for label, ways in DIGITS.items():
        for way, drawing in ways.items():  # the very first stroke after load among them
            pad.draw(drawing)
            if (read := pad.final()) != str(label):
                misread.append(f"{label} {way}: read as {read!r}")
            pad.page.keyboard.press("Delete")
    assert misread == []


def test_a_blank_pad_claims_no_digit(open_pad: Open) -> None:
    pad = open_pad()
    assert (pad.state, pad.reading) == ("blank", "")
    assert pad.page.locator(".bars .best").count() == 0
    assert not any(character.isdigit() for character in pad.verdict)


def test_a_dot_and_a_scribble_leave_the_page_alive(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw([[(140, 140)]])
    pad.final()
    pad.draw([[((i * 97) % 280, (i * 61) % 280) for i in range(80)]])
    pad.final()
    pad.tool("Clear")
    pad.draw(TWO)
    assert pad.final() == "2"


def test_undo_redo_and_clear_by_button(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(DIGITS[1]["plain"])
    pad.final()
    one = pad.ink()
    pad.draw([line((60, 60), (220, 60))])
    pad.final()
    both = pad.ink()
    pad.tool("Undo")
    assert pad.final() == "1"
    assert pad.ink() == one
    pad.tool("Redo")
    pad.final()
    assert pad.ink() == both
    pad.tool("Clear")
    assert (pad.state, pad.reading, pad.ink()) == ("blank", "", 0)
    pad.tool("Undo")  # clearing is a step like any other
    pad.final()
    assert pad.ink() == both


def test_undo_redo_and_clear_by_key(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(SEVEN)
    pad.final()
    ink = pad.ink()
    for keys, expected in [
        ("Control+z", 0),
        ("Control+y", ink),
        ("Control+z", 0),
        ("Control+Shift+Z", ink),
        ("Delete", 0),
        ("Control+z", ink),
    ]:
        pad.page.keyboard.press(keys)
        assert pad.ink() == expected, keys


def test_answers_follow_the_pen_and_are_marked_provisional(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.evaluate(RECORD)
    stroke = TWO[0]
    pad.press(stroke[:2])
    started = pad.page.evaluate("performance.now()")
    for point in pad.on_page(stroke[2:]):
        pad.page.mouse.move(*point)
        pad.page.wait_for_timeout(8)
    seconds = (pad.page.evaluate("performance.now()") - started) / 1000
    assert pad.state == "provisional"
    seen = {number for number, state, _ in pad.page.evaluate("record") if state == "provisional"}
    assert len(seen) / seconds >= 15
    pad.page.mouse.up()
    assert pad.final() == "2"


def test_an_old_answer_never_overwrites_a_newer_one(open_pad: Open) -> None:
    # Every second answer comes late, so that they arrive out of order.
    pad = open_pad(
        script="""
        const real = window.fetch;
        let calls = 0;
        window.fetch = async (...request) => {
            const response = await real(...request);
            if (String(request[0]).includes('component_server') && calls++ % 2 === 0) {
                await new Promise((resolve) => setTimeout(resolve, 300));
            }
            return response;
        };"""
    )
    pad.page.evaluate(RECORD)
    for drawing in (TWO, SEVEN):
        pad.page.keyboard.press("Delete")
        pad.draw(drawing)
        pad.page.wait_for_timeout(30)
    assert pad.final() == "7"
    pad.page.wait_for_timeout(500)
    assert (pad.state, pad.reading) == ("final", "7")
    numbers = [number for number, _, _ in pad.page.evaluate("record")]
    assert numbers == sorted(numbers)


def test_a_dead_network_is_said_and_recovered_from(open_pad: Open) -> None:
    pad = open_pad(quiet=False)  # the browser itself complains of the dead network
    pad.page.route("**/component_server/**", lambda route: route.abort())
    pad.draw(SEVEN)
    pad.page.wait_for_selector(".notice:visible")
    assert pad.state == "blank"
    pad.page.unroute("**/component_server/**")
    assert pad.final() == "7"
    assert not pad.page.locator(".notice").is_visible()


def test_a_finger_draws_and_the_page_does_not_scroll(open_pad: Open) -> None:
    pad = open_pad(**PHONE)
    pad.touch(SEVEN)
    assert pad.final() == "7"
    assert pad.page.evaluate("scrollY") == 0
    assert pad.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_stroke_may_leave_the_pad_and_come_back(open_pad: Open) -> None:
    pad = open_pad()
    pad.press([(140, 200), (140, 260)])
    for point in pad.on_page([(140, 330), (200, 330), (200, 260), (200, 200)]):
        pad.page.mouse.move(*point, steps=4)
    pad.page.mouse.up()
    pad.final()
    ink = pad.ink()
    pad.page.keyboard.press("Control+z")  # one gesture, one step
    assert (ink > 0, pad.ink()) == (True, 0)


def test_a_drawing_survives_tabs_and_a_change_of_size(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(TWO)
    pad.final()
    for tab in ("Architectures", "Training", "Draw"):
        pad.tab(tab)
    assert (pad.state, pad.reading) == ("final", "2")
    share = covered(pad)
    assert share > 0.01
    pad.page.set_viewport_size({"width": 420, "height": 800})
    assert covered(pad) == pytest.approx(share, rel=0.1)


def covered(pad: Pad) -> float:
    """The part of the canvas that is inked."""
    side = pad.page.evaluate("document.querySelector('#pad canvas').clientWidth * devicePixelRatio")
    return pad.ink() / side**2
