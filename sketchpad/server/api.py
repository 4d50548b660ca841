"""The API and its MCP tools: read strokes, a picture or a batch; describe the network.

Every response has a ``schema`` number. It increases when a field changes its meaning or is removed, not when
a field is added. docs/api.schema.json describes the responses. An error has a sentence and its code as title.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import gradio as gr
import numpy as np
from gradio.data_classes import FileData
from gradio.utils import error_payload
from starlette.responses import JSONResponse, Response

from model import DigitReader, InputError, __version__
from model.graph.summary import count_parameters
from model.image import SIZE
from model.input.pictures import MAX_PIXELS
from model.input.strokes import MAX_POINTS, MAX_STROKES

from .batching import Batcher, BusyError
from .images import open_upload
from .metrics import METRICS
from .wire import Json, reading_to_json

SCHEMA = 1
MAX_IMAGES = 1_000  # in a batch
EXAMPLE_STROKES = [[[60, 60], [200, 62], [130, 240]]]
LARGE_FIGURES = ("confusion", "mistakes", "bins")  # not in /describe


def build(reader: DigitReader, batcher: Batcher) -> None:
    """Register the four endpoints. Gradio's API page and the MCP tools show their docstrings line by line.

    Strokes go through the ``batcher``, together with the page's.
    """

    async def read_strokes(strokes: list[list[list[float]]]) -> Json:
        """
        Read handwritten digits from pen strokes, at any place and of any size.
        A seven is [[[60, 60], [200, 62], [130, 240]]].

        Args:
            strokes: A list of strokes, each a list of [x, y] points; x to the right, y down, in any unit.

        Returns:
            "text" is the reading, left to right; each of "digits" has its label, ten probabilities, its box
            in the same unit and a verdict ("digit", "unsure" or "not a digit") with its reason.
        """
        return await read_strokes_response(batcher, strokes)

    def read_image(image: FileData) -> Json:
        """
        Read handwritten digits from a picture: a photo, a scan or a drawing, of either polarity.

        Args:
            image: A picture file of at most 50 million pixels.

        Returns:
            As /read_strokes; boxes are in the picture's pixels.
        """
        return counted("picture", lambda: reading_to_json(reader.read_image(open_upload(image))))

    def read_batch(images: list[list[list[int]]]) -> Json:
        """
        Classify images laid out as MNIST's are: 28 by 28, ink 255 on paper 0, centred. At most 1,000.

        Args:
            images: A list of images, each 28 rows of 28 whole numbers from 0 to 255.

        Returns:
            "labels", "probabilities" (ten for each image) and "verdicts", in the images' order.
        """
        return counted("batch", lambda: batch_to_json(reader, images))

    def describe() -> Json:
        """
        Describe the network, how it was trained and measured, and the limits of a request.

        Returns:
            "version": of this software; "network": architecture, parameters, device; "card": configuration,
            versions, calibration and measured accuracies; "limits": the most that is read at once.
        """
        return counted("description", lambda: description(reader))

    for function, example in (
        (read_strokes, EXAMPLE_STROKES),
        (read_image, None),  # Gradio has an example
        (read_batch, []),  # an image would fill the page with 784 numbers
        (describe, None),
    ):
        # The batcher has its own queue; Gradio's would read one drawing after the other.
        queued = function is not read_strokes
        gr.events.api(
            function, api_name=function.__name__, queue=queued, concurrency_limit=1 if queued else None
        )
        if example is not None:
            show_example(function.__name__, example)


async def read_strokes_response(batcher: Batcher, strokes: object) -> Json:
    """The response of /read_strokes; gr.Error for an unreadable drawing or a full queue."""
    try:
        return {"schema": SCHEMA, **reading_to_json(await batcher.read(strokes))}
    except InputError as error:
        raise gradio_error(error) from error
    except BusyError as error:
        sentence = "The server is busy; try again in a second."
        raise gr.Error(sentence, title="busy", print_exception=False) from error


async def run_read_strokes(batcher: Batcher, strokes: object) -> Response:
    """`read_strokes_response` in the format of Gradio's `run`."""
    start = time.perf_counter()
    try:
        data = [await read_strokes_response(batcher, strokes)]
    except gr.Error as error:
        return JSONResponse(error_payload(error, show_error=False), 500)
    return JSONResponse({"data": data, "is_generating": False, "duration": time.perf_counter() - start})


def show_example(name: str, example: object) -> None:
    """Make Gradio's API page show a working call of ``name`` instead of dots.

    A value of the component would do so too, but also become the default of an argument that has none.
    """
    blocks = gr.context.Context.root_block
    assert blocks is not None  # called inside the page's `with`
    (endpoint,) = (function for function in blocks.fns.values() if function.api_name == name)
    for component in endpoint.inputs:
        for method in ("example_payload", "example_value"):
            setattr(component, method, lambda: example)


def counted(kind: str, work: Callable[[], Json]) -> Json:
    """Count a request; its response with the schema, or an InputError as Gradio's error."""
    METRICS.count("requests", kind)
    try:
        return {"schema": SCHEMA, **work()}
    except InputError as error:
        raise gradio_error(error) from error


def gradio_error(error: InputError) -> gr.Error:
    """The sentence, with the code as title."""
    return gr.Error(str(error), title=error.code, print_exception=False)


def batch_to_json(reader: DigitReader, images: object) -> Json:
    """Labels, probabilities and verdicts of model images in plain lists. Raises InputError."""
    if not isinstance(images, list) or len(images) > MAX_IMAGES:
        raise InputError(f"Images must be a list of at most {MAX_IMAGES:,}.")
    try:
        batch = np.array(images or np.zeros((0, SIZE, SIZE)), np.float64)
    except (TypeError, ValueError, OverflowError):
        batch = np.full((1,), np.nan)
    if batch.shape[1:] != (SIZE, SIZE) or not np.isin(batch, np.arange(256)).all():
        raise InputError(f"Each image must be {SIZE} rows of {SIZE} whole numbers from 0 to 255.")
    probabilities, verdicts = reader.read_batch(batch.astype(np.uint8))
    labels = probabilities.argmax(1).tolist()
    return {"labels": labels, "probabilities": probabilities.tolist(), "verdicts": verdicts}


def description(reader: DigitReader) -> Json:
    """The network, its card without large figures, and the limits."""

    def without(record: Json, *names: str) -> Json:
        return {key: value for key, value in record.items() if key not in names}

    figures = {
        part: without(value, *LARGE_FIGURES) if isinstance(value, dict) else value
        for part, value in reader.card["figures"].items()
    }
    return {
        "version": __version__,
        "network": {
            **reader.card["arch"],
            "parameters": count_parameters(reader.net),
            "device": str(reader.device),
        },
        "card": {**without(reader.card, "history"), "figures": figures},
        "limits": {"strokes": MAX_STROKES, "points": MAX_POINTS, "pixels": MAX_PIXELS, "images": MAX_IMAGES},
    }
