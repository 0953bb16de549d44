"""What became of a product: all its movements with a running balance, its prices; and the stock on a past day.

All is read off the logs, entry by entry: nothing is kept of an entry but what is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from tracker_tui.model.history import note_of, what
from tracker_tui.model.later import Later
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.records import Change, Entry, Product, Purchase
from tracker_tui.model.shelf import Shelf
from tracker_tui.model.state import apply_change
from tracker_tui.tuples import NamedTuple

_LOOK_UP_EVERY: Final = 500
"""Entries between two looks at whether the answer is still wanted."""


class Movement(NamedTuple):
    """What one entry did to one product.

    Attributes:
        entry: Its number.
        time: When.
        clerk: Who.
        what: `sale`, `return`, `receive`, `count` and so on.
        about: The customer, and the note.
        change: Pieces more or, negative, fewer.
        balance: Pieces in stock after it.
        price: Of a sale, the price of a piece; else the product's price after it; None where it is gone.
        cost: The product's cost after it.
        listed: The product's price after it; None where it is gone.
    """

    entry: int
    time: datetime
    clerk: str
    what: str
    about: str
    change: int
    balance: int
    price: Decimal | None
    cost: Decimal | None
    listed: Decimal | None


class Unwanted(Exception):
    """Nobody waits for the answer any more."""


def movements(
    ledger: Ledger, product_id: str, unwanted: Callable[[], bool] = lambda: False
) -> Iterator[Movement]:
    """Yield what became of a product, oldest first; entries that were undone are in it, and their undoes.

    Args:
        ledger: All entries.
        product_id: Which product.
        unwanted: Tells whether nobody waits for the answer any more.

    Raises:
        Unwanted: Nobody does.
        StorageError: A log was changed meanwhile.
    """
    products: dict[str, Product] = {}
    for number, entry in enumerate(ledger.touching(product_id, 0)):
        if number % _LOOK_UP_EVERY == 0 and unwanted():
            raise Unwanted
        before = products.get(product_id)
        price = _moved(products, entry, product_id)
        after = products.get(product_id)
        held, left = (before.quantity if before else 0), (after.quantity if after else 0)
        listed = after.price if after is not None else None
        yield Movement(
            entry.entry,
            entry.time,
            entry.clerk,
            what(entry),
            _about(entry),
            left - held,
            left,
            price if price is not None else listed,
            after.cost if after is not None else None,
            listed,
        )


def _moved(products: dict[str, Product], entry: Entry, product_id: str) -> Decimal | None:
    """Make of `products` what they are after an entry; return the price of a sale."""
    if isinstance(entry, Change):
        for line in entry.lines:
            if line.product_id == product_id:
                apply_change(products, line)
        return None
    sold = [line for line in entry.lines if line.product_id == product_id]
    now = products.get(product_id)
    if now is not None:
        products[product_id] = now.with_quantity(now.quantity - sum(line.quantity for line in sold))
    return sold[0].price if sold else None


def _about(entry: Entry) -> str:
    customer = entry.customer if isinstance(entry, Purchase) else ""
    return ", ".join(part for part in (customer, note_of(entry)) if part)


def price_changes(found: Iterator[Movement]) -> Iterator[Movement]:
    """Yield those movements after which the product had another price or cost than before."""
    before: tuple[Decimal | None, Decimal | None] | None = None
    for movement in found:
        now = (movement.listed, movement.cost)
        if now != before:
            before = now
            yield movement


def last_of(ledger: Ledger, day: date) -> int:
    """Return the number of the last entry of a day, or of the days before; 0 where there is none.

    Where the clock went back, the order is that of the numbers.
    """
    low, high = 0, len(ledger)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if ledger[middle].time.date() <= day else (low, middle)
    return ledger[low - 1].entry if low else 0


def products_on(
    ledger: Ledger,
    now: Mapping[str, Product],
    day: date,
    told: Callable[[int, int], None] = lambda _done, _of: None,
) -> Shelf[Product]:
    """Return the products as they were at the end of a day, those that there were then.

    They are led back from those of now: what was sold, received and counted since is taken off again. Products that
    nothing became of since are not looked at.

    Args:
        ledger: All entries.
        now: The products after the last of them.
        day: Which day; a day to come is as now.
        told: Told from time to time how much of how much is done; what it raises ends it.

    Raises:
        StorageError: A log was changed meanwhile.
    """
    number = last_of(ledger, day)
    later = _after(ledger, number, told)
    changed = frozenset(later.changes)
    then = ledger.fields_before(number + 1, changed) if changed else {}
    found = (now if isinstance(now, Shelf) else Shelf(changes=now)).opened()
    for key in later.moved:
        there = now.get(key)
        was = then.get(key) if key in changed else there
        if was is None:
            found.pop(key, None)
        else:
            quantity = (there.quantity if there is not None else 0) - later.gained(key)
            found[key] = was._replace(quantity=quantity)
    return found.frozen()


def _after(ledger: Ledger, number: int, told: Callable[[int, int], None]) -> Later:
    """Return what became of the products after an entry: all changes before all sales, as the past counts them."""
    later = Later()
    recent = [entry for entry in ledger.recent() if entry.entry > number]
    ledger.past.count_changes(number, later, told)
    for entry in recent:
        if isinstance(entry, Change):
            for change in entry.lines:
                later.take_change(
                    entry.entry, change.product_id, change.quantity_change, there=change.after is not None
                )
    ledger.past.count_sales(number, later, told)
    for entry in recent:
        if isinstance(entry, Purchase):
            for line in entry.lines:
                later.take_sale(entry.entry, line.product_id, line.quantity)
    return later
