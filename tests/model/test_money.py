"""Amounts and counts, as typed and as stored."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model.money import (
    MOST_PIECES,
    line_total,
    parse_amount,
    parse_count,
    parse_stored_amount,
    parse_stored_count,
    rounded,
    shown,
    written,
)

amounts = st.decimals(0, 10**12 - 1, places=2)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.50", "1.50"),
        ("1,50", "1.50"),
        ("1.5", "1.50"),
        ("1,5", "1.50"),
        (" 3 ", "3.00"),
        ("$2.50", "2.50"),
        ("$ 2.50", "2.50"),
        ("0", "0.00"),
        ("007", "7.00"),
        ("999999999999.99", "999999999999.99"),
    ],
)
def test_amount_is_read_with_point_or_comma(typed: str, amount: str) -> None:
    read = parse_amount(typed, 2, currency="$")
    assert read == Decimal(amount)
    assert written(read) == amount


@pytest.mark.parametrize("typed", ["1,500", "1.500", "12,345", "1,000"])
def test_three_digits_behind_the_mark_are_ambiguous(typed: str) -> None:
    with pytest.raises(ValueError, match="two ways"):
        parse_amount(typed, 2)


def test_three_decimals_are_read_where_the_shop_has_them_but_not_behind_a_comma() -> None:
    assert parse_amount("1.500", 3) == Decimal("1.500")
    with pytest.raises(ValueError, match="two ways"):
        parse_amount("1,500", 3)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "type an amount"),
        ("   ", "type an amount"),
        ("abc", "is no amount"),
        ("NaN", "is no amount"),
        ("Infinity", "is no amount"),
        ("-Infinity", "is no amount"),
        ("1e5", "is no amount"),
        ("1E+1000000", "is no amount"),
        ("1_000", "is no amount"),
        ("0x10", "is no amount"),
        ("１２", "type digits 0 to 9"),
        ("٣", "type digits 0 to 9"),
        ("1,500.00", "is no amount"),
        ("1.", "is no amount"),
        (".5", "is no amount"),
        ("--1", "is no amount"),
        ("-1", "must be 0 or more"),
        ("-0.01", "must be 0 or more"),
        ("1.2345", "at most 2 decimals"),
        ("1234567890123", "is no amount"),
        ("9" * 14, "too large"),
        ("9" * 100_000, "too large"),
        ("1.50\n2", "is no amount"),
        ("[/]", "is no amount"),
    ],
)
def test_what_is_no_amount_is_refused_with_what_to_type(typed: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        parse_amount(typed, 2)
    assert len(str(refused.value)) < 120


def test_shop_without_decimals_takes_none() -> None:
    assert written(parse_amount("15", 0)) == "15"
    with pytest.raises(ValueError, match="no decimals"):
        parse_amount("1.5", 0)
    with pytest.raises(ValueError, match="1500") as refused:
        parse_amount("1.500", 0)
    assert "1.50 " not in f"{refused.value} ", "what is proposed must be taken"


@given(amounts)
def test_amount_written_is_read_back(amount: Decimal) -> None:
    assert parse_stored_amount(written(amount), 2) == amount
    assert parse_amount(written(amount), 2) == amount


@pytest.mark.parametrize(
    ("stored", "amount"), [("10.0", "10.00"), ("10", "10.00"), ("2,5", "2.50"), ("0.12345", "0.12345")]
)
def test_stored_amount_keeps_its_decimals_and_is_filled_up(stored: str, amount: str) -> None:
    assert written(parse_stored_amount(stored, 2)) == amount


@pytest.mark.parametrize(
    "stored", ["", " 1", "1e5", "NaN", "-1.00", "１.00", "1,500", "1.", "1.123456789", "9" * 40]
)
def test_stored_amount_of_another_form_is_refused(stored: str) -> None:
    with pytest.raises(ValueError, match=r"is no amount|below 0|two ways"):
        parse_stored_amount(stored, 2)


def test_stored_amount_may_be_negative_only_where_it_is_signed() -> None:
    assert parse_stored_amount("-3.00", 2, signed=True) == Decimal(-3)


@pytest.mark.parametrize(("typed", "count"), [("5", 5), (" 5 ", 5), ("0", 0), ("999999999", MOST_PIECES)])
def test_count_is_read(typed: str, count: int) -> None:
    assert parse_count(typed) == count


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "type a whole number"),
        ("1.0", "no whole number"),
        ("1e3", "no whole number"),
        ("1_0", "no whole number"),
        ("٣", "no whole number"),
        ("-1", "0 or more"),
        ("1000000000", "too large"),
        ("9" * 100_000, "too large"),
        ("5\n", None),
    ],
)
def test_what_is_no_count_is_refused(typed: str, reason: str | None) -> None:
    if reason is None:
        assert parse_count(typed) == 5
        return
    with pytest.raises(ValueError, match=reason):
        parse_count(typed)


def test_count_below_the_least_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        parse_count("0", least=1)


@pytest.mark.parametrize("stored", ["", "+5", "5.0", "1E+1000000", "１２", " 5", "9" * 5000, "0x1"])
def test_stored_count_of_another_form_is_refused(stored: str) -> None:
    with pytest.raises(ValueError, match="no whole number"):
        parse_stored_count(stored)


def test_rounding_is_half_up_on_both_sides_of_zero() -> None:
    assert rounded(Decimal("0.125"), 2) == Decimal("0.13")
    assert rounded(Decimal("-0.125"), 2) == Decimal("-0.13")


def test_rounding_leaves_no_minus_zero() -> None:
    """`-0.00` would be refused as an amount below 0 when it is read back."""
    assert written(rounded(Decimal("-0.00"), 2)) == "0.00"
    assert written(rounded(Decimal("-0.001"), 2)) == "0.00"


def test_total_of_the_largest_line_is_exact() -> None:
    total = line_total(MOST_PIECES, Decimal("999999999999.99999999"), Decimal(0), 8)
    assert written(total).replace(".", "") == str(99_999_999_999_999_999_999 * MOST_PIECES)


def test_amount_is_shown_with_sign_and_currency() -> None:
    assert shown(Decimal("1234.5"), "$") == "$1,234.50"
    assert shown(Decimal(-3), "$") == "-$3.00"
    assert shown(Decimal("0.125"), "€") == "€0.125"
    assert shown(Decimal(7), "", 0) == "7"
