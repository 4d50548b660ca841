"""The Draw tab: the pad and its server functions.

The pad keeps strokes, sends them to ``live`` and writes the response into its own DOM, without component
events or the queue. A response takes about 20 ms, also during a stroke; `gr.Sketchpad` takes a second.
"""

from __future__ import annotations

import asyncio
import math

import gradio as gr
import numpy as np

from model import DigitReader, InputError
from model.image import PEN
from model.input.preprocessing_steps import picture_steps, plain_resize, plain_shrink, rasterise_steps
from model.input.strokes import parse_strokes

from ..server.batching import Batcher
from ..server.images import decode_data_url
from ..server.metrics import METRICS
from ..server.page_cache import PageCache
from ..server.wire import BLANK, Json, live_function, reading_for_page, respond, to_base64
from ..ui.assets import PAD_SIDE, read_asset
from ..ui.modules import load_module

MAX_PICTURES = 8  # read concurrently; more would only compete for CPU and memory
PICTURE_PAUSE = 1000  # ms before the page sends a refused picture again
STYLES = ("draw/tab.css", "draw/result.css", "draw/picture/picture.css")
SAME_BOX = 2.0  # px; a box sent by the page is that of the digit it differs from by less


def build(reader: DigitReader, batcher: Batcher, browser_reader: str = "") -> gr.HTML:
    """Fill the current tab with the pad and return it.

    ``browser_reader`` is the address of the files with which the page reads while the server is silent.
    """
    slots = asyncio.Semaphore(MAX_PICTURES)
    pages = PageCache(reader.read_picture)

    async def look(picture: object) -> Json:
        return await read_picture(pages, picture, slots)

    async def explain(drawing: object) -> Json:
        return await respond(steps, reader, pages, drawing)

    return gr.HTML(
        html_template=read_asset("draw/tab.html"),
        css_template="".join(map(read_asset, STYLES)),
        js_on_load=load_module("draw/tab.js"),
        apply_default_css=False,
        server_functions=[live_function(batcher), look, explain],
        device=str(reader.device),
        browserReader=browser_reader,
        side=PAD_SIDE,
    )


async def read_picture(pages: PageCache, picture: object, slots: asyncio.Semaphore) -> Json:
    """Like `read_live`, for a picture as a data URL; busy while all ``slots`` are taken."""
    METRICS.count("requests", "picture")
    if slots.locked():
        METRICS.count("busy", "picture")
        return {"busy": True, "pause": PICTURE_PAUSE}
    async with slots:
        return {**BLANK, **await respond(lambda: reading_for_page(pages.read(picture)[0]))}


def steps(reader: DigitReader, pages: PageCache, drawing: object) -> Json:
    """The preprocessing steps of one digit, and the reading of a plain resize of the whole drawing.

    ``drawing`` has the ``strokes`` of all digits with their ``pens`` and those of one ``digit``; or a
    ``picture`` as a data URL, and the ``box`` of one digit in it.
    """
    if not isinstance(drawing, dict):
        raise InputError("A drawing must have a digit, strokes and pens.", "drawing")
    if "picture" in drawing:
        return picture_steps_response(reader, pages, drawing)
    digit, strokes = (parse_strokes(drawing.get(name)) for name in ("digit", "strokes"))
    pens = drawing.get("pens")
    if not digit or not isinstance(pens, list) or len(pens) != len(strokes):
        raise InputError("A drawing must have a digit, and a pen for each of its strokes.", "drawing")
    if not all(isinstance(pen, (int, float)) and 0 < pen <= PAD_SIDE for pen in pens):
        raise InputError("A pen must be a width in pad units.", "drawing")
    fitted, scale, shift = rasterise_steps(digit)
    plain = read_plain(reader, plain_resize(strokes, pens, PAD_SIDE))
    return {"fitted": to_base64(fitted), "scale": scale, "pen": PEN, "shift": shift, "plain": plain}


def picture_steps_response(reader: DigitReader, pages: PageCache, drawing: Json) -> Json:
    """Like `steps`, for one digit of a picture."""
    box = drawing.get("box")
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(v, (int, float)) for v in box):
        raise InputError("The box of a digit must be four numbers.", "drawing")
    reading, page = pages.read(drawing["picture"])
    distances = [float(np.abs(np.subtract(digit.box, box)).max()) for digit in reading.digits]
    if page is None or not min(distances, default=math.inf) <= SAME_BOX:  # a NaN is no box
        raise InputError("The picture contains no ink inside this box.", "drawing")
    result = picture_steps(page.ink, page.marks[int(np.argmin(distances))].whole.items)
    return {
        "ink": to_base64(result.ink),
        "size": result.size,
        "fitted": to_base64(result.fitted),
        "pen": result.pen,
        "shift": result.shift,
        "plain": read_plain(reader, plain_shrink(decode_data_url(drawing["picture"]))),
    }


def read_plain(reader: DigitReader, image: np.ndarray) -> Json:
    """The network's reading of an image without MNIST's layout."""
    probabilities, (verdict,) = reader.read_batch(image[None])
    label = int(probabilities[0].argmax())
    probability = float(probabilities[0, label])
    return {"image": to_base64(image), "label": label, "probability": probability, "verdict": verdict}
