"""Made photographs of pages, read by the real reader: boxes on the digits, lines, turned pages, no digits."""

from __future__ import annotations

import io
import json
from threading import Event

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Route

from model.datasets.photographs import Photograph, photograph
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS
from tests.browser.pen import SIDE, Pad
from tests.browser.test_pictures import answer_with, made_answer, middle, page_of_digits
from tests.browser.test_start import show

BOXES = """(boxes) => boxes.map((box) => {
    const {x, y, width, height} = box.querySelector('rect').getBoundingClientRect();
    const pad = document.querySelector('#pad canvas').getBoundingClientRect();
    const scale = 280 / pad.width;
    return [(x + width / 2 - pad.x) * scale, (y + height / 2 - pad.y) * scale, width * scale, height * scale];
})"""  # middle and size of each frame in pad units


def file_of(image: np.ndarray | Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    picture = image if isinstance(image, Image.Image) else Image.fromarray(image)
    picture.save(file, "JPEG", quality=92, **options)
    return file.getvalue()


def on_pad(made: Photograph) -> np.ndarray:
    """The boxes of the digits in pad units, float [N, 4], as the picture is shown: upright."""
    assert made.boxes is not None
    height, width = made.image.shape[:2]
    boxes = made.boxes.astype(float)
    if made.turned == 90:
        x0, y0, x1, y1 = boxes.T
        boxes = np.stack([y0, width - x1, y1, width - x0], 1)
        height, width = width, height
    scale = SIDE / max(height, width)
    corner = np.array([SIDE - width * scale, SIDE - height * scale] * 2) / 2
    return boxes * scale + corner


def check_boxes(pad: Pad, made: Photograph) -> None:
    """Nearly every digit has a frame with its middle, hardly larger than the digit, and the right figure."""
    frames = pad.page.locator(".box").evaluate_all(BOXES)
    figures = pad.page.locator("#reading span").all_text_contents()
    right = 0
    for label, (x0, y0, x1, y1) in zip(made.label, on_pad(made), strict=True):
        x, y = (x0 + x1) / 2, (y0 + y1) / 2
        distances = [np.hypot(x - a, y - b) for a, b, _, _ in frames]
        _, _, width, height = frames[int(np.argmin(distances))]
        fits = min(distances) < 2 and abs(width - (x1 - x0)) < 8 and abs(height - (y1 - y0)) < 8
        right += fits and figures[int(np.argmin(distances))] == label
    assert right >= 0.93 * len(made.label)  # 56 of 60 on ruled paper


@pytest.mark.parametrize(
    ("seed", "paper", "digits", "turned"),
    [(4, "ruled", 60, 0), (5, "squared", 40, 90), (1, "dark", 12, 0)],
    ids=["ruled", "sideways", "dark"],
)
def test_frames_are_on_the_digits_of_a_photograph(
    open_pad: Open, seed: int, paper: str, digits: int, turned: int
) -> None:
    made = photograph(np.random.default_rng(seed), digits, paper, side=1600, turned=turned)
    assert made.turned == turned
    pad = open_pad()
    show(pad, file_of(made.image), "image/jpeg")
    assert len(pad.final().split()) == pytest.approx(len(made.lines), abs=1)
    check_boxes(pad, made)
    turn = pad.page.locator(".reason").filter(has_text="The picture was turned by 270°")
    assert turn.count() == bool(turned)
    for index in (0, digits // 2):  # a press shows the digit's bars, and how its ink was laid out
        pad.page.mouse.click(*middle(pad, index))
        figure = pad.page.locator("#reading span").nth(index).text_content()
        assert pad.verdict.startswith(f"Digit {index + 1} of ")
        assert pad.page.locator(".bars .best .name").text_content() == figure
    pad.page.locator(".steps summary").click()
    pad.page.locator('[data-step="centred"] p').filter(has_text=f"Read as {figure}").wait_for()
    same = """() => {
        const [seen, centred] = ['.model-image', '[data-step="centred"] canvas'].map((selector) =>
            document.querySelector(selector).getContext('2d').getImageData(0, 0, 28, 28).data.join());
        return seen === centred;
    }"""
    assert pad.page.evaluate(same)


def test_the_orientation_in_a_photos_exif_data_is_applied(open_pad: Open) -> None:
    picture = Image.open(io.BytesIO(page_of_digits(["20", "26"])[0]))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise
    pad = open_pad()
    show(pad, file_of(picture.transpose(Image.Transpose.ROTATE_90), exif=exif), "image/jpeg")
    assert pad.final().split() == ["20", "26"]
    (first, _, below, _) = [middle(pad, index) for index in range(4)]
    assert first[0] == pytest.approx(below[0], abs=30)
    assert first[1] < below[1] - 50


def test_a_picture_without_digits_says_so(open_pad: Open) -> None:
    pad = open_pad()
    noise = np.random.default_rng(0).normal(0, 2, (600, 900))
    show(pad, file_of((225 - np.linspace(0, 30, 900) + noise).astype(np.uint8)), "image/jpeg")
    assert pad.final() == ""
    assert pad.verdict == "No digits were found."
    assert pad.page.locator(".box").count() == 0
    assert not pad.page.locator(".exports button").first.is_visible()


def test_a_page_that_may_not_be_handwriting_is_doubted(open_pad: Open) -> None:
    pad = open_pad()
    picture, boxes = page_of_digits(["20", "26"])
    answer = made_answer(boxes)
    for digit in answer["digits"]:
        digit |= {"verdict": "unsure", "reason": "odd"}
    answer_with(pad.page, answer)
    show(pad, picture)
    pad.final()
    assert pad.verdict == "Perhaps these are not digits."
    pad.page.mouse.click(*middle(pad, 3))
    assert pad.verdict == "Digit 4 of 4: Perhaps 6, perhaps not a digit."


def test_a_stain_beside_digits_is_counted_but_not_read(open_pad: Open) -> None:
    pad = open_pad()
    picture, boxes = page_of_digits(["20", "26", "7"])
    answer = made_answer(boxes)
    answer["digits"][4] |= {"verdict": "not a digit", "reason": "odd"}
    answer["text"] = "2026"
    answer_with(pad.page, answer)
    show(pad, picture)
    assert pad.final().split() == ["20", "26"]
    assert pad.verdict == "4 digits in 2 lines."
    assert pad.page.locator(".reason").text_content() == "Not a digit: 1."
    assert pad.page.locator("#reading .line:visible").count() == 2
    assert pad.page.locator('.chips [aria-pressed="true"]').text_content() == "2"


def test_while_a_picture_is_read_nothing_of_the_last_one_is_shown(open_pad: Open) -> None:
    pad = open_pad()
    held: list[Route] = []
    go = Event()

    def hold(route: Route) -> None:
        is_picture = json.loads(route.request.post_data or "{}").get("fn_name") == "look"
        held.append(route) if is_picture and not go.is_set() else route.continue_()

    sideways = photograph(np.random.default_rng(5), 40, "squared", side=1200, turned=90)
    show(pad, file_of(sideways.image), "image/jpeg")
    assert len(pad.final().split()) > 1
    pad.page.locator(".steps summary").click()
    pad.page.locator(".steps ol:visible").wait_for()
    pad.page.route("**/component_server/**", hold)
    show(pad, page_of_digits(["42"])[0])
    pad.page.locator("#verdict").filter(has_text="Reading the picture …").wait_for()
    assert (pad.state, pad.reading, pad.page.locator(".box").count()) == ("provisional", "", 0)
    assert not pad.page.locator(".exports button, .steps ol").locator("visible=true").count()
    pad.page.keyboard.press("Delete")
    assert pad.state == "blank"
    go.set()
    for route in held:
        route.continue_()
    pad.page.wait_for_timeout(500)
    assert (pad.state, pad.verdict) == ("blank", "Nothing drawn yet.")
    pad.page.keyboard.press("Control+z")
    assert pad.final() == "42"
    pad.draw(DIGITS[7]["plain"])
    assert pad.final() == "7"
