"""Every figure against its definition, summed up by brute force."""

from __future__ import annotations

import json
import math
import random
from base64 import b64decode

import pytest
import torch
from torch import Tensor, nn

from model.evaluation.metrics import (
    MAX_MISTAKES,
    auroc,
    calibration_error,
    edit_distance,
    mistakes,
    predict_logits,
    scores,
    wilson_interval,
)
from model.inference.calibration import digit_probabilities


def sample(count: int = 317, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Random probabilities [N, 10] and labels that agree with them more often than not."""
    torch.manual_seed(seed)
    logits = torch.randn(count, 10) * 2
    labels = torch.multinomial(logits.softmax(1), 1)[:, 0]
    return logits.softmax(1), labels


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    torch.manual_seed(0)
    positive = (torch.randn(60) + 0.5).mul(4).round()  # rounded: many ties
    negative = torch.randn(45).mul(4).round()
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p in positive for n in negative]
    assert auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs), abs=1e-12)


def test_auroc_of_what_is_apart_the_wrong_way_round_and_equal() -> None:
    low, high = torch.tensor([0.1, 0.2]), torch.tensor([0.3, 0.4, 0.5])
    assert auroc(high, low) == 1
    assert auroc(low, high) == 0
    assert auroc(torch.ones(3), torch.ones(4)) == 0.5


def test_figures_by_their_definitions() -> None:
    probabilities, labels = sample()
    figures = scores(probabilities, labels)
    guesses = [max(range(10), key=row.__getitem__) for row in probabilities.tolist()]
    right = [g == label for g, label in zip(guesses, labels.tolist(), strict=True)]
    n = len(labels)
    assert figures["n"] == n
    assert figures["correct"] == sum(right)
    assert figures["accuracy"] == pytest.approx(sum(right) / n)
    nll = -sum(math.log(row[label]) for row, label in zip(probabilities.tolist(), labels, strict=True)) / n
    assert figures["nll"] == pytest.approx(nll, rel=1e-5)
    for digit in range(10):
        of_it = [r for r, label in zip(right, labels.tolist(), strict=True) if label == digit]
        assert figures["per_digit"][digit] == pytest.approx(sum(of_it) / len(of_it), abs=1e-5)
        for guess in range(10):
            pairs = zip(guesses, labels.tolist(), strict=True)
            assert figures["confusion"][digit][guess] == sum(pair == (guess, digit) for pair in pairs)


def test_ece_is_the_weighted_gap_over_fifteen_equal_bins() -> None:
    probabilities, labels = sample(500)
    confidence, guesses = probabilities.max(1)
    right = guesses == labels
    expected = 0.0
    for number in range(15):
        here = [
            (c, r)
            for c, r in zip(confidence.tolist(), right.tolist(), strict=True)
            if number / 15 <= c < (number + 1) / 15 or (number == 14 and c == 1)
        ]
        if here:
            expected += abs(sum(c for c, _ in here) - sum(r for _, r in here)) / len(labels)
    assert calibration_error(probabilities, right) == pytest.approx(expected, abs=1e-6)


def test_certain_answers_stay_in_the_last_bin() -> None:
    certain = torch.eye(10)
    figures = scores(certain, torch.arange(10))
    assert figures["ece"] == 0
    assert figures["nll"] == pytest.approx(0, abs=1e-6)
    assert [row[0] for row in figures["reliability"]] == [10]
    nearly = torch.full((1, 10), 0.005)
    nearly[0, 0] = 0.955
    both = scores(torch.cat([certain[:1], nearly]), torch.tensor([0, 0]))
    assert [row[0] for row in both["reliability"]] == [2]


def test_a_certain_and_wrong_answer_has_a_finite_price() -> None:
    assert math.isfinite(scores(torch.eye(10)[:1], torch.tensor([3]))["nll"])


@pytest.mark.parametrize("count", [1, 7, 64, 65, 1001])
def test_every_sample_is_counted_whatever_the_batch(count: int) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    images = torch.randint(0, 256, (count, 28, 28), dtype=torch.uint8)
    logits = predict_logits(net, images, batch_size=64)
    assert logits.shape == (count, 10)
    torch.testing.assert_close(logits, predict_logits(net, images, batch_size=count))
    labels = torch.zeros(count, dtype=torch.long)
    figures = scores(digit_probabilities(logits), labels)
    assert figures["n"] == count
    assert sum(map(sum, figures["confusion"])) == count
    assert sum(row[0] for row in figures["reliability"]) == count


@pytest.mark.parametrize("training", [True, False])
def test_predicting_uses_eval_mode_and_puts_the_mode_back(training: bool) -> None:
    net = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(784, 10)).train(training)
    images = torch.randint(0, 256, (5, 28, 28), dtype=torch.uint8)
    assert torch.equal(predict_logits(net, images), predict_logits(net, images))
    assert net.training is training


def test_mistakes_are_the_misread_images_the_surest_first() -> None:
    probabilities, labels = sample(400)
    images = torch.randint(0, 256, (400, 28, 28), dtype=torch.uint8)
    wrong = [n for n in range(400) if int(probabilities[n].argmax()) != int(labels[n])]
    misread = mistakes(images, probabilities, labels)
    assert len(wrong) > MAX_MISTAKES  # so that the least sure ones are left out
    by_confidence = sorted(wrong, key=lambda n: -float(probabilities[n].max()))
    assert [each["index"] for each in misread] == by_confidence[:MAX_MISTAKES]
    for each in misread:
        n = each["index"]
        assert each["label"] == int(labels[n]) != each["predicted"]
        assert each["probability"] == float(probabilities[n, each["predicted"]])
        assert each["of_label"] == float(probabilities[n, each["label"]])
        assert b64decode(each["image"]) == images[n].numpy().tobytes()
    json.dumps(misread)
    assert mistakes(images[:0], probabilities[:0], labels[:0]) == []


@pytest.mark.parametrize(("correct", "n"), [(0, 9), (1, 9), (4, 9), (9, 9), (985, 1000)])
def test_the_ends_of_an_interval_are_1_96_standard_errors_away(correct: int, n: int) -> None:
    for end in wilson_interval(correct, n):
        error = math.sqrt(end * (1 - end) / n)  # if the end were the true share
        assert abs(correct / n - end) == pytest.approx(1.96 * error, abs=1e-4)
    low, high = wilson_interval(correct, n)
    assert 0 <= low <= correct / n <= high <= 1
    assert high - low > 0.01


def test_the_edit_distance_is_the_length_of_the_shortest_way() -> None:
    def shortest(text: str, label: str) -> int:
        if not text or not label:
            return len(text) + len(label)
        same = shortest(text[1:], label[1:]) + (text[0] != label[0])
        return min(same, shortest(text[1:], label) + 1, shortest(text, label[1:]) + 1)

    assert edit_distance("kitten", "sitting") == 3
    rng = random.Random(0)
    for _ in range(60):
        text, label = ("".join(rng.choices("123", k=rng.randrange(6))) for _ in range(2))
        assert edit_distance(text, label) == shortest(text, label)
