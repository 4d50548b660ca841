"""Pictures of whole pages: boxes, lines, zoom and pan, selecting, copying, correcting."""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode
from itertools import pairwise

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, Route

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, moved
from tests.browser.pen import Pad
from tests.browser.test_draw import PHONE
from tests.browser.test_start import show

THREE = ["20263", "71845", "90817"]
MANY = ["".join(str((7 * row + 3 * column) % 10) for column in range(10)) for row in range(12)]
COPYING = {"permissions": ["clipboard-read", "clipboard-write"]}
Boxes = list[tuple[int, int, list[float]]]  # label, line, box


def page_of_digits(lines: list[str], cell: int = 120) -> tuple[bytes, Boxes]:
    """A page with lines of drawn digits, and where each of them is."""
    size = (max(map(len, lines)) * cell + 40, round(1.4 * cell * len(lines)) + 40)
    image = Image.new("L", size, 235)
    boxes: Boxes = []
    for row, line in enumerate(lines):
        for column, label in enumerate(map(int, line)):
            drawing = next(iter(DIGITS[label].values()))
            strokes = moved(drawing, cell / 300, 20 + column * cell, 20 + 1.4 * row * cell)
            for stroke in strokes:
                ImageDraw.Draw(image).line(stroke, fill=40, width=round(cell / 28), joint="curve")
            xs, ys = zip(*[point for stroke in strokes for point in stroke], strict=True)
            boxes.append((label, row, [min(xs) - 2, min(ys) - 2, max(xs) + 2, max(ys) + 2]))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue(), boxes


def made_answer(boxes: Boxes, **more: object) -> dict:
    """An answer to a page: every tenth digit is in doubt, every 25th is none."""
    digits = []
    for number, (label, line, box) in enumerate(boxes, 1):
        verdict = "not a digit" if number % 25 == 0 else "unsure" if number % 10 == 0 else "digit"
        top = {"digit": 0.982, "unsure": 0.55, "not a digit": 0.28}[verdict]
        p = [(1 - top) / 9] * 10
        p[label] = top
        reason = {"digit": "clear", "unsure": "close", "not a digit": "odd"}[verdict]
        digits.append(
            {"label": label, "probabilities": p, "verdict": verdict, "reason": reason, "box": box}
            | {"line": line, "image": b64encode(bytes([number % 256] * 784)).decode()}
        )
    text = "".join(str(each["label"]) for each in digits if each["verdict"] != "not a digit")
    times = {"preprocess": 30.0, "network": 50.0}
    return {"text": text, "digits": digits, "turned": 0, "milliseconds": times, **more}


def answer_with(page: Page, answer: dict) -> None:
    """Answer pictures with this instead of the server's reading."""

    def handle(route: Route) -> None:
        is_picture = json.loads(route.request.post_data or "{}").get("fn_name") == "look"
        route.fulfill(json=answer) if is_picture else route.continue_()

    page.route("**/component_server/**", handle)


@pytest.fixture
def many(open_pad: Open) -> Pad:
    """120 digits in 12 lines on the pad."""
    return show_many(open_pad(**COPYING))


def show_many(pad: Pad) -> Pad:
    picture, boxes = page_of_digits(MANY, 60)
    answer_with(pad.page, made_answer(boxes))
    show(pad, picture)
    pad.final()
    return pad


def middle(pad: Pad, index: int) -> tuple[float, float]:
    """The middle of a digit's box on the screen."""
    box = pad.page.locator(".box rect").nth(index).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def zoom(pad: Pad) -> int:
    """In percent, once it does not change any more."""
    pad.page.wait_for_timeout(250)
    return int((pad.page.locator(".level").text_content() or "").removesuffix("%"))


def test_a_page_is_read_in_lines_and_a_press_shows_a_digits_bars(open_pad: Open) -> None:
    pad = open_pad()
    picture, boxes = page_of_digits(THREE)
    show(pad, picture)
    assert "".join(pad.final().split()) == "".join(THREE)
    assert pad.page.locator(".box").count() == 15
    for index in (3, 7, 14):
        pad.page.mouse.click(*middle(pad, index))
        label = boxes[index][0]
        assert pad.verdict == f"Digit {index + 1} of 15: Clearly {label}."
        assert pad.page.locator(".bars .best .name").text_content() == str(label)
        assert "picked" in (pad.page.locator(".box").nth(index).get_attribute("class") or "")
        assert pad.page.locator(".pager .place").text_content() == f"{index + 1} / 15"
    pad.page.locator(".steps summary").click()
    pad.page.locator('[data-step="centred"] p').filter(has_text="Read as 7").wait_for()
    pad.tab("Inside")  # follows the selection
    assert pad.page.locator('.digits [aria-pressed="true"]').text_content() == "7"


