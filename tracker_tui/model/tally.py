"""Totals of purchases, which grow by one purchase at a time and shrink by one that is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import compress

from tracker_tui.model.account import is_account_payment
from tracker_tui.model.records import Purchase
from tracker_tui.model.tax import taxes_of
from tracker_tui.tuples import NamedTuple
from tracker_tui.typed import Final, Literal, TypeAlias

Ranked: TypeAlias = Literal["purchases", "total", "last"]
"""By what customers are put in order: one of the fields of `Bought`."""


SomePeople: TypeAlias = tuple[Sequence[str], Sequence[int]]
"""Ids, or names where there are none, and as many numbers of sales; one that has none may be among them."""


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


NO_SALES: Final = DayTally()


class Tally:
    """What some purchases bring in all.

    Attributes:
        sales: Number of sales.
        returns: Number of returns.
        units: Pieces sold less pieces returned.
        money: Money of the sales less that of the returns.
        taxes: What the goods come to without tax, and the tax, by the rate in percent; returns are taken off.
        people: Number of sales by customer id, or by name where there is no id, of the purchases that were counted
            one by one; walk-ins are not among them.
        earlier: Returns those of all others, some people at a time; it may take long.
        earlier_names: Returns what these people were called at their last sale; it may take long.
    """

    __slots__ = (
        "_leaving",
        "_names",
        "earlier",
        "earlier_names",
        "money",
        "people",
        "returns",
        "sales",
        "taxes",
        "units",
    )

    def __init__(self) -> None:
        self.sales = self.returns = self.units = 0
        self.money = Decimal(0)
        self.taxes: dict[Decimal, tuple[Decimal, Decimal]] = {}
        self.people: dict[str, int] = {}
        self.earlier: Callable[[], Iterable[SomePeople]] = tuple
        self.earlier_names: Callable[[], Mapping[str, str]] = dict
        self._names: dict[str, str] = {}
        self._leaving: dict[str, str] = {}

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
            (self._names if times > 0 else self._leaving)[who] = purchase.customer

    def bought(self) -> dict[str, int]:
        """Return the number of sales of everybody who bought, by customer id, or by name where there is no id."""
        people: dict[str, int] = {}
        told = 0
        for keys, sales in self.earlier():
            people.update(zip(compress(keys, sales), filter(None, sales), strict=True))
            told += len(sales) - sales.count(0)
        if len(people) < told:  # somebody's id is the name of another
            people = {}
            for who, count in (pair for part in self.earlier() for pair in zip(*part, strict=True)):
                people[who] = people.get(who, 0) + count
        for who, count in self.people.items():
            people[who] = people.get(who, 0) + count
        return {who: count for who, count in people.items() if count > 0} if self.people else people

    def called(self) -> Mapping[str, str]:
        """Return what everybody who bought was called then, by what `bought` has them."""
        return {**self._leaving, **self.earlier_names(), **self._names}

    def buyers(self) -> dict[str, str]:
        """Return the name of everybody who bought, by customer id, or by name where there is no id."""
        called = self.called()
        return {who: called.get(who, who) for who in self.bought()}


def is_return(purchase: Purchase) -> bool:
    """Tell whether goods came back."""
    return bool(purchase.returns) or purchase.units < 0
