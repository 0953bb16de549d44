"""Taxes counted thousands of lines at a time, each by itself, in pieces and in halves: always what the entries say."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from tests.storage.test_counting import history_of, one_by_one
from tracker_tui.errors import TrackerError
from tracker_tui.model import Purchase
from tracker_tui.model.tally import Tally
from tracker_tui.service import InventoryService
from tracker_tui.storage import counting

TABLES = (
    "[tax]\nincluded = false\nrate = 20\ncategories = { bakery = 5.5 }\n",
    "[tax]\nrate = 20\ncategories = { drinks = 0 }\n",
    "",
)


def tell(service: InventoryService, table: str) -> None:
    (service.directory / "tracker.toml").write_text(table, "utf-8")
    service.refresh()


def work(service: InventoryService, seed: int) -> None:
    """Sell, take back and undo, with and without taxes."""
    dice = random.Random(seed)
    sold: list[Purchase] = []
    for product_id in ("001", "002", "003"):
        service.receive(product_id, 1000)
    for number in range(60):
        if number % 20 == 0:
            tell(service, TABLES[number // 20])
        try:
            if sold and dice.random() < 0.3:
                sale = dice.choice(sold)
                one = (dice.choice(sale.lines).product_id, 1)
                to_shelf = dice.random() < 0.7
                service.give_back(sale.sale, [one] if dice.random() < 0.7 else None, to_shelf=to_shelf)
            elif sold and dice.random() < 0.2:
                service.undo(dice.choice(sold).entry)
            else:
                ids = dice.sample(["001", "002", "003"], dice.randint(1, 3))
                items = [(product_id, dice.randint(1, 4)) for product_id in ids]
                sold.append(service.sell(items, dice.choice(["", "Ann"])))
        except TrackerError:
            continue


def taxes_in(history: object) -> list[list[Any]]:
    """Return the taxes of a history: day, rate, net, tax."""
    assert isinstance(history, tuple)
    found: list[list[Any]] = history[0]["taxes"]
    return found


@pytest.mark.parametrize("seed", range(4))
def test_taxes_are_counted_the_same_in_every_way(service: InventoryService, seed: int) -> None:
    work(service, seed)
    folder = service.directory
    logs = ((folder / "purchases.txt").read_bytes(), (folder / "changes.txt").read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracker_tui.storage.history_build.KEPT_BYTES", 1 << 30)
        together = taxes_in(history_of(logs))
        with one_by_one():
            assert taxes_in(history_of(logs)) == together
        patch.setattr(counting, "PIECE_BYTES", 700)
        assert taxes_in(history_of(logs)) == together
        patch.setattr("tracker_tui.storage.history_build._LONG_BYTES", 0)
        assert taxes_in(history_of(logs, in_halves=True)) == together
    tally = Tally()
    for purchase in service.snapshot.sales():
        tally.count(purchase)
    summed: dict[Decimal, tuple[Decimal, Decimal]] = {}
    for _day, rate, net, tax in together:
        key = Decimal(rate.removesuffix("%"))
        had = summed.get(key, (Decimal(0), Decimal(0)))
        summed[key] = (had[0] + Decimal(net).scaleb(-2), had[1] + Decimal(tax).scaleb(-2))
    assert summed == tally.taxes
    assert {Decimal(20), Decimal("5.5"), Decimal(0)} == set(summed)
