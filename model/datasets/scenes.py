"""Pictures without digits, in which a page reader has to find nothing.

A scene is a function of a random generator, a height and a width that makes float32 [H, W, 3] RGB in 0..1.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont

from ..image import NOT_A_DIGIT
from .camera import make_table
from .handwriting import split_strokes
from .papers import clouds, draw_strokes
from .skeletons import skeletons
from .synthetic import write

TEXT = (
    "the paper and pen write a page when they have read with every word these people make under many great "
    "after where garden winter summer river bread market kitchen window morning evening number quarter amber "
    "never under rather than that between them each name year day week water"
)
WORDS = TEXT.split()
Colour = tuple[float, float, float]


def cartoon_face(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A round face with eyes, a mouth and hair, filled with colour."""
    scene = _plain(rng, height, width)
    size = float(rng.uniform(0.3, 0.42)) * min(height, width)
    x, y = width * float(rng.uniform(0.4, 0.6)), height * float(rng.uniform(0.45, 0.55))
    skin, hair, dark = _colour(rng, 0.6, 1), _colour(rng, 0.1, 0.6), (0.05, 0.05, 0.08)
    line = max(2, round(size * 0.04))
    _ellipse(scene, x, y - 0.3 * size, size * 1.12, size, hair)
    _ellipse(scene, x, y, size, size * 1.1, dark)
    _ellipse(scene, x, y, size - line, size * 1.1 - line, skin)
    for side in (-1, 1):
        _ellipse(scene, x + side * 0.4 * size, y - 0.2 * size, 0.2 * size, 0.25 * size, (1, 1, 1))
        _ellipse(scene, x + side * 0.4 * size, y - 0.15 * size, 0.09 * size, 0.12 * size, dark)
        _ellipse(scene, x + side * 0.62 * size, y + 0.3 * size, 0.16 * size, 0.1 * size, (0.95, 0.55, 0.55))
    centre, axes = (round(x), round(y + 0.3 * size)), (round(0.5 * size), round(0.35 * size))
    cv2.ellipse(scene, centre, axes, 0, 15, 165, dark, line * 2, cv2.LINE_AA)
    nose = np.array(
        [[x, y - 0.05 * size], [x - 0.12 * size, y + 0.2 * size], [x + 0.12 * size, y + 0.2 * size]]
    )
    cv2.fillPoly(scene, [nose.astype(np.int32)], tuple(0.8 * value for value in skin), cv2.LINE_AA)
    return scene


