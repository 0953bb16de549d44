"""What each customer bought."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tracker_tui.model import Customer
from tracker_tui.model.buyers import CustomerRows, customer_index
from tracker_tui.model.queries import bought_by_customer, purchases_of
from tracker_tui.model.records import Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.model.tally import Bought
from tracker_tui.screens.customer_columns import customer_columns
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


def rows_of(shop: Snapshot) -> CustomerRows:
    index = customer_index()
    index.update(shop.customers)
    return CustomerRows(index.matching(""), shop.ledger)


def test_rows_say_where_nothing_is_known_yet() -> None:
    kim = Customer("C0001", "Kim")
    index = customer_index()
    index.update({kim.id: kim})
    everybody = index.matching("")
    assert CustomerRows(everybody, None)[0].bought is None
    assert [row.bought for row in CustomerRows(everybody, Snapshot().ledger)[:1]] == [Bought()]


@pytest.mark.parametrize("reverse", [False, True])
def test_customers_are_ordered_by_what_their_columns_show(
    service: InventoryService, *, reverse: bool
) -> None:
    people = [service.add_customer(Customer("", name, f"{name}-1")) for name in ("kim", "Ada", "kim", "Zoë")]
    service.sell([("001", 2)], people[3].id)
    service.sell([("002", 1)], people[1].id)
    undone = service.sell([("001", 1)], people[0].id)
    service.sell([("001", 1)], people[1].id)
    service.undo(undone.entry)
    rows = rows_of(service.snapshot)
    for column in customer_columns(Settings()):
        assert column.sort is not None
        ordered = rows.sorted_by(column.key, reverse=reverse)
        assert list(ordered) == sorted(rows, key=column.sort, reverse=reverse), column.key
        assert [ordered.position(ordered.key_at(at)) for at in range(len(ordered))] == [0, 1, 2, 3]
        assert ordered.sorted_by("", reverse=False).key_at(0) == ordered.key_at(0)


def test_a_sale_may_change_any_row(service: InventoryService) -> None:
    kim = service.add_customer(Customer("", "Kim"))
    before = rows_of(service.snapshot)
    assert before.changes_since(before) == frozenset()
    service.sell([("001", 2)], kim.id)
    assert rows_of(service.snapshot).changes_since(before) is None
