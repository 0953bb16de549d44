"""Goods that come back and do not go into the stock again."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tracker_tui.errors import Conflict, Invalid
from tracker_tui.model import SaleItem
from tracker_tui.model.tax import taxes_of
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"
OpenShop = Callable[..., InventoryService]


def stock(shop: InventoryService) -> list[int]:
    return [product.quantity for product in shop.snapshot.products.values()]


def test_goods_off_the_shelf_are_paid_back_and_stay_out_of_the_stock(
    service: InventoryService, open_shop: OpenShop
) -> None:
    service.sell([(MILK, 3), SaleItem(TEA, 2, None, Decimal("0.50"))], "Ann", sale="s1")
    back = service.give_back("s1", [(MILK, 1), (TEA, 1)], "sour", to_shelf=False)
    assert back.total == Decimal("-4.95")
    assert [line.product for line in back.lines] == [
        "001 Milk, not back on the shelf",
        "003 Tea, not back on the shelf",
    ]
    assert stock(service) == [7, 5, 6]
    assert (back.returns, back.note, back.units) == ("s1", "sour", -2)
    for shop in (service, open_shop("zoe")):
        assert stock(shop) == [7, 5, 6]
        assert shop.report().units == 3
        assert shop.snapshot.problems == ()


def test_what_is_off_the_shelf_counts_as_returned(service: InventoryService) -> None:
    sold = service.sell([(MILK, 3), (TEA, 1)], sale="s1")
    service.give_back("s1", [(MILK, 2)], to_shelf=False)
    with pytest.raises(Invalid, match="only 1 of product 001 are left"):
        service.give_back("s1", [(MILK, 2)])
    rest = service.give_back("s1")
    assert [(line.product_id, line.quantity) for line in rest.lines] == [(MILK, -1), (TEA, -1)]
    assert stock(service) == [8, 5, 8]
    assert service.report().total_sales == 0
    with pytest.raises(Conflict, match="was returned by entry 5"):
        service.undo(sold.entry)


def test_undo_of_it_takes_nothing_out_of_the_stock_and_can_be_undone(service: InventoryService) -> None:
    service.sell([(MILK, 3)], sale="s1")
    back = service.give_back("s1", [(MILK, 2)], to_shelf=False)
    undone = service.undo(back.entry)
    assert stock(service) == [7, 5, 8]
    again = service.undo(undone)
    assert stock(service) == [7, 5, 8]
    with pytest.raises(Invalid, match="only 1"):
        service.give_back("s1", [(MILK, 2)])
    undone = service.undo(again)
    service.give_back("s1", [(MILK, 3)])
    with pytest.raises(Conflict, match="took the same goods"):
        service.undo(undone)


def test_taxes_come_back_with_it(service: InventoryService) -> None:
    (service.directory / "tracker.toml").write_text("[tax]\nincluded = false\nrate = 20\n", "utf-8")
    service.refresh()
    service.sell([(MILK, 2), (TEA, 1)], sale="s1")
    back = service.give_back("s1", [(MILK, 2)], to_shelf=False)
    (tax,) = taxes_of(back)
    assert (str(tax.net), str(tax.tax), str(back.total)) == ("-2.40", "-0.48", "-2.88")
    assert str(service.give_back("s1").total) == "-4.80"
    assert service.report().total_sales == 0


def test_return_without_a_receipt_can_stay_off_the_shelf(service: InventoryService) -> None:
    assert service.give_back(None, [(MILK, 2)], to_shelf=False).total == Decimal("-2.40")
    assert stock(service) == [10, 5, 8]
