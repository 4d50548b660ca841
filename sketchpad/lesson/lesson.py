"""The lesson: nine steps beside the page, each with a part of the page, something to try and a question.

``steps/LANGUAGE.json`` has its words. They are fetched when the lesson opens, as the page at /lesson, which
teachers can print.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

import gradio as gr
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ..ui.assets import read_asset
from ..ui.html import render
from ..ui.i18n import LANGUAGES, TEXTS
from ..ui.modules import load_module


@dataclass(frozen=True)
class Step:
    """Where a step takes place: the address on the page, the element to look at, and the right choice."""

    place: str  # a tab, and after a slash what is open in it
    target: str  # a CSS selector
    right: int  # counted from 0


def section(name: str, part: str, right: int) -> Step:
    """A step at a part of a section of the Inside tab."""
    return Step(f"Inside/{name}", f'[data-section="{name}"] {part}', right)


STEPS = (
    Step("Draw", "#pad", 0),
    Step("Draw", ".evidence", 1),
    section("feature_maps", ".zoom", 2),
    section("branches", ".halves", 1),
    section("added_block", ".experiment", 0),
    section("degradation", ".charts", 2),
    section("logits", ".scroll", 1),
    section("attribution", "details", 2),
    section("attack", "details", 0),
)


def build() -> None:
    """The closed lesson, at the end of the page."""
    gr.HTML(
        html_template=render("lesson/lesson.html"),
        css_template=read_asset("lesson/lesson.css"),
        js_on_load=load_module("lesson/lesson.js"),
        elem_id="lesson",
        elem_classes="lesson",
        apply_default_css=False,
    )


@cache
def page(language: str, answers: bool = True) -> str:
    """All steps as one HTML page in a language, with or without the answers and the notes for teachers."""
    words = json.loads(read_asset(f"lesson/steps/{language}.json"))
    steps = [
        (step, place_in_words(step.place, language), text)
        for step, text in zip(STEPS, words["steps"], strict=True)
    ]
    return render("lesson/page.html", words=words, steps=steps, language=language, answers=answers)


def place_in_words(place: str, language: str) -> str:
    """The tab and the section's title, as the page writes them."""
    tab, _, name = place.partition("/")
    texts = TEXTS[language]
    return " → ".join([texts[f"tab.{tab}"], *([texts[f"{name}.title"]] if name else [])])


async def _serve(request: Request) -> Response:
    language = request.query_params.get("language", "")
    answers = request.query_params.get("answers") != "no"
    return HTMLResponse(page(language if language in LANGUAGES else "en", answers))


def route() -> Route:
    """For the web application."""
    return Route("/lesson", _serve)
