"""Stroke lists from outside: unusual ones are read, wrong ones are refused in one sentence."""

from __future__ import annotations

import time

import numpy as np
import pytest

from model import DigitReader, InputError
from model.input.strokes import MAX_POINTS, MAX_STROKES, parse_strokes


def test_empty_strokes_are_dropped() -> None:
    assert parse_strokes([]) == []
    assert parse_strokes([[], []]) == []


NAN, INF = float("nan"), float("inf")
BAD = {
    "none": None,
    "number": 5,
    "text": "[[0, 0]]",
    "bytes": b"1234",
    "dict": {"strokes": []},
    "set": {1, 2},
    "list of numbers": [1, 2, 3],
    "list of strings": ["ab", "cd"],
    "list of none": [None],
    "list of dicts": [{"x": 1, "y": 2}],
    "points as text": [["ab", "cd"]],
    "points as dicts": [[{"x": 1, "y": 2}]],
    "numbers as text": [[["1", "2"]]],
    "number missing": [[[1]]],
    "number too many": [[[1, 2, 3]]],
    "booleans": [[[True, False]]],
    "none inside": [[[None, 1]]],
    "nested too deep": [[[[1, 2], [3, 4]]]],
    "one stroke without its list": [[1, 2], [3, 4]],
    "complex": [[[1j, 2]]],
    "nan": [[[0, 0], [NAN, 1]]],
    "infinity": [[[0, 0], [1, INF]]],
    "minus infinity": [[[-INF, 0]]],
    "huge": [[[1e300, 0]]],
    "an integer beyond floats": [[[10**400, 0]]],
    "strings, mixed": [[[0, 0], "ab"]],
    "too many strokes": [[[0, 0]]] * (MAX_STROKES + 1),
    "too many points": [[[0, 0]] * (MAX_POINTS + 1)],
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_input_is_refused_in_one_sentence(untrained: DigitReader, name: str) -> None:
    with pytest.raises(InputError) as error:
        untrained.read_strokes(BAD[name])
    text = str(error.value)
    assert 20 < len(text) < 200
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize("far", [1e30, -1e300, 10**400])
def test_a_coordinate_that_is_only_too_large_is_not_called_infinite(far: float) -> None:
    with pytest.raises(InputError, match="Stroke 1 has a coordinate beyond ±1,000,000,000") as error:
        parse_strokes([[[far, 0]]])
    assert error.value.code == "strokes.range"


def test_a_list_that_contains_itself_is_refused(untrained: DigitReader) -> None:
    loop: list = []
    loop.append(loop)
    with pytest.raises(InputError):
        untrained.read_strokes(loop)


GOOD = {
    "tuples": (((1, 2), (3, 9)),),
    "floats and integers": [[[1.5, 2], [3, 9.25]]],
    "an empty stroke between": [[[1, 2], [3, 9]], [], [[2, 2], [2, 3]]],
    "numpy strokes": [np.array([[1.0, 2.0], [3.0, 9.0]])],
    "one dot": [[[7, 7]]],
    "negative": [[[-50, -20], [-10, -90]]],
    "tiny": [[[1e-6, 1e-6], [2e-6, 9e-6]]],
    "large": [[[1e8, 1e8], [2e8, 9e8]]],
    "two dots far apart": [[[0, 0]], [[1e6, 1e6]]],
}


@pytest.mark.parametrize("name", GOOD)
def test_unusual_input_is_read(untrained: DigitReader, name: str) -> None:
    reading = untrained.read_strokes(GOOD[name])
    assert reading.digits
    assert len(reading.text) == len(reading.digits)
    for digit in reading.digits:
        assert digit.image.any()


@pytest.mark.parametrize("count", [1, 1_000])
def test_a_hundred_thousand_points_are_read_quickly(untrained: DigitReader, count: int) -> None:
    random = np.random.default_rng(0)
    strokes = [random.uniform(0, 280, (100_000 // count, 2)).tolist() for _ in range(count)]
    started = time.perf_counter()
    assert untrained.read_strokes(strokes).digits
    assert time.perf_counter() - started < 5
