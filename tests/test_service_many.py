"""Deliveries and counts of several products: one entry each, booked once, undone as one."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal

import pytest

from tests.conftest import OpenShop
from tracker_tui.errors import Conflict, Invalid
from tracker_tui.model import Action, Change
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, BREAD, TEA = "001", "002", "003"


def stocks(service: InventoryService) -> dict[str, int]:
    return {key: product.quantity for key, product in service.snapshot.products.items()}


def stocks_of_the_files(service: InventoryService) -> dict[str, int]:
    """Add the logs up, line by line, with nothing of the program's own."""
    found: Counter[str] = Counter()
    for name, column, sign in (("changes.txt", "quantity_change", 1), ("purchases.txt", "quantity", -1)):
        path = service.directory / name
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    found[row["product_id"]] += sign * int(row[column])
    return dict(found)


def problems_of(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.field for problem in refused.value.problems]


def test_a_delivery_of_several_products_is_one_entry_and_one_undo(service: InventoryService) -> None:
    entry = service.receive_many([(MILK, 24, Decimal("0.7")), (TEA, 3)], "Farm & Co, invoice 17")
    assert stocks(service) == {MILK: 34, BREAD: 5, TEA: 11} == stocks_of_the_files(service)
    assert service.snapshot.products[MILK].cost == Decimal("0.70")
    assert service.snapshot.products[TEA].cost is None
    booked = service.snapshot.find(entry)
    assert isinstance(booked, Change)
    assert (booked.action, booked.note) == (Action.RECEIVE, "Farm & Co, invoice 17")
    service.sell([(MILK, 4)])
    service.undo(entry)
    assert stocks(service) == {MILK: 6, BREAD: 5, TEA: 8} == stocks_of_the_files(service)
    assert service.snapshot.products[MILK].cost is None


def test_a_delivery_is_booked_once(service: InventoryService, open_shop: OpenShop) -> None:
    """Also by another session, and after many further entries."""
    entry = service.receive_many([(MILK, 24)], "Farm", own_id="260302-090000-0badcafe")
    for _ in range(9):
        service.sell([(BREAD, 1), (TEA, 1)] if stocks(service)[BREAD] > 1 else [(MILK, 1)])
    service.save()
    with open_shop("beth") as other:
        assert other.receive_many([(MILK, 24)], "Farm", own_id="260302-090000-0badcafe") == entry
        assert other.snapshot.ledger.find_named("260302-090000-0badcafe") is not None
    service.refresh()
    assert stocks(service) == stocks_of_the_files(service)
    with pytest.raises(Conflict) as refused:
        service.count_many([(MILK, 1)], own_id="260302-090000-0badcafe")
    assert refused.value.entry == entry


def test_a_count_takes_the_difference_at_its_own_moment(service: InventoryService) -> None:
    service.sell([(MILK, 2), (BREAD, 1)])
    entry = service.count_many([(MILK, 9, 10), (BREAD, 5, 5), (TEA, 6)], "shelf")
    assert stocks(service) == {MILK: 7, BREAD: 4, TEA: 6} == stocks_of_the_files(service)
    booked = service.snapshot.find(entry)
    assert isinstance(booked, Change)
    assert [(line.product_id, line.quantity_change) for line in booked.lines] == [
        (MILK, -1),
        (BREAD, 0),
        (TEA, -2),
    ]
    service.undo(entry)
    assert stocks(service) == {MILK: 8, BREAD: 4, TEA: 8} == stocks_of_the_files(service)


def test_what_is_gone_by_now_is_counted_again(service: InventoryService) -> None:
    service.sell([(MILK, 8)])
    with pytest.raises(Invalid, match="count it again") as refused:
        service.count_many([(MILK, 5, 10), (BREAD, 5, 5)])
    assert problems_of(refused) == [f"{MILK} pieces"]
    assert stocks(service) == {MILK: 2, BREAD: 5, TEA: 8}


@pytest.mark.parametrize(
    ("items", "fields"),
    [
        ([], [""]),
        ([(MILK, 0)], [f"{MILK} pieces"]),
        ([(MILK, 1), (BREAD, 1), (MILK, 2)], [MILK]),
        ([("nobody", 1), (MILK, 1)], ["nobody"]),
        ([(MILK, 1, Decimal("0.125")), (BREAD, True)], [f"{MILK} cost", f"{BREAD} pieces"]),
        ([(MILK, 1, Decimal(-1))], [f"{MILK} cost"]),
    ],
)
def test_nothing_is_received_where_one_product_cannot_be(
    service: InventoryService, items: list[tuple[str, int]], fields: list[str]
) -> None:
    entry = service.snapshot.entry
    with pytest.raises(Invalid) as refused:
        service.receive_many(items)
    assert problems_of(refused) == fields
    assert service.snapshot.entry == entry


@pytest.mark.parametrize("own_id", ["Farm", "a b", "#1", "ä", "x" * 101])
def test_an_id_that_no_note_can_end_with_is_refused(service: InventoryService, own_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        service.receive_many([(MILK, 1)], own_id=own_id)
    assert problems_of(refused) == ["id"]
