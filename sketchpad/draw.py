"""The Draw tab and the API: strokes or a picture in, what was read out."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import anyio.to_thread
import gradio as gr
from gradio.data_classes import FileData
from PIL import Image, UnidentifiedImageError

from model import DigitReader, InputError, Reading

from .canvas import DigitPad


def build(reader: DigitReader) -> None:
    """Fill the current tab with the pad, and open /read_strokes and /read_image beside it."""

    async def live(strokes: object) -> dict[str, Any]:
        # Off the event loop, so that one visitor's answer does not hold up another's request.
        try:
            reading = await anyio.to_thread.run_sync(reader.read_strokes, strokes)
        except InputError as error:
            return {"text": "", "digits": [], "error": str(error)}
        answer = to_json(reading)
        for shown, digit in zip(answer["digits"], reading.digits, strict=True):
            shown["image"] = b64encode(digit.image.tobytes()).decode()
        return answer

    def read_strokes(strokes: list[list[list[float]]]) -> dict[str, Any]:
        """Read handwritten digits from pen strokes: [[[x, y], ...], ...], y down, in any unit."""
        try:
            return to_json(reader.read_strokes(strokes))
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def read_image(image: FileData) -> dict[str, Any]:
        """Read handwritten digits from a picture file, dark on light or light on dark."""
        try:
            return to_json(reader.read_image(open_image(image)))
        except InputError as error:
            raise gr.Error(str(error), print_exception=False) from error

    DigitPad(live, device=str(reader.device))
    gr.api(read_strokes, api_name="read_strokes")
    gr.api(read_image, api_name="read_image")


def to_json(reading: Reading) -> dict[str, Any]:
    """A reading in plain JSON types, as /read_strokes and /read_image give it."""
    return {
        "text": reading.text,
        "digits": [
            {
                "label": digit.label,
                "probabilities": list(digit.probabilities),
                "verdict": digit.verdict,
                "reason": digit.reason,
                "box": list(digit.box),
            }
            for digit in reading.digits
        ],
        "milliseconds": reading.milliseconds,
    }


def open_image(file: object) -> Image.Image:
    """The picture that a client uploaded; InputError for anything else."""
    # Gradio has checked the path of real file data against its upload folder, and of nothing else:
    # a bare dict could name any file of this machine.
    if not FileData.is_file_data(file):
        raise InputError("The image must be an uploaded file.")
    try:
        return Image.open(file["path"])
    except UnidentifiedImageError as error:
        raise InputError("The file is not an image that can be read.") from error
    except (OSError, Image.DecompressionBombError) as error:
        raise InputError("The image is too large or damaged.") from error
