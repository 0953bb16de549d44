"""What each customer bought: all of it gathered in one pass, as the history may be long."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tracker_tui.model.queries import Bought, bought_by_customer
from tracker_tui.model.records import Customer, Purchase
from tracker_tui.model.state import Snapshot

NOTHING = Bought()


class Buyers(NamedTuple):
    """What the customers bought, as of some snapshot.

    Attributes:
        totals: In all, by customer id.
        purchases: Sales and returns that count, by customer id, newest first.
    """

    totals: Mapping[str, Bought]
    purchases: Mapping[str, tuple[Purchase, ...]]


def gather_buyers(shop: Snapshot) -> Buyers:
    """Gather what every customer bought."""
    bought: dict[str, list[Purchase]] = {}
    for purchase in shop.sales():
        if purchase.customer_id:
            bought.setdefault(purchase.customer_id, []).append(purchase)
    newest_first = {customer: tuple(reversed(purchases)) for customer, purchases in bought.items()}
    return Buyers(bought_by_customer(shop), newest_first)


class CustomerRow(NamedTuple):
    """A customer and what they bought.

    Attributes:
        customer: Who.
        bought: What in all; None while it is being added up.
    """

    customer: Customer
    bought: Bought | None


def customer_rows(customers: list[Customer], buyers: Buyers | None) -> list[CustomerRow]:
    """Return the customers with what they bought; `buyers` None = not known yet."""
    if buyers is None:
        return [CustomerRow(customer, None) for customer in customers]
    return [CustomerRow(customer, buyers.totals.get(customer.id, NOTHING)) for customer in customers]
