"""Made photographs of handwritten digits, and pictures without any, with their labels.

    python -m model photographs OUT                           # 200 pictures and OUT/labels.jsonl
    python -m model photographs OUT -n 50 --paper ruled --digits 10 20 --seed 3
    python -m model photographs OUT -n 0 --non-digits 60      # only pictures without anything to read
    python -m model photographs OUT -n 5 --large              # up to 400 digits each

The digits are skeletons in random handwriting, as in synthetic.py. The page reader is tuned and tested on
these; photographs by people are for measuring only. The same arguments write the same files. A line of
labels.jsonl: {"file", "label", "kind", "digits", "clutter"}; the label joins the lines, top to bottom.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from ..errors import UserError
from .camera import choose_view, encode, lay_on_table, light_up, take
from .clutter import add_clutter, bind
from .handwriting import BLOT, STYLES, Page, write_page
from .papers import PAPERS, apply_ink, choose_pen, draw_strokes, make_sheet
from .scenes import PHOTOGRAPHED, SCENES

SIDES = 700, 4000  # px, range of the longer side of a picture
SHAPES = 4 / 3, 4 / 3, 3 / 2, 16 / 9, 1.0  # longer side over shorter side
NO_DIGITS = "no digits"
MOST_DIGITS = 400
LEAST_TO_TURN = 6  # digits; fewer do not show which way up a page is
SAME_UPSIDE_DOWN = set("01689")
BOUND = ("plain", "ruled", "squared", "dotted")  # papers of notebooks
FILE_QUALITY = 95  # of the JPEG files; `take` has already compressed the picture once


@dataclass(frozen=True, eq=False)
class Photograph:
    """A made photograph and what a person reads in it."""

    image: np.ndarray  # uint8 [H, W, 3]
    lines: list[str]  # the digits of each line, top to bottom
    paper: str  # one of PAPERS, or NO_DIGITS
    boxes: np.ndarray | None = (
        None  # float [N, 4]: x0, y0, x1, y1 of each digit in px, in the order of reading
    )
    turned: int = 0  # degrees clockwise
    clutter: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """All digits in the order of reading."""
        return "".join(self.lines)


def photograph(
    rng: np.random.Generator,
    digits: int | None = None,
    paper: str = "plain",
    *,
    style: str | None = None,
    side: int | None = None,
    turned: int = 0,
    on_table: bool | None = None,
) -> Photograph:
    """A photograph of ``digits`` handwritten digits (1 to 400; by default 1 to 60) on a paper of `PAPERS`.

    ``style`` is one of `STYLES`, ``side`` the longer side in px; both are random by default. ``turned``
    (0, 90, 180 or 270 degrees clockwise) turns the picture, but only if its digits show that it is turned.
    """
    if paper not in PAPERS:
        raise ValueError(f"There is no paper {paper!r}; papers are {', '.join(PAPERS)}.")
    if digits is None:
        digits = round(float(np.exp(rng.uniform(0, np.log(60)))))
    if not 1 <= digits <= MOST_DIGITS:
        raise ValueError(f"A photograph has 1 to {MOST_DIGITS} digits, not {digits}.")
    if turned not in (0, 90, 180, 270):
        raise ValueError(f"A page is turned by 0, 90, 180 or 270 degrees, not {turned}.")
    side = side or _random_side(rng, digits)
    if style is None:
        style = "grid" if paper == "table" else str(rng.choice(STYLES[1:] if digits > 12 else STYLES))
    shape = _shape(rng, side)
    if on_table is None:
        on_table = paper not in ("whiteboard", "patterned") and bool(rng.random() < 0.35)
    blots = int(digits >= 4 and style not in ("grid",) and rng.random() < 0.12)
    area = _sheet_shape(rng, shape, digits) if on_table else shape
    page = write_page(rng, digits, style, area[1] / area[0], blots)

    unit, origin = _place(rng, page, area, digits)
    pen = choose_pen(rng, paper)
    width = max(pen.width * unit, 2.2)
    sheet = make_sheet(rng, paper, area, page, unit, origin)
    drawn = [[stroke * unit + origin for stroke in glyph.strokes] for glyph in page.glyphs]
    box = (page.box[:2] * unit + origin, page.box[2:] * unit + origin)
    clutter = add_clutter(
        rng, sheet, paper, unit, box, [stroke for strokes in drawn for stroke in strokes], pen
    )
    if on_table and paper in BOUND and rng.random() < 0.35:
        bind(rng, sheet)
        clutter.append("binding")
    mask = np.zeros(area, np.uint8)
    for strokes in drawn:
        draw_strokes(rng, mask, strokes, width, pen.pressure)
    apply_ink(rng, sheet, mask, pen, width)

    view = choose_view(rng, area, shape, on_table)
    picture = lay_on_table(rng, sheet, view)
    clutter += ["crossed-out"] * bool(blots) + ["table"] * on_table + light_up(rng, picture)
    image = take(rng, picture, width, "weak-light" in clutter)
    readable = [strokes for strokes, glyph in zip(drawn, page.glyphs, strict=True) if glyph.label != BLOT]
    points = [view.project(np.concatenate(strokes)) for strokes in readable]
    boxes = np.stack([np.concatenate([each.min(0) - width / 2, each.max(0) + width / 2]) for each in points])
    if turned and _shows_direction("".join(page.lines)):
        image, boxes = _turn(image, boxes, turned)
        clutter.append(f"turned-{turned}")
    else:
        turned = 0
    return Photograph(image, page.lines, paper, boxes, turned, [*clutter, pen.name.replace(" ", "-")])


def _random_side(rng: np.random.Generator, digits: int = 0) -> int:
    """The longer side in px of a picture, long enough for the digits; short ones are more frequent."""
    least = max(SIDES[0], min(2400, 500 + 14 * digits))
    return round(float(least * (SIDES[1] / least) ** (0.9 * rng.random() ** 1.4)))


def _shape(rng: np.random.Generator, side: int) -> tuple[int, int]:
    """Height and width in px of a picture whose longer side is ``side``."""
    short = round(side / SHAPES[int(rng.integers(len(SHAPES)))])
    return (side, short) if rng.random() < 0.4 else (short, side)


def _sheet_shape(rng: np.random.Generator, shape: tuple[int, int], digits: int) -> tuple[int, int]:
    """Height and width in px of a sheet that lies on a table; small ones have few digits."""
    size = float(rng.uniform(0.5 if digits <= 8 else 0.72, 0.98))
    narrower = float(rng.uniform(0.75, 1))
    height, width = size * shape[0], size * shape[1]
    return (
        (round(height * narrower), round(width))
        if rng.random() < 0.5
        else (round(height), round(width * narrower))
    )


def _place(
    rng: np.random.Generator, page: Page, shape: tuple[int, int], digits: int
) -> tuple[float, np.ndarray]:
    """The height of a digit in px, and where the page's origin is on the sheet: float [2]."""
    room = np.array([shape[1], shape[0]]) * 0.8
    low, high = page.box[:2] - 0.3, page.box[2:] + 0.3
    largest = float((room / (high - low)).min())
    unit = largest * float(rng.uniform(0.55 if digits <= 20 else 0.75 if digits <= 60 else 0.92, 1))
    unit = min(unit, 0.6 * min(shape))
    spare = room - (high - low) * unit
    corner = np.array([shape[1], shape[0]]) * 0.1 + spare * rng.uniform(0.05, 0.95, 2)
    return unit, corner - low * unit


