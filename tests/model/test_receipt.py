"""The receipt as text."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import THREE
from tracker_tui.model import Purchase, SaleLine, Settings
from tracker_tui.model.account import account_line
from tracker_tui.model.receipt import receipt_text
from tracker_tui.model.records import RECEIPT_WIDTHS, ReceiptSettings, TaxRules
from tracker_tui.model.sales import negative
from tracker_tui.model.tax import with_taxes

SHOP = Settings(
    shop="Corner shop", receipt=ReceiptSettings(header=("1 High Street",), footer=("Thank you, come again",))
)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MILK = SaleLine("001", "Milk", 2, Decimal("1.20"), Decimal("0.40"), Decimal("2.00"))
BREAD = SaleLine("002", "Bread", 1, Decimal("2.50"), Decimal(0), Decimal("2.50"))


def sale(*lines: SaleLine, payment: str = "cash", returns: str = "", customer: str = "") -> Purchase:
    who = "C0001" if customer else ""
    return Purchase(7, "amal", "260302-120000-1a2b3c4d", who, customer, lines, payment, returns, "", NOON)


def test_receipt_of_a_sale() -> None:
    text = receipt_text(sale(MILK, BREAD, customer="Ann"), SHOP, width=32, given=Decimal(10))
    assert text.split("\n") == [
        "          Corner shop",
        "         1 High Street",
        "Sale 260302-120000-1a2b3c4d",
        "2026-03-02 12:00           No. 7",
        "Clerk: amal",
        "Customer: Ann (C0001)",
        "--------------------------------",
        "Milk",
        "  2 x 1.20 less 0.40        2.00",
        "Bread                       2.50",
        "--------------------------------",
        "TOTAL                      $4.50",
        "Given                      10.00",
        "Change                      5.50",
        "Paid: cash",
        "--------------------------------",
        "     Thank you, come again",
        "",
    ]


def test_taxes_stand_under_the_total_and_each_line_has_its_mark() -> None:
    products = {item.id: item for item in THREE}
    rules = TaxRules(included=False, rate=Decimal(20), categories={"bakery": Decimal("5.5")})
    text = receipt_text(sale(*with_taxes([MILK, BREAD], products, rules, 2)), SHOP, width=42)
    assert text.split("\n")[5:-3] == [
        "------------------------------------------",
        "Milk",
        "  2 x 1.20 less 0.40                2.00 A",
        "Bread                               2.50 B",
        "------------------------------------------",
        "20% tax                             0.40",
        "5.5% tax                            0.14",
        "TOTAL                              $5.04",
        "Paid: cash",
        "------------------------------------------",
        "  Tax           net        tax      gross",
        "A 20%          2.00       0.40       2.40",
        "B 5.5%         2.50       0.14       2.64",
    ]


def test_copy_return_undone_and_payment_say_so() -> None:
    assert "*** COPY ***" in receipt_text(sale(BREAD), SHOP, copy=True)
    assert "COPY" not in receipt_text(sale(BREAD), SHOP)
    assert "*** UNDONE - DOES NOT COUNT ***" in receipt_text(sale(BREAD), SHOP, undone=True)
    back = receipt_text(sale(negative(BREAD), returns="s1"), SHOP)
    assert "Return\n" in back
    assert "Of sale s1\n" in back
    assert "-$2.50\nPaid back: cash\n" in back
    paid = receipt_text(sale(account_line(Decimal(5)), payment="cash to account", customer="Ann"), SHOP)
    assert "Payment on account\n" in paid
    assert "$5.00\nPaid: cash to account\n" in paid
    assert "payment on account" not in paid, "it is no product"


@given(
    name=st.text(max_size=60),
    amount=st.decimals(0, 10**12, places=2),
    width=st.sampled_from(RECEIPT_WIDTHS),
    taxed=st.booleans(),
)
def test_no_line_is_too_wide_and_no_control_character_gets_through(
    name: str, amount: Decimal, width: int, taxed: object
) -> None:
    line = SaleLine("001", name, 3, amount, Decimal(0), 3 * amount)
    rules = TaxRules(rate=Decimal(20)) if taxed else TaxRules()
    lines = with_taxes([line], {item.id: item for item in THREE}, rules, 2)
    text = receipt_text(sale(*lines, customer=name), SHOP._replace(shop=name[:40]), width=width)
    rows = text.split("\n")
    assert rows[-1] == ""
    assert all(len(row) <= width for row in rows if row.isascii())
    assert not [char for char in text if (char < " " and char != "\n") or "\x7f" <= char <= "\x9f"]


@pytest.mark.parametrize("width", RECEIPT_WIDTHS)
def test_wide_characters_count_twice(width: int) -> None:
    line = SaleLine("001", "牛奶" * 20, 1, Decimal(1), Decimal(0), Decimal(1))
    rows = receipt_text(sale(line), SHOP, width=width).split("\n")
    wide = [row for row in rows if "牛" in row or "奶" in row]
    assert "".join(wide).replace(" ", "").removesuffix("1").startswith("牛奶")
    assert all(len(row) + sum(char in "牛奶" for char in row) <= width for row in wide)
