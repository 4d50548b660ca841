"""Reads a picture: finds the ink and the sheet in several ways, and keeps what the network reads best."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..input.ink import (
    Ink,
    candidate_pens,
    components_of,
    even_ink,
    find_ink,
    ink_of_alpha,
    is_evenly_lit,
)
from ..input.parts import Box, is_bar, is_blot, is_slender, surrounded, to_part
from ..input.pictures import Picture
from ..input.sheet import find_sheet, flatten, inside_of
from .page import FEW_MARKS, LIKE, Page
from .page_ink import TINY_SIDE, Classify, touches_border
from .page_reader import SMALL_SIDE, read_ink

MOST_IMAGES = 1_500  # that the network reads before the last attempt: print and halftones have many parts
EVEN, UNLIKELY = 0.85, 0.8  # merit of evenly lit ink in a photograph, and of an unlikely pen
GOOD, CERTAIN = 0.9, 0.97  # share of a page that reads as digits
NO_DIGITS = 0.75  # share of a page below which its marks may be something else: print, a chart, noise
MANY = 12  # marks; more on such a page are something else
DOUBTFUL, DOUBTFUL_AREA = 0.75, 0.55  # merit, and share of the ink, below which they may be
FEW_LABELS = 3  # on a turned page, where a third as many different digits as marks are loops
INNER = 0.06  # of a 0's longer side; smaller pieces of ink inside it are specks
FEW = 2.5  # digits; fewer may be shadows, and other ways to find the ink are tried too
OPAQUE = 128  # of 255
ONE_COLOUR = 25  # grey values; the highest standard deviation of a drawing in one colour


class Attempt(NamedTuple):
    """One way to find the ink."""

    ink: Ink
    to_picture: np.ndarray  # float [3, 3]: from px of the ink to px of the picture
    merit: float  # how likely it is, relative to others
    is_final: bool = False  # whether what it finds is kept, however it reads
    on_sheet: np.ndarray | None = None  # bool [H, W]: where the sheet is, if its edges show in the ink


class PageReading(NamedTuple):
    """A page, the boxes of its marks in px of the picture, and whether its marks may be something else."""

    page: Page
    boxes: list[Box]
    is_doubtful: bool


def read_page(picture: Picture, classify: Classify) -> PageReading | None:
    """The page that ``classify`` reads best; None if the picture has no ink, or none that reads as digits.

    Attempts are limited by number, not by time, so that every run has the same result.
    """
    best: tuple[Page, Attempt] | None = None
    most, looked_at = 0.0, 0

    def counted(images: np.ndarray) -> tuple[list[list[float]], list[float]]:
        nonlocal looked_at
        looked_at += len(images)
        return classify(images)

    is_small = max(picture.grey.shape) < SMALL_SIDE
    for attempt in attempts(picture):
        if looked_at > MOST_IMAGES:
            break
        page = read_ink(attempt.ink, counted, attempt.is_final, attempt.on_sheet)
        if page is None:
            continue
        merit = attempt.merit * page.share**2 * page.area_share * page.amount**0.4
        if best is None or merit > most:
            best, most = (page, attempt), merit
        if attempt.is_final or _is_good(best[0], attempt.merit == 1):
            break
    if best is None:
        return None
    page, attempt = best
    if not is_small and (_is_noise(page) or (len(page.marks) > MANY and page.share < NO_DIGITS)):
        return None
    is_doubtful = not is_small and (most < DOUBTFUL or _may_be_something_else(page, attempt))
    boxes = [_box_in_picture(mark.whole.box, page, attempt.to_picture) for mark in page.marks]
    return PageReading(page, boxes, is_doubtful)


def _is_noise(page: Page) -> bool:
    """Whether the marks are little of the ink, and all touch the picture's edge or none reads as a digit."""
    mask = page.ink.mask
    area = sum(item.area for mark in page.marks for item in mark.whole.items)
    return area < DOUBTFUL_AREA * np.count_nonzero(mask) and (
        all(touches_border(mark.whole, mask) for mark in page.marks)
        or all(mark.likeness <= LIKE for mark in page.marks)
    )


