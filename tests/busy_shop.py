"""Shops in which everything happens that a report must count right, and sums over their files without the program."""

from __future__ import annotations

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tracker_tui.errors import TrackerError
from tracker_tui.model import Product, SaleItem
from tracker_tui.service import InventoryService

IDS = ("001", "002", "a b", "a", "007", 'q"x')
NAMES = ("Milk", "Tea, green", "b Milk", "Käse", '12" pan')
PEOPLE = ("Ann", "Bob", "Zoë, Dr.", None)
CLERKS = ("amal", "bo")
TAXES = (
    "[tax]\nincluded = true\nrate = 20\ncategories = { dairy = 5.5 }\n",
    "[tax]\nincluded = false\nrate = 7\n",
    "",
)


class SteppingClock:
    """A clock that goes on by minutes, hours or days, and now and then back."""

    def __init__(self, dice: random.Random, *, back: bool) -> None:
        self._dice = dice
        self._back = back
        self.now = datetime(2026, 2, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        steps = [1, 7, 60, 300, 1440, 4000] + [-3000] * self._back
        self.now += timedelta(minutes=self._dice.choice(steps))
        return self.now


def _sell(shop: InventoryService, dice: random.Random) -> None:
    products = [*shop.snapshot.products]
    ids = dice.sample(products, min(dice.choice([1, 2, 3]), len(products)))
    discount = Decimal(dice.choice([0, 0, 10, 25])) / 100
    items = [SaleItem(key, dice.randint(1, 4), discount=discount) for key in ids]
    shop.sell(items, customer=dice.choice(PEOPLE), payment=dice.choice(["cash", "card", "account"]))


def _give_back(shop: InventoryService, dice: random.Random) -> None:
    sale = dice.choice([sale for sale in shop.snapshot.sales() if not sale.returns])
    one = dice.choice([line for line in sale.lines if line.product_id])
    lines = dice.choice([None, [(one.product_id, 1)]])
    shop.give_back(sale.sale, lines, to_shelf=dice.random() < 0.5)


def _edit(shop: InventoryService, dice: random.Random) -> None:
    cost = dice.choice([None, Decimal(dice.randint(1, 90)) / 100])
    changes: dict[str, Any] = {"cost": cost}
    if dice.random() < 0.3:
        changes["name"] = dice.choice(NAMES)
    if dice.random() < 0.3:
        changes["categories"] = frozenset(dice.sample(["dairy", "fresh", "hot"], dice.randint(0, 2)))
    shop.edit(dice.choice([*shop.snapshot.products]), **changes)


def _set_taxes(shop: InventoryService, dice: random.Random) -> None:
    (shop.directory / "tracker.toml").write_text(dice.choice(TAXES), "utf-8")
    shop.refresh()


def _add(shop: InventoryService, dice: random.Random) -> None:
    categories = frozenset(dice.sample(["dairy", "fresh", "hot"], dice.randint(0, 2)))
    cost = dice.choice([None, Decimal(dice.randint(1, 90)) / 100])
    price = Decimal(dice.randint(30, 400)) / 100
    shop.add(Product(dice.choice(IDS), dice.choice(NAMES), price, 60, categories, cost=cost))


ACTS: Sequence[Callable[[InventoryService, random.Random], object]] = (
    *[_sell] * 8,
    *[_give_back] * 2,
    *[_edit] * 2,
    *[_add] * 2,
    _set_taxes,
    lambda shop, dice: shop.remove(dice.choice([*shop.snapshot.products])),
    lambda shop, dice: shop.pay_account(dice.choice(["Ann", "Bob"]), Decimal(dice.randint(1, 500)) / 100),
    lambda shop, dice: shop.undo(dice.randint(1, max(1, shop.snapshot.entry))),
    lambda shop, dice: shop.receive(dice.choice([*shop.snapshot.products]), 9),
)


def busy_shop(directory: Path, seed: int, acts: int, *, back: bool = False) -> None:
    """Make a shop in a folder, or go on with it.

    Args:
        directory: The folder.
        seed: For what happens.
        acts: How many acts are tried; some are refused.
        back: Whether the clock goes back now and then.
    """
    dice = random.Random(seed)
    clock = SteppingClock(dice, back=back)
    shops = [InventoryService.open(directory, clerk, clock=clock) for clerk in CLERKS]
    for _ in range(acts):
        shop = dice.choice(shops)
        shop.refresh()
        with suppress(TrackerError, IndexError):
            dice.choice(ACTS)(shop, dice)
    for shop in shops:
        shop.close()


# Sums over the files, without the program

Row = dict[str, str]


@dataclass
class Truth:
    """What some sales come to, as `Sum` says it."""

    sales: set[int] = field(default_factory=set)
    returns: set[int] = field(default_factory=set)
    units: int = 0
    money: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    known: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)

    def figures(self) -> tuple[int, int, int, Decimal, Decimal, Decimal, Decimal]:
        """Return all of it as values to compare."""
        return (
            len(self.sales),
            len(self.returns),
            self.units,
            self.money,
            self.returned,
            self.known,
            self.cost,
        )


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _dead(sales: Sequence[Row], changes: Sequence[Row]) -> set[int]:
    """Return the entries that count for nothing: undone, or the undoing."""
    by: dict[int, int] = {}
    for row in sales:
        if row["sale"].startswith("undo-"):
            by[int(row["sale"][5:])] = int(row["entry"])
    for row in changes:
        if row["action"] == "undo":
            by[int(row["note"].removeprefix("entry "))] = int(row["entry"])
    dead = set(by.values())
    for number in by:
        links, at = 0, number
        while at in by:
            at, links = by[at], links + 1
        if links % 2:
            dead.add(number)
    return dead


