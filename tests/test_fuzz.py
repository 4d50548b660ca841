"""Whatever is sent: it is read, or refused in a sentence. Cases from hypothesis and from tests/corpus."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import InputError
from model.input.strokes import MAX_POINTS, MAX_STROKES, parse_strokes
from tests import mutate
from tests.fuzz import CORPUS, ENTRIES, ROOT, reader, summarise, try_one

CASES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())

# Few cases and no deadline: the long search is `python -m tests.fuzz`.
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)

numbers = st.one_of(st.integers(-(10**12), 10**12), st.floats(width=32), st.floats())
points = st.lists(numbers, min_size=2, max_size=2)
drawings = st.lists(st.lists(points, max_size=12), max_size=6)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("case", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_was_found_stays_mended(case: Path) -> None:
    try_one(case.parent.name, case.read_bytes())


def test_every_entry_has_cases_to_begin_with() -> None:
    assert {case.parent.name for case in CASES} == set(ENTRIES)


@quick
@given(anything)
def test_any_json_is_read_or_refused(payload: object) -> None:
    for name in ("strokes", "payloads", "inside", "cards", "strokes_files"):
        try_one(name, json.dumps(payload).encode())


@quick
@given(drawings)
def test_any_drawing_of_numbers_is_read_or_refused(drawing: list[list[list[float]]]) -> None:
    try:
        reading = reader().read_strokes(drawing)
    except InputError:
        return
    assert len(reading.text) == len(reading.digits)
    for digit in reading.digits:
        assert sum(digit.probabilities) == pytest.approx(1, abs=1e-5)
        assert 0 <= digit.not_digit <= 1
        assert digit.image.max() > 0


@quick
@given(st.sampled_from(sorted(ENTRIES)), st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    try_one(name, data)


def test_too_much_is_refused_with_the_limit() -> None:
    with pytest.raises(InputError, match=f"{MAX_STROKES:,}"):
        parse_strokes([[[0, 0]]] * (MAX_STROKES + 1))
    with pytest.raises(InputError, match=f"{MAX_POINTS:,}"):
        parse_strokes([[[0, 0]] * (MAX_POINTS + 1)])


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRIES)
def test_a_short_search_finds_nothing(name: str) -> None:
    if find_spec("atheris") is None:
        pytest.skip("atheris has no build for this Python")
    command = [sys.executable, "-m", "tests.fuzz", name, "--runs", "1500"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout


def test_changed_pictures_and_texts_keep_their_form() -> None:
    """Else next to nothing would get past the first check."""
    whole = (CORPUS / "pictures" / "L.png").read_bytes()
    for at in range(16, len(whole) - 12):
        changed = mutate.of_picture(
            whole, 4096, 1, lambda data, _, at=at: data[:at] + b"\x07" + data[at + 1 :]
        )
        if mutate.fix_checksums(changed) == changed and changed[8:16] == whole[8:16]:
            break
    else:
        pytest.fail("no changed picture has right checksums")
    drawing = (CORPUS / "strokes" / "seven").read_bytes()
    others = {mutate.of_json(drawing, 4096, seed, lambda data, _: data) for seed in range(100)}
    assert len(others) > 50
    for other in others:
        json.loads(other)


def test_what_was_tried_is_added_up() -> None:
    row = {"entry": "strokes", "seed": 1, "cases": 1200, "seconds": 1, "found": False}
    lines = summarise([row, {**row, "cases": 300}, {**row, "entry": "cards", "found": True}]).splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["strokes", "1,500"],
        ["cards", "1,200"],
        ["all", "2,700"],
    ]
    assert "1 found" in lines[2]
