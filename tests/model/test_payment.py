"""What is handed over, and what goes back."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker_tui.model.payment import PAYMENTS, given_amount, round_amounts
from tracker_tui.model.records import Settings

TOTAL = Decimal("12.20")


@pytest.mark.parametrize("typed", ["20", "20.00", "20,00", "$20", " 20 "])
def test_an_amount_as_people_type_it(typed: str) -> None:
    assert given_amount(typed, TOTAL, Settings()) == Decimal("20.00")


def test_nothing_typed_means_exactly_the_total() -> None:
    assert given_amount("  ", TOTAL, Settings()) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [("12.19", r"\$0\.01 is missing"), ("1,500", "two ways"), ("x", "no amount"), ("-20", "0 or more")],
)
def test_too_little_and_no_amount_say_why(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        given_amount(typed, TOTAL, Settings())


def test_round_amounts() -> None:
    assert round_amounts(TOTAL, 2) == (Decimal(13), Decimal(15), Decimal(20), Decimal(50))
    assert round_amounts(Decimal("144.41"), 2) == (Decimal(145), Decimal(150), Decimal(160), Decimal(200))
    assert round_amounts(Decimal(0), 2) == ()


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_round_amounts_are_above_the_total_and_rise(total: Decimal) -> None:
    amounts = round_amounts(total, 2)
    assert all(amount > total for amount in amounts)
    assert list(amounts) == sorted(set(amounts))


def test_no_key_of_a_payment_can_be_part_of_an_amount_or_commit() -> None:
    keys = [way.key for way in PAYMENTS]
    assert len(set(keys)) == len(keys)
    assert not set(keys) & set("0123456789.,y")
