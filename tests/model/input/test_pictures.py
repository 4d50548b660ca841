"""Pictures to model images: either polarity and any mode; damaged pictures; MNIST digits painted large."""

from __future__ import annotations

import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from model import DigitReader, InputError
from model.datasets.mnist import Labelled
from model.input.ink import even_ink
from model.input.pictures import WORKING_SIDE, open_picture


def drawing(mode: str = "L", ink: object = 0, paper: object = 255, size: int = 200) -> Image.Image:
    """A 7 drawn with a pen of 14 px, away from the middle."""
    image = Image.new(mode, (size, size), paper)
    ImageDraw.Draw(image).line([(40, 50), (110, 50), (70, 150)], fill=ink, width=14)
    return image


def model_image(reader: DigitReader, image: object) -> np.ndarray:
    digits = reader.read_image(image).digits
    assert len(digits) == 1
    return digits[0].image.astype(int)


def saved(image: Image.Image, kind: str, **options: object) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    buffer.seek(0)
    return Image.open(buffer)


def wide(image: Image.Image) -> Image.Image:
    """The same picture in 16 bits."""
    return Image.fromarray(np.asarray(image).astype(np.uint16) * 257)


SAME: dict[str, Callable[[], object]] = {
    "inverted": lambda: drawing(ink=255, paper=0),
    "array": lambda: np.asarray(drawing()),
    "RGB": lambda: drawing("RGB", (0, 0, 0), (255, 255, 255)),
    "RGB array": lambda: np.asarray(drawing("RGB", (0, 0, 0), (255, 255, 255))),
    "RGBA, opaque": lambda: drawing("RGBA", (0, 0, 0, 255), (255, 255, 255, 255)),
    "RGBA array": lambda: np.asarray(drawing("RGBA", (0, 0, 0, 255), (255, 255, 255, 255))),
    "black on nothing": lambda: drawing("RGBA", (0, 0, 0, 255), (0, 0, 0, 0)),
    "white on nothing": lambda: drawing("RGBA", (255, 255, 255, 255), (0, 0, 0, 0)),
    "red on nothing": lambda: drawing("RGBA", (200, 30, 30, 255), (255, 255, 255, 0)),
    "LA": lambda: drawing("LA", (0, 255), (0, 0)),
    "CMYK": lambda: drawing("RGB", (0, 0, 0), (255, 255, 255)).convert("CMYK"),
    "palette": lambda: drawing("RGB", (0, 0, 0), (255, 255, 255)).convert("P"),
    "palette with transparency": lambda: saved(drawing().convert("P"), "PNG", transparency=255),
    "one bit": lambda: drawing().convert("1"),
    "16 bits": lambda: wide(drawing()),
    "32 bits": lambda: drawing().convert("I"),
    "float": lambda: drawing().convert("F"),
    "HSV": lambda: drawing("RGB", (0, 0, 0), (255, 255, 255)).convert("HSV"),
    "PNG": lambda: saved(drawing(), "PNG"),
    "16-bit PNG": lambda: saved(wide(drawing()), "PNG"),
    "animated GIF": lambda: saved(drawing(), "GIF", save_all=True, append_images=[drawing(ink=90)] * 3),
    "faint": lambda: drawing(ink=150, paper=200),
    "larger than is worked on": lambda: drawing().resize((3_000, 3_000), Image.Resampling.NEAREST),
}


@pytest.mark.parametrize("name", SAME)
def test_a_drawing_gives_the_same_image_in_any_mode_and_polarity(trained: DigitReader, name: str) -> None:
    reference = model_image(trained, drawing())
    assert reference.max() > 200
    tolerance = 48 if name == "larger than is worked on" else 4
    assert np.abs(model_image(trained, SAME[name]()) - reference).max() <= tolerance


def test_jpeg_noise_hardly_changes_the_image(trained: DigitReader) -> None:
    reference = model_image(trained, drawing())
    result = model_image(trained, saved(drawing("RGB", (0, 0, 0), (255, 255, 255)), "JPEG", quality=40))
    assert np.abs(result - reference).mean() < 4


