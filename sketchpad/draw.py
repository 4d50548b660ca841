"""The Draw tab: the pad, and what it is answered."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import numpy as np
from starlette.responses import Response

from model import DigitReader, InputError, Reading
from model.steps import plain_resize, restroke_steps
from model.strokes import PEN, parse_strokes

from .api import to_json
from .canvas import SIDE, DigitPad
from .crowd import BusyError, Crowd, OutdatedError
from .pictures import decode
from .tally import TALLY


def build(reader: DigitReader) -> None:
    """Fill the current tab with the pad."""

    crowd = Crowd(reader.read_drawings)

    async def live(question: object) -> Response:
        return as_json(await read_live(crowd, question))

    async def look(picture: object) -> dict[str, Any]:
        TALLY.count("questions", "picture")
        return await answer(lambda: for_page(reader.read_image(decode(picture))))

    async def explain(drawing: object) -> dict[str, Any]:
        return await answer(lambda: steps(reader, drawing))

    DigitPad([live, look, explain], device=str(reader.device))


async def read_live(crowd: Crowd, question: object) -> dict[str, Any]:
    """What the pad is answered: a reading for the page, or why there is none; and how long to ``pause``.

    A question is a stroke list, or a dict of ``strokes``, ``final`` (the pen is up: this one is answered),
    and the page's own name for its ``visitor`` with a ``number`` that grows: the newest question wins.
    """
    if not isinstance(question, dict):
        question = {"strokes": question}
    final, visitor, number = (question.get(key) for key in ("final", "visitor", "number"))
    given: dict[str, Any]
    try:
        reading = await crowd.ask(
            question.get("strokes"),
            final=final is not False,
            visitor=visitor if isinstance(visitor, str) else "",
            number=number if isinstance(number, int) else 0,
        )
        given = for_page(reading)
    except InputError as error:
        given = refused(error)
    except BusyError:
        given = {"busy": True}
    except OutdatedError:
        given = {"outdated": True}
    return {**given, "pause": crowd.rest}


def as_json(given: dict[str, Any]) -> Response:
    """Written out here: Gradio would walk through every number of it first."""
    return Response(json.dumps(given, separators=(",", ":")), media_type="application/json")


def refused(error: InputError) -> dict[str, Any]:
    return {"text": "", "digits": [], "error": str(error)}


async def answer(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Off the event loop, so that one visitor's answer does not hold up another's request."""
    try:
        return await anyio.to_thread.run_sync(work)
    except InputError as error:
        return refused(error)


def for_page(reading: Reading) -> dict[str, Any]:
    """A reading with what the network saw."""
    shown = to_json(reading)
    for each, digit in zip(shown["digits"], reading.digits, strict=True):
        each["image"] = to_text(digit.image)
    return shown


def to_text(image: np.ndarray) -> str:
    """A seam image as base64."""
    return b64encode(image.tobytes()).decode()


def steps(reader: DigitReader, drawing: object) -> dict[str, Any]:
    """How the strokes of one ``digit`` get to the seam, and what a plain resize of all would read."""
    if not isinstance(drawing, dict):
        raise InputError("A drawing must have a digit, strokes and pens.")
    digit, strokes = (parse_strokes(drawing.get(name)) for name in ("digit", "strokes"))
    pens = drawing.get("pens")
    if not digit or not isinstance(pens, list) or len(pens) != len(strokes):
        raise InputError("A drawing must have a digit, and a pen for each of its strokes.")
    if not all(isinstance(pen, (int, float)) and 0 < pen <= SIDE for pen in pens):
        raise InputError("A pen must be a width in the pad's units.")
    fitted, scale, shift = restroke_steps(digit)
    resized = plain_resize(strokes, pens, SIDE)
    probabilities, (verdict,) = reader.read_batch(resized[None])
    label = int(probabilities[0].argmax())
    return {
        "fitted": to_text(fitted),
        "scale": scale,
        "pen": PEN,
        "shift": shift,
        "plain": {
            "image": to_text(resized),
            "label": label,
            "probability": float(probabilities[0, label]),
            "verdict": verdict,
        },
    }
