"""Nobody faces an empty page: examples that draw themselves, and pictures that are read."""

from __future__ import annotations

import io
from base64 import b64encode

import pytest
from PIL import Image, ImageDraw

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, Drawing, moved
from tests.browser.pen import Pad
from tests.browser.test_draw import RECORD

READ = {"three": "3", "seven": "7", "one": "1", "nine": "9", "five": "5", "row": "2026"}
TAKE = """([way, data]) => {
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const given = new DataTransfer();
    given.items.add(new File([bytes], 'picture.png', { type: 'image/png' }));
    const init = { bubbles: true, cancelable: true };
    const event =
        way === 'paste' ? new ClipboardEvent('paste', { ...init, clipboardData: given })
        : new DragEvent('drop', { ...init, dataTransfer: given });
    document.querySelector('#pad canvas').dispatchEvent(event);
}"""


def photograph(drawing: Drawing, size: tuple[int, int], scale: float, kind: str = "PNG") -> bytes:
    """A drawing in pencil on a sheet of paper."""
    image = Image.new("L", size, 235)
    for stroke in moved(drawing, scale, 20, 20):
        ImageDraw.Draw(image).line(stroke, fill=40, width=round(9 * scale), joint="curve")
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


def show(pad: Pad, picture: bytes, kind: str = "image/png") -> None:
    file = {"name": "picture", "mimeType": kind, "buffer": picture}
    pad.page.locator('input[data-source="picture"]').set_input_files(file)


def test_every_example_reads_what_it_shows(open_pad: Open) -> None:
    pad = open_pad(reduced_motion="reduce")
    read = {}
    for name in READ:
        pad.page.locator(f'[data-example="{name}"]').click()
        read[name] = pad.final()
        assert pad.verdict.startswith("Clearly "), name
    assert read == READ


def test_digits_of_mnist_come_one_after_the_other(open_pad: Open) -> None:
    pad = open_pad()
    button = pad.page.locator('[data-start="mnist"]')
    for label in "72107":
        with pad.page.expect_response("**/component_server/**"):
            button.click()
        pad.page.locator("#reading").get_by_text(label, exact=True).wait_for()
        assert pad.final() == label
        assert pad.verdict == f"Clearly {label}."
    pad.page.keyboard.press("Control+z")
    pad.page.locator("#reading").get_by_text("0", exact=True).wait_for()


@pytest.mark.parametrize("name", ["letter", "heart"])
def test_the_examples_of_no_digit_are_none(open_pad: Open, rejecting: None, name: str) -> None:
    pad = open_pad(reduced_motion="reduce")
    pad.page.locator(f'[data-example="{name}"]').click()
    pad.final()
    assert pad.verdict == "This does not look like a digit."


def test_an_example_draws_itself_is_read_meanwhile_and_is_one_step(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(DIGITS[3]["round"])
    pad.final()
    pad.page.evaluate(RECORD)
    pad.page.locator('[data-example="seven"]').click()
    pad.page.wait_for_timeout(900)
    assert pad.final() == "7"
    states = [state for _, state, _ in pad.page.evaluate("record")]
    assert states.count("provisional") >= 3
    pad.page.keyboard.press("Control+z")
    assert pad.final() == "3"


def test_the_pen_may_be_taken_from_an_example(open_pad: Open) -> None:
    pad = open_pad()
    pad.page.locator('[data-example="row"]').click()
    pad.page.keyboard.press("Delete")
    pad.page.wait_for_timeout(900)
    assert (pad.state, pad.ink()) == ("blank", 0)


def test_a_picture_is_shown_read_and_undone(open_pad: Open) -> None:
    pad = open_pad()
    show(
        pad,
        photograph([*moved(DIGITS[4]["open"], 1, 0, 0), *moved(DIGITS[2]["swan"], 1, 260, 0)], (600, 320), 1),
    )
    assert pad.final() == "42"
    assert pad.ink() > 0
    assert pad.page.locator(".box text").all_text_contents() == ["4", "2"]
    box = pad.page.locator(".box rect").nth(0)
    x, y, height = (float(box.get_attribute(name)) for name in ("x", "y", "height"))
    assert 20 < x < 60  # where the 4 is on a picture of 600 px shown in 280 units
    assert 70 < y + height / 2 < 210
    pad.page.keyboard.press("Control+z")
    assert (pad.state, pad.ink()) == ("blank", 0)
    pad.page.keyboard.press("Control+y")
    assert pad.final() == "42"
    pad.draw(DIGITS[7]["plain"])  # a pen on a picture begins a new drawing
    assert pad.final() == "7"


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_a_picture_may_be_pasted_or_dropped(open_pad: Open, way: str) -> None:
    pad = open_pad()
    picture = photograph(DIGITS[8]["two circles"], (320, 320), 1)
    pad.page.evaluate(TAKE, [way, b64encode(picture).decode()])
    assert pad.final() == "8"


def test_a_large_photo_is_reduced_before_it_is_sent(open_pad: Open) -> None:
    pad = open_pad()
    sent: list[int] = []
    pad.page.on("request", lambda r: "component_server" in r.url and sent.append(len(r.post_data or "")))
    show(pad, photograph(DIGITS[3]["round"], (4000, 3000), 9, "JPEG"), "image/jpeg")
    assert pad.final() == "3"
    assert 0 < sent[0] < 200_000


def test_what_is_no_picture_is_told(open_pad: Open) -> None:
    pad = open_pad()
    show(pad, b"no picture at all")
    notice = pad.page.locator(".notice")
    notice.wait_for(state="visible")
    assert notice.text_content() == "The browser cannot open this file as a picture."
    assert pad.state == "blank"


def test_a_phone_offers_its_camera(open_pad: Open) -> None:
    pad = open_pad(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert pad.page.locator('[data-start="photo"]').is_visible()
    assert pad.page.locator('[data-source="photo"]').get_attribute("capture") == "environment"
