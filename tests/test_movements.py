"""What became of a product, and the stock on past days, against the files and against what was there then."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import Clock, OpenShop, keep_past_in_logs
from tests.storage.random_shops import IDS, live, new_shop
from tests.test_service_many import stocks_of_the_files
from tracker_tui.model import Product, SaleItem
from tracker_tui.model.movements import Movement, Unwanted, last_of, movements, price_changes, products_on
from tracker_tui.service import InventoryService

pytestmark = pytest.mark.usefixtures("past")

MILK, TEA = "001", "003"


def moved(service: InventoryService, product_id: str) -> list[Movement]:
    return list(movements(service.snapshot.ledger, product_id))


def test_the_movements_of_a_product_run_up_to_its_stock(service: InventoryService) -> None:
    service.receive(MILK, 5, "van")
    sale = service.sell([(MILK, 2), (TEA, 1), (MILK, 1)], "Kim")
    service.count(MILK, 11)
    service.undo(sale.entry)
    service.edit(MILK, price=Decimal("1.50"), cost=Decimal("0.70"))
    service.sell([SaleItem(MILK, 1, Decimal("1.00"))], payment="card")
    service.remove(MILK)
    service.add(Product(MILK, "Milk", Decimal(2), 4))
    assert [(row.what, row.change, row.balance, row.price, row.about) for row in moved(service, MILK)] == [
        ("add", 10, 10, Decimal("1.20"), ""),
        ("receive", 5, 15, Decimal("1.20"), "van"),
        ("sale", -3, 12, Decimal("1.20"), "Kim"),
        ("count", -1, 11, Decimal("1.20"), ""),
        ("undo", 3, 14, Decimal("1.20"), "Kim"),
        ("edit", 0, 14, Decimal("1.50"), ""),
        ("sale", -1, 13, Decimal("1.00"), ""),
        ("remove", -13, 0, None, ""),
        ("add", 4, 4, Decimal("2.00"), ""),
    ]
    assert [(row.listed, row.cost) for row in price_changes(iter(moved(service, MILK)))] == [
        (Decimal("1.20"), None),
        (Decimal("1.50"), Decimal("0.70")),
        (None, None),
        (Decimal("2.00"), None),
    ]
    assert moved(service, "nobody") == []


def test_nobody_waits_in_vain(service: InventoryService) -> None:
    with pytest.raises(Unwanted):
        list(movements(service.snapshot.ledger, MILK, lambda: True))


def test_the_stock_of_a_day_is_that_of_its_end(service: InventoryService, clock: Clock) -> None:
    first = clock.now.date()
    service.sell([(MILK, 1)])
    clock.now += timedelta(days=2)
    service.remove(TEA)
    service.edit(MILK, name="Whole milk")
    service.receive(MILK, 7)
    clock.now += timedelta(days=1)
    service.sell([(MILK, 2)])
    service.add(Product("004", "Jam", Decimal(3), 6))
    clock.now += timedelta(days=1)
    service.add(Product(TEA, "Green tea", Decimal(5), 1))
    shop = service.snapshot

    def stock(days: int) -> dict[str, tuple[str, int]]:
        found = products_on(shop.ledger, shop.products, first + timedelta(days=days))
        return {key: (product.name, product.quantity) for key, product in found.items()}

    assert stock(-1) == {}
    assert stock(0) == stock(1) == {MILK: ("Milk", 9), "002": ("Bread", 5), TEA: ("Tea", 8)}
    assert stock(2) == {MILK: ("Whole milk", 16), "002": ("Bread", 5)}
    assert stock(3) == {MILK: ("Whole milk", 14), "002": ("Bread", 5), "004": ("Jam", 6)}
    assert (
        stock(4)
        == stock(99)
        == {
            MILK: ("Whole milk", 14),
            "002": ("Bread", 5),
            "004": ("Jam", 6),
            TEA: ("Green tea", 1),
        }
    )


@pytest.mark.parametrize("seed", range(4))
def test_a_random_shop_is_led_back_to_each_of_its_days(tmp_path: Path, seed: int) -> None:
    """What was there at the end of each day is found again after all that came later."""
    dice = random.Random(seed)
    with new_shop(tmp_path / "shop", dice) as shop:
        then: dict[date, dict[str, Product]] = {}
        for _ in range(60):
            live(shop, dice, 1)
            entry = shop.snapshot.entries[-1]
            then[entry.time.date()] = dict(shop.snapshot.products.items())
        now = shop.snapshot
        for day, products in then.items():
            assert products_on(now.ledger, now.products, day) == products, day
        for key in IDS:
            rows = moved(shop, key)
            there = now.products.get(key)
            assert (rows[-1].balance if rows else 0) == (there.quantity if there is not None else 0)
            assert sum(row.change for row in rows) == (there.quantity if there is not None else 0)
        with (shop.directory / "changes.txt").open(newline="", encoding="utf-8") as file:
            gone_once = {row["product_id"] for row in csv.DictReader(file) if not row["price"]}
        by_file = stocks_of_the_files(shop)
        always = [key for key in now.products if key not in gone_once]
        assert always
        assert [now.products[key].quantity for key in always] == [by_file[key] for key in always]


def test_a_day_ends_with_its_last_entry(service: InventoryService, clock: Clock) -> None:
    first = clock.now.date()
    clock.now += timedelta(days=1)
    service.sell([(MILK, 1)])
    ledger = service.snapshot.ledger
    assert [last_of(ledger, first + timedelta(days=days)) for days in (-1, 0, 1, 2)] == [0, 3, 4, 4]


def test_it_is_told_how_far_it_is_and_can_be_ended(
    service: InventoryService, clock: Clock, open_shop: OpenShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        keep_past_in_logs(patched)
        service.sell([(MILK, 1)])
        with open_shop("beth") as beth:
            shop = beth.snapshot
        told: list[tuple[int, int]] = []
        before = clock.now.date() - timedelta(days=1)
        products_on(shop.ledger, shop.products, before, lambda *at: told.append(at))
        assert told
        assert all(0 < done <= of for done, of in told)

    def end(_done: int, _of: int) -> None:
        raise Unwanted

    with pytest.raises(Unwanted):
        products_on(shop.ledger, shop.products, before, end)
