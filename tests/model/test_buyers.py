"""What each customer bought."""

from __future__ import annotations

from decimal import Decimal

from tracker_tui.model import Customer
from tracker_tui.model.buyers import NOTHING, customer_rows, gather_buyers
from tracker_tui.model.queries import bought_by_customer, purchases_of
from tracker_tui.model.state import Snapshot
from tracker_tui.service import InventoryService


def test_purchases_are_gathered_newest_first_without_what_was_undone(service: InventoryService) -> None:
    kim = service.add_customer(Customer("", "Kim"))
    other = service.add_customer(Customer("", "Kim"))
    first = service.sell([("001", 2)], kim.id)
    service.sell([("002", 1)], other.id)
    service.sell([("003", 1)])
    back = service.give_back(first.sale, [("001", 1)])
    undone = service.sell([("003", 1)], kim.id)
    service.undo(undone.entry)
    shop = service.snapshot
    buyers = gather_buyers(shop)
    assert [purchase.entry for purchase in buyers.purchases[kim.id]] == [back.entry, first.entry]
    assert buyers.purchases == {key: purchases_of(shop, key) for key in (kim.id, other.id)}
    assert buyers.totals == bought_by_customer(shop)
    assert buyers.totals[kim.id].total == Decimal("1.20")


def test_rows_say_where_nothing_is_known_yet() -> None:
    kim = Customer("C0001", "Kim")
    assert customer_rows([kim], None)[0].bought is None
    assert customer_rows([kim], gather_buyers(Snapshot()))[0].bought == NOTHING