def test_a_rotated_photo_is_rotated_back(trained: DigitReader) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # shown after a quarter turn clockwise
    photo = saved(drawing().transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif)
    assert np.abs(model_image(trained, photo) - model_image(trained, drawing())).mean() < 3


def test_uneven_lighting_is_removed(trained: DigitReader) -> None:
    light = np.linspace(0.75, 1, 200)[None, :]
    lit = (np.asarray(drawing(ink=25)) * light).astype(np.uint8)
    assert np.abs(model_image(trained, lit) - model_image(trained, drawing())).mean() < 4


def test_the_callers_picture_is_not_changed(trained: DigitReader) -> None:
    array = np.asarray(drawing("RGBA", (0, 0, 0, 255), (0, 0, 0, 0))).copy()
    image = Image.fromarray(array)
    before = array.copy()
    trained.read_image(array)
    trained.read_image(image)
    assert np.array_equal(array, before)
    assert np.array_equal(np.asarray(image), before)


BLANK = {
    "white": Image.new("L", (50, 50), 255),
    "black": Image.new("RGB", (50, 50)),
    "grey": Image.new("L", (50, 50), 128),
    "nothing at all": Image.new("RGBA", (50, 50)),
    "one pixel": Image.new("L", (1, 1), 0),
    "one row": Image.new("L", (300, 1), 200),
    "one transparent pixel": Image.new("RGBA", (1, 1)),
    "16 bits": Image.fromarray(np.zeros((9, 9), np.uint16)),
}


@pytest.mark.parametrize("name", BLANK)
def test_a_blank_picture_has_no_digit(trained: DigitReader, name: str) -> None:
    reading = trained.read_image(BLANK[name])
    assert (reading.text, reading.digits) == ("", ())


def truncated() -> Image.Image:
    buffer = io.BytesIO()
    Image.effect_noise((200, 200), 80).save(buffer, "PNG")
    return Image.open(io.BytesIO(buffer.getvalue()[:2_000]))


