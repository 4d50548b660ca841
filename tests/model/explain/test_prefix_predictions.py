"""PrefixPredictions of a drawing: each is the reading of that beginning alone, and settled means settled."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
import torch

from model import DigitReader
from model.explain.prefix_predictions import MOMENTS, changes, predict_prefixes, prefixes
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
def test_beginnings_grow_evenly_along_the_path(name: str) -> None:
    strokes = parse_strokes(DRAWINGS[name])
    cut = prefixes(strokes, 20)
    lengths = [length(beginning) for beginning in cut]
    np.testing.assert_allclose(lengths, length(strokes) * np.arange(1, 21) / 20, rtol=1e-9)
    for beginning in cut:
        for drawn, whole in zip(beginning, strokes, strict=False):
            np.testing.assert_array_equal(drawn[:-1], whole[: len(drawn) - 1])
    assert all(np.array_equal(a, b) for a, b in zip(cut[-1], strokes, strict=True))


def test_a_dot_is_there_as_soon_as_the_path_before_it() -> None:
    line, dot, tail = (np.array(stroke, float) for stroke in ([[0, 0], [8, 0]], [[4, 4]], [[0, 9], [8, 9]]))
    counts = [len(beginning) for beginning in prefixes([line, dot, tail], 4)]
    assert counts == [1, 2, 3, 3]
    assert [len(beginning) for beginning in prefixes([dot, dot], 3)] == [2, 2, 2]
    assert prefixes([], 3) == [[], [], []]


@pytest.mark.parametrize("drawing", [*DRAWINGS.values(), LETTER_A], ids=[*DRAWINGS, "A"])
def test_rounded_moments_are_nearly_the_exact_ones(
    trained: DigitReader, exact: DigitReader, drawing: Drawing
) -> None:
    strokes = parse_strokes(drawing)
    found, wanted = (predict_prefixes(reader, strokes) for reader in (trained, exact))
    torch.testing.assert_close(found.probabilities, wanted.probabilities, atol=0.03, rtol=0)
    torch.testing.assert_close(found.probabilities[-1], wanted.probabilities[-1], atol=1e-5, rtol=0)
    assert found.answers[-1] == wanted.answers[-1]


@pytest.mark.parametrize("name", DRAWINGS)
def test_each_moment_is_the_reading_of_that_beginning_alone(exact: DigitReader, name: str) -> None:
    strokes = parse_strokes(DRAWINGS[name])
    moments = predict_prefixes(exact, strokes)
    assert len(moments.images) == len(moments.answers) == MOMENTS
    for n, beginning in enumerate(prefixes(strokes, MOMENTS)):
        image = rasterise_digit(beginning)
        np.testing.assert_array_equal(moments.images[n], image)
        probabilities, (verdict,) = exact.read_batch(image[None])
        torch.testing.assert_close(moments.probabilities[n], probabilities[0], atol=1e-5, rtol=0)
        assert moments.verdicts[n] == verdict
        if len(beginning) == 1:  # what is drawn without lifting the pen is one digit to the pad as well
            (digit,) = exact.read_strokes(beginning).digits
            assert digit.probabilities == pytest.approx(moments.probabilities[n].tolist(), abs=1e-5)
            assert moments.answers[n] == (None if digit.verdict == "not a digit" else digit.label)


def test_the_last_moment_is_what_the_pad_read(trained: DigitReader) -> None:
    for drawing in DRAWINGS.values():
        (digit,) = trained.read_strokes(drawing).digits
        moments = predict_prefixes(trained, parse_strokes(drawing))
        assert moments.answers[-1] == digit.label
        np.testing.assert_array_equal(moments.images[-1], digit.image)


def test_settled_is_the_earliest_moment_after_which_nothing_changes(trained: DigitReader) -> None:
    found = [predict_prefixes(trained, parse_strokes(drawing)) for drawing in DRAWINGS.values()]
    for moments in found:
        earliest = next(n for n in range(MOMENTS) if len(set(moments.answers[n:])) == 1)
        assert moments.settled == earliest
    assert max(moments.settled for moments in found) > 0  # or nothing was tried


def test_changes_against_counting() -> None:
    chance = random.Random(0)
    for _ in range(200):
        answers = [chance.choice([None, 0, 7]) for _ in range(chance.randrange(1, 12))]
        kept = [answers[n] for n in [0, *changes(answers)]]
        assert all(a != b for a, b in pairwise(kept))
        spread = np.diff([*changes(answers), len(answers)], prepend=0)
        assert [answer for answer, times in zip(kept, spread, strict=True) for _ in range(times)] == answers


def test_an_untrained_network_changes_its_mind_or_does_not(untrained: DigitReader) -> None:
    drawing: Drawing = DIGITS[3]["round"]
    moments = predict_prefixes(untrained, parse_strokes(drawing), 5)
    assert moments.probabilities.shape == (5, 10)
    assert moments.settled == (moments.flips[-1] if moments.flips else 0)
