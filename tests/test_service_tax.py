"""Taxes of sales and returns: kept with the sale, given back to the cent, whatever the rates are by then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Clock
from tracker_tui.model import Purchase, SaleItem
from tracker_tui.model.basket import Basket
from tracker_tui.model.tax import goods_of, taxes_of
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"
OpenShop = Callable[..., InventoryService]


def take_taxes(shop: InventoryService, text: str) -> None:
    (shop.directory / "tracker.toml").write_text(text, "utf-8")
    shop.refresh()
    assert shop.snapshot.problems == ()


def told(purchase: Purchase) -> list[tuple[str, str, str]]:
    return [(str(tax.rate), str(tax.net), str(tax.tax)) for tax in taxes_of(purchase)]


ON_TOP = "[tax]\nincluded = false\nrate = 20\ncategories = { bakery = 5 }\n"
INCLUDED = "[tax]\nrate = 20\ncategories = { bakery = 5 }\n"


def test_tax_on_top_is_paid_and_tax_in_the_prices_is_not_added(service: InventoryService) -> None:
    take_taxes(service, ON_TOP)
    sold = service.sell([(MILK, 2), (BREAD, 1), (TEA, 1)])
    assert sold.total == Decimal("10.31")  # 2.40 + 4.00 + 20 %, 2.50 + 5 %
    assert told(sold) == [("20", "6.40", "1.28"), ("5", "2.50", "0.13")]
    assert [line.product for line in sold.lines[3:]] == ["tax 20% on 1|3", "tax 5% on 2"]
    take_taxes(service, INCLUDED)
    sold = service.sell([(MILK, 2), (BREAD, 1), (TEA, 1)])
    assert sold.total == Decimal("8.90")
    assert told(sold) == [("20", "5.33", "1.07"), ("5", "2.38", "0.12")]
    assert sold.units == 4


def test_basket_asks_for_what_the_sale_comes_to(service: InventoryService) -> None:
    take_taxes(service, ON_TOP)
    basket = Basket("b1").add(MILK, 2).add(BREAD)
    shop = service.snapshot
    assert basket.total(shop) == service.sell(basket.items(shop), sale="b1").total == Decimal("5.51")


def test_later_rates_change_no_old_sale(service: InventoryService, open_shop: OpenShop) -> None:
    take_taxes(service, ON_TOP)
    sold = service.sell([(MILK, 1), (BREAD, 1)], sale="s1")
    take_taxes(service, "[tax]\nrate = 50\n")
    assert told(service.give_back("s1", [(MILK, 1)])) == [("20", "-1.20", "-0.24")]
    take_taxes(service, "")
    back = service.give_back("s1")
    assert told(back) == [("5", "-2.50", "-0.13")]
    assert sold.total == Decimal("4.07")
    with open_shop() as other:
        again = other.snapshot.ledger.find_sale("s1")
        assert again is not None
        assert told(again) == [("20", "1.20", "0.24"), ("5", "2.50", "0.13")]
        assert other.report().total_sales == 0
        assert other.snapshot.problems == ()


def test_sale_without_taxes_gives_none_back(service: InventoryService) -> None:
    service.sell([(MILK, 1)], sale="s1")
    take_taxes(service, ON_TOP)
    assert service.give_back("s1").total == Decimal("-1.20")


def test_return_without_a_receipt_has_the_taxes_of_now(service: InventoryService) -> None:
    take_taxes(service, ON_TOP)
    back = service.give_back(None, [(TEA, 1)])
    assert (back.total, told(back)) == (Decimal("-4.80"), [("20", "-4.00", "-0.80")])


def test_undo_takes_the_taxes_back_and_again(service: InventoryService) -> None:
    take_taxes(service, ON_TOP)
    sold = service.sell([(MILK, 3)], sale="s1")
    undone = service.undo(sold.entry)
    assert service.report().total_sales == 0
    service.undo(undone)
    assert service.report().total_sales == sold.total == Decimal("4.32")
    assert service.give_back("s1").total == -sold.total


def test_report_has_each_rate_with_returns_taken_off_and_nothing_undone(
    service: InventoryService, open_shop: OpenShop, clock: Clock
) -> None:
    take_taxes(service, ON_TOP)
    service.sell([(MILK, 2), (BREAD, 1)], sale="s1")
    service.undo(service.sell([(TEA, 1)]).entry)
    clock.now += timedelta(days=1)
    take_taxes(service, INCLUDED)
    service.sell([(MILK, 1), (BREAD, 1)])
    service.give_back("s1", [(MILK, 1)])
    clock.now += timedelta(days=1)
    take_taxes(service, "")
    service.sell([(TEA, 1)], "Ann")
    for shop in (service, open_shop("zoe")):
        rates = {str(tax.rate): (str(tax.net), str(tax.tax), str(tax.gross)) for tax in shop.report().taxes}
        assert rates == {"20": ("2.20", "0.44", "2.64"), "5": ("4.88", "0.25", "5.13")}
        first = shop.report(until=date(2026, 3, 2))
        assert [(str(tax.rate), str(tax.net), str(tax.tax)) for tax in first.taxes] == [
            ("20", "2.40", "0.48"),
            ("5", "2.50", "0.13"),
        ]
        assert shop.report(since=date(2026, 3, 4)).taxes == ()


@settings(max_examples=25)
@given(
    pieces=st.lists(st.integers(1, 7), min_size=1, max_size=3),
    price=st.integers(1, 999),
    discount=st.integers(0, 99),
    included=st.sampled_from(["true", "false"]),
    rate=st.sampled_from(["5", "7.7", "19", "20", "33.3333"]),
    data=st.data(),
)
def test_all_returns_together_give_all_back_to_the_cent(
    tmp_path_factory: pytest.TempPathFactory,
    pieces: list[int],
    price: int,
    discount: int,
    included: str,
    rate: str,
    data: st.DataObject,
) -> None:
    folder: Path = tmp_path_factory.mktemp("taxes")
    (folder / "tracker.toml").write_text(f"[tax]\nincluded = {included}\nrate = {rate}\n", "utf-8")
    with InventoryService.open(folder, "amal") as shop:
        from tests.conftest import THREE  # noqa: PLC0415 - the three products

        for item in THREE:
            shop.add(item._replace(quantity=100))
        ids = [MILK, BREAD, TEA][: len(pieces)]
        items = [
            SaleItem(key, count, Decimal(price).scaleb(-2), Decimal(min(discount, price * count)).scaleb(-2))
            for key, count in zip(ids, pieces, strict=True)
        ]
        sold = shop.sell(items, sale="s1")
        left = dict(zip(ids, pieces, strict=True))
        backs: list[Purchase] = []
        while left:
            key = data.draw(st.sampled_from(sorted(left)))
            count = data.draw(st.integers(1, left[key]))
            backs.append(shop.give_back("s1", [(key, count)]))
            left[key] -= count
            left = {name: rest for name, rest in left.items() if rest}
        assert sum(back.total for back in backs) == -sold.total
        (tax,) = taxes_of(sold)
        returned = [back_tax for back in backs for back_tax in taxes_of(back)]
        assert sum(one.tax for one in returned) == -tax.tax
        assert sum(one.net for one in returned) == -tax.net
        assert all(one.tax <= 0 for one in returned)
        assert goods_of(sold) == sold.lines[: len(ids)]
        assert shop.report().total_sales == 0
