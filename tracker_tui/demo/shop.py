"""A made-up shop to look at: about 200 products, 60 customers and half a year of sales.

The same each time for the same day. It is written in one go through the storage's own codec: the service would
make each of its two thousand entries durable by itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

from tracker_tui.demo.goods import ALSO_IN, GOODS, NAMES, PERISHABLE
from tracker_tui.model import Action, Change, ChangeLine, Customer, Entry, Product, Purchase, SaleLine
from tracker_tui.model.records import UNDO_NOTE
from tracker_tui.model.state import apply, difference
from tracker_tui.storage.codec import CHANGES, PURCHASES, format_line
from tracker_tui.storage.formats import CUSTOMERS, INVENTORY
from tracker_tui.storage.settings import SETTINGS_FILE
from tracker_tui.storage.table import Table
from tracker_tui.storage.table_write import write_table

_DAYS: Final = 182
_SUNDAY: Final = 6
_OPENING_S: Final = 9 * 3600
_CLOSING_S: Final = 19 * 3600
_CLERKS: Final = ("amal", "jonas", "mei")
_SETTINGS: Final = (
    '# Settings of the made-up shop.\nshop = "Corner shop (demo)"\ncurrency = "$"\nlow_stock = 2\n'
)
_BUSY_DAYS: Final = (8, 7, 8, 9, 12, 14)
"""Sales of a Monday, a Tuesday and so on, about."""


def make_demo(directory: Path, *, today: date, seed: int = 1) -> None:
    """Write the made-up shop into an empty folder.

    Args:
        directory: The folder; it is there already.
        today: The day after the shop's last one.
        seed: Another number makes another half year.
    """
    history = _History(random.Random(seed), today)
    history.live()
    entries, products = history.entries, history.products
    sold = [fields for entry in entries if isinstance(entry, Purchase) for fields in PURCHASES.encode(entry)]
    changed = [fields for entry in entries if isinstance(entry, Change) for fields in CHANGES.encode(entry)]
    last = entries[-1].entry
    inventory, _ = write_table(INVENTORY, Table(INVENTORY), products, last)
    customers, _ = write_table(CUSTOMERS, Table(CUSTOMERS), history.customers, None)
    files = {
        PURCHASES.file: _log(PURCHASES.columns, sold),
        CHANGES.file: _log(CHANGES.columns, changed),
        CUSTOMERS.file: customers,
        INVENTORY.file: inventory,
        SETTINGS_FILE: _SETTINGS.encode(),
    }
    mode = directory.stat().st_mode & 0o666
    for name, content in files.items():
        path = directory / name
        path.touch(mode=mode)
        path.chmod(mode)
        path.write_bytes(content)


def _log(columns: Sequence[str], lines: Iterable[Mapping[str, str]]) -> bytes:
    rows = ([fields.get(column, "") for column in columns] for fields in lines)
    return b"".join(map(format_line, (columns, *rows)))


class _History:
    """Half a year of a shop, entry by entry."""

    def __init__(self, dice: random.Random, today: date) -> None:
        self.dice = dice
        self.today = today
        self.products: dict[str, Product] = {}
        self.customers = _customers(dice)
        self.entries: list[Entry] = []
        self.goods = _goods(dice)
        self.ids = [product.id for product in self.goods]
        self.weights = [_popularity(dice, product) for product in self.goods]
        self.full = {product.id: product.quantity for product in self.goods}
        self.forgotten = set(dice.choices(self.ids, self.weights, k=36))
        self.regulars = list(self.customers.values())

    def live(self) -> None:
        """Go through all the days."""
        first = self.today - timedelta(days=_DAYS)
        opening = [difference(None, product, product.id) for product in self.goods]
        self._change(Action.IMPORT, opening, _at(first, 8 * 3600), "opening stock")
        for number in range(1, _DAYS):
            day = first + timedelta(days=number)
            if day.weekday() == _SUNDAY:
                continue
            self._take_deliveries(day, late=number > _DAYS - 24)
            if number % 7 == 2:
                self._change_price(day, undo=number == 86)
            if number % 30 == 17:
                self._count(day)
            self._sell_all_day(day)

    def _book(self, entry: Entry) -> None:
        apply(self.products, entry)
        self.entries.append(entry)

    def _change(self, action: Action, lines: Sequence[ChangeLine], when: datetime, note: str) -> None:
        number = len(self.entries) + 1
        self._book(Change(number, "amal", action, tuple(lines), note, when))

    def _take_deliveries(self, day: date, *, late: bool) -> None:
        """Fill up what is low; of what the shop forgot, nothing came in the last weeks."""
        second = 7 * 3600
        for product in list(self.products.values()):
            if late and product.id in self.forgotten:
                continue
            if product.quantity <= product.reorder_level and self.dice.random() < 0.6:
                after = product._replace(quantity=product.quantity + self.full[product.id])
                second += self.dice.randint(20, 200)
                line = difference(product, after, product.id)
                self._change(Action.RECEIVE, [line], _at(day, second), "delivery")

    def _change_price(self, day: date, *, undo: bool) -> None:
        product = self.products[self.dice.choice(self.ids)]
        step = Decimal(self.dice.choice(("0.10", "0.20", "0.30")))
        after = product._replace(price=product.price + step)
        when = _at(day, 8 * 3600 + 40 * 60)
        self._change(Action.EDIT, [difference(product, after, product.id)], when, "")
        if undo:
            number = self.entries[-1].entry
            later = when + timedelta(minutes=4)
            self._change(Action.UNDO, [difference(after, product, product.id)], later, f"{UNDO_NOTE}{number}")

    def _count(self, day: date) -> None:
        for place, product_id in enumerate(self.dice.sample(self.ids, 4)):
            product = self.products[product_id]
            missing = min(product.quantity, self.dice.choice((0, 0, 1, 2)))
            after = product._replace(quantity=product.quantity - missing)
            line = difference(product, after, product_id)
            self._change(Action.COUNT, [line], _at(day, 8 * 3600 + 50 * 60 + place * 75), "shelf count")

    def _sell_all_day(self, day: date) -> None:
        sales = max(3, _BUSY_DAYS[day.weekday()] + self.dice.randint(-3, 3))
        for second in sorted(self.dice.randint(_OPENING_S, _CLOSING_S) for _ in range(sales)):
            self._sell(_at(day, second))
        if self.dice.random() < 0.09:
            self._give_back(_at(day, _CLOSING_S + 300))

    def _sell(self, when: datetime) -> None:
        lines: list[SaleLine] = []
        wanted = dict.fromkeys(
            self.dice.choices(self.ids, self.weights, k=self.dice.choice((1, 1, 2, 2, 3, 5)))
        )
        for product_id in wanted:
            product = self.products[product_id]
            pieces = min(product.quantity, self.dice.choice((1, 1, 1, 1, 2, 2, 3)))
            if pieces:
                total = product.price * pieces
                lines.append(
                    SaleLine(product.id, product.name, pieces, product.price, Decimal("0.00"), total)
                )
        if lines:
            who = self.dice.choice(self.regulars) if self.dice.random() < 0.6 else Customer("", "")
            self._book(self._purchase(lines, who, when))

    def _purchase(
        self, lines: Sequence[SaleLine], who: Customer, when: datetime, returns: str = "", note: str = ""
    ) -> Purchase:
        payment = self.dice.choice(("cash", "cash", "card"))
        sale = f"{when:%y%m%d-%H%M%S}-{self.dice.getrandbits(32):08x}"
        clerk = self.dice.choice(_CLERKS)
        number = len(self.entries) + 1
        return Purchase(number, clerk, sale, who.id, who.name, tuple(lines), payment, returns, note, when)

    def _give_back(self, when: datetime) -> None:
        """Take the first line of one of the day's sales back."""
        sale = self.entries[-1 - self.dice.randint(0, 2)]
        if isinstance(sale, Purchase) and not sale.returns:
            line = sale.lines[0]
            back = line._replace(quantity=-line.quantity, total=-line.total)
            who = Customer(sale.customer_id, sale.customer)
            note = self.dice.choice(("wrong one", "not needed", "damaged box"))
            self._book(self._purchase([back], who, when, sale.sale, note))


