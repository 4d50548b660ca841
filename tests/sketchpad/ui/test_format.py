"""Numbers as the page writes them."""

from __future__ import annotations

from sketchpad.ui.format import SPACE, compact, percent, percent_of, shape_text, thousands


def test_numbers_have_the_digits_that_matter_and_an_unbroken_unit() -> None:
    assert compact(25_557_032) == f"25.6{SPACE}M"
    assert compact(4_089_184_256) == f"4.09{SPACE}G"
    assert compact(269_722) == f"270{SPACE}k"
    assert compact(999) == "999"
    assert compact(9_801, digits=2, space="") == "9.8k"
    assert thousands(25_557_032) == "25,557,032"
    assert shape_text((64, 56, 56)) == f"64{SPACE}×{SPACE}56{SPACE}×{SPACE}56"


def test_a_share_has_two_digits_and_a_small_one_is_not_zero() -> None:
    shares = [percent_of(n, 10_000) for n in (0, 1, 123, 994, 996, 9_900, 10_000)]
    assert shares == [f"{n}{SPACE}%" for n in ("0", f"<{SPACE}0.1", "1.2", "9.9", "10", "99", "100")]
    assert percent_of(0, 0) == f"0{SPACE}%"
    assert percent(0.9968) == f"99.68{SPACE}%"
    assert percent(0.9968, 1) == f"99.7{SPACE}%"
