"""The Draw tab: the pad, and what it is answered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import anyio.to_thread
import numpy as np
from starlette.responses import Response

from model import DigitReader, InputError
from model.image import PEN
from model.input.pictures import parts_of_ink, to_ink
from model.input.preprocessing_steps import picture_steps, plain_resize, plain_shrink, rasterise_steps
from model.input.segmentation import Box
from model.input.strokes import parse_strokes

from ..server.batching import Batcher, BusyError, OutdatedError
from ..server.images import decode
from ..server.metrics import METRICS
from ..server.wire import for_page, to_text
from ..ui.component import PAD_SIDE
from .component import DigitPad

MOST_PICTURES = 8  # read at the same time; more would only take each other's processor and memory


def build(reader: DigitReader, crowd: Batcher) -> None:
    """Fill the current tab with the pad, whose drawings are read with the ``crowd``'s."""

    async def live(question: object) -> Response:
        return as_json(await read_live(crowd, question))

    looking: set[object] = set()

    async def look(picture: object) -> dict[str, Any]:
        return await read_look(reader, picture, looking)

    async def explain(drawing: object) -> dict[str, Any]:
        return await answer(lambda: steps(reader, drawing))

    DigitPad([live, look, explain], device=str(reader.device))


async def read_live(crowd: Batcher, question: object) -> dict[str, Any]:
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


async def read_look(reader: DigitReader, picture: object, looking: set[object]) -> dict[str, Any]:
    """As `read_live`, for a picture; ``looking`` holds one thing for each picture that is being read."""
    METRICS.count("questions", "picture")
    if len(looking) >= MOST_PICTURES:
        METRICS.count("busy", "picture")
        return {"busy": True, "pause": 1000}
    looking.add(one := object())
    try:
        return await answer(lambda: for_page(reader.read_image(decode(picture))))
    finally:
        looking.discard(one)


def as_json(given: dict[str, Any]) -> Response:
    """Written out here: Gradio would walk through every number of it first."""
    return Response(json.dumps(given, separators=(",", ":")), media_type="application/json")


def refused(error: InputError) -> dict[str, Any]:
    """What was wrong: a sentence in English, and the code and values for the page to say it in another."""
    return {"text": "", "digits": [], "error": str(error), "code": error.code, "values": error.values}


async def answer(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Off the event loop, so that one visitor's answer does not hold up another's request."""
    try:
        return await anyio.to_thread.run_sync(work)
    except InputError as error:
        return refused(error)


def steps(reader: DigitReader, drawing: object) -> dict[str, Any]:
    """How one digit gets to model images, and what a plain resize of all would read.

    ``drawing`` has the ``strokes`` of all digits with their ``pens`` and those of one ``digit``; or a
    ``picture`` as a data URL, and the ``box`` of one digit in it.
    """
    if not isinstance(drawing, dict):
        raise InputError("A drawing must have a digit, strokes and pens.", "drawing")
    if "picture" in drawing:
        return steps_of_picture(reader, drawing)
    digit, strokes = (parse_strokes(drawing.get(name)) for name in ("digit", "strokes"))
    pens = drawing.get("pens")
    if not digit or not isinstance(pens, list) or len(pens) != len(strokes):
        raise InputError("A drawing must have a digit, and a pen for each of its strokes.", "drawing")
    if not all(isinstance(pen, (int, float)) and 0 < pen <= PAD_SIDE for pen in pens):
        raise InputError("A pen must be a width in the pad's units.", "drawing")
    fitted, scale, shift = rasterise_steps(digit)
    plain = read_plain(reader, plain_resize(strokes, pens, PAD_SIDE))
    return {"fitted": to_text(fitted), "scale": scale, "pen": PEN, "shift": shift, "plain": plain}


def steps_of_picture(reader: DigitReader, drawing: dict[str, Any]) -> dict[str, Any]:
    """The same for one digit of a picture."""
    box = drawing.get("box")
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(v, (int, float)) for v in box):
        raise InputError("A digit of a picture is named by its box, four numbers.", "drawing")
    image = decode(drawing["picture"])
    ink = to_ink(image)
    masks = [mask for part in parts_of_ink(ink) if within(part.box, box) for mask in part.items]
    if not masks:
        raise InputError("There is no ink in this box of the picture.", "drawing")
    found = picture_steps(ink, masks)
    return {
        "ink": to_text(found.ink),
        "size": found.size,
        "fitted": to_text(found.fitted),
        "pen": found.pen,
        "shift": found.shift,
        "plain": read_plain(reader, plain_shrink(image)),
    }


def within(inner: Box, outer: list[float]) -> bool:
    return inner[0] >= outer[0] and inner[1] >= outer[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def read_plain(reader: DigitReader, image: np.ndarray) -> dict[str, Any]:
    """What the network makes of an image that nobody prepared for it."""
    probabilities, (verdict,) = reader.read_batch(image[None])
    label = int(probabilities[0].argmax())
    probability = float(probabilities[0, label])
    return {"image": to_text(image), "label": label, "probability": probability, "verdict": verdict}
