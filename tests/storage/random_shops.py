"""Shops with a life of their own: acts and edits by hand at random, and all that a session says of its shop."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import get_args

from tracker_tui.errors import TrackerError
from tracker_tui.model import Product, Purchase
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.tally import Ranked
from tracker_tui.service import InventoryService

IDS = ["001", "002", "a b", "é", 'q"x', "007"]
PEOPLE = ["Ann", "Bob", "Zoë, Dr.", "C0001", "C0002", None]
SPANS = [
    (None, None),
    (date(2026, 3, 1), date(2026, 3, 2)),
    (None, date(2026, 3, 3)),
    (date(2026, 3, 3), None),
    (date(2026, 3, 4), date(2026, 3, 2)),
]

Act = Callable[[InventoryService, random.Random], object]


class Days:
    """A clock that goes on by a moment, some hours or a day."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._now = datetime(2026, 3, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(minutes=self._dice.choice([0, 1, 600, 1500]))
        return self._now


def _sell(shop: InventoryService, dice: random.Random) -> None:
    items = [(dice.choice(IDS), dice.randint(1, 4)), (dice.choice(IDS), 1)]
    shop.sell(
        items[: dice.randint(1, 2)],
        customer=dice.choice(PEOPLE),
        payment=dice.choice(["cash", "card", "account"]),
        note=dice.choice(["", "x,1/2"]),
    )


def _pay(shop: InventoryService, dice: random.Random) -> None:
    shop.pay_account(dice.choice([name for name in PEOPLE if name]), Decimal(dice.randint(1, 500)) / 100)


def _close_day(shop: InventoryService, dice: random.Random) -> None:
    shop.close_day(Decimal(dice.randint(0, 9_000)) / 100, note=dice.choice(["", "x; y", "Kim's"]))


def _give_back(shop: InventoryService, dice: random.Random) -> None:
    sale = dice.choice([sale for sale in shop.snapshot.sales() if not sale.returns])
    shop.give_back(sale.sale, dice.choice([None, [(sale.lines[0].product_id, 1)]]))


def _product(dice: random.Random) -> Product:
    return Product(
        dice.choice(IDS),
        dice.choice(["Milk", "Tea, green", '12" pan', "Käse"]),
        Decimal(dice.randint(1, 300)) / 100,
        dice.randint(0, 40),
        frozenset(dice.sample("abc", 2)),
        dice.randint(0, 2),
        frozenset(dice.sample(["4001", "4002", "x"], 1)),
        extra=dice.choice([{}, {"shelf": "A"}]),
    )


def _edit_by_hand(shop: InventoryService, dice: random.Random) -> None:
    shop.save()
    change_by_hand(shop.directory / "inventory.txt", dice)
    shop.refresh()
    if shop.snapshot.held_edit is not None:
        shop.answer_edit(take=dice.random() < 0.7)


ACTS: list[Act] = [
    *[_sell] * 5,
    _give_back,
    *[_pay] * 2,
    _close_day,
    _edit_by_hand,
    lambda shop, dice: shop.add(_product(dice)),
    lambda shop, dice: shop.import_products([_product(dice)]),
    lambda shop, dice: shop.remove(dice.choice(IDS)),
    lambda shop, dice: shop.edit(dice.choice(IDS), price=Decimal(dice.randint(1, 300)) / 100),
    lambda shop, dice: shop.receive(dice.choice(IDS), dice.randint(1, 9)),
    lambda shop, dice: shop.count(dice.choice(IDS), dice.randint(0, 9)),
    *[lambda shop, dice: shop.undo(dice.randint(1, shop.snapshot.entry))] * 2,
    lambda shop, _dice: shop.save(),
]


def live(shop: InventoryService, dice: random.Random, acts: int) -> None:
    """Let a shop have so many acts; some are refused."""
    for _ in range(acts):
        with suppress(TrackerError, IndexError):
            dice.choice(ACTS)(shop, dice)


