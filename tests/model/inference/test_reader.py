"""DigitReader: the public surface, and that serving is the trained network and nothing else."""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw
from torch import nn

from model import CheckpointError, Digit, DigitReader, InputError, Reading
from model.device import resolve_device
from model.evaluation.metrics import predict_logits
from model.inference.calibration import digit_probabilities, not_digit_score
from model.inference.checkpoint import Card
from tests.browser.hand import DIGITS, Drawing, line, moved
from tests.helpers.paths import CHECKPOINT, ROOT

SEVEN = [[[60.0, 60.0], [200.0, 62.0], [130.0, 240.0]]]
VERDICTS = {"digit", "unsure", "not a digit"}


def check(digit: Digit) -> None:
    assert digit.label in range(10)
    assert len(digit.probabilities) == 10
    assert sum(digit.probabilities) == pytest.approx(1, abs=1e-5)
    assert min(digit.probabilities) >= 0
    assert digit.label == max(range(10), key=digit.probabilities.__getitem__)
    assert digit.verdict in VERDICTS
    assert 0 <= digit.not_digit <= 1
    assert digit.image.shape == (28, 28)
    assert digit.image.dtype == np.uint8


def test_reading_strokes(untrained: DigitReader) -> None:
    reading = untrained.read_strokes(SEVEN)
    assert isinstance(reading, Reading)
    assert len(reading.digits) == 1
    check(reading.digits[0])
    assert reading.text == str(reading.digits[0].label)
    assert reading.digits[0].box == pytest.approx((60, 60, 200, 240))
    assert set(reading.milliseconds) >= {"preprocess", "network"}
    assert all(value >= 0 for value in reading.milliseconds.values())


def test_reading_an_image(trained: DigitReader) -> None:
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(60, 60), (200, 62), (130, 240)], fill=0, width=18)
    reading = trained.read_image(image)
    assert len(reading.digits) == 1
    check(reading.digits[0])
    assert reading.digits[0].box == pytest.approx((60, 60, 200, 240), abs=12)


def test_strokes_and_a_picture_of_them_give_nearly_the_same_image(trained: DigitReader) -> None:
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).line([(60, 60), (200, 62), (130, 240)], fill=0, width=18, joint="curve")
    drawn = trained.read_strokes(SEVEN).digits[0].image.astype(int)
    seen = trained.read_image(image).digits[0].image.astype(int)
    assert np.abs(drawn - seen).mean() < 12


LETTER_E: Drawing = [line((200, 60), (90, 60), (90, 230), (200, 230)), line((90, 140), (180, 140))]
ROW = [DIGITS[2]["swan"], LETTER_E, DIGITS[7]["plain"], DIGITS[3]["round"]]


def picture(drawing: Drawing, width: int, height: int) -> Image.Image:
    """Drawn with a pen of 16 px."""
    image = Image.new("L", (width, height), 255)
    for stroke in drawing:
        ImageDraw.Draw(image).line(stroke, fill=0, width=16, joint="curve")
    return image


def read(reader: DigitReader, drawing: Drawing, kind: str, width: int = 920, height: int = 400) -> Reading:
    if kind == "strokes":
        return reader.read_strokes(drawing)
    return reader.read_image(picture(drawing, width, height))


@pytest.mark.parametrize("kind", ["strokes", "picture"])
def test_the_text_leaves_out_what_is_not_a_digit_beside_digits(trained: DigitReader, kind: str) -> None:
    row = [stroke for n, drawing in enumerate(ROW) for stroke in moved(drawing, 1, 210 * n, 20)]
    reading = read(trained, row, kind)
    assert [digit.verdict == "not a digit" for digit in reading.digits] == [False, True, False, False]
    assert reading.text == "273"


@pytest.mark.parametrize("kind", ["strokes", "picture"])
def test_a_mark_alone_has_its_label_as_text_even_if_it_is_not_a_digit(
    trained: DigitReader, kind: str
) -> None:
    (digit,) = (reading := read(trained, moved(LETTER_E, 0.65, 0, 0), kind, 190, 190)).digits
    assert digit.verdict == "not a digit"
    assert reading.text == str(digit.label)


@pytest.mark.parametrize("kind", ["strokes", "picture"])
def test_the_text_joins_the_lines_without_separators(trained: DigitReader, kind: str) -> None:
    first = moved(DIGITS[2]["swan"], 1, 0, 0) + moved(DIGITS[7]["plain"], 1, 210, 0)
    reading = read(trained, first + moved(DIGITS[3]["round"], 1, 100, 260), kind, 500, 560)
    assert reading.text == "273"
    assert [digit.line for digit in reading.digits] == [0, 0, 1]
    assert reading.turned == 0