def enormous() -> Image.Image:
    """A picture file of 20,000 × 20,000 pixels that must not be decoded."""
    buffer = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(buffer, "PNG")
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Image, "MAX_IMAGE_PIXELS", None)
        return Image.open(buffer)


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "none": (lambda: None, "not an image"),
    "text": (lambda: "picture.png", "not an image"),
    "list": (lambda: [[0, 255]], "not an image"),
    "path": (lambda: Path("picture.png"), "not an image"),
    "bytes": (lambda: b"\x89PNG", "not an image"),
    "float array": (lambda: np.zeros((5, 5)), "must be uint8"),
    "boolean array": (lambda: np.zeros((5, 5), bool), "must be uint8"),
    "array of one dimension": (lambda: np.zeros(5, np.uint8), "must be [H, W]"),
    "array of five channels": (lambda: np.zeros((5, 5, 5), np.uint8), "must be [H, W]"),
    "array of no pixels": (lambda: np.zeros((0, 5), np.uint8), "empty"),
    "PIL image of no pixels": (lambda: Image.new("L", (0, 7)), "empty"),
    "truncated PNG": (truncated, "damaged"),
    "20,000 × 20,000": (enormous, "20,000 × 20,000 pixels"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_refused_in_one_sentence(trained: DigitReader, name: str) -> None:
    make, sentence = BAD[name]
    with pytest.raises(InputError) as error:
        trained.read_image(make())
    text = str(error.value)
    assert sentence in text
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize("shape", [(1, 900), (900, 1), (3, 2), (2, 2), (28, 28)])
def test_pictures_of_any_shape_are_read_or_blank(trained: DigitReader, shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    for digit in trained.read_image(noise).digits:
        assert digit.image.shape == (28, 28)


def test_strokes_that_run_into_each_other_are_thinned_no_further_than_necessary(
    trained: DigitReader,
) -> None:
    """An 8 with nearly closed loops looks like a very thick pen, and thinned to a thin one like a 1."""
    image = Image.new("L", (300, 300), 255)
    pen = ImageDraw.Draw(image)
    pen.ellipse((90, 30, 190, 140), outline=0, width=46)
    pen.ellipse((90, 120, 190, 270), outline=0, width=46)
    result = model_image(trained, image)
    assert np.ptp(np.flatnonzero((result > 127).any(1))) + 1 == (result > 127).any(1).sum()  # in one piece
    assert (result > 127).sum() > 0.75 * (np.asarray(image) < 128).sum() / 12**2  # 240 px of it are 20


def noise(side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (side, side)).astype(np.uint8)


def hairline(width: int) -> Image.Image:
    image = Image.new("L", (1024, 1024), 255)
    ImageDraw.Draw(image).line([(50, 60), (900, 100), (500, 1000)], fill=0, width=width)
    return image


@pytest.mark.parametrize(
    "make",
    [
        lambda: noise(1024),
        lambda: noise(3000),
        lambda: (np.indices((1024, 1024)).sum(0) % 2 * 255).astype(np.uint8),
        lambda: ((np.indices((1024, 1024)) % 6 < 2).all(0) * 255).astype(np.uint8),
        lambda: hairline(1),
        lambda: hairline(40),
    ],
    ids=["noise", "larger noise", "checkerboard", "dots", "hairline", "a pen somewhat thin"],
)
def test_every_picture_is_read_quickly(trained: DigitReader, make: Callable[[], object]) -> None:
    picture = make()
    started = time.process_time()
    trained.read_image(picture)
    assert time.process_time() - started < 5


def test_ink_is_one_and_paper_is_zero() -> None:
    grey = np.asarray(drawing())
    for picture in (grey, 255 - grey):
        ink = even_ink(picture)
        assert ink.contrast.shape == (200, 200)
        assert ink.contrast.min() == 0
        assert ink.contrast.max() == 1
        assert np.array_equal(ink.mask, grey < 128)


def test_a_large_picture_is_worked_on_at_2048_px() -> None:
    grey, alpha, scale = open_picture(Image.new("RGBA", (4_096, 1_000), (90, 90, 90, 128)))
    assert grey.shape == alpha.shape == (500, WORKING_SIDE)
    assert scale == 2
    assert {grey.min(), grey.max(), alpha.min(), alpha.max()} == {90, 128}
    small = open_picture(drawing())
    assert (small.grey.shape, small.alpha, small.scale) == ((200, 200), None, 1)


def painted(images: torch.Tensor, seed: int) -> list[np.ndarray]:
    """MNIST digits painted 8 to 10 times as large, anywhere on a canvas, black on white or the reverse."""
    random = np.random.default_rng(seed)
    canvases = []
    for image in images.numpy():
        side = int(28 * random.uniform(8, 10))
        large = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
        canvas = Image.new("L", (side + 80, side + 80))
        canvas.paste(large, (int(random.integers(0, 80)), int(random.integers(0, 80))))
        pixels = np.asarray(canvas)
        canvases.append(pixels if random.random() < 0.5 else 255 - pixels)
    return canvases


@pytest.mark.parametrize("count", [400, pytest.param(10_000, marks=pytest.mark.slow)])
def test_mnist_painted_large_loses_at_most_three_in_a_thousand(
    trained: DigitReader, mnist_test: Labelled, count: int
) -> None:
    """Through the whole path from a picture, against the same digits as model images."""
    images, labels = mnist_test.images[:count], mnist_test.labels[:count]
    direct = (trained.read_batch(images)[0].argmax(1) == labels).double().mean().item()
    texts = [trained.read_image(canvas).text for canvas in painted(images, seed=0)]
    right = [text == str(label) for text, label in zip(texts, labels.tolist(), strict=True)]
    served = sum(right) / count
    print(f"\n{count:,} MNIST test digits: {direct:.2%} as model images, {served:.2%} painted large")
    assert direct > 0.97
    assert served >= direct - 0.003