def _cost_of(changes: Sequence[Row], product: str, entry: int) -> Decimal | None:
    """Return what a piece cost at an entry; where nobody had said so yet, what was said first after it."""
    said = [
        (int(row["entry"]), row["cost"]) for row in changes if row["product_id"] == product and row["price"]
    ]
    at_that_time = [cost for number, cost in said if number <= entry]
    if at_that_time and at_that_time[-1]:
        return Decimal(at_that_time[-1])
    later = [cost for number, cost in said if number > entry and cost]
    return Decimal(later[0]) if later else None


class Files:
    """The lines of both logs of a shop that count."""

    def __init__(self, directory: Path) -> None:
        sales = _rows(directory / "purchases.txt") if (directory / "purchases.txt").exists() else []
        self.changes = _rows(directory / "changes.txt")
        dead = _dead(sales, self.changes)
        self.entries: dict[int, list[Row]] = defaultdict(list)
        for row in sales:
            if int(row["entry"]) not in dead and not row["payment"].endswith(" to account"):
                self.entries[int(row["entry"])].append(row)
        self.back_to = {row["sale"]: rows for rows in self.entries.values() for row in rows}
        self._categories = {
            row["product_id"]: frozenset(filter(None, row["categories"].split("|")))
            for row in self.changes
            if row["price"]
        }

    def within(self, since: date | None, until: date | None) -> Iterator[list[Row]]:
        """Yield the lines of each entry of some days."""
        for rows in self.entries.values():
            day = datetime.fromisoformat(rows[0]["time"]).date()
            if (since is None or day >= since) and (until is None or day <= until):
                yield rows

    def sums(self, what: str, since: date | None = None, until: date | None = None) -> Mapping[str, Truth]:
        """Add up what `Figures.by` adds up."""
        found: dict[str, Truth] = defaultdict(Truth)
        for rows in self.within(since, until):
            entry = int(rows[0]["entry"])
            units = sum(int(row["quantity"]) for row in rows)
            is_return = bool(rows[0]["returns"]) or units < 0
            for number, row in enumerate(rows):
                if not row["product_id"] and not int(row["quantity"]) and not Decimal(row["total"]):
                    continue
                for key in self._keys(what, row):
                    one = found[key]
                    (one.returns if is_return else one.sales).add(entry)
                    one.units += int(row["quantity"])
                    one.money += Decimal(row["total"])
                    one.returned -= Decimal(row["total"]) if is_return else 0
                    self._add_cost(one, rows, number)
        return found

    def _add_cost(self, one: Truth, rows: Sequence[Row], number: int) -> None:
        row = rows[number]
        product = self.product_of(row)
        cost = _cost_of(self.changes, product, int(row["entry"])) if product else None
        if cost is not None:
            one.known += Decimal(row["total"]) - self._tax_in(rows, number)
            one.cost += cost * int(row["quantity"]) if row["product_id"] else 0

    @staticmethod
    def _tax_in(rows: Sequence[Row], number: int) -> Decimal:
        """Return the part of a line that is tax: of each tax in the prices what falls on it, rounded to 0
        together with the lines before it."""
        part = Decimal(0)
        for row in rows:
            words = row["product"].split(" ")
            if row["product_id"] or words[0] != "tax" or words[2] != "in":
                continue
            runs = [[int(end) - 1 for end in run.split("-")] for run in words[3].split("|")]
            lines = [at for run in runs for at in range(run[0], run[-1] + 1)]
            if number not in lines:
                continue
            totals = [Decimal(rows[at]["total"]) for at in lines]
            tax = Decimal(row["price"]) * (-1 if sum(totals) < 0 else 1)
            upto = [sum(totals[: count + 1], Decimal(0)) for count in range(len(lines))]
            floor = [int(tax * 100 * base / sum(totals)) for base in upto]
            at = lines.index(number)
            part += Decimal(floor[at] - (floor[at - 1] if at else 0)) / 100
        return part

    def product_of(self, row: Row) -> str:
        """Return the product of a line; goods that came back and are not for sale are of the sale's product."""
        if row["product_id"] or not row["product"].endswith(", not back on the shelf"):
            return row["product_id"]
        for sold in self.back_to[row["returns"]]:
            if f"{sold['product_id']} {sold['product']}, not back on the shelf" == row["product"]:
                return sold["product_id"]
        raise AssertionError(f"nothing sold is called {row['product']}")

    def _keys(self, what: str, row: Row) -> list[str]:
        time = datetime.fromisoformat(row["time"])
        match what:
            case "product":
                return [self.product_of(row)]
            case "category":
                return sorted(self._categories.get(self.product_of(row), ())) or ["\n"]
            case "customer":
                return [row["customer_id"]]
            case "hour":
                return [f"{time:%H}"]
            case "weekday":
                return [f"{time.isoweekday()}"]
            case "week":
                return [f"{time.date() - timedelta(days=time.weekday())}"]
            case "month":
                return [f"{time:%Y-%m}"]
            case "day":
                return [f"{time.date()}"]
            case _:
                return [row[what]]
