"""Calibration: probabilities of ten digits, the score of the class "not a digit", the verdict."""

from __future__ import annotations

import pytest
import torch

from model.inference.calibration import Calibration, digit_probabilities, fit_temperature, not_digit_score


@pytest.mark.parametrize("classes", [10, 11])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_ten_digits_share_a_probability_of_one(classes: int, temperature: float) -> None:
    logits = torch.randn(20, classes) * 5
    probabilities = digit_probabilities(logits, temperature)
    assert probabilities.shape == (20, 10)
    torch.testing.assert_close(probabilities.sum(1), torch.ones(20))
    torch.testing.assert_close(probabilities, digit_probabilities(logits[:, :10], temperature))


def test_not_digit_is_the_reject_class_against_all() -> None:
    logits = torch.randn(20, 11)
    torch.testing.assert_close(not_digit_score(logits), logits.softmax(1)[:, 10])
    assert not not_digit_score(logits[:, :10]).any()


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_the_temperature_that_spoilt_the_logits_is_found_again(true: float) -> None:
    torch.manual_seed(1)
    honest = torch.randn(20_000, 10) * 2
    labels = torch.multinomial(honest.softmax(1), 1)[:, 0]
    assert fit_temperature(honest * true, labels) == pytest.approx(true, rel=0.05)


def test_a_verdict_compares_the_scores_with_the_cards_thresholds() -> None:
    card = {"calibration": {"temperature": 1.3, "not_digit": 0.6, "unsure": 0.8}}
    verdict = Calibration.from_card(card).verdict
    assert verdict(0.99, 0.6) == ("not a digit", "odd")  # even when the digit is certain
    assert verdict(0.79, 0.59) == ("unsure", "close")
    assert verdict(0.8, 0.59) == ("digit", "clear")


CALIBRATION = Calibration(temperature=1.0, not_digit=0.1, unsure=0.8)
SURE, ODD, NONE = (0.99, 0.0), (0.99, 0.3), (0.99, 0.5)  # confidence, score of "not a digit"


@pytest.mark.parametrize(
    ("scores", "verdicts"),
    [
        ([], []),
        ([SURE], ["digit"]),
        ([ODD], ["not a digit"]),
        ([ODD, SURE, SURE], ["digit", "digit", "digit"]),
        ([SURE, SURE, NONE], ["digit", "digit", "not a digit"]),
        ([(0.7, 0.3), SURE, SURE], ["unsure", "digit", "digit"]),
        ([ODD, SURE], ["not a digit", "digit"]),  # half of the marks are not most of them
        ([ODD, ODD, SURE], ["not a digit", "not a digit", "digit"]),
    ],
)
def test_beside_digits_an_odd_mark_is_a_digit_too_if_that_is_likelier(
    scores: list[tuple[float, float]], verdicts: list[str]
) -> None:
    assert [verdict for verdict, _ in CALIBRATION.verdicts(scores)] == verdicts


@pytest.mark.parametrize("score", [SURE, ODD, NONE, (0.5, 0.0), (0.5, 0.099)])
def test_the_verdict_on_a_mark_alone_is_the_cards(score: tuple[float, float]) -> None:
    assert CALIBRATION.verdicts([score]) == [CALIBRATION.verdict(*score)]
