"""Pictures that a client sends, opened from their data alone. Raises InputError for anything unreadable."""

from __future__ import annotations

from base64 import b64decode
from functools import cache
from io import BytesIO

from gradio.data_classes import FileData
from PIL import Image, UnidentifiedImageError

from model import InputError

# Formats of cameras, scanners and programs. Pillow reads more, some through external programs.
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "PCX", "PNG", "PPM", "TGA", "TIFF", "WEBP")
MAX_DATA_URL = 6_000_000  # characters; the pad scales its pictures down first


def decode_data_url(picture: object) -> Image.Image:
    """The picture in a data URL."""
    if not isinstance(picture, str) or not picture.startswith("data:image/"):
        raise InputError("The picture must be a data URL of an image.", "picture.kind")
    if len(picture) > MAX_DATA_URL:
        most = MAX_DATA_URL // 1_000_000
        raise InputError(f"The picture is too large. The limit is {most} MB.", "picture.bytes", most=most)
    return open_picture(BytesIO(data_of_url(picture)))


def data_of_url(url: str) -> bytes:
    """The bytes in a data URL."""
    try:
        return b64decode(url[url.index(",") + 1 :], validate=True)
    except ValueError as error:
        raise InputError("The picture is not in base64.", "picture.kind") from error


def open_upload(file: object) -> Image.Image:
    """The picture that a client uploaded."""
    # Gradio checks only the path of FileData against its upload folder: a plain dict could name any file.
    if not (isinstance(file, dict) and FileData.is_file_data(file)):
        raise InputError("The image must be an uploaded file.", "picture.upload")
    return open_picture(file["path"])


def open_picture(source: str | BytesIO) -> Image.Image:
    """The picture in a file of one of the supported formats."""
    try:
        return Image.open(source, formats=supported_formats())
    except UnidentifiedImageError as error:
        raise InputError("The file is not in a supported image format.", "picture.format") from error
    except Exception as error:  # Pillow's formats raise many types
        raise InputError("The image is too large or damaged.", "picture.broken") from error


@cache
def supported_formats() -> tuple[str, ...]:
    """The ``FORMATS`` that this build of Pillow supports."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)
