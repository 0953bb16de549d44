"""What sales come to by product, category, clerk, customer, payment and time: sums over columns of lines.

A million lines take about a second, so the sums are made a few thousand lines at a time, and between them others
get their turn: see `Turn`.
"""

from __future__ import annotations

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, chain, islice, pairwise, repeat
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from tracker_tui.model.records import Customer
from tracker_tui.model.sale_columns import COST_PLACES, NAMELESS, PAYMENT, RETURN, Numbers, SaleColumns

Turn: TypeAlias = Callable[[], None]
"""Lets others go on; raises what ends the counting, where nobody wants to know any more."""

PIECE: Final = 1 << 13
"""So many rows are added up between two turns of others."""

NO_CATEGORY: Final = "\n"
"""The key of what stands in no category; no category is called so."""

WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

BY: Final = ("product", "category", "clerk", "customer", "payment", "hour", "weekday", "day", "week", "month")
"""What sales can be summed up by. A product counts in each of its categories, as they are now or were at last."""

OF_TIME: Final = ("hour", "weekday", "day", "week", "month")
"""Those of them that have an order of their own; the others begin with what brought most."""


class Sum(NamedTuple):
    """What one product, clerk, day and so on brought; returns are taken off.

    Attributes:
        key: Names it: an id, a name, `07` (an hour), `1` (Monday), `2026-03-31`, the Monday of a week, `2026-03`. For
            who or what has a name and no id, `NAMELESS` and the name.
        name: For people. Empty for what is no product (tax on top), nobody (walk-ins), in no category.
        sales: How many sales have some of it.
        returns: How many returns have some of it.
        units: Pieces sold less pieces returned.
        money: Money of the sales less that of the returns.
        returned: Money of the returns, 0 or more.
        known: The part of the money, without tax, of goods whose cost is known.
        cost: What these goods cost the shop.
    """

    key: str
    name: str
    sales: int = 0
    returns: int = 0
    units: int = 0
    money: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    known: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)

    @property
    def margin(self) -> Decimal:
        """What stays of the known part."""
        return self.known - self.cost

    @property
    def margin_share(self) -> Decimal | None:
        """The margin's part of it, from 0 to 1 or below 0; None where nothing is known."""
        return self.margin / self.known if self.known > 0 else None

    @property
    def returned_share(self) -> Decimal:
        """Which part of the money of the sales went back, 0 or more."""
        sold = self.money + self.returned
        return self.returned / sold if sold > 0 else Decimal(0)


def no_turn() -> None:
    """Let nobody else go on."""


def give_way() -> None:
    """Let another thread go on."""
    time.sleep(0)


class _Groups:
    """Sums by group, a list for each kind, by the number of the group."""

    def __init__(self, count: int) -> None:
        self.sales, self.returns, self.units, self.money, self.returned, self.known, self.cost = (
            [0] * count for _ in range(7)
        )

    def sum(self, number: int, key: str, name: str, columns: SaleColumns) -> Sum:
        """Return the sum of a group."""
        return Sum(
            key,
            name,
            self.sales[number],
            self.returns[number],
            self.units[number],
            columns.amount(self.money[number]),
            columns.amount(self.returned[number]),
            columns.amount(self.known[number]),
            Decimal(self.cost[number]).scaleb(-COST_PLACES),
        )


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
        for piece in _pieces(lines, self.turn):
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
        ends = list(accumulate(self.columns.counts, initial=0))
        sums = [list(accumulate(column, initial=0)) for column in (known, cost)]
        self.turn()
        first, second = ([upto[b] - upto[a] for a, b in pairwise(ends)] for upto in sums)
        return first, second

    # Sums

    @cached_property
    def whole(self) -> Sum:
        """All of it as one sum."""
        groups = self._of_entries(repeat(0, len(self.columns)), 1)
        return groups.sum(0, "", "", self.columns)

    def by(
        self,
        what: str,
        customers: Mapping[str, Customer] = MappingProxyType({}),
    ) -> list[Sum]:
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
        found = [groups.sum(number, key, names[number], columns) for number, key in enumerate(keys)]
        found = [one for one in found if one.sales or one.returns]
        if what in OF_TIME:
            return sorted(found, key=lambda one: one.key)
        return sorted(found, key=lambda one: (-one.money, one.name.casefold(), one.key))

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
            names = [
                customers[key].name if key in customers else called.get(number, "")
                for number, key in enumerate(keys)
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

    def _of_entries(self, numbers: Iterator[int], count: int) -> _Groups:
        """Sum up by groups of entries."""
        groups, columns = _Groups(count), self.columns
        known, cost = self._costs_of_entries
        rows = zip(numbers, columns.kinds, columns.units, columns.money, known, cost, strict=True)
        for piece in _pieces(rows, self.turn):
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

    def _of_lines(self, groups_of: Sequence[tuple[int, ...]], count: int) -> _Groups:
        """Sum up by groups of products: the groups of each product, by its number."""
        groups, columns = _Groups(count), self.columns
        units, money, known, cost = groups.units, groups.money, groups.known, groups.cost
        seen, kinds = [-1] * count, columns.kinds
        entries = chain.from_iterable(map(repeat, range(len(columns)), columns.counts))
        rows = zip(entries, columns.products, columns.quantities, columns.totals, *self._costs, strict=True)
        for piece in _pieces(rows, self.turn):
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
        for piece in _pieces(rows, self.turn):
            for day, second, kind, money in piece:
                if kind != PAYMENT:
                    sums[(day - 1) % 7][second // 3600] += money
        return [[columns.amount(money) for money in row] for row in sums]


def bucket_of(unit: str, day: date) -> str:
    """Return the key of the day, week or month that a day is in."""
    if unit == "month":
        return f"{day:%Y-%m}"
    return (day - timedelta(days=day.weekday()) if unit == "week" else day).isoformat()


def buckets(unit: str, since: date, until: date) -> list[str]:
    """Return the keys of all days, weeks or months from one day to another, also of those without sales."""
    days = (date.fromordinal(day) for day in range(since.toordinal(), until.toordinal() + 1))
    return list(dict.fromkeys(bucket_of(unit, day) for day in days))


def _pieces(rows: Iterator[tuple[int, ...]], turn: Turn) -> Iterator[Iterator[tuple[int, ...]]]:
    """Yield the rows piece by piece, and let others go on between."""
    while True:
        piece = list(islice(rows, PIECE))
        if not piece:
            return
        yield iter(piece)
        turn()


_VARIES: Final = -2
_UNKNOWN: Final = -(1 << 62)


def _cost_at(numbers: Sequence[int], costs: Sequence[int], number: int) -> int:
    """Return what a piece cost when an entry was booked; where that was not known then, what was said next; or -1."""
    at = bisect_right(numbers, number) - 1
    if at >= 0 and costs[at] >= 0:
        return costs[at]
    return next((cost for cost in costs[at + 1 :] if cost >= 0), -1)


__all__ = [
    "BY",
    "NAMELESS",
    "NO_CATEGORY",
    "OF_TIME",
    "WEEKDAYS",
    "Figures",
    "Sum",
    "Turn",
    "bucket_of",
    "buckets",
    "give_way",
    "no_turn",
]