def _may_be_something_else(page: Page, attempt: Attempt) -> bool:
    """Whether the marks may be lines, filled shapes, a face or loops, although they read as digits."""
    marks = page.marks
    wholes = [mark.whole for mark in marks]
    labels = {mark.label for mark in marks if mark.likeness > LIKE}
    only_slender = all(map(is_slender, wholes))  # 1s, or lines
    return (
        page.area_share < DOUBTFUL_AREA
        or (page.share < NO_DIGITS and len(marks) > FEW_MARKS)
        or (only_slender and attempt.merit < 1)
        or (labels <= {0, 1} and all(map(is_blot, wholes)))
        or (labels == {1} and len(marks) > 1 and any(map(is_bar, wholes)))
        or (bool(page.turned) and len(labels) <= min(FEW_LABELS, len(marks) / FEW_LABELS))
        or (len(marks) <= FEW_MARKS and _is_face(page))
    )


def _is_face(page: Page) -> bool:
    """Whether a 0 has several pieces of ink inside it, such as eyes; a 0 may have a dot or a slash."""
    zeros = [mark.whole for mark in page.marks if mark.label == 0]
    if not zeros:
        return False
    least = INNER * min(zero.side for zero in zeros)
    others = [to_part(item) for item in components_of(page.ink.mask, least)]
    return any(
        (sides > INNER * zero.side).sum() > 1
        for zero, sides in zip(zeros, surrounded(others, zeros), strict=True)
    )


def attempts(picture: Picture) -> Iterator[Attempt]:
    """The ways to find the ink, the likeliest first."""
    grey, alpha, scale = picture
    whole = np.diag([scale, scale, 1.0])
    if alpha is not None and alpha.min() < OPAQUE:
        drawn = grey[alpha > OPAQUE]
        if drawn.size == 0 or drawn.std() < ONE_COLOUR:
            yield Attempt(ink_of_alpha(alpha), whole, 1.0)
            return
        share = alpha.astype(np.float32) / 255
        grey = (grey * share + float(np.median(drawn)) * (1 - share)).astype(np.uint8)
    is_small = max(grey.shape) < SMALL_SIDE
    corners = None if is_small else find_sheet(grey)
    is_even = corners is None and is_evenly_lit(grey)  # else only the table or the sheet may be
    on_sheet = None if corners is None else inside_of(corners, grey.shape)
    if corners is not None:
        sheet, to_grey = flatten(grey, corners)
        pens, more = candidate_pens(sheet)
        for pen in (pens + more)[: max(2, len(pens))]:
            yield Attempt(find_ink(sheet, pen), whole @ to_grey, 1.0)
    if is_even or is_small:
        is_final = is_even or max(grey.shape) <= TINY_SIDE
        yield Attempt(even_ink(grey), whole, 1.0, is_final, on_sheet)
    likely, others = candidate_pens(grey)
    for pen in likely:
        yield Attempt(find_ink(grey, pen), whole, 1.0, False, on_sheet)
    if is_even:
        return
    if not is_small:
        yield Attempt(even_ink(grey), whole, EVEN, False, on_sheet)
    for pen in others:
        yield Attempt(find_ink(grey, pen), whole, UNLIKELY, False, on_sheet)


def _is_good(page: Page, likely: bool) -> bool:
    """Whether the page reads so well that no other attempt is needed. A line or a shadow may read as a 1."""
    if page.share > GOOD and page.area_share > 0.6 and (page.amount >= FEW or not likely):
        return True
    return page.share > CERTAIN and page.area_share > GOOD and page.marks[0].label != 1


def _box_in_picture(box: Box, page: Page, to_picture: np.ndarray) -> Box:
    """A box on the ink, which may have been turned, in px of the picture."""
    x0, y0, x1, y1 = box
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    height, width = page.ink.mask.shape
    if page.turned == 90:
        corners = np.stack([corners[:, 1], width - corners[:, 0]], 1)
    elif page.turned == 180:
        corners = np.array([width, height]) - corners
    elif page.turned == 270:
        corners = np.stack([height - corners[:, 1], corners[:, 0]], 1)
    points = np.concatenate([corners, np.ones((4, 1))], 1) @ to_picture.T
    points = points[:, :2] / points[:, 2:]
    (x0, y0), (x1, y1) = points.min(0).tolist(), points.max(0).tolist()
    return x0, y0, x1, y1
