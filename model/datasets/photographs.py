"""Made photographs of handwritten digits, and pictures without any, with their labels.

    python -m model photographs OUT                           # 200 pictures and OUT/labels.jsonl
    python -m model photographs OUT -n 50 --paper ruled --digits 10 20 --seed 3
    python -m model photographs OUT -n 5 --large              # up to 400 digits each

The digits are skeletons in random handwriting, as in synthetic.py. The page reader is tuned and tested on
these; photographs by people are for measuring only. The same arguments write the same files. A line of
labels.jsonl: {"file", "label", "kind", "digits", "clutter"}; the label joins the lines, top to bottom.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from ..errors import UserError
from .camera import choose_view, encode, lay_on_table, light_up, take
from .handwriting import BLOT, STYLES, Page, write_page
from .papers import PAPERS, Pen, apply_ink, choose_pen, draw_strokes, make_sheet

SIDES = 700, 4000  # px, range of the longer side of a picture
SHAPES = 4 / 3, 4 / 3, 3 / 2, 16 / 9, 1.0  # longer side over shorter side
MOST_DIGITS = 400
LEAST_TO_TURN = 6  # digits; fewer do not show which way up a page is
SAME_UPSIDE_DOWN = set("01689")
FILE_QUALITY = 95  # of the JPEG files; `take` has already compressed the picture once


@dataclass(frozen=True, eq=False)
class Photograph:
    """A made photograph and what a person reads in it."""

    image: np.ndarray  # uint8 [H, W, 3]
    lines: list[str]  # the digits of each line, top to bottom
    paper: str  # one of PAPERS
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
    if side is None:
        least = max(SIDES[0], min(2400, 14 * digits))
        side = round(
            float(np.exp(rng.uniform(np.log(least), np.log(SIDES[1])) * 0.85 + 0.15 * np.log(least)))
        )
    if style is None:
        style = "grid" if paper == "table" else str(rng.choice(STYLES[1:] if digits > 12 else STYLES))
    shape = _shape(rng, side)
    if on_table is None:
        on_table = paper not in ("whiteboard", "patterned") and bool(rng.random() < 0.35)
    blots = int(digits >= 4 and style not in ("grid",) and rng.random() < 0.12)
    page = write_page(rng, digits, style, shape[1] / shape[0], blots)

    unit, origin = _place(rng, page, shape, digits)
    pen = choose_pen(rng, paper)
    width = max(pen.width * unit, 2.2)
    sheet = make_sheet(rng, paper, shape, page, unit, origin)
    mask = np.zeros(shape, np.uint8)
    drawn = [[stroke * unit + origin for stroke in glyph.strokes] for glyph in page.glyphs]
    for strokes in drawn:
        draw_strokes(rng, mask, strokes, width, pen.pressure)
    apply_ink(rng, sheet, mask, pen, width)

    view = choose_view(rng, shape, shape, on_table)
    picture = lay_on_table(rng, sheet, view)
    clutter = ["crossed-out"] * bool(blots) + ["table"] * on_table + light_up(rng, picture)
    image = take(rng, picture, width, "weak-light" in clutter)
    readable = [strokes for strokes, glyph in zip(drawn, page.glyphs, strict=True) if glyph.label != BLOT]
    points = [view.project(np.concatenate(strokes)) for strokes in readable]
    boxes = np.stack([np.concatenate([each.min(0) - width / 2, each.max(0) + width / 2]) for each in points])
    if turned and _shows_direction("".join(page.lines)):
        image, boxes = _turn(image, boxes, turned)
        clutter.append(f"turned-{turned}")
    else:
        turned = 0
    return Photograph(image, page.lines, paper, boxes, turned, [*clutter, *_pen_words(pen)])


def _shape(rng: np.random.Generator, side: int) -> tuple[int, int]:
    """Height and width in px of a picture whose longer side is ``side``."""
    short = round(side / SHAPES[int(rng.integers(len(SHAPES)))])
    return (side, short) if rng.random() < 0.4 else (short, side)


def _place(
    rng: np.random.Generator, page: Page, shape: tuple[int, int], digits: int
) -> tuple[float, np.ndarray]:
    """The height of a digit in px, and where the page's origin is on the sheet: float [2]."""
    room = np.array([shape[1], shape[0]]) * 0.8
    low, high = page.box[:2] - 0.3, page.box[2:] + 0.3
    largest = float((room / (high - low)).min())
    unit = largest * float(rng.uniform(0.55, 1) if digits <= 60 else rng.uniform(0.92, 1))
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


def _pen_words(pen: Pen) -> list[str]:
    return [pen.name.replace(" ", "-")]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of ``python -m model photographs``."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the folder to write to")
    parser.add_argument("-n", type=int, default=200, help="pictures of digits (default: 200)")
    parser.add_argument("--seed", type=int, default=0, help="other pictures for another number (default: 0)")
    parser.add_argument(
        "--digits", type=int, nargs=2, metavar=("MIN", "MAX"), default=(1, 60), help="digits in a picture"
    )
    parser.add_argument("--paper", choices=PAPERS, help="only this paper")
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
            made = photograph(rng, digits, paper, turned=turned)
            name = f"{number:04d}.jpg"
            (flags.out / name).write_bytes(encode(made.image, FILE_QUALITY))
            line = {
                "file": name,
                "label": made.label,
                "kind": paper,
                "digits": digits,
                "clutter": made.clutter,
            }
            labels.write(json.dumps(line) + "\n")
    return 0