@pytest.mark.parametrize("strokes", [[], (), [[]], [[], []]])
def test_a_blank_pad_has_no_digit(untrained: DigitReader, strokes: object) -> None:
    reading = untrained.read_strokes(strokes)
    assert (reading.text, reading.digits) == ("", ())


def test_a_batch_of_model_images(untrained: DigitReader) -> None:
    images = torch.randint(0, 256, (17, 28, 28), dtype=torch.uint8)
    probabilities, verdicts = untrained.read_batch(images)
    assert probabilities.shape == (17, 10)
    assert probabilities.dtype == torch.float32
    assert probabilities.device.type == "cpu"
    torch.testing.assert_close(probabilities.sum(1), torch.ones(17))
    assert len(verdicts) == 17
    assert set(verdicts) <= VERDICTS
    again, _ = untrained.read_batch(images.numpy())
    assert torch.equal(probabilities, again)


def test_an_empty_batch(untrained: DigitReader) -> None:
    probabilities, verdicts = untrained.read_batch(torch.zeros((0, 28, 28), dtype=torch.uint8))
    assert probabilities.shape == (0, 10)
    assert verdicts == []


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((28, 28), np.uint8),
        np.zeros((1, 1, 28, 28), np.uint8),
        np.zeros((1, 27, 28), np.uint8),
        np.zeros((1, 28, 28), np.float32),
        None,
        "a string",
        [[1], [1, 2]],
        np.array([None]),
    ],
)
def test_what_is_no_batch_is_refused(untrained: DigitReader, batch: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"must be uint8 \[N, 28, 28\]"):
        untrained.read_batch(batch)


def test_a_digits_own_image_is_read_as_the_digit(untrained: DigitReader) -> None:
    """The image in a reading, passed to `read_batch`, gives the same result."""
    digit = untrained.read_strokes(SEVEN).digits[0]
    probabilities, verdicts = untrained.read_batch(digit.image[None])
    torch.testing.assert_close(probabilities[0], torch.tensor(digit.probabilities), atol=1e-5, rtol=0)
    assert verdicts[0] == digit.verdict


def test_the_fused_network_gives_the_trained_networks_probabilities(net: nn.Module, card: Card) -> None:
    images = torch.randint(0, 256, (64, 28, 28), dtype=torch.uint8)
    reader = DigitReader(net, card, "cpu")
    expected = digit_probabilities(predict_logits(net, images), card["calibration"]["temperature"])
    torch.testing.assert_close(reader.read_batch(images)[0], expected, atol=1e-4, rtol=0)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in reader._runtime.folded.modules())
    assert any(isinstance(layer, nn.BatchNorm2d) for layer in reader.net.modules())


def test_fusing_keeps_the_committed_networks_probabilities(trained: DigitReader) -> None:
    images = torch.randint(0, 256, (64, 28, 28), dtype=torch.uint8)
    logits = predict_logits(trained.net, images)
    expected = digit_probabilities(logits, trained.card["calibration"]["temperature"])
    torch.testing.assert_close(trained.read_batch(images)[0], expected, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("thresholds", "verdict"),
    [
        ({"not_digit": -1.0, "unsure": 2.0}, "not a digit"),
        ({"not_digit": 2.0, "unsure": 2.0}, "unsure"),
        ({"not_digit": 2.0, "unsure": 0.0}, "digit"),
    ],
)
def test_the_cards_thresholds_decide_the_verdict(
    net: nn.Module, card: Card, thresholds: dict[str, float], verdict: str
) -> None:
    card["calibration"].update(thresholds)
    digit = DigitReader(net, card, "cpu").read_strokes(SEVEN).digits[0]
    assert digit.verdict == verdict
    check(digit)


def test_the_cards_temperature_is_used(net: nn.Module, card: Card) -> None:
    images = torch.randint(0, 256, (9, 28, 28), dtype=torch.uint8)
    card["calibration"]["temperature"] = 7.0
    probabilities, _ = DigitReader(net, card, "cpu").read_batch(images)
    torch.testing.assert_close(
        probabilities, digit_probabilities(predict_logits(net, images), 7.0), atol=1e-4, rtol=0
    )


def test_the_score_behind_not_a_digit(net: nn.Module, card: Card) -> None:
    digit = DigitReader(net, card, "cpu").read_strokes(SEVEN).digits[0]
    expected = not_digit_score(predict_logits(net, torch.from_numpy(digit.image)[None]))[0]
    assert digit.not_digit == pytest.approx(expected.item(), abs=1e-4)


