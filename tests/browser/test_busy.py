"""A page whose server has much to do: it asks less often, says so, keeps the drawing, and asks again."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route

from tests.browser.conftest import Open
from tests.browser.hand import DIGITS
from tests.browser.pen import Pad
from tests.browser.serve import free_port, started
from tests.load import NGINX, app, proxied

SEVEN, TWO = DIGITS[7]["plain"], DIGITS[2]["swan"]
ASK = "**/component_server/**"


def questions(page: Page) -> list[dict]:
    """What the page asks from now on, in order."""
    asked: list[dict] = []

    def note(request: Request) -> None:
        body = json.loads(request.post_data or "{}")
        if body.get("fn_name") == "live":
            asked.append(body["data"])

    page.on("request", lambda request: "component_server" in request.url and note(request))
    return asked


def is_final(route: Route) -> bool:
    body = json.loads(route.request.post_data or "{}")
    return body["fn_name"] == "live" and body["data"]["final"]


def slowly(pad: Pad, stroke: list[tuple[float, float]], seconds: float) -> None:
    """Draw a stroke in so many seconds and keep the pen down."""
    pad.press(stroke[:1])
    for point in pad.on_page(stroke[1:]):
        pad.page.mouse.move(*point)
        pad.page.wait_for_timeout(1000 * seconds / len(stroke))


def test_the_page_says_which_question_is_final_and_numbers_them(open_pad: Open) -> None:
    pad = open_pad()
    asked = questions(pad.page)
    slowly(pad, TWO[0], 0.5)
    pad.page.mouse.up()
    pad.final()
    assert [question["final"] for question in asked] == [False] * (len(asked) - 1) + [True]
    assert len(asked) > 5
    assert len({question["visitor"] for question in asked}) == 1
    numbers = [question["number"] for question in asked]
    assert numbers == sorted(set(numbers))
    another = open_pad()
    theirs = questions(another.page)
    another.draw(SEVEN)
    another.final()
    assert theirs[0]["visitor"] != asked[0]["visitor"]


@pytest.mark.parametrize(
    ("locale", "said"), [("en-US", "Many people are drawing"), ("zh-CN", "当前使用人数较多")]
)
def test_a_busy_server_is_said_and_asked_again(open_pad: Open, locale: str, said: str) -> None:
    pad = open_pad(locale=locale)
    busy, refused = True, 0

    def answer(route: Route) -> None:
        nonlocal refused
        if is_final(route) and busy:
            refused += 1
            route.fulfill(json={"busy": True, "pause": 300})
        else:
            route.continue_()

    pad.page.route(ASK, answer)
    ink = pad.ink()
    pad.draw(SEVEN)
    pad.page.wait_for_selector(".notice:visible")
    assert said in pad.page.locator(".notice").text_content()
    assert pad.state != "final"
    assert pad.ink() > ink  # the drawing is kept
    pad.page.wait_for_timeout(1500)
    assert refused >= 2  # the page asks again by itself, and goes on asking
    busy = False
    assert pad.final() == "7"
    assert not pad.page.locator(".notice").is_visible()


def test_provisional_questions_rest_when_the_server_asks_for_it_and_the_final_one_does_not(
    open_pad: Open,
) -> None:
    pad = open_pad()

    def answer(route: Route) -> None:
        given = route.fetch().json()
        route.fulfill(json={**given, "pause": 400})

    pad.page.route(ASK, answer)
    asked = questions(pad.page)
    started = pad.page.evaluate("performance.now()")
    slowly(pad, TWO[0], 1.6)
    before = pad.page.evaluate("performance.now()")
    # Up to four before the first answer says so; unasked, it would be dozens.
    assert 2 <= len(asked) <= 5 + (before - started) / 400
    pad.page.mouse.up()
    assert pad.final() == "2"
    assert pad.page.evaluate("performance.now()") - before < 400
    assert [question["final"] for question in asked][-1]


def test_the_last_position_of_a_resting_pen_is_asked_about(open_pad: Open) -> None:
    """Though the pen keeps still: nobody moves it, and the pause is over."""
    pad = open_pad()

    def answer(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "pause": 300})

    pad.page.route(ASK, answer)
    asked = questions(pad.page)
    slowly(pad, SEVEN[0], 0.2)
    pad.page.wait_for_timeout(900)
    drawn = asked[-1]["strokes"][0]
    assert drawn[-1] == pytest.approx(SEVEN[0][-1], abs=1)
    assert pad.state == "provisional"


def test_refused_provisional_questions_are_no_cause_for_alarm(open_pad: Open) -> None:
    pad = open_pad()

    def answer(route: Route) -> None:
        if is_final(route):
            route.continue_()
        else:
            route.fulfill(
                json={"outdated": True, "pause": 0} if len(asked) % 2 else {"busy": True, "pause": 60}
            )

    asked = questions(pad.page)
    pad.page.route(ASK, answer)
    slowly(pad, TWO[0], 0.6)
    assert not pad.page.locator(".notice").is_visible()
    pad.page.mouse.up()
    assert pad.final() == "2"
    assert not pad.page.locator(".notice").is_visible()


def test_the_page_says_that_the_server_stores_nothing(open_pad: Open) -> None:
    for locale, said in (
        ("en-US", "The server stores no drawings"),
        ("zh-CN", "不会保存"),
        ("zh-TW", "不會儲存"),
    ):
        pad = open_pad(locale=locale)
        assert said in pad.page.locator("#privacy").text_content()


def test_a_killed_replica_behind_nginx_is_not_noticed(browser: Browser) -> None:
    if not (shutil.which("nginx") or Path(NGINX).exists()):
        refuse = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        refuse("no nginx on this machine: apt-get install nginx-light")
    first, second = free_port(), free_port()
    with (
        started(app(first), first) as (_, victim),
        started(app(second), second),
        proxied([first, second]) as address,
    ):
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-US")
        page.goto(address)
        pad = Pad(page)
        pad.ready()
        pad.draw(SEVEN)
        assert pad.final() == "7"
        page.keyboard.press("Delete")
        slowly(pad, TWO[0][:20], 0.4)
        victim.kill()
        for point in pad.on_page(TWO[0][20:]):
            page.mouse.move(*point)
        page.mouse.up()
        assert pad.final() == "2"
        page.keyboard.press("Delete")
        pad.draw(SEVEN)
        assert pad.final() == "7"
        page.close()
