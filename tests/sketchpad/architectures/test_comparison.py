"""The comparison of all networks: figures as declared, names that can be read."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from model import list_models
from model.networks.registry import get_spec
from sketchpad.architectures.comparison import Measurement, all_dots, comparison
from sketchpad.architectures.scatter import brief, clusters, overlap, scatter


def test_the_zoo_is_compared_as_it_is_declared() -> None:
    dots = all_dots()
    assert [dot.name for dot in dots] == list_models()
    for dot in dots:
        spec = get_spec(dot.name)
        assert (dot.params, dot.macs) == (spec.params, spec.macs)
    html = comparison(Measurement("mnist_resnet", 0.9951, 10_000, "test", 1.84))
    assert html.count("<tr data-value") == len(dots)
    assert "99.51\N{NO-BREAK SPACE}%" in html
    assert "1.8 ms" in html
    assert "4.089 G" in html
    unmeasured = comparison(Measurement("mnist_resnet", None, 0, "nothing", 1.84))
    assert "1.8 ms" in unmeasured
    assert "99.51\N{NO-BREAK SPACE}%" not in unmeasured
    ElementTree.fromstring(re.search(r"<svg.*?</svg>", html)[0])


@pytest.mark.parametrize(
    ("width", "height", "font", "brief_names"), [(1080, 620, 12, False), (340, 560, 11, True)]
)
def test_names_in_the_plot_do_not_collide(width: int, height: int, font: int, brief_names: bool) -> None:
    dots = all_dots()
    svg = scatter(dots, width, height, font, brief if brief_names else str)
    tags = re.findall(r'<text x="([\d.e+-]+)" y="([\d.e+-]+)" class="centre tag[^"]*">([^<]+)<', svg)
    shown = [name for *_, tag in tags for name in tag.split(" · ")]
    assert sorted(shown) == sorted(brief(dot.name) if brief_names else dot.name for dot in dots)
    # A box a little smaller than the one that was kept free: glyphs are narrower than 0.56 em.
    boxes = []
    for x, y, tag in tags:
        half = 0.25 * font * len(tag)
        boxes.append((float(x) - half, float(y) - 0.8 * font, float(x) + half, float(y)))
        assert boxes[-1][0] > 0
        assert boxes[-1][2] < width
    assert not any(overlap(a, b, 0) for i, a in enumerate(boxes) for b in boxes[:i])
    circles = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', svg)
    for x, y, r in (map(float, circle) for circle in circles):
        assert not any(overlap((x - r, y - r, x + r, y + r), box, 0) for box in boxes)


def test_no_dots_make_no_clusters() -> None:
    assert clusters([]) == []
