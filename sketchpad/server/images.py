"""Pictures that a client sends: opened from its data alone, or refused in a sentence."""

from __future__ import annotations

from base64 import b64decode
from functools import cache
from io import BytesIO

from gradio.data_classes import FileData
from PIL import Image, UnidentifiedImageError

from model import InputError

# What cameras, scanners and programs write. Pillow reads more, some of it by other programs of the machine.
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "PCX", "PNG", "PPM", "TGA", "TIFF", "WEBP")
MOST_BYTES = 6_000_000  # of a picture from the pad, which has reduced it before


def decode(picture: object) -> Image.Image:
    """The picture in a data URL; InputError for anything else."""
    if not isinstance(picture, str) or not picture.startswith("data:image/"):
        raise InputError("The picture must be a data URL of an image.", "picture.kind")
    if len(picture) > MOST_BYTES:
        most = MOST_BYTES // 1_000_000
        raise InputError(f"The picture is too large; at most {most} MB are read.", "picture.bytes", most=most)
    try:
        data = b64decode(picture.partition(",")[2], validate=True)
    except ValueError as error:
        raise InputError("The picture is not in base64.", "picture.kind") from error
    return open_picture(BytesIO(data))


def open_image(file: object) -> Image.Image:
    """The picture that a client uploaded; InputError for anything else."""
    # Gradio has checked the path of real file data against its upload folder, and of nothing else:
    # a bare dict could name any file of this machine.
    if not FileData.is_file_data(file):
        raise InputError("The image must be an uploaded file.", "picture.upload")
    return open_picture(file["path"])


def open_picture(source: str | BytesIO) -> Image.Image:
    """The picture in a file; InputError for what is none."""
    try:
        return Image.open(source, formats=known_formats())
    except UnidentifiedImageError as error:
        raise InputError("The file is not an image that can be read.", "picture.format") from error
    except Exception as error:  # Pillow's formats raise what they like
        raise InputError("The image is too large or damaged.", "picture.broken") from error


@cache
def known_formats() -> tuple[str, ...]:
    """Those that this Pillow was built with."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)