def _goods(dice: random.Random) -> list[Product]:
    products: list[Product] = []
    for category, (prefix, listed) in GOODS.items():
        for place, item in enumerate(listed.split(","), 1):
            name, _, price_text = item.strip().rpartition(" ")
            price = Decimal(price_text)
            fresh = category in PERISHABLE
            share = Decimal(dice.randint(52, 74)) / 100
            also = ALSO_IN.get(name)
            number = len(products) + 1
            products.append(
                Product(
                    id=f"{prefix}{place:02d}",
                    name=name,
                    price=price,
                    quantity=dice.randint(20, 48) if fresh else dice.randint(8, 26),
                    categories=frozenset((category, also)) if also else frozenset((category,)),
                    reorder_level=dice.randint(6, 10) if fresh else dice.randint(3, 5),
                    barcodes=frozenset((_barcode(number),)),
                    cost=(price * share).quantize(Decimal("0.01")),
                )
            )
    return products


def _barcode(number: int) -> str:
    """Return an EAN-13 code of the range 20, which is for a shop's own use."""
    digits = f"20{number * 7919:010d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return f"{digits}{-(odd + 3 * even) % 10}"


def _popularity(dice: random.Random, product: Product) -> float:
    fresh = not product.categories.isdisjoint(PERISHABLE)
    return (4.0 if fresh else 1.0) * dice.paretovariate(2.5)


def _customers(dice: random.Random) -> dict[str, Customer]:
    customers: dict[str, Customer] = {}
    for number, name in enumerate(NAMES.split(), 1):
        customer_id = f"C{number:04d}"
        phone = f"555-01{number:02d}" if dice.random() < 0.7 else ""
        email = f"{name.lower()}{number}@example.com" if dice.random() < 0.4 else ""
        note = dice.choice(("", "", "", "", "orders bread for Saturdays", "pays at the end of the month"))
        customers[customer_id] = Customer(customer_id, name, phone, email, note)
    return customers


def _at(day: date, second: int) -> datetime:
    """Return a moment of a day, in the shop's own time zone."""
    return (datetime.combine(day, time()) + timedelta(seconds=second)).astimezone()
