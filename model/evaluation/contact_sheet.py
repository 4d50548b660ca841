"""A contact sheet: pictures beside their ink, with the boxes, the label and the text of each reading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from ..inference.reader import DigitReader
from .pictures import PictureResult, open_picture

COLUMNS = 4
SIDE = 240  # px of a picture and of its ink
CAPTION = 44  # px below them, two lines of text
GAP = 12  # px
MOST_CHARACTERS = 56  # of a line
COLOURS = {"digit": "#1a7f37", "unsure": "#d97706", "not a digit": "#cf222e"}  # of a box, by verdict


def write_contact_sheet(
    path: Path, results: Sequence[PictureResult], title: str, reader: DigitReader
) -> None:
    """Write one image with a cell for each result, below the title. ``reader`` finds the ink again."""
    columns = min(COLUMNS, max(1, len(results)))
    width, height = 2 * SIDE + GAP, SIDE + CAPTION + GAP
    rows = -(-len(results) // columns)
    size = columns * width + GAP, rows * height + CAPTION
    sheet = Image.new("RGB", size, "white")
    ImageDraw.Draw(sheet).text((GAP, GAP), title, "black", ImageFont.load_default(18))
    for number, result in enumerate(results):
        row, column = divmod(number, columns)
        sheet.paste(cell(result, reader), (GAP + column * width, CAPTION + row * height))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def cell(result: PictureResult, reader: DigitReader) -> Image.Image:
    """A picture, its ink with the boxes of the digits, and the label and the text below."""
    image = open_picture(result.picture.path)
    ink = ink_with_boxes(image, reader)
    white = Image.new("RGBA", image.size, "white")
    picture = ImageOps.exif_transpose(Image.alpha_composite(white, image.convert("RGBA")))
    whole = Image.new("RGB", (2 * SIDE, SIDE + CAPTION), "white")
    for left, part in ((0, picture.convert("RGB")), (SIDE, ink)):
        small = ImageOps.contain(part, (SIDE - 4, SIDE - 2))
        whole.paste(ImageOps.expand(small, 1, "lightgrey"), (left, 0))
    draw, font = ImageDraw.Draw(whole), ImageFont.load_default(15)
    lines = (
        f"label {result.picture.label or 'none'}   {result.picture.path.name}",
        f"text  {result.text or 'none'}",
    )
    for number, line in enumerate(lines):
        draw.text((0, SIDE + 4 + 18 * number), line[:MOST_CHARACTERS], "black", font)
    return whole


def ink_with_boxes(image: Image.Image, reader: DigitReader) -> Image.Image:
    """Dark ink on white, upright, at most ``SIDE`` px a side, with the box of every digit."""
    reading, page = reader.read_picture(image)
    if page is None:
        return Image.new("RGB", image.size, "white")
    ink = Image.fromarray(~page.ink.mask)
    shown = ImageOps.contain(ink.convert("RGB"), (SIDE - 4, SIDE - 2))
    draw = ImageDraw.Draw(shown)
    scale = shown.width / ink.width, shown.height / ink.height
    for digit, mark in zip(reading.digits, page.marks, strict=True):
        corners = [edge * scale[n % 2] for n, edge in enumerate(mark.whole.box)]
        draw.rectangle(corners, outline=COLOURS[digit.verdict], width=2)
    return shown