def test_a_long_reading_stays_in_its_place(many: Pad) -> None:
    assert many.page.locator("#reading .line").all_text_contents()[0] == MANY[0]
    assert len(many.reading.split()) == 12
    assert many.verdict == "116 digits in 12 lines."
    assert many.page.locator(".reason").text_content() == "In doubt: 10. Not a digit: 4."
    reading, headline = (many.page.locator(each).bounding_box() for each in ("#reading", ".headline"))
    assert reading
    assert headline
    assert reading["height"] <= headline["height"] == 132
    assert many.page.locator("#reading").evaluate("r => r.scrollHeight > r.clientHeight")
    before = many.page.locator(".bars").bounding_box()
    many.page.get_by_role("button", name="Next in doubt").click()
    assert many.verdict.startswith("Digit 10 of 120: Not sure")
    many.page.keyboard.press("Control+z")
    many.page.wait_for_selector('#reading[data-state="blank"]', state="attached")
    assert many.page.locator(".bars").bounding_box() == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_a_page(open_pad: Open, scheme: str) -> None:
    pad = open_pad(color_scheme=scheme, reduced_motion="reduce", **PHONE)
    picture, boxes = page_of_digits(MANY, 60)
    answer_with(pad.page, made_answer(boxes))
    show(pad, picture)
    pad.final()
    pad.page.locator('[data-zoom="+"]').click()
    assert violations(pad.page) == []


def test_the_picture_is_zoomed_and_moved_by_mouse(many: Pad) -> None:
    x, y = middle(many, 64)
    many.page.mouse.move(x, y)
    many.page.mouse.wheel(0, 60)
    many.page.wait_for_timeout(100)
    assert (zoom(many), many.page.evaluate("scrollY")) == (100, 60)  # the page scrolls
    many.page.evaluate("scrollTo(0, 0)")
    many.page.keyboard.down("Control")
    for _ in range(4):
        many.page.mouse.wheel(0, -100)
    many.page.keyboard.up("Control")
    assert zoom(many) > 250
    # What is under the pointer stays there, but a picture narrower than the pad stays in its middle.
    assert middle(many, 64) == pytest.approx((x, y), abs=15)
    left, top = middle(many, 64)
    many.page.mouse.down()
    many.page.mouse.move(x + 50, y - 40, steps=5)
    many.page.mouse.up()
    assert middle(many, 64) == pytest.approx((left + 50, top - 40), abs=2)
    assert len(many.reading.split()) == 12  # the picture is still there
    many.page.mouse.dblclick(x, y)
    assert zoom(many) == 100
    many.page.mouse.dblclick(x, y)
    assert zoom(many) == 300
    many.page.locator('[data-zoom="0"]').click()
    assert zoom(many) == 100
    many.page.locator('[data-zoom="+"]').click()
    assert zoom(many) == 150


def test_keys_select_zoom_and_move(many: Pad) -> None:
    many.page.mouse.click(*middle(many, 0))
    for key, index in [("ArrowRight", 2), ("ArrowDown", 12), ("ArrowLeft", 11), ("ArrowUp", 1), ("End", 120)]:
        many.page.keyboard.press(key)
        assert many.verdict.startswith(f"Digit {index} of 120: ")
    many.page.keyboard.press("Home")
    many.page.keyboard.press("+")
    many.page.keyboard.press("+")
    assert zoom(many) == 225
    many.page.keyboard.press("End")
    pad = many.page.locator("#pad").bounding_box()
    many.page.wait_for_timeout(250)
    x, y = middle(many, 119)  # the selected digit is in sight
    assert pad
    assert pad["x"] < x < pad["x"] + pad["width"]
    assert pad["y"] < y < pad["y"] + pad["height"]
    many.page.keyboard.press("Shift+ArrowUp")
    many.page.wait_for_timeout(250)
    assert middle(many, 119)[1] > y
    many.page.keyboard.press("0")
    assert zoom(many) == 100
    many.page.keyboard.press(" ")  # puts no pen down
    many.page.keyboard.press("Escape")
    assert many.verdict == "116 digits in 12 lines."


