"""What a few typed characters mean."""

from __future__ import annotations

import pytest

from tracker_tui.model.matches import Wanted, customer_lookup_text, is_code, likeliest, read_wanted
from tracker_tui.model.records import Customer


@pytest.mark.parametrize(
    ("typed", "pieces", "text"),
    [
        ("milk", 1, "milk"),
        (" milk ", 1, "milk"),
        ("3*milk", 3, "milk"),
        (" 12 * 4006381333931 ", 12, "4006381333931"),
        ("3*", 3, ""),
        ("*milk", 1, "*milk"),
        ("3*4*x", 3, "4*x"),
        ("2x4 plank", 1, "2x4 plank"),
        ("", 1, ""),
        ("٣*milk", 1, "٣*milk"),
    ],
)
def test_a_count_before_a_star(typed: str, pieces: int, text: str) -> None:
    assert read_wanted(typed) == Wanted(pieces, text)


@pytest.mark.parametrize("typed", ["0*milk", "-1*milk", "1.5*milk", "1,5*milk", "9999999999*milk"])
def test_a_count_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"must be|whole number|too large"):
        read_wanted(typed)


def test_only_ascii_digits_are_a_code() -> None:
    assert is_code("0040")
    assert not any(map(is_code, ("", "A1", "4 0", "٣", "1.5", "-1")))


def test_the_likeliest_come_first_and_equal_ones_keep_their_order() -> None:
    names = ["steam iron", "green tea", "teapot", "Tea", "tea towel", "iced tea"]
    assert likeliest(names, "TEA", str, 9) == [
        "Tea",
        "teapot",
        "tea towel",
        "green tea",
        "iced tea",
        "steam iron",
    ]
    assert likeliest(names, "tea", str, 2) == ["Tea", "teapot"]


def test_several_words_may_stand_in_any_order() -> None:
    assert likeliest(["xtea xgreen", "green tea"], "te gre", str, 9) == ["green tea", "xtea xgreen"]


def test_a_phone_is_found_with_and_without_its_spaces() -> None:
    text = customer_lookup_text(Customer("C0001", "Amal", "+44 (20) 79-46"))
    assert "+44 (20) 79-46" in text
    assert "44207946" in text
