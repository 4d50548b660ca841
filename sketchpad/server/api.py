"""The API: what is read off strokes, a picture or a batch, and what the network is. Also the MCP tools.

Every answer carries ``schema``, which grows when a field changes its meaning or goes; fields may be added
without. docs/api.schema.json is the same in JSON Schema. A refusal is a sentence, with its code as title.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np
from gradio.data_classes import FileData
from gradio.utils import error_payload
from starlette.responses import JSONResponse, Response

from model import DigitReader, InputError
from model.image import SIZE
from model.input.pictures import MAX_PIXELS
from model.input.rasterizer import rasterise_digits
from model.input.strokes import MAX_POINTS, MAX_STROKES, parse_strokes

from .batching import Batcher, BusyError
from .images import open_image
from .metrics import METRICS
from .wire import to_json

SCHEMA = 1
MOST_IMAGES = 1_000  # of a batch
SEVEN = [[[60, 60], [200, 62], [130, 240]]]
SEVEN_IMAGE = rasterise_digits([parse_strokes(SEVEN)])[0].tolist()


def build(reader: DigitReader, crowd: Batcher) -> None:
    """Open the four; Gradio's page and the MCP tools are documented by their docstrings, line by line.

    Strokes are read with the ``crowd``'s, many in one call of the network.
    """

    async def read_strokes(strokes: list[list[list[float]]]) -> dict[str, Any]:
        """
        Read handwritten digits from pen strokes, at any place and of any size.
        A seven is [[[60, 60], [200, 62], [130, 240]]].

        Args:
            strokes: A list of strokes, each a list of [x, y] points; x to the right, y down, in any unit.

        Returns:
            "text" is what was read, left to right; each of "digits" has its label, ten probabilities, its box
            in the same unit and a verdict ("digit", "unsure" or "not a digit") with its reason.
        """
        return await read_with(crowd, strokes)

    def read_image(image: FileData) -> dict[str, Any]:
        """
        Read handwritten digits from a picture: a photo, a scan or a drawing, of either polarity.

        Args:
            image: A picture file of at most 50 million pixels.

        Returns:
            As /read_strokes; boxes are in the picture's pixels.
        """
        return answered("picture", lambda: to_json(reader.read_image(open_image(image))))

    def read_batch(images: list[list[list[int]]]) -> dict[str, Any]:
        """
        Classify images laid out as MNIST's are: 28 by 28, ink 255 on paper 0, centred. At most 1,000.

        Args:
            images: A list of images, each 28 rows of 28 whole numbers from 0 to 255.

        Returns:
            "labels", "probabilities" (ten for each image) and "verdicts", in the images' order.
        """
        return answered("batch", lambda: batch_to_json(reader, images))

    def describe() -> dict[str, Any]:
        """
        Say what reads here: the network, how it was trained and measured, and how much may be sent.

        Returns:
            "network": architecture, parameters, device; "card": configuration, versions, calibration and
            measured accuracies; "limits": the most that is read at once.
        """
        return answered("description", lambda: description(reader))

    for function, example in (
        (read_strokes, SEVEN),
        (read_image, None),  # Gradio has one of its own
        (read_batch, [SEVEN_IMAGE]),
        (describe, None),
    ):
        # Strokes wait in the crowd's line; Gradio's would take one after the other.
        queued = function is not read_strokes
        gr.api(function, api_name=function.__name__, queue=queued, concurrency_limit=1 if queued else None)
        show_example(function.__name__, example)


async def read_with(crowd: Batcher, strokes: object) -> dict[str, Any]:
    """What /read_strokes answers; gr.Error for what cannot be read, or not now."""
    try:
        return {"schema": SCHEMA, **to_json(await crowd.ask(strokes))}
    except InputError as error:
        raise refused(error) from error
    except BusyError as error:
        sentence = "There is too much to read at the moment; ask again in a second."
        raise gr.Error(sentence, title="busy", print_exception=False) from error


async def run_strokes(crowd: Batcher, strokes: object) -> Response:
    """The same as Gradio's `run` answers."""
    started = time.perf_counter()
    try:
        answer = {"data": [await read_with(crowd, strokes)], "is_generating": False}
    except gr.Error as error:
        return JSONResponse(error_payload(error, show_error=False), 500)
    return JSONResponse({**answer, "duration": time.perf_counter() - started})


def show_example(name: str, example: object) -> None:
    """Let Gradio's API page show a call of ``name`` that runs, in place of dots."""
    page = gr.context.Context.root_block
    (endpoint,) = (fn for fn in page.fns.values() if fn.api_name == name)
    for given in endpoint.inputs:
        if example is not None:
            given.value = example


def answered(kind: str, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer with its schema; a refusal as Gradio's error, its code as the title."""
    METRICS.count("questions", kind)
    try:
        return {"schema": SCHEMA, **work()}
    except InputError as error:
        raise refused(error) from error


def refused(error: InputError) -> gr.Error:
    """As Gradio tells it: the sentence, and the code as title."""
    return gr.Error(str(error), title=error.code, print_exception=False)


def batch_to_json(reader: DigitReader, images: object) -> dict[str, Any]:
    """Labels, probabilities and verdicts of model images in plain lists; InputError for anything else."""
    if not isinstance(images, list) or len(images) > MOST_IMAGES:
        raise InputError(f"Images must be a list of at most {MOST_IMAGES:,}.")
    try:
        batch = np.array(images or np.zeros((0, SIZE, SIZE)), np.float64)
    except (TypeError, ValueError, OverflowError):
        batch = np.full((1,), np.nan)
    if batch.shape[1:] != (SIZE, SIZE) or not np.isin(batch, np.arange(256)).all():
        raise InputError(f"Each image must be {SIZE} rows of {SIZE} whole numbers from 0 to 255.")
    probabilities, verdicts = reader.read_batch(batch.astype(np.uint8))
    return {
        "labels": probabilities.argmax(1).tolist(),
        "probabilities": probabilities.tolist(),
        "verdicts": verdicts,
    }


def description(reader: DigitReader) -> dict[str, Any]:
    """The network, its card without what is bulky, and the limits."""
    card = {key: value for key, value in reader.card.items() if key not in ("history", "figures")}
    bulky = ("confusion", "mistakes", "bins")
    figures = {
        part: {key: value for key, value in given.items() if key not in bulky}
        if isinstance(given, dict)
        else given
        for part, given in reader.card["figures"].items()
    }
    return {
        "network": {
            **reader.card["arch"],
            "parameters": sum(p.numel() for p in reader.net.parameters()),
            "device": str(reader.device),
        },
        "card": {**card, "figures": figures},
        "limits": {
            "strokes": MAX_STROKES,
            "points": MAX_POINTS,
            "pixels": MAX_PIXELS,
            "images": MOST_IMAGES,
        },
    }