def new_shop(directory: Path, dice: random.Random) -> InventoryService:
    """Return an open shop with three products."""
    shop = InventoryService.open(directory, "amal", clock=Days(dice))
    for key in IDS[:3]:
        shop.add(Product(key, f"Product {key}", Decimal(2), 20, frozenset("a")))
    shop.save()
    return shop


def change_by_hand(path: Path, dice: random.Random) -> None:
    """Edit the inventory as a person might, with a program or in a hurry."""
    head, columns, *rows = path.read_text("utf-8").splitlines()
    place = dice.randrange(len(rows))
    match dice.randrange(7):
        case 0:
            rows.insert(place, f"# count these, {dice.randrange(100)}")
        case 1 if "mine" not in columns:
            columns += ",mine"
            rows = [row if row.startswith("#") else f"{row},v{dice.randrange(3)}" for row in rows]
        case 2:
            rows[place] = rows[place].replace("0", "1")
        case 3 if not rows[place].startswith("#"):
            del rows[place]
        case 4:
            rows.insert(place, f"z{dice.randrange(4)},New thing,1.00,{dice.randrange(9)},,,,")
        case 5 if not rows[place].startswith("#"):
            rows.insert(0, rows.pop(place))
        case _:
            rows.insert(place, "a broken line")
    path.write_text("\n".join([head, columns, *rows, ""]), "utf-8")


def told(shop: InventoryService) -> dict[object, object]:
    """Return all that a session says of its shop, so that two can be compared."""
    snapshot = shop.snapshot
    ledger = snapshot.ledger
    said: dict[object, object] = {
        "products": list(snapshot.products.items()),
        "customers": list(snapshot.customers.items()),
        "entries": list(ledger),
        "backwards": list(reversed(ledger)),
        "a stretch": [ledger[at : at + 3] for at in range(-1, len(ledger) + 1)],
        "positions": [ledger.position(number) for number in range(len(ledger) + 3)],
        "one by one": [ledger[at] for at in range(len(ledger))],
        "problems": snapshot.problems,
        "undone": ledger.undone,
        "taken back": dict(ledger.taken_back_by),
        "held": snapshot.held_edit,
        "closes": list(ledger.closes()),
        "reports": [shop.report(*span) for span in SPANS],
        "buyers": [ledger.tally(*span).buyers() for span in SPANS],
        "ranking": [_ranking(ledger, by) for by in get_args(Ranked)],
        "categories": dict(snapshot.categories),
        "barcodes": dict(snapshot.barcodes),
    }
    for customer_id in [*snapshot.customers, "C0009"]:
        said["bought", customer_id] = ledger.bought(customer_id), ledger.purchases_of(customer_id)
        said["latest", customer_id] = ledger.purchases_of(customer_id, 3)
    for entry in ledger:
        said |= _told_of(snapshot.ledger, entry.entry)
        if isinstance(entry, Purchase):
            said["sale", entry.sale] = ledger.find_sale(entry.sale), ledger.returns_of(entry.sale)
    return said


def _ranking(ledger: Ledger, by: Ranked) -> dict[str, float]:
    """Return the order of the customers; who bought nothing may be in it or not."""
    return {who: number for who, number in ledger.ranking(by).items() if who and number}


def _told_of(ledger: Ledger, number: int) -> dict[object, object]:
    """Return what a ledger says of one entry and what it touched."""
    entry = ledger.find(number)
    if entry is None:
        return {("entry", number): None}
    ids = frozenset(line.product_id for line in entry.lines)
    said: dict[object, object] = {
        ("entry", number): entry,
        ("before", number): ledger.fields_before(number, ids),
        ("since", number): [later.entry for later in ledger.since(number)],
    }
    for product_id in ids:
        said["touched", number, product_id] = [
            (later.entry, [line for line in later.lines if line.product_id == product_id])
            for later in ledger.touching(product_id, number)
        ]
    return said


def differences(one: dict[object, object], other: dict[object, object]) -> dict[object, object]:
    """Return what two sessions say differently."""
    return {key: (one.get(key), other.get(key)) for key in {**one, **other} if one.get(key) != other.get(key)}
