"""Prefix predictions: each is the reading of that prefix alone, and after settling nothing changes."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
import torch

from model import DigitReader
from model.explain.prefix_predictions import PREFIXES, changes, predict_prefixes, prefixes
from model.input.rasterizer import rasterise_digit
from model.input.strokes import parse_strokes
from tests.browser.hand import DIGITS, LETTER_A, Drawing

DRAWINGS = {
    f"{digit} {way}": drawing
    for digit, way in ((8, "one stroke"), (4, "open"), (5, "hat last"), (1, "foot"))
    for drawing in [DIGITS[digit][way]]
}


def length(strokes: list[np.ndarray]) -> float:
    return sum(float(np.hypot(*(b - a))) for s in strokes for a, b in pairwise(s))


@pytest.mark.parametrize("name", DRAWINGS)
def test_prefixes_grow_evenly_along_the_path(name: str) -> None:
    strokes = parse_strokes(DRAWINGS[name])
    cut = prefixes(strokes, 20)
    lengths = [length(prefix) for prefix in cut]
    np.testing.assert_allclose(lengths, length(strokes) * np.arange(1, 21) / 20, rtol=1e-9)
    for prefix in cut:
        for drawn, whole in zip(prefix, strokes, strict=False):
            np.testing.assert_array_equal(drawn[:-1], whole[: len(drawn) - 1])
    assert all(np.array_equal(a, b) for a, b in zip(cut[-1], strokes, strict=True))


def test_a_dot_is_in_a_prefix_as_soon_as_the_path_before_it() -> None:
    line, dot, tail = (np.array(stroke, float) for stroke in ([[0, 0], [8, 0]], [[4, 4]], [[0, 9], [8, 9]]))
    counts = [len(prefix) for prefix in prefixes([line, dot, tail], 4)]
    assert counts == [1, 2, 3, 3]
    assert [len(prefix) for prefix in prefixes([dot, dot], 3)] == [2, 2, 2]
    assert prefixes([], 3) == [[], [], []]


@pytest.mark.parametrize("drawing", [*DRAWINGS.values(), LETTER_A], ids=[*DRAWINGS, "A"])
def test_rounded_predictions_are_close_to_the_exact_ones(
    trained: DigitReader, exact: DigitReader, drawing: Drawing
) -> None:
    strokes = parse_strokes(drawing)
    found, wanted = (predict_prefixes(reader, strokes) for reader in (trained, exact))
    torch.testing.assert_close(found.probabilities, wanted.probabilities, atol=0.03, rtol=0)
    torch.testing.assert_close(found.probabilities[-1], wanted.probabilities[-1], atol=1e-5, rtol=0)
    assert found.answers[-1] == wanted.answers[-1]


@pytest.mark.parametrize("name", DRAWINGS)
def test_each_prediction_is_the_reading_of_that_prefix_alone(exact: DigitReader, name: str) -> None:
    strokes = parse_strokes(DRAWINGS[name])
    predictions = predict_prefixes(exact, strokes)
    assert len(predictions.images) == len(predictions.answers) == PREFIXES
    for n, prefix in enumerate(prefixes(strokes, PREFIXES)):
        image = rasterise_digit(prefix)
        np.testing.assert_array_equal(predictions.images[n], image)
        probabilities, (verdict,) = exact.read_batch(image[None])
        torch.testing.assert_close(predictions.probabilities[n], probabilities[0], atol=1e-5, rtol=0)
        assert predictions.verdicts[n] == verdict
        if len(prefix) == 1:  # what is drawn without lifting the pen is one digit to the pad as well
            (digit,) = exact.read_strokes(prefix).digits
            assert digit.probabilities == pytest.approx(predictions.probabilities[n].tolist(), abs=1e-5)
            assert predictions.answers[n] == (None if digit.verdict == "not a digit" else digit.label)


def test_the_last_prediction_is_what_the_pad_read(trained: DigitReader) -> None:
    for drawing in DRAWINGS.values():
        (digit,) = trained.read_strokes(drawing).digits
        predictions = predict_prefixes(trained, parse_strokes(drawing))
        assert predictions.answers[-1] == digit.label
        np.testing.assert_array_equal(predictions.images[-1], digit.image)


def test_settled_is_the_earliest_prefix_after_which_nothing_changes(trained: DigitReader) -> None:
    found = [predict_prefixes(trained, parse_strokes(drawing)) for drawing in DRAWINGS.values()]
    for predictions in found:
        earliest = next(n for n in range(PREFIXES) if len(set(predictions.answers[n:])) == 1)
        assert predictions.settled == earliest
    assert max(predictions.settled for predictions in found) > 0  # or nothing was tried


def test_changes_rebuild_the_answers() -> None:
    chance = random.Random(0)
    for _ in range(200):
        answers = [chance.choice([None, 0, 7]) for _ in range(chance.randrange(1, 12))]
        kept = [answers[n] for n in [0, *changes(answers)]]
        assert all(a != b for a, b in pairwise(kept))
        spread = np.diff([*changes(answers), len(answers)], prepend=0)
        assert [answer for answer, times in zip(kept, spread, strict=True) for _ in range(times)] == answers


def test_predictions_of_an_untrained_network(untrained: DigitReader) -> None:
    drawing: Drawing = DIGITS[3]["round"]
    predictions = predict_prefixes(untrained, parse_strokes(drawing), 5)
    assert predictions.probabilities.shape == (5, 10)
    assert predictions.settled == (predictions.flips[-1] if predictions.flips else 0)
