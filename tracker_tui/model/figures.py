"""What sales come to by product, category, clerk, customer, payment and time: sums over columns of lines.

A million lines take about a second, so the sums are made a few thousand lines at a time, and between them others
get their turn: see `Turn`.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import chain, islice, repeat
from types import MappingProxyType
from typing import Final, TypeVar

from tracker_tui.model.periods import month_days
from tracker_tui.model.records import Customer
from tracker_tui.model.sale_columns import PAYMENT, RETURN, Numbers, SaleColumns
from tracker_tui.model.sums import Groups, Sum, SumRows, Turn, no_turn

Row = TypeVar("Row")

PIECE: Final = 1 << 13
"""So many rows are added up between two turns of others."""

NO_CATEGORY: Final = "\n"
"""The key of what stands in no category; no category is called so."""

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

BY: Final = ("product", "category", "clerk", "customer", "payment", "hour", "weekday", "day", "week", "month")
"""What sales can be summed up by. A product counts in each of its categories, as they are now or were at last."""

OF_TIME: Final = ("hour", "weekday", "day", "week", "month")
"""Those of them that have an order of their own; the others begin with what brought most."""


def give_way() -> None:
    """Let another thread go on."""
    time.sleep(0)


class Figures:
    """Sums of the sales of a span of days.

    Attributes:
        columns: The sales.

    Args:
        columns: The sales; nobody changes them any more.
        turn: Called every few thousand rows.
    """

    def __init__(self, columns: SaleColumns, turn: Turn = no_turn) -> None:
        self.columns = columns
        self.turn = turn

    # What the goods cost

    @cached_property
    def _costs(self) -> tuple[list[int], list[int]]:
        """Of each line the money, without tax, where the cost of the goods is known, and that cost; else 0 and 0."""
        columns = self.columns
        fixed = [-1] * len(columns.product_of)
        for product, (_, costs) in columns.costs.items():
            known = costs[1:] if costs[0] < 0 else costs
            fixed[product] = -1 if not known else known[0] if len(known) == 1 else _VARIES
        money: list[int] = []
        cost: list[int] = []
        entries = chain.from_iterable(map(repeat, columns.numbers, columns.counts))
        lines = zip(columns.products, columns.quantities, columns.totals, entries, strict=True)
        for piece in _pieces(lines, len(columns.products), self.turn):
            for product, quantity, total, number in piece:
                each = fixed[product]
                if each == _VARIES:
                    each = _cost_at(*columns.costs[product], number)
                money.append(total if each >= 0 else 0)
                cost.append(each * quantity if each >= 0 else _UNKNOWN)
        for at, tax in columns.taxes.items():
            money[at] -= tax if cost[at] != _UNKNOWN else 0
        for at in columns.off_shelf:
            cost[at] = 0
        return money, [0 if amount == _UNKNOWN else amount for amount in cost]

    @cached_property
    def _costs_of_entries(self) -> tuple[list[int], list[int]]:
        known, cost = self._costs
        first: list[int] = []
        second: list[int] = []
        end = 0
        for piece in _pieces(iter(self.columns.counts), len(self.columns), self.turn):
            for count in piece:
                start, end = end, end + count
                first.append(sum(known[start:end]))
                second.append(sum(cost[start:end]))
        return first, second

    # Sums

    @cached_property
    def whole(self) -> Sum:
        """All of it as one sum."""
        groups = self._of_entries(repeat(0, len(self.columns)), 1)
        return groups.sum(0, "", "", self.columns.places)

    def by(self, what: str, customers: Mapping[str, Customer] = MappingProxyType({})) -> list[Sum]:
        """Sum up by one of `BY`; see `rows`."""
        return list(self.rows(what, customers))

    def rows(self, what: str, customers: Mapping[str, Customer] = MappingProxyType({})) -> SumRows:
        """Sum up by one of `BY`.

        Args:
            what: Which.
            customers: The customers there are, for their names.

        Returns:
            What brought anything, times in their order, else the most money first.
        """
        columns = self.columns
        if what == "product":
            keys, called = list(columns.product_of), columns.product_names
            names = [called.get(number, key) for number, key in enumerate(keys)]
            groups = self._of_lines([(number,) for number in range(len(keys))], len(keys))
        elif what == "category":
            keys, of = self._category_groups()
            names = ["", *keys[1:]]
            groups = self._of_lines(of, len(keys))
        else:
            numbers, keys, names = self._entry_groups(what, customers)
            groups = self._of_entries(iter(numbers), len(keys))
        found = [number for number in range(len(keys)) if groups.sales[number] or groups.returns[number]]
        return SumRows(groups, keys, names, columns.places, found, of_time=what in OF_TIME).in_order(
            "", self.turn
        )

    def _entry_groups(
        self, what: str, customers: Mapping[str, Customer]
    ) -> tuple[Sequence[int], list[str], list[str]]:
        """Return the number of the group of each entry, and the keys and names of the groups."""
        columns = self.columns
        if what == "clerk":
            keys = list(columns.clerk_of)
            return columns.clerks, keys, keys
        if what == "customer":
            keys, called = list(columns.person_of), columns.person_names
            bought = {*columns.people}
            now = (customers.get(key) if number in bought else None for number, key in enumerate(keys))
            names = [
                customer.name if customer is not None else called.get(number, "")
                for number, customer in enumerate(now)
            ]
            return columns.people, keys, names
        if what == "payment":
            keys = list(columns.payment_of)
            return columns.payments, keys, keys
        if what == "hour":
            keys = [f"{hour:02}" for hour in range(24)]
            return [second // 3600 for second in columns.seconds], keys, [f"{key}:00" for key in keys]
        if what == "weekday":
            return [day % 7 for day in columns.days], list("7123456"), [WEEKDAYS[6], *WEEKDAYS[:6]]
        found = Numbers(())
        key_of = {day: found[bucket_of(what, date.fromordinal(day))] for day in {*columns.days}}
        return list(map(key_of.__getitem__, columns.days)), list(found), list(found)

    def _of_entries(self, numbers: Iterator[int], count: int) -> Groups:
        """Sum up by groups of entries."""
        groups, columns = Groups(count), self.columns
        known, cost = self._costs_of_entries
        rows = zip(numbers, columns.kinds, columns.units, columns.money, known, cost, strict=True)
        for piece in _pieces(rows, len(columns), self.turn):
            for group, kind, units, money, of_known, of_cost in piece:
                if kind == PAYMENT:
                    continue
                groups.units[group] += units
                groups.money[group] += money
                groups.known[group] += of_known
                groups.cost[group] += of_cost
                if kind == RETURN:
                    groups.returns[group] += 1
                    groups.returned[group] -= money
                else:
                    groups.sales[group] += 1
        return groups

    def _of_lines(self, groups_of: Sequence[tuple[int, ...]], count: int) -> Groups:
        """Sum up by groups of products: the groups of each product, by its number."""
        groups, columns = Groups(count), self.columns
        units, money, known, cost = groups.units, groups.money, groups.known, groups.cost
        seen, kinds = [-1] * count, columns.kinds
        entries = chain.from_iterable(map(repeat, range(len(columns)), columns.counts))
        rows = zip(entries, columns.products, columns.quantities, columns.totals, *self._costs, strict=True)
        for piece in _pieces(rows, len(columns.products), self.turn):
            for entry, product, quantity, total, of_known, of_cost in piece:
                if not (product or total):
                    continue  # a tax that is in the prices, or a payment on account
                back = kinds[entry] == RETURN
                for group in groups_of[product]:
                    units[group] += quantity
                    money[group] += total
                    known[group] += of_known
                    cost[group] += of_cost
                    if back:
                        groups.returned[group] -= total
                    if seen[group] != entry:
                        seen[group] = entry
                        (groups.returns if back else groups.sales)[group] += 1
        return groups

    def _category_groups(self) -> tuple[list[str], list[tuple[int, ...]]]:
        """Return the categories, and the numbers of those that each product is in."""
        columns = self.columns
        numbers = Numbers([NO_CATEGORY])
        nowhere: frozenset[str] = frozenset()
        of = [
            tuple(map(numbers.__getitem__, sorted(columns.categories.get(product, nowhere)))) or (0,)
            for product in range(len(columns.product_of))
        ]
        return list(numbers), of

    @cached_property
    def heat(self) -> list[list[Decimal]]:
        """The money by weekday and hour: 7 rows from Monday on, of 24 hours each."""
        columns = self.columns
        sums = [[0] * 24 for _ in range(7)]
        rows = zip(columns.days, columns.seconds, columns.kinds, columns.money, strict=True)
        for piece in _pieces(rows, len(columns), self.turn):
            for day, second, kind, money in piece:
                if kind != PAYMENT:
                    sums[(day - 1) % 7][second // 3600] += money
        return [[columns.amount(money) for money in row] for row in sums]


def bucket_of(unit: str, day: date) -> str:
    """Return the key of the day, week or month that a day is in."""
    if unit == "month":
        return day.isoformat()[:7]
    return (day - timedelta(days=day.weekday()) if unit == "week" else day).isoformat()


def buckets(unit: str, since: date, until: date) -> list[str]:
    """Return the keys of all days, weeks or months from one day to another, also of those without sales."""
    found: list[str] = []
    at, end = since.toordinal(), until.toordinal()
    while at <= end:
        day = date.fromordinal(at)
        found.append(bucket_of(unit, day))
        if unit == "month":
            at = month_days(day)[1].toordinal() + 1
        else:
            at += 7 - day.weekday() if unit == "week" else 1
    return found


def _pieces(rows: Iterator[Row], count: int, turn: Turn) -> Iterator[Iterator[Row]]:
    """Yield `count` rows piece by piece, and let others go on between."""
    for start in range(0, count, PIECE):
        yield islice(rows, min(PIECE, count - start))
        turn()


_VARIES: Final = -2
_UNKNOWN: Final = -(1 << 62)


def _cost_at(numbers: Sequence[int], costs: Sequence[int], number: int) -> int:
    """Return what a piece cost when an entry was booked; where that was not known then, what was said next; or -1."""
    at = bisect_right(numbers, number) - 1
    if at >= 0 and costs[at] >= 0:
        return costs[at]
    return next((cost for cost in costs[at + 1 :] if cost >= 0), -1)