def _shows_direction(label: str) -> bool:
    return len(label) >= LEAST_TO_TURN and not set(label) <= SAME_UPSIDE_DOWN


def _turn(image: np.ndarray, boxes: np.ndarray, degrees: int) -> tuple[np.ndarray, np.ndarray]:
    """Image and boxes turned clockwise by 90, 180 or 270 degrees."""
    for _ in range(degrees // 90):
        height = image.shape[0]
        image = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
        x0, y0, x1, y1 = boxes.T
        boxes = np.stack([height - y1, x0, height - y0, x1], 1)
    return image, boxes


def non_digit_pictures(rng: np.random.Generator, side: int | None = None) -> Iterator[Photograph]:
    """Pictures without a digit, without end: each scene of `SCENES` and an empty sheet of each paper in turn.

    Their label is empty. ``paper`` is "no digits", and ``clutter`` begins with the name of the scene.
    """
    while True:
        for scene, draw in SCENES.items():
            shape = _shape(rng, side or _random_side(rng))
            picture = np.ascontiguousarray(draw(rng, *shape), np.float32)
            names = [scene]
            if scene in PHOTOGRAPHED or rng.random() < 0.5:
                image, light = _expose(rng, picture, shape, bool(rng.random() < 0.2), 3.0)
                names += light
            else:
                image = np.clip(picture * 255 + 0.5, 0, 255).astype(np.uint8)
            yield Photograph(image, [], NO_DIGITS, np.empty((0, 4)), clutter=names)
        for paper in PAPERS:
            yield _blank(rng, paper, side or _random_side(rng))


def _blank(rng: np.random.Generator, paper: str, side: int) -> Photograph:
    """An empty sheet, with light, shadow and perhaps stains and folds."""
    shape = _shape(rng, side)
    page = write_page(rng, 12, "grid", shape[1] / shape[0])  # what the rules would fit
    unit, origin = _place(rng, page, shape, 12)
    sheet = make_sheet(rng, paper, shape, page, unit, origin)
    box = (page.box[:2] * unit + origin, page.box[2:] * unit + origin)
    clutter = add_clutter(rng, sheet, paper, unit, box, [], choose_pen(rng, paper))
    on_table = bool(rng.random() < 0.3)
    image, light = _expose(rng, sheet, shape, on_table, 3.0)
    names = [f"blank-{paper}", *clutter, *["table"] * on_table, *light]
    return Photograph(image, [], NO_DIGITS, np.empty((0, 4)), clutter=names)


def _expose(
    rng: np.random.Generator, sheet: np.ndarray, shape: tuple[int, int], on_table: bool, detail: float
) -> tuple[np.ndarray, list[str]]:
    """A picture uint8 [H, W, 3] of a sheet without digits, and the names of its light."""
    picture = lay_on_table(rng, sheet, choose_view(rng, sheet.shape[:2], shape, on_table))
    light = light_up(rng, picture)
    return take(rng, picture, detail, "weak-light" in light), light


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``python -m model photographs``."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder to write to")
    parser.add_argument("-n", type=int, default=200, help="pictures of digits (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="other pictures for another number (default: 0)")
    parser.add_argument(
        "--digits", type=int, nargs=2, metavar=("MIN", "MAX"), default=(1, 60), help="digits in a picture"
    )
    parser.add_argument("--paper", choices=PAPERS, help="only this paper")
    parser.add_argument(
        "--non-digits", type=int, default=0, metavar="N", help="also N pictures without digits"
    )
    parser.add_argument(
        "--side", type=int, help="longer side of a picture in px (default: 700 to 4000, random)"
    )
    parser.add_argument("--large", action="store_true", help="100 to 400 digits in a picture")
    parser.add_argument(
        "--turned",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="share of pages lying on a side (default: 0)",
    )


def run(flags: argparse.Namespace) -> int:
    """Write the pictures and their labels."""
    least, most = (100, MOST_DIGITS) if flags.large else flags.digits
    if not 1 <= least <= most <= MOST_DIGITS:
        raise UserError(f"--digits needs two numbers from 1 to {MOST_DIGITS}, the smaller one first.")
    flags.out.mkdir(parents=True, exist_ok=True)
    with (flags.out / "labels.jsonl").open("w", encoding="utf-8") as labels:
        for number in range(flags.n):
            rng = np.random.default_rng([flags.seed, number])
            digits = round(float(np.exp(rng.uniform(np.log(least), np.log(most)))))
            paper = flags.paper or PAPERS[number % len(PAPERS)]
            turned = int(rng.choice([90, 180, 270])) if rng.random() < flags.turned else 0
            made = photograph(rng, digits, paper, turned=turned, side=flags.side)
            labels.write(_save(flags.out, f"{number:04d}.jpg", made))
        pictures = non_digit_pictures(np.random.default_rng([flags.seed, flags.n, 1]), flags.side)
        for number, made in enumerate(islice(pictures, flags.non_digits)):
            labels.write(_save(flags.out, f"none{number:04d}.jpg", made))
    return 0


def _save(folder: Path, name: str, made: Photograph) -> str:
    """Write the picture; returns its line of labels.jsonl."""
    (folder / name).write_bytes(encode(made.image, FILE_QUALITY))
    line = {
        "file": name,
        "label": made.label,
        "kind": made.paper,
        "digits": len(made.label),
        "clutter": made.clutter,
    }
    return json.dumps(line) + "\n"