def test_fingers_pinch_tap_and_scroll(open_pad: Open) -> None:
    pad = show_many(open_pad(**PHONE))
    cdp = pad.page.context.new_cdp_session(pad.page)

    def touch(*moments: list[tuple[float, float]]) -> None:
        for before, points in pairwise([[], *moments, []]):
            kind = "touchMove" if len(points) == len(before) else "touchStart" if points else "touchEnd"
            touches = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})
            pad.page.wait_for_timeout(16)

    touch([middle(pad, 44)])
    assert pad.verdict.startswith("Digit 45 of 120: ")
    touch(*([(195.0, 400.0 - 20 * i)] for i in range(10)))
    pad.page.wait_for_timeout(300)
    assert pad.page.evaluate("scrollY") > 50  # a finger on a whole picture scrolls the page
    pad.page.evaluate("scrollTo(0, 0)")
    pad.page.wait_for_timeout(500)
    touch([(170, 300)], *([(170.0 - 8 * i, 300.0), (220.0 + 8 * i, 300.0)] for i in range(10)))
    assert zoom(pad) > 200
    assert pad.page.evaluate("[scrollY, visualViewport.scale]") == [0, 1]
    x, y = middle(pad, 64)
    touch(*([(195.0 - 5 * i, 300.0 - 5 * i)] for i in range(9)))
    assert middle(pad, 64) == pytest.approx((x - 40, y - 40), abs=8)


def test_a_picture_that_was_turned_is_shown_upright(open_pad: Open) -> None:
    pad = open_pad()
    picture, boxes = page_of_digits(["12345"])
    file = io.BytesIO()
    image = Image.open(io.BytesIO(picture))
    image.rotate(90, expand=True).save(file, "PNG")
    sideways = [
        (label, line, [y0, image.width - x1, y1, image.width - x0]) for label, line, (x0, y0, x1, y1) in boxes
    ]
    answer_with(pad.page, made_answer(sideways, turned=90))
    show(pad, file.getvalue())
    assert pad.final() == "12345"
    places = [middle(pad, index) for index in range(5)]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert max(y for _, y in places) - min(y for _, y in places) < 20


def test_text_and_csv_are_copied_and_downloaded(many: Pad) -> None:
    many.tool("Copy text")
    many.page.locator(".exports p").filter(has_text="Copied.").wait_for()
    assert many.page.evaluate("navigator.clipboard.readText()").split() == many.reading.split()
    with many.page.expect_download() as download:
        many.tool("Download CSV")
    assert download.value.suggested_filename == "digits.csv"
    rows = download.value.path().read_bytes().decode().split("\r\n")
    assert rows[0].startswith("line,position,digit,verdict,probability,p0,p1")
    assert rows[12].startswith("2,2,0,digit,0.982000,0.982000,0.002000,")
    assert rows[25].startswith("3,5,,not a digit,")
    assert len(rows) == 122
    many.tool("Copy CSV")
    many.page.wait_for_timeout(100)
    assert many.page.evaluate("navigator.clipboard.readText()").splitlines() == rows[:-1]


def test_where_copying_is_refused_the_text_is_selected(open_pad: Open) -> None:
    pad = open_pad(script="navigator.clipboard.writeText = () => Promise.reject(new Error('refused'));")
    assert not pad.page.locator(".exports button").first.is_visible()
    show(pad, page_of_digits(["42"])[0])
    pad.final()
    pad.tool("Copy text")
    pad.page.locator(".exports p").filter(has_text="did not allow copying").wait_for()
    assert pad.page.locator(".exports textarea").input_value() == "42"
    assert pad.page.evaluate("document.activeElement.selectionEnd") == 2
    with pad.page.expect_download():
        pad.tool("Copy CSV")
    pad.page.keyboard.press("Delete")
    assert not pad.page.locator(".exports textarea").is_visible()


def test_a_digit_of_a_picture_is_corrected(many: Pad) -> None:
    many.page.mouse.click(*middle(many, 19))
    many.tool("The digit was 4")
    assert many.page.locator(".corrections p").text_content() == "The digit was 4: saved in this browser."
    with many.page.expect_download() as download:
        many.page.get_by_role("button", name="Export from pictures (1)").click()
    (kept,) = map(json.loads, download.value.path().read_text().splitlines())
    assert kept | {"image": ""} == {"source": "sketchpad", "writer": "me", "label": "4", "image": ""}
    assert b64decode(kept["image"]) == bytes([20] * 784)
    many.page.mouse.click(*middle(many, 20))
    assert many.page.locator('.bars [aria-pressed="true"]').count() == 0
    assert not many.page.get_by_role("button", name="Export (").is_visible()  # of drawings
