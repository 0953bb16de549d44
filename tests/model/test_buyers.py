"""What each customer bought."""

from __future__ import annotations

from decimal import Decimal

from tracker_tui.model import Customer
from tracker_tui.model.buyers import CustomerRows
from tracker_tui.model.queries import bought_by_customer, purchases_of
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tally import Bought
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
    assert [purchase.entry for purchase in purchases_of(shop, kim.id)] == [back.entry, first.entry]
    bought = bought_by_customer(shop)
    assert bought.keys() == {kim.id, other.id}
    assert bought[kim.id].total == Decimal("1.20")


def test_rows_say_where_nothing_is_known_yet() -> None:
    kim = Customer("C0001", "Kim")
    assert CustomerRows([kim], None)[0].bought is None
    assert [row.bought for row in CustomerRows([kim], Snapshot().ledger)[:1]] == [Bought()]
