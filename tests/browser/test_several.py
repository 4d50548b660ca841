"""Several digits, and drawings that are none: boxes, chips, verdicts and reasons."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS, LETTER_A, curve, line, moved
from tests.browser.pen import Pad
from tests.browser.test_draw import PHONE

HEART = [curve("140,96 116,62 76,66 64,108 96,168 140,226 186,166 216,108 202,66 164,62 140,96")]
SCRIBBLE = [[((i * 97) % 200 + 40, (i * 61) % 180 + 50) for i in range(60)]]
ROW = [
    stroke
    for place, (label, way) in enumerate([(2, "swan"), (0, "round"), (2, "angular"), (6, "round")])
    for stroke in moved(DIGITS[label][way], 0.3, 68 * place - 8, 90)
]


def why(pad: Pad) -> str:
    return pad.page.locator(".reason").text_content() or ""


def test_a_row_is_read_with_a_box_and_a_chip_for_each_digit(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(ROW)
    assert pad.final() == "2026"
    assert pad.verdict == "Clearly 2026."
    boxes = pad.page.locator(".boxes .box")
    assert boxes.locator("text").all_text_contents() == ["2", "0", "2", "6"]
    lefts = [
        float(x) for x in boxes.locator("rect").evaluate_all("all => all.map((r) => r.getAttribute('x'))")
    ]
    assert lefts == sorted(lefts)
    chips = pad.page.locator(".chips button")
    chips.nth(1).click()
    assert chips.nth(1).get_attribute("aria-pressed") == "true"
    assert pad.verdict == "Digit 2 of 4: Clearly 0."
    assert pad.page.locator(".bars .best .name").text_content() == "0"
    assert "picked" in boxes.nth(1).get_attribute("class")


def test_of_a_long_row_the_chip_whose_bars_are_shown_is_in_sight(open_pad: Open) -> None:
    pad = open_pad(**PHONE)
    pad.touch([stroke for n in range(10) for stroke in moved(DIGITS[7]["plain"], 0.18, 5 + 27 * n, 120)])
    assert pad.final() == "7" * 10
    row = pad.page.locator(".chips")
    assert row.evaluate("row => row.scrollWidth > row.clientWidth")
    shown = """row => {
      const [box, chip] = [row, row.querySelector('[aria-pressed="true"]')].map((one) =>
        one.getBoundingClientRect());
      return chip.left >= box.left - 1 && chip.right <= box.right + 1;
    }"""
    assert row.evaluate(shown)
    assert pad.page.evaluate("scrollX + scrollY") == 0
    for n in (0, 9, 4, 0):
        row.locator("button").nth(n).click()
        assert row.locator("button").nth(n).get_attribute("aria-pressed") == "true"
        assert row.evaluate(shown)


def test_one_digit_has_no_box(open_pad: Open) -> None:
    pad = open_pad()
    pad.draw(DIGITS[3]["round"])
    pad.final()
    assert pad.page.locator(".box").count() == pad.page.locator(".chips button").count() == 0
    assert why(pad).startswith("Second most likely: ")


@pytest.mark.parametrize("way", ["upstroke", "plain", "slanted"])
def test_a_european_one_is_a_digit(open_pad: Open, way: str) -> None:
    pad = open_pad()
    pad.draw(DIGITS[1][way])
    assert pad.final() == "1"
    assert pad.verdict == "Clearly 1."


@pytest.mark.parametrize(
    "drawing",
    [HEART, SCRIBBLE, LETTER_A, [line((80, 140), (200, 140))]],
    ids=["heart", "scribble", "A", "dash"],
)
def test_what_is_no_digit_is_said_to_be_none(open_pad: Open, rejecting: None, drawing: list) -> None:
    pad = open_pad()
    pad.draw(drawing)
    pad.final()
    assert pad.verdict == "This does not look like a digit."
    assert why(pad).startswith("It resembles no digit")
    assert pad.page.locator(".bars-title h2").text_content() == "If it were a digit"
    shown = pad.page.locator("#reading span").evaluate("s => getComputedStyle(s, '::after').content")
    assert shown == '"?"'


def test_a_letter_among_digits_is_marked(open_pad: Open, rejecting: None) -> None:
    pad = open_pad()
    seven, two = DIGITS[7]["crossed"], DIGITS[2]["swan"]
    pad.draw([*moved(two, 0.33, 0, 90), *moved(LETTER_A, 0.33, 95, 90), *moved(seven, 0.33, 180, 90)])
    pad.final()
    assert pad.page.locator(".box text").all_text_contents() == ["2", "?", "7"]
    assert pad.verdict.startswith("Digit 2 of 3: ")
    assert pad.page.locator(".chips button").nth(1).get_attribute("data-verdict") == "not a digit"


def test_doubt_names_both_with_their_shares(open_pad: Open) -> None:
    # A network is seldom in doubt on demand: the answer is made up on its way.
    pad = open_pad(
        script="""
        const real = window.fetch;
        window.fetch = async (...request) => {
            const response = await real(...request);
            if (!String(request[0]).includes('component_server')) return response;
            const answer = await response.json();
            for (const digit of answer.digits ?? []) {
                digit.verdict = 'unsure';
                digit.reason = 'close';
                digit.label = 4;
                digit.probabilities = digit.probabilities.map((_, i) => ({ 4: 0.55, 9: 0.44 })[i] ?? 0.00125);
            }
            return Response.json(answer);
        };"""
    )
    pad.draw(DIGITS[4]["closed"])
    pad.final()
    assert pad.verdict == "Not sure: 4, or perhaps 9."
    assert why(pad) == "Only 55 % for 4; next is 9 with 44 %."
    assert pad.page.locator(".bars .value").first.text_content() == "< 1 %"


def test_the_mark_of_an_unsure_digit_does_not_touch_the_next_digit(open_pad: Open) -> None:
    """Even where every digit of a row is unsure."""
    pad = open_pad(
        script="""const ask = window.fetch;
        window.fetch = async (...request) => {
            const response = await ask(...request);
            if (!String(request[0]).includes('component_server')) return response;
            const answer = await response.json();
            for (const digit of answer.digits ?? []) digit.verdict = 'unsure';
            return Response.json(answer);
        };"""
    )
    pad.draw([*moved(DIGITS[4]["closed"], 0.5, 0, 60), *moved(DIGITS[7]["plain"], 0.5, 120, 60)])
    pad.page.wait_for_selector("#reading span:nth-of-type(2)")
    free = pad.page.evaluate(
        """() => { const [four, seven] = document.querySelectorAll('#reading span');
        const mark = getComputedStyle(four, '::after');
        return seven.getBoundingClientRect().left - four.getBoundingClientRect().left
            - parseFloat(mark.left) - parseFloat(mark.width); }"""
    )
    assert free >= 0
