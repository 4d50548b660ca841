"""The Architectures tab's server function: reports, and readable errors."""

from __future__ import annotations

import re
import statistics
import time

import pytest

from model import list_models
from sketchpad.architectures import network_report as report
from sketchpad.architectures.tab import show_networks

# Networks with a pooling that has no padding.
UNPADDED = {"mnist_resnet_fast", *(name for name in list_models() if name.startswith("densenet"))}


def selection(network: str, size: int = 64, channels: int = 3, classes: int = 10, beside: str = "") -> dict:
    return {"network": network, "size": size, "channels": channels, "classes": classes, "beside": beside}


def test_two_networks_share_one_scale_and_have_a_table_of_ratios() -> None:
    html = show_networks(selection("resnet18", 224, 3, 1000, "resnet50"))["html"]
    assert html.count("<article") == 2
    assert f"{25_557_032 / 11_689_512:.3g} ×" in html
    one = show_networks(selection("resnet18", 224, 3, 1000))["html"]
    slabs = r'<rect [^>]*width="([\d.]+)" [^>]*class="slab stage'
    alone, beside = (float(re.findall(slabs, html)[3]) for html in (one, html))
    assert alone / beside == pytest.approx(2048 / 1000, rel=0.01)  # its widest is the classifier


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"network": "resnet5"}, "resnet50"),
        ({"network": None}, "There is no network"),
        ({"network": "<b>" * 99}, "There is no network"),
        ({"beside": "densnet121"}, "densenet121"),
        ({"size": None}, "whole number"),
        ({"size": 10**9}, "between 1 and 4,096"),
        ({"size": float("nan")}, "whole number"),
        ({"channels": 0}, "between 1"),
        ({"channels": True}, "whole number"),
        ({"classes": "10"}, "whole number"),
        ({"classes": 2.5}, "whole number"),
    ],
)
def test_bad_input_gets_a_sentence(change: dict, words: str) -> None:
    response = show_networks(selection("resnet18") | change)
    assert set(response) == {"error"}
    assert words in response["error"]
    assert "<b>" not in response["error"]


@pytest.mark.parametrize("payload", [None, [], "resnet18", 3])
def test_a_payload_that_is_no_form_is_refused(payload: object) -> None:
    assert "error" in show_networks(payload)


@pytest.mark.parametrize("name", sorted(set(list_models()) - UNPADDED))
def test_a_network_is_shown_at_one_pixel_and_told_what_that_means(name: str) -> None:
    assert "arch.thin" in show_networks(selection(name, 1))["html"]
    assert "arch.thin" not in show_networks(selection(name, 32))["html"]


@pytest.mark.parametrize("name", sorted(UNPADDED))
def test_an_image_that_is_too_small_gets_the_smallest_size(name: str) -> None:
    response = show_networks(selection(name, 1))
    smallest = int(re.search(r'data-size="(\d+)"', response["error"])[1])
    assert "arch.small" in response["error"]
    assert "html" in show_networks(selection(name, smallest))
    assert "error" in show_networks(selection(name, smallest - 1))


def test_the_deepest_network_is_shown_in_under_a_second() -> None:
    """In seconds of processor time, which other processes do not change."""
    times = []
    for _ in range(5):
        for cached in (report.uninitialized, report.summary_of, report.network_report):
            cached.cache_clear()
        started = time.thread_time()
        assert "html" in show_networks(selection("resnet152", 224, 3, 1000))
        times.append(time.thread_time() - started)
    print(f"resnet152 at 224: n = {len(times)}, median {statistics.median(times):.3f} s")
    assert statistics.median(times) < 1
