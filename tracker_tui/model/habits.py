"""What a customer usually does: the last visits, and the products that they take again and again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from tracker_tui.model.account import is_account_payment
from tracker_tui.model.records import Purchase
from tracker_tui.tuples import NamedTuple

LOOKED_AT: Final = 50
"""How many of a customer's latest purchases say what is usual: what was bought years ago no longer is."""

MOST_VISITS: Final = 4
MOST_USUAL: Final = 12


class Visit(NamedTuple):
    """One sale to a customer.

    Attributes:
        entry: Its number.
        time: When it was booked.
        units: Pieces.
        total: What it came to.
    """

    entry: int
    time: datetime
    units: int
    total: Decimal


class Usual(NamedTuple):
    """A product that a customer takes.

    Attributes:
        product_id: Which product.
        name: What it was called at the last visit that took it.
        visits: How many of the visits took it.
    """

    product_id: str
    name: str
    visits: int


class Habits(NamedTuple):
    """What is known of a customer.

    Attributes:
        visits: The last ones, newest first, at most `MOST_VISITS`.
        usual: Products, the most frequent first and of equally frequent ones the latest, at most `MOST_USUAL`.
    """

    visits: tuple[Visit, ...] = ()
    usual: tuple[Usual, ...] = ()


def habits(purchases: Sequence[Purchase]) -> Habits:
    """Return what purchases tell of a customer.

    Args:
        purchases: The latest that count, oldest first; returns and payments on account are no visits.
    """
    sales = [p for p in reversed(purchases) if not p.returns and p.units > 0 and not is_account_payment(p)]
    visits = tuple(Visit(sale.entry, sale.time, sale.units, sale.total) for sale in sales[:MOST_VISITS])
    return Habits(visits, tuple(_usual(sales)))


def _usual(sales: Iterable[Purchase]) -> list[Usual]:
    """Count in how many sales, newest first, each product is."""
    names: dict[str, str] = {}
    times: dict[str, int] = {}
    for sale in sales:
        in_it = {
            line.product_id: line.product for line in sale.lines if line.product_id and line.quantity > 0
        }
        for product_id, name in in_it.items():
            names.setdefault(product_id, name)
            times[product_id] = times.get(product_id, 0) + 1
    often = sorted(times, key=lambda product_id: -times[product_id])[:MOST_USUAL]
    return [Usual(product_id, names[product_id], times[product_id]) for product_id in often]