def landscape(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Sky, sun, hills and trees."""
    top, bottom = np.array(_colour(rng, 0.3, 0.7)), np.array(_colour(rng, 0.7, 1))
    share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    scene = np.repeat(top + share * (bottom - top), width, 1).astype(np.float32)
    sun = float(rng.uniform(0.04, 0.09)) * width
    _ellipse(scene, width * rng.uniform(0.1, 0.9), height * rng.uniform(0.1, 0.3), sun, sun, (1, 0.95, 0.7))
    x = np.arange(width)
    for depth in range(3):
        waves = rng.uniform(0, 6.3, 3) + np.outer(x / width * 6.3, rng.uniform(0.3, 2.5, 3))
        ridge = height * (0.45 + 0.17 * depth) + np.sin(waves) @ (height * np.array([0.06, 0.03, 0.015]))
        outline = np.concatenate([np.stack([x, ridge], 1), [[width, height], [0, height]]]).astype(np.int32)
        green = rng.uniform([0.1, 0.3, 0.1], [0.35, 0.6, 0.4]) * (1.15 - 0.25 * depth)
        cv2.fillPoly(scene, [outline], green.tolist(), cv2.LINE_AA)
        for at in rng.integers(0, width, 4 * depth):
            tall = height * float(rng.uniform(0.05, 0.1)) * depth
            foot = float(ridge[at])
            for level in range(3):
                tip, base = foot - tall * (1 - 0.2 * level), foot - tall * (0.5 - 0.22 * level)
                half = tall * (0.16 + 0.06 * level)
                tree = np.array([[at, tip], [at - half, base], [at + half, base]]).astype(np.int32)
                cv2.fillPoly(scene, [tree], (0.07, 0.2 + 0.05 * level, 0.1), cv2.LINE_AA)
    return scene * (1 + 0.04 * clouds(rng, height, width, 4))[..., None]


def print_page(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Lines of printed words."""
    size = round(min(height, width) / float(rng.uniform(14, 36)))
    font = ImageFont.load_default(size=max(12, size))
    page = Image.new("L", (width, height), 255)
    pen = ImageDraw.Draw(page)
    margin = round(width * 0.1)
    y = margin
    while y < height - margin - size:
        line = ""
        while pen.textlength(line, font) < width - 3.2 * margin:
            word = str(rng.choice(WORDS))
            line += (word.capitalize() if rng.random() < 0.1 else word) + " "
        pen.text((margin, y), line, fill=30, font=font)
        y += round(size * (1.4 if rng.random() < 0.85 else 2.2))
    paper = np.array(_colour(rng, 0.85, 1), np.float32)
    return (np.asarray(page, np.float32) / 255)[..., None] * paper


def scribbles(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Lines of cursive loops that spell nothing."""
    pitch = height / float(rng.uniform(5, 12))
    mask = np.zeros((height, width), np.uint8)
    for y in np.arange(1.5 * pitch, height - pitch, pitch):
        x = 0.1 * width
        while x < 0.75 * width:
            count = int(rng.integers(4, 11))
            along = np.linspace(0, count * 2 * np.pi, count * 24)
            heights = np.interp(along, np.arange(count + 1) * 2 * np.pi, rng.uniform(0.1, 0.4, count + 1))
            points = np.stack([along * 0.08 + 0.13 * np.cos(along), -np.sin(along) * heights], 1) * pitch
            draw_strokes(rng, mask, [points + np.array([x, y])], max(2.0, 0.05 * pitch), 0.2)
            x += (count * 2 * np.pi * 0.08 + 0.4) * pitch
    return _ink(rng, mask)


def letters(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Handwritten letters that are like no digit."""
    size = height / float(rng.uniform(4, 9))
    table = [each for each in skeletons() if each.label == NOT_A_DIGIT and each.name[:1].isalpha()]
    table = [each for each in table if len(each.name.split(",")[0]) == 1 and each.name[0] not in "yY"]
    generator = torch.Generator().manual_seed(int(rng.integers(2**62)))
    mask = np.zeros((height, width), np.uint8)
    for y in np.arange(1.2 * size, height - size, 1.7 * size):
        x = 0.12 * width
        while x < 0.85 * width:
            segments = write(table[int(rng.integers(len(table)))], 1, generator, (0.1, 0.8))[0].numpy()
            strokes = [stroke * (0.5 * size) + (x, y) for stroke in split_strokes(segments)]
            draw_strokes(rng, mask, strokes, max(2.0, 0.06 * size), 0.2)
            x += size * float(rng.uniform(1, 1.6) if rng.random() < 0.8 else 2.2)
    return _ink(rng, mask)


def noise(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Grey or coloured noise, fine or coarse."""
    size = float(rng.choice([1.0, 3.0, 12.0, 60.0]))
    if rng.random() < 0.5:
        planes = [clouds(rng, height, width, size)] * 3
    else:
        planes = [clouds(rng, height, width, size) for _ in range(3)]
    contrast = float(rng.uniform(0.05, 0.25))
    picture: np.ndarray = np.clip(0.5 + contrast * np.stack(planes, 2), 0, 1)
    return picture


def halftone(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A soft picture printed in dots of different sizes."""
    step = float(rng.uniform(5, 16))
    tone = 0.5 + 0.25 * clouds(rng, height, width, width / 4)
    y, x = np.arange(height, dtype=np.float32)[:, None], np.arange(width, dtype=np.float32)[None]
    screen = 0.5 + 0.25 * (np.cos((x + y) * (4.4 / step)) + np.cos((x - y) * (4.4 / step)))
    dots = np.clip((tone - screen) * 4 + 0.5, 0, 1)[..., None]
    picture: np.ndarray = dots.astype(np.float32) * np.array(_colour(rng, 0.85, 1), np.float32)
    return picture


def texture(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A table with nothing on it."""
    return make_table(rng, height, width)


def gradient(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A smooth passage between four colours."""
    corners = rng.uniform(0.1, 1, (2, 2, 3)).astype(np.float32)
    return cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR) * np.float32(1)


def bar_chart(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Wide coloured bars, with words and no numbers."""
    page = Image.new("RGB", (width, height), (252, 252, 250))
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(size=max(12, height // 28))
    bars = int(rng.integers(3, 7))
    step, floor = width * 0.8 / bars, height * 0.84
    pen.text((width * 0.3, height * 0.04), " ".join(rng.choice(WORDS, 3)), fill=(40, 40, 40), font=font)
    for bar in range(bars):
        left, top = width * 0.12 + bar * step, floor - height * float(rng.uniform(0.15, 0.68))
        fill = tuple(round(255 * value) for value in _colour(rng, 0.2, 0.85))
        pen.rectangle([left, top, left + 0.7 * step, floor], fill=fill)
        pen.text((left, floor + height * 0.02), str(rng.choice(WORDS)), fill=(60, 60, 60), font=font)
    pen.line(
        [width * 0.1, height * 0.12, width * 0.1, floor, width * 0.94, floor], fill=(50, 50, 50), width=3
    )
    return np.asarray(page, np.float32) / 255


def shapes(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Filled triangles, squares and stars."""
    scene = _plain(rng, height, width)
    for _ in range(int(rng.integers(3, 10))):
        centre = rng.uniform(0.15, 0.85, 2) * (width, height)
        size = float(rng.uniform(0.06, 0.16)) * min(height, width)
        corners = int(rng.choice([3, 4, 5, 6]))
        is_star = corners >= 5
        count = corners * (2 if is_star else 1)
        angle = np.arange(count) * 2 * np.pi / count + rng.uniform(0, 6.3)
        radius = size * np.where(np.arange(count) % 2, 0.45, 1.0) if is_star else np.full(count, size)
        outline = centre + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        cv2.fillPoly(scene, [outline.astype(np.int32)], _colour(rng, 0.1, 0.8), cv2.LINE_AA)
    return scene


SCENES: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "cartoon-face": cartoon_face,
    "landscape": landscape,
    "print": print_page,
    "scribbles": scribbles,
    "letters": letters,
    "noise": noise,
    "halftone": halftone,
    "texture": texture,
    "gradient": gradient,
    "bar-chart": bar_chart,
    "shapes": shapes,
}
PHOTOGRAPHED = {"print", "scribbles", "letters", "texture", "halftone"}  # always; the others half the time


def _plain(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    return np.full((height, width, 3), _colour(rng, 0.75, 1), np.float32)


def _colour(rng: np.random.Generator, least: float, most: float) -> Colour:
    red, green, blue = rng.uniform(least, most, 3).tolist()
    return red, green, blue


def _ellipse(scene: np.ndarray, x: float, y: float, across: float, up: float, colour: Colour) -> None:
    """A filled ellipse; ``across`` and ``up`` are its half axes in px."""
    centre, axes = (round(x), round(y)), (max(1, round(across)), max(1, round(up)))
    cv2.ellipse(scene, centre, axes, 0, 0, 360, colour, -1, cv2.LINE_AA)


def _ink(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    """A light sheet with dark ink where the mask uint8 [H, W] is set."""
    paper = np.array(_colour(rng, 0.85, 1), np.float32)
    ink = np.array(_colour(rng, 0.05, 0.4), np.float32)
    return paper + (mask[..., None] * np.float32(0.9 / 255)) * (ink - paper)
