"""The lesson in a browser: through its steps on a phone, its address, its memory, and the keyboard."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import Open
from tests.browser.hand import DIGITS
from tests.browser.test_draw import PHONE


def outlined_in_sight(page: Page) -> bool:
    """Whether what the step is about is outlined and lies above the lesson."""
    return bool(
        page.evaluate(
            """() => {
                const target = document.querySelector(".lesson-target");
                const lesson = document.querySelector("#lesson aside").getBoundingClientRect();
                const { top, height } = target?.getBoundingClientRect() ?? {};
                return height > 0 && top >= -1 && top < Math.max(lesson.top, 200);
            }"""
        )
    )


def test_a_learner_goes_through_the_lesson_on_a_phone(open_pad: Open) -> None:
    pad = open_pad(**PHONE)
    pad.draw(DIGITS[7]["plain"])
    pad.final()
    page = pad.page
    page.locator("[data-lesson=open]").tap()
    lesson = page.locator("#lesson aside")
    steps = lesson.locator("nav li")
    expect(steps).to_have_count(9)
    for number in range(1, 10):
        expect(lesson.locator(".place")).to_have_text(f"Step {number} of 9")
        page.wait_for_function("() => document.querySelector('.lesson-target')")
        page.wait_for_function("() => !document.querySelector('#inside section.waiting')")  # they are paler
        assert outlined_in_sight(page), number
        assert page.evaluate("() => location.hash") == f"#Lesson/{number}"
        expect(lesson.locator(".answer")).to_be_hidden()
        lesson.locator(".choices button").nth(0).tap()
        expect(lesson.locator(".verdict")).to_be_in_viewport()
        assert violations(page) == []
        lesson.locator("[data-lesson=next]").tap()
    expect(lesson.locator(".step")).to_contain_text("3 of 9 right")
    lesson.locator("[data-lesson=next]").tap()
    expect(lesson).to_be_hidden()
    assert page.evaluate("() => location.hash") == "#Inside/attack"
    assert page.locator(".lesson-target").count() == 0


def test_a_step_has_an_address_and_progress_survives_a_reload(open_pad: Open) -> None:
    page = open_pad().page
    page.goto(page.url.split("#")[0] + "#Lesson/6")
    page.reload()
    lesson = page.locator("#lesson aside")
    expect(lesson.locator(".place")).to_have_text("Step 6 of 9", timeout=20_000)
    page.wait_for_function("() => document.querySelector('[data-section=degradation] .charts.lesson-target')")
    lesson.locator(".choices button").nth(0).click()
    expect(lesson.locator(".verdict")).to_have_text("Not quite.")
    page.reload()
    expect(lesson.locator(".verdict")).to_have_text("Not quite.", timeout=20_000)
    expect(lesson.locator("nav .done")).to_have_count(1)
    page.locator("#language").select_option("zh-Hans")
    expect(lesson.locator(".verdict")).to_have_text("不太对。")
    lesson.locator(".choices button").nth(0).press("Escape")
    expect(lesson).to_be_hidden()
    expect(page.locator("[data-lesson=open]")).to_be_focused()


def test_a_lost_server_is_said_and_the_lesson_comes_when_it_is_back(open_pad: Open) -> None:
    page = open_pad(quiet=False).page
    page.route("**/lesson?*", lambda route: route.abort())
    page.locator("[data-lesson=open]").click()
    expect(page.locator("#lesson .failure")).to_contain_text("does not respond")
    page.unroute("**/lesson?*")
    expect(page.locator("#lesson h2")).to_have_text("1. Draw")


def test_any_step_is_reached_from_any_other_and_a_blank_pad_gets_an_example(open_pad: Open) -> None:
    page = open_pad(**PHONE).page
    page.locator("[data-lesson=open]").tap()
    lesson = page.locator("#lesson aside")
    lesson.locator("nav a").nth(6).tap()
    lesson.get_by_role("button", name="Use an example 7").tap()
    expect(page.locator("[data-section=logits] .best th")).to_have_text("7")
    for number in (1, 6, 2, 4, 9, 3):
        lesson.locator("nav a").nth(number - 1).tap()
        expect(lesson.locator(".place")).to_have_text(f"Step {number} of 9")
        page.wait_for_function("() => document.querySelector('.lesson-target')")
        page.wait_for_timeout(1500)  # sections get their height
        assert outlined_in_sight(page), number
    lesson.get_by_role("button", name="Go to the pad").tap()
    expect(page.locator("#pad")).to_be_in_viewport()
    lesson.locator("nav a").nth(1).tap()
    page.wait_for_function("() => document.querySelector('.evidence.lesson-target')")
    page.evaluate("scrollTo(0, 0)")
    lesson.get_by_role("button", name="Show it").tap()
    page.wait_for_timeout(800)
    assert outlined_in_sight(page)
    assert page.evaluate("() => location.hash") == "#Lesson/2"
    lesson.locator("[data-lesson=fold]").tap()
    expect(lesson.locator(".step")).to_be_hidden()
