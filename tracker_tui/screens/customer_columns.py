"""The columns of customers, and those of what one of them bought."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tracker_tui.model.account import is_account_payment, paid_on_account
from tracker_tui.model.buyers import CUSTOMER_SORTS, CustomerRow
from tracker_tui.model.queries import Bought, is_return
from tracker_tui.model.records import Purchase, Settings
from tracker_tui.model.tax import goods_of
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import moment, money
from tracker_tui.widgets.table_columns import MOST_TEXT

_WAITING = "…"


def _sorted_by(field: str) -> Callable[[CustomerRow], Any]:
    of = CUSTOMER_SORTS[field].of
    return lambda row: of(row.customer)


def _contact_columns() -> list[Column[CustomerRow]]:
    return [
        Column("id", "Id", 6, lambda r: r.customer.id, sort=_sorted_by("id")),
        Column(
            "name", "Name", 14, lambda r: r.customer.name, flex=4, most=MOST_TEXT, sort=_sorted_by("name")
        ),
        Column("phone", "Phone", 10, lambda r: r.customer.phone, flex=1, most=18, sort=_sorted_by("phone")),
        Column(
            "email",
            "Email",
            14,
            lambda r: r.customer.email,
            flex=3,
            most=MOST_TEXT,
            sort=_sorted_by("email"),
            drop=2,
        ),
    ]


def customer_columns(settings: Settings) -> list[Column[CustomerRow]]:
    """Return the columns of a table of customers."""

    def bought(show: Callable[[Bought], str]) -> Callable[[CustomerRow], str]:
        return lambda r: _WAITING if r.bought is None else show(r.bought) if r.bought.last else ""

    return [
        *_contact_columns(),
        Column(
            "purchases",
            "Purchases",
            9,
            bought(lambda b: f"{b.purchases:,}"),
            "right",
            sort=lambda r: r.bought.purchases if r.bought else 0,
            plain=lambda r: r.bought.purchases if r.bought else None,
        ),
        Column(
            "total",
            "Total",
            10,
            bought(lambda b: money(b.total, settings)),
            "right",
            sort=lambda r: r.bought.total if r.bought else 0,
            plain=lambda r: r.bought.total if r.bought else None,
        ),
        Column(
            "last",
            "Last visit",
            10,
            bought(lambda b: f"{b.last:%Y-%m-%d}" if b.last else ""),
            sort=lambda r: r.bought.last.isoformat() if r.bought and r.bought.last else "",
            drop=1,
            plain=lambda r: r.bought.last if r.bought else None,
        ),
    ]


def purchase_columns(settings: Settings) -> list[Column[Purchase]]:
    """Return the columns of what one customer bought."""
    return [
        Column("time", "Date", 16, lambda p: moment(p.time), sort=lambda p: p.entry, plain=lambda p: p.time),
        Column(
            "entry",
            "Entry",
            6,
            lambda p: f"{p.entry}",
            "right",
            sort=lambda p: p.entry,
            plain=lambda p: p.entry,
        ),
        Column("products", "Products", 20, products_of, flex=1),
        Column("payment", "Paid by", 7, lambda p: p.payment, sort=lambda p: p.payment, drop=1),
        Column(
            "total",
            "Total",
            10,
            lambda p: money(amount_of(p), settings),
            "right",
            sort=amount_of,
            plain=amount_of,
        ),
    ]


def amount_of(purchase: Purchase) -> Decimal:
    """Return what a purchase came to, or what was paid on account."""
    return purchase.total or paid_on_account(purchase)


def products_of(purchase: Purchase) -> str:
    """Return the products of a purchase as one line: `Milk, 3 x Tea`."""
    if is_account_payment(purchase):
        return "paid on account"
    parts = [
        f"{abs(line.quantity):,} x {line.product}" if abs(line.quantity) != 1 else line.product
        for line in goods_of(purchase)
    ]
    return f"{'back: ' if is_return(purchase) else ''}{', '.join(parts)}"
