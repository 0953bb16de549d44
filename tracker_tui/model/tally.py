"""Totals of purchases, which grow by one purchase at a time and shrink by one that is undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from tracker_tui.model.account import is_account_payment
from tracker_tui.model.records import Purchase
from tracker_tui.model.tax import taxes_of
from tracker_tui.tuples import NamedTuple

Ranked: TypeAlias = Literal["purchases", "total", "last"]
"""By what customers are put in order: one of the fields of `Bought`."""


class Bought(NamedTuple):
    """What one customer bought in all.

    Attributes:
        purchases: Number of sales.
        units: Pieces, returns taken off.
        total: Money, returns taken off.
        last: Time of the last sale, None if there was none.
    """

    purchases: int = 0
    units: int = 0
    total: Decimal = Decimal(0)
    last: datetime | None = None

    def with_one(self, purchase: Purchase) -> Bought:
        """Return it with one more purchase, the latest one; a payment on account is none."""
        if is_account_payment(purchase):
            return self
        back = is_return(purchase)
        return Bought(
            self.purchases + (0 if back else 1),
            self.units + purchase.units,
            self.total + purchase.total,
            self.last if back else purchase.time,
        )

    def rank(self, by: Ranked) -> float:
        """Return one of the fields as a number to order by; a time in seconds, 0 where there is none."""
        if by == "last":
            return self.last.timestamp() if self.last is not None else 0
        return float(self.total if by == "total" else self.purchases)


class DayTally(NamedTuple):
    """What one day brought; returns are taken off.

    Attributes:
        sales: Number of sales.
        returns: Number of returns.
        units: Pieces sold less pieces returned.
        money: Money of the sales less that of the returns.
    """

    sales: int = 0
    returns: int = 0
    units: int = 0
    money: Decimal = Decimal(0)

    def with_one(self, purchase: Purchase, times: int) -> DayTally:
        """Return it with a purchase counted in, or with -1 out again; a payment on account is none."""
        if is_account_payment(purchase):
            return self
        back = is_return(purchase)
        return DayTally(
            self.sales + (0 if back else times),
            self.returns + (times if back else 0),
            self.units + times * purchase.units,
            self.money + times * purchase.total,
        )

    def plus(self, other: DayTally) -> DayTally:
        """Return both days as one."""
        return DayTally(
            self.sales + other.sales,
            self.returns + other.returns,
            self.units + other.units,
            self.money + other.money,
        )


NO_SALES: Final = DayTally()


class Tally:
    """What some purchases bring in all.

    Attributes:
        sales: Number of sales.
        returns: Number of returns.
        units: Pieces sold less pieces returned.
        money: Money of the sales less that of the returns.
        people: Number of sales, by customer id, or by name where there is no id; walk-ins are not among them.
        names: Name of those of them at their last sale whose sales were counted one by one.
        earlier: Returns the names of the others; it may take long.
        taxes: What the goods come to without tax, and the tax, by the rate in percent; returns are taken off.
    """

    __slots__ = ("_leaving", "earlier", "money", "names", "people", "returns", "sales", "taxes", "units")

    def __init__(self) -> None:
        self.sales = self.returns = self.units = 0
        self.money = Decimal(0)
        self.people: dict[str, int] = {}
        self.names: dict[str, str] = {}
        self.earlier: Callable[[], Mapping[str, str]] = dict
        self._leaving: dict[str, str] = {}
        self.taxes: dict[Decimal, tuple[Decimal, Decimal]] = {}

    def count_tax(self, rate: Decimal, net: Decimal, tax: Decimal) -> None:
        """Count a tax in."""
        had = self.taxes.get(rate, (Decimal(0), Decimal(0)))
        self.taxes[rate] = (had[0] + net, had[1] + tax)

    def count(self, purchase: Purchase, times: int = 1) -> None:
        """Count a purchase in, or with -1 out again; a payment on account is none."""
        if is_account_payment(purchase):
            return
        self.units += times * purchase.units
        self.money += times * purchase.total
        for tax in taxes_of(purchase):
            self.count_tax(tax.rate, times * tax.net, times * tax.tax)
        if is_return(purchase):
            self.returns += times
            return
        self.sales += times
        who = purchase.customer_id or purchase.customer
        if who:
            self.people[who] = self.people.get(who, 0) + times
            (self.names if times > 0 else self._leaving)[who] = purchase.customer

    def bought(self) -> Mapping[str, int]:
        """Return the number of sales of everybody who bought, by customer id, or by name where there is no id."""
        if min(self.people.values(), default=1) > 0:
            return self.people
        return {who: sales for who, sales in self.people.items() if sales > 0}

    def called(self) -> Mapping[str, str]:
        """Return what everybody who bought was called then, by what `bought` has them."""
        return {**self._leaving, **self.earlier(), **self.names}

    def buyers(self) -> dict[str, str]:
        """Return the name of everybody who bought, by customer id, or by name where there is no id."""
        called = self.called()
        return {who: called.get(who, who) for who in self.bought()}


def is_return(purchase: Purchase) -> bool:
    """Tell whether goods came back."""
    return bool(purchase.returns) or purchase.units < 0