def test_many_threads_get_the_same_results(untrained: DigitReader) -> None:
    random = np.random.default_rng(0)
    drawings = [[random.uniform(0, 280, (12, 2)).tolist()] for _ in range(12)]
    expected = [untrained.read_strokes(drawing).digits[0].probabilities for drawing in drawings]
    results: dict[tuple[int, int], tuple[float, ...]] = {}

    def work(thread: int) -> None:
        for n, drawing in enumerate(drawings):
            results[thread, n] = untrained.read_strokes(drawing).digits[0].probabilities

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 72
    for (_, n), probabilities in results.items():
        assert probabilities == pytest.approx(expected[n], abs=1e-5)


def test_readings_do_not_depend_on_earlier_ones(untrained: DigitReader) -> None:
    first = untrained.read_strokes(SEVEN).digits[0].probabilities
    untrained.read_strokes([[[0, 0], [9, 9]]])
    with pytest.raises(InputError):
        untrained.read_strokes("nonsense")
    assert untrained.read_strokes(SEVEN).digits[0].probabilities == first


def test_loading(checkpoint: Path, untrained: DigitReader) -> None:
    reader = DigitReader.load(checkpoint, device="cpu")
    assert reader.card["arch"]["name"] == "mnist_resnet"
    assert not reader.net.training
    probabilities = reader.read_strokes(SEVEN).digits[0].probabilities
    assert probabilities == pytest.approx(untrained.read_strokes(SEVEN).digits[0].probabilities, abs=1e-6)


def test_loading_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="There is no checkpoint"):
        DigitReader.load(tmp_path / "none")


def test_a_batch_may_be_a_flipped_view(untrained: DigitReader) -> None:
    images = np.arange(2 * 28 * 28, dtype=np.uint8).reshape(2, 28, 28)
    flipped, _ = untrained.read_batch(images[::-1, :, ::-1])
    copied, _ = untrained.read_batch(images[::-1, :, ::-1].copy())
    torch.testing.assert_close(flipped, copied)


@pytest.mark.parametrize("path", [None, 3, b"checkpoints"])
def test_what_is_no_path_is_refused(path: object) -> None:
    with pytest.raises(CheckpointError, match="must be the path of a file"):
        DigitReader.load(path)  # type: ignore[arg-type]  # what a person may pass


def test_devices() -> None:
    assert resolve_device("cpu") == torch.device("cpu")
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert resolve_device("auto").type == best
    assert resolve_device(torch.device("cpu")) == torch.device("cpu")
    for name in ("tpu", "", None, 3, "cuda:99" if best != "cuda" else "mps"):
        with pytest.raises(ValueError, match="is not available"):
            resolve_device(name)


def fresh(code: str, *arguments: object) -> str:
    """The output of ``code`` in a Python of its own."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def test_importing_the_model_loads_neither_gradio_nor_torchvision_nor_opencv() -> None:
    code = "import sys, model; print({'gradio', 'torchvision', 'cv2', 'sketchpad'} & sys.modules.keys())"
    assert fresh(code).strip() == "set()"


FIRST_ANSWER = """
import sys, time
started = time.perf_counter()
from model import DigitReader
reader = DigitReader.load(sys.argv[1], "cpu")
reading = reader.read_strokes([[[60, 60], [200, 62], [130, 240]]])
print(time.perf_counter() - started, "torchvision" in sys.modules, len(reading.digits))
"""


@pytest.mark.slow
def test_import_to_first_answer_in_four_seconds(trained: DigitReader) -> None:
    took = []
    for _ in range(3):
        seconds, torchvision, digits = fresh(FIRST_ANSWER, CHECKPOINT).split()
        assert (torchvision, digits) == ("False", "1")
        took.append(float(seconds))
    print(f"\nimport to first answer: {min(took):.2f} s, best of {len(took)}; limit 4 s")
    assert min(took) <= 4


@pytest.mark.slow
def test_one_answer_takes_five_milliseconds(trained: DigitReader) -> None:
    turn = np.linspace(0, 2 * np.pi, 60)
    strokes = [np.stack([140 + 60 * np.cos(turn), 140 + 90 * np.sin(turn)], 1).tolist()]
    wall, work = [], []
    for _ in range(300):
        started = time.perf_counter(), time.thread_time()
        trained.read_strokes(strokes)
        wall.append((time.perf_counter() - started[0]) * 1e3)
        work.append((time.thread_time() - started[1]) * 1e3)
    late = statistics.quantiles(wall, n=20)[-1]
    print(
        f"\none answer: median {statistics.median(wall):.2f} ms ({statistics.median(work):.2f} ms of work), "
        f"95th percentile {late:.2f} ms; limit 5 ms"
    )
    # The thread's own time: what else the machine does is not the reader's.
    assert statistics.median(work) <= 5
