"""Ink: pen widths, polarities, pens, shadows and noise, against pages whose ink is known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from model.input.ink import (
    Pen,
    candidate_pens,
    components_of,
    even_ink,
    find_ink,
    ink_of_alpha,
    pen_width,
)
from tests.helpers.drawn_pages import PAPER, blank_page, write


def page() -> tuple[np.ndarray, np.ndarray]:
    """A page written with a pen of 7 px, and which of its pixels are ink."""
    sheet = blank_page()
    write(sheet, "20483", 80, 80)
    write(sheet, "31567", 120, 300)
    return sheet, sheet < 137  # half of the contrast


def overlap(mask: np.ndarray, true: np.ndarray) -> float:
    """Intersection over union."""
    return float((mask & true).sum() / (mask | true).sum())


@pytest.mark.parametrize("width", [3, 7, 15, 40])
@pytest.mark.parametrize("length", [10, 30])
def test_the_pen_width_of_a_bar_is_its_area_by_half_its_outline(width: int, length: int) -> None:
    length *= width
    bar = np.zeros((width + 20, length + 20), bool)
    bar[10:-10, 10:-10] = True
    outline = 2 * (width + length) - 4
    assert pen_width(bar) == pytest.approx(2 * width * length / outline)
    assert pen_width(bar[10:-10, 10:-10]) == pen_width(bar)  # the border of the picture is outline too
    assert pen_width(bar.T) == pen_width(bar) == pytest.approx(width, rel=0.12)


def test_the_pen_width_of_slanting_and_round_strokes_is_a_little_more() -> None:
    """Their outline has fewer pixels than its length, down to 0.7 times as many at 45 degrees."""
    down, across = np.indices((400, 400)) - 200
    assert 15 < pen_width((np.abs(down - across) < 7.5 * 2**0.5) & (np.hypot(down, across) < 180)) < 23
    assert 15 < pen_width(np.abs(np.hypot(down, across) - 120) < 7.5) < 19
    assert pen_width(np.zeros((9, 9), bool)) == 0


def test_components_are_the_largest_first_and_no_specks() -> None:
    mask = np.zeros((60, 90), bool)
    mask[5:45, 10:14] = True  # 40 px long
    mask[50:53, 2:82] = True  # 80 px long
    mask[20, 60] = True
    mask[30:36, 60:66] = np.eye(6, dtype=bool)  # connected by its corners
    found = components_of(mask)
    assert [(c.x, c.y, c.mask.shape, c.area) for c in found] == [
        (2, 50, (3, 80), 240),
        (10, 5, (40, 4), 160),
        (60, 30, (6, 6), 6),
        (60, 20, (1, 1), 1),
    ]
    assert len(components_of(mask, least=6)) == 3
    assert len(components_of(mask, most=2)) == 2
    again = np.zeros_like(mask)
    for c in found:
        again[c.y : c.y + c.mask.shape[0], c.x : c.x + c.mask.shape[1]] |= c.mask
    assert np.array_equal(again, mask)


@pytest.mark.parametrize("dark", [True, False])
def test_the_likeliest_pen_has_the_polarity_and_is_wider_than_the_strokes(dark: bool) -> None:
    sheet, true = page()
    likely, others = candidate_pens(sheet if dark else 255 - sheet)
    assert likely[0].dark is dark
    assert 7 / 2 <= likely[0].radius < 45
    assert {pen.dark for pen in likely + others} == {True, False}
    assert overlap(find_ink(sheet if dark else 255 - sheet, likely[0]).mask, true) > 0.9


def test_a_page_without_ink_has_no_likely_pen() -> None:
    assert candidate_pens(blank_page())[0] == []
    gradient = np.linspace(90, 230, 800)[None].repeat(600, 0).astype(np.uint8)
    assert candidate_pens(gradient)[0] == []


def test_the_edge_of_a_shadow_is_no_ink() -> None:
    sheet, true = page()
    light = np.ones(sheet.shape, np.float32)
    light[:, 350:] = 0.45
    light[200:260, :] *= 0.7
    lit = (sheet * cv2.GaussianBlur(light, (0, 0), 6)).astype(np.uint8)
    assert (lit[true].max()) > lit[~true].min()  # no single threshold separates them
    ink = find_ink(lit, Pen(True, 16))
    assert overlap(ink.mask, true) > 0.85


@pytest.mark.parametrize("deviation", [4, 12])
def test_noise_of_the_paper_is_no_ink(deviation: int) -> None:
    sheet, true = page()
    noisy = np.random.default_rng(0).normal(sheet, deviation).clip(0, 255).astype(np.uint8)
    ink = find_ink(noisy, Pen(True, 16))
    far = ~cv2.dilate(true.astype(np.uint8), np.ones((9, 9))).astype(bool)
    assert overlap(ink.mask, true) > 0.85
    assert ink.mask[far].mean() < 1e-4


def test_the_contrast_is_the_share_of_the_light_that_is_missing() -> None:
    sheet = blank_page(300, 200)
    sheet[80:90, 40:260] = PAPER // 2
    for ink in (find_ink(sheet, Pen(True, 16)), even_ink(sheet)):
        assert ink.contrast[85, 100] == pytest.approx(0.5, abs=0.02)
        assert ink.contrast[20, 20] == pytest.approx(0, abs=0.02)


def test_a_broken_stroke_is_joined_where_faint_ink_is_left() -> None:
    sheet = blank_page(400, 300)
    cv2.line(sheet, (60, 150), (340, 150), 40, 8)
    true = sheet < 137
    sheet[true & (np.arange(400) // 2 % 20 == 0)] = 190  # every 40 px, 2 px of a fifth of the contrast
    assert len(components_of(find_ink(sheet, Pen(True, 16)).mask)) == 1
    sheet[:, 200:240] = PAPER
    assert len(components_of(find_ink(sheet, Pen(True, 16)).mask)) == 2


def test_ink_on_nothing_is_where_it_is_opaque() -> None:
    alpha = np.zeros((40, 40), np.uint8)
    alpha[10:20, 10:30] = 255
    alpha[30, 10:30] = 50
    ink = ink_of_alpha(alpha)
    assert np.array_equal(ink.mask, alpha > 128)
    assert np.allclose(ink.contrast, alpha / 255)
