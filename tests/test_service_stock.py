"""Deliveries, counts, corrections and imports."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tracker_tui.errors import Invalid, OutOfStock
from tracker_tui.model import Product
from tracker_tui.model.money import MOST_PIECES
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK = "001"
OpenShop = Callable[..., InventoryService]


def fields_of(refused: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [problem.field for problem in refused.value.problems]


def test_receiving_counting_and_adjusting_change_the_stock(service: InventoryService) -> None:
    service.receive(MILK, 5, "from the farm")
    service.adjust(MILK, -3, "broken")
    assert service.snapshot.products[MILK].quantity == 12
    service.count(MILK, 0)
    assert service.snapshot.products[MILK].quantity == 0
    assert service.count(MILK, 0) == 7, "a count that was right is logged as well"


@pytest.mark.parametrize("n", [0, -1, MOST_PIECES + 1, True, 1.0, "1", None])
def test_what_is_no_delivery_is_refused(service: InventoryService, n: int) -> None:
    with pytest.raises(Invalid) as refused:
        service.receive(MILK, n)
    assert fields_of(refused) == ["pieces"]


def test_stock_never_grows_beyond_what_can_be_written(service: InventoryService) -> None:
    with pytest.raises(Invalid):
        service.receive(MILK, MOST_PIECES)
    service.count(MILK, MOST_PIECES)
    back = service.give_back(None, [(MILK, MOST_PIECES)])
    service.save()
    with InventoryService.open(service.directory, "beth") as again:
        assert again.snapshot.products[MILK].quantity == 2 * MOST_PIECES
        assert again.snapshot.problems == ()
        again.undo(back.entry)


def test_stock_is_not_adjusted_below_nothing_nor_without_a_reason(service: InventoryService) -> None:
    with pytest.raises(OutOfStock) as refused:
        service.adjust(MILK, -11, "broken")
    assert (refused.value.wanted, refused.value.available, refused.value.product.id) == (11, 10, MILK)
    with pytest.raises(Invalid) as invalid:
        service.adjust(MILK, 1, " ")
    assert fields_of(invalid) == ["note"]


def test_import_is_one_entry_and_all_or_nothing(service: InventoryService) -> None:
    rows = [Product(f"n{i}", f"New {i}", Decimal(1), i) for i in range(500)]
    with pytest.raises(Invalid, match="n7 price"):
        service.import_products([*rows, rows[7]._replace(price=Decimal(-1))])
    with pytest.raises(Invalid, match="twice"):
        service.import_products([*rows, rows[7]._replace(quantity=9)])
    assert service.snapshot.entry == 3
    assert service.import_products(rows) == 4
    assert service.import_products(rows) is None
    assert len(service.snapshot.products) == 503


@pytest.mark.parametrize("note", ['own columns: {"shelf": "stolen"}', "entry 1", 'a, b"c', "  "])
def test_note_is_a_note_whatever_it_looks_like(
    service: InventoryService, open_shop: OpenShop, note: str
) -> None:
    service.receive(MILK, 1, note)
    service.count(MILK, 3, note)
    there = service.snapshot
    (service.directory / "inventory.txt").unlink(missing_ok=True)
    with open_shop("beth") as again:
        assert list(again.snapshot.entries) == list(there.entries)
        assert dict(again.snapshot.products) == dict(there.products)
