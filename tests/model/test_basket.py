"""What a basket comes to: prices that somebody set, discounts of lines and of the whole, to the last coin."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import product
from tracker_tui.model.basket import (
    Basket,
    BasketLine,
    Discount,
    below_cost,
    parse_discount,
    spread,
)
from tracker_tui.model.kept import KeptBasket, park_name
from tracker_tui.model.records import Customer, SaleItem, Settings
from tracker_tui.model.state import Snapshot

SHOP = Snapshot(
    products={
        "001": product("001", "Milk", "1.20", 10)._replace(cost=Decimal("1.00")),
        "002": product("002", "Bread", "2.50", 5),
    },
    customers={"C0001": Customer("C0001", "Amal")},
)


def discount(text: str) -> Discount:
    return parse_discount(text, SHOP.settings)


def test_lines_at_the_prices_of_now() -> None:
    basket = Basket("s").add("001", 2).add("002").add("gone")
    assert basket.total(SHOP) == Decimal("4.90")
    assert basket.items(SHOP) == (SaleItem("001", 2), SaleItem("002", 1), SaleItem("gone", 1))
    assert basket.pieces == 4


def test_a_price_and_a_discount_of_a_line_stay_when_its_quantity_changes() -> None:
    line = BasketLine("001", 1, Decimal("1.10"), discount("10%"))
    basket = Basket("s").add("001").with_line(line).add("001", 2)
    assert basket.lines == (line._replace(quantity=3),)
    assert basket.items(SHOP) == (SaleItem("001", 3, Decimal("1.10"), Decimal("0.33")),)
    assert basket.total(SHOP) == Decimal("2.97")


@pytest.mark.parametrize(
    ("typed", "total"),
    [("10%", "2.16"), ("0.5", "1.90"), ("100%", "0.00"), ("99", "0.00"), ("0", "2.40"), ("12,5 %", "2.10")],
)
def test_a_discount_takes_off_a_part_or_an_amount_but_never_more_than_all(typed: str, total: str) -> None:
    basket = Basket("s").add("001", 2)
    assert basket.with_line(basket.lines[0]._replace(discount=discount(typed))).total(SHOP) == Decimal(total)
    assert basket._replace(discount=discount(typed)).total(SHOP) == Decimal(total)


@pytest.mark.parametrize("typed", ["101%", "-1", "-1%", "ten", "1,000", "%", "5%%", "NaN%", "1e3"])
def test_what_is_no_discount_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        discount(typed)


@pytest.mark.parametrize(("typed", "text"), [("10%", "10%"), ("12.50%", "12.5%"), ("1,5", "1.50"), ("", "")])
def test_a_discount_is_shown_as_it_may_be_typed(typed: str, text: str) -> None:
    assert discount(typed).text == text
    assert discount(discount(typed).text) == discount(typed)


def test_the_discount_of_the_basket_is_shared_among_its_lines() -> None:
    basket = Basket("s", discount=discount("1")).add("001").add("002").add("gone")
    assert basket.items(SHOP) == (
        SaleItem("001", 1, None, Decimal("0.32")),
        SaleItem("002", 1, None, Decimal("0.68")),
        SaleItem("gone", 1, None, Decimal("0.00")),
    )
    assert basket.taken_off(SHOP) == Decimal(1)
    assert basket.total(SHOP) == Decimal("2.70")


AMOUNTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=12)


@given(AMOUNTS, st.integers(0, 10_000), st.integers(0, 4))
def test_what_is_shared_adds_up_and_no_line_bears_more_than_it_has(
    coins: list[int], part: int, decimals: int
) -> None:
    totals = [Decimal(coin).scaleb(-decimals) for coin in coins]
    amount = Decimal(sum(coins) * part // 10_000).scaleb(-decimals)
    shares = spread(amount, totals, decimals)
    assert sum(shares) == amount
    assert all(0 <= share <= total for share, total in zip(shares, totals, strict=True))


@pytest.mark.parametrize(("typed", "below"), [("", False), ("0.20", False), ("0.21", True), ("20%", True)])
def test_below_cost_is_what_a_piece_brings_after_all_discounts(typed: str, below: bool) -> None:  # noqa: FBT001
    basket = Basket("s", discount=discount(typed)).add("001")
    (priced,) = basket.priced(SHOP)
    assert below_cost(priced, SHOP.products["001"].cost) is below
    assert not below_cost(priced, None)


def test_a_basket_that_nobody_named_is_called_by_its_customer_or_its_first_product() -> None:
    basket = Basket("s").add("002").add("001")
    assert park_name(basket, SHOP, ()) == "Bread"
    assert park_name(basket._replace(customer="C0001"), SHOP, ()) == "Amal"
    assert park_name(basket._replace(customer="Zoe"), SHOP, ()) == "Zoe"
    assert park_name(Basket("s"), SHOP, ()) == "basket"
    taken = [
        KeptBasket(basket, "amal", datetime(2026, 3, 2, tzinfo=UTC), name) for name in ("Bread", "Bread 2")
    ]
    assert park_name(basket, SHOP, taken) == "Bread 3"


def test_money_without_decimals() -> None:
    shop = Snapshot(products=SHOP.products, settings=Settings(decimals=0))
    basket = Basket("s", discount=Discount(percent=Decimal(50))).add("002", 3)
    assert basket.total(shop) == Decimal(4)
