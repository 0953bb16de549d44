"""The sales and returns behind a figure, as rows that are made when somebody looks at them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain, repeat
from typing import Final, overload

from tracker_tui.model.figures import NO_CATEGORY, OF_TIME, bucket_of
from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.records import Entry, Purchase
from tracker_tui.model.sale_columns import PAYMENT, RETURN, SALE, SaleColumns
from tracker_tui.model.sums import Turn, no_turn
from tracker_tui.model.tax import taxes_of
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple

EVERYTHING: Final = "all"
SALES: Final = "sales"
TAX: Final = "tax"
RETURNS: Final = "returns"
"""What else than `figures.BY` rows can be behind: everything, the sales alone, a tax rate, or what came back."""

_PIECE: Final = 1 << 14
_SEARCHED: Final = 500


class SaleRow(NamedTuple):
    """One sale or return, or what some figure counts of it.

    Attributes:
        entry: Its number.
        day: When.
        second: Second of the day.
        clerk: Who did it.
        customer: The customer's name, empty for a walk-in.
        payment: How it was paid.
        is_return: Whether goods came back.
        units: Pieces, below 0 for a return.
        money: What they come to, below 0 for a return.
    """

    entry: int
    day: date
    second: int
    clerk: str
    customer: str
    payment: str
    is_return: bool
    units: int
    money: Decimal

    @property
    def time(self) -> str:
        """The time, as screens show it."""
        return f"{self.day} {self.second // 3600:02}:{self.second // 60 % 60:02}"


class SaleRows(LazyRows[SaleRow]):
    """Some of the entries of columns, each with the part of it that counts.

    Args:
        columns: All entries.
        found: Places of these, in the columns.
        units: Pieces of each that count, by its place.
        money: Amount of each that counts, by its place, in the units of the columns.
    """

    __slots__ = ("columns", "found", "money", "texts", "units")

    def __init__(
        self,
        columns: SaleColumns,
        found: Sequence[int],
        units: Mapping[int, int] | Sequence[int],
        money: Mapping[int, int] | Sequence[int],
    ) -> None:
        self.columns = columns
        self.found = found
        self.units = units
        self.money = money
        self.texts = [list(of) for of in (columns.clerk_of, columns.payment_of)]

    def _with(self, found: Sequence[int]) -> SaleRows:
        return SaleRows(self.columns, found, self.units, self.money)

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> SaleRow: ...
    @overload
    def __getitem__(self, index: slice) -> SaleRows: ...
    def __getitem__(self, index: int | slice) -> SaleRow | SaleRows:
        """Return the row at a position, or those of a slice."""
        if isinstance(index, slice):
            return self._with(self.found[index])
        place, columns = self.found[index], self.columns
        clerks, payments = self.texts
        return SaleRow(
            columns.numbers[place],
            date.fromordinal(columns.days[place]),
            columns.seconds[place],
            clerks[columns.clerks[place]],
            columns.person_names.get(columns.people[place], ""),
            payments[columns.payments[place]],
            columns.kinds[place] == RETURN,
            self.units[place],
            columns.amount(self.money[place]),
        )

    @property
    def total(self) -> Decimal:
        """What all rows come to."""
        return self.columns.amount(sum(self.money[place] for place in self.found))

    @property
    def pieces(self) -> int:
        """Pieces of all rows."""
        return sum(self.units[place] for place in self.found)

    def matching(self, typed: str, turn: Turn = no_turn) -> SaleRows:
        """Return the rows that have every word of `typed`, in any order and case."""
        words = folded(typed).split()
        if not words:
            return self
        found: list[int] = []
        for index, place in enumerate(self.found):
            if not index % _SEARCHED:
                turn()
            row = self[index]
            text = folded(f"{row.entry} {row.time} {row.clerk} {row.customer} {row.payment}")
            if all(word in text for word in words):
                found.append(place)
        return self._with(found)

    def key_at(self, index: int) -> str:
        """Return the number of the entry at a position."""
        return str(self.columns.numbers[self.found[index]])

    def place_at(self, index: int) -> int:
        """Return the place of the entry at a position."""
        return self.found[index]

    def position(self, key: str) -> int | None:
        """Return where the entry of a number stands, None if it does not."""
        number = int(key) if key.isdecimal() else 0
        place = bisect_left(self.columns.numbers, number)
        if place == len(self.columns) or self.columns.numbers[place] != number:
            return None
        try:
            return self.found.index(place)
        except ValueError:
            return None

    def is_sorted(self, column: str, *, reverse: bool) -> bool:  # noqa: ARG002 - as in LazyRows
        """Tell whether `sorted_by` takes no time worth speaking of."""
        return column in ("", "entry") or len(self.found) < _PIECE

    def sorted_by(self, column: str, *, reverse: bool) -> SaleRows:
        """Return the rows ordered by a column; the rows' own order is the newest first."""
        key = self._sort_key(column)
        if key is None:
            return self
        return self._with(sorted(self.found, key=key, reverse=reverse))

    def _sort_key(self, column: str) -> Callable[[int], int | tuple[int, int] | str] | None:
        columns = self.columns
        if column in ("clerk", "payment"):
            names, numbers = (
                (self.texts[0], columns.clerks) if column == "clerk" else (self.texts[1], columns.payments)
            )
            ranks = [folded(name) for name in names]
            return lambda place: ranks[numbers[place]]
        if column == "customer":
            people = {number: folded(name) for number, name in columns.person_names.items()}
            return lambda place: people.get(columns.people[place], "")
        sorts: dict[str, Callable[[int], int | tuple[int, int] | str]] = {
            "entry": columns.numbers.__getitem__,
            "time": lambda place: (columns.days[place], columns.seconds[place]),
            "units": self.units.__getitem__,
            "money": self.money.__getitem__,
            "what": columns.kinds.__getitem__,
        }
        return sorts.get(column)

    def changes_since(self, earlier: LazyRows[SaleRow]) -> Collection[int] | None:
        """Return the places whose rows may differ from those of `earlier`; None = any."""
        same = (
            isinstance(earlier, SaleRows) and earlier.columns is self.columns and earlier.money is self.money
        )
        return frozenset() if same else None


def rows_behind(columns: SaleColumns, what: str, key: str = "", turn: Turn = no_turn) -> SaleRows:
    """Return the sales and returns that a figure counts, newest first.

    Args:
        columns: The sales of the span.
        what: One of `figures.BY`, `EVERYTHING`, `SALES` or `RETURNS`.
        key: Which product, clerk, day and so on; see `Sum.key`.
        turn: Lets others go on.

    Returns:
        The rows; of a product or category each counts only the lines of it, so that they add up to the figure.
    """
    if what in ("product", "category"):
        return _of_lines(columns, _wanted_products(columns, what, key), turn)
    wanted = _wanted_entries(columns, what, key)
    found = [place for place, fits in enumerate(wanted) if fits and columns.kinds[place] != PAYMENT]
    turn()
    return SaleRows(columns, found[::-1], columns.units, columns.money)


def taxed_rows(
    columns: SaleColumns, find: Callable[[int], Entry | None], rate: Decimal, turn: Turn = no_turn
) -> SaleRows:
    """Return the sales and returns that have a tax of some rate, newest first.

    Args:
        columns: The sales of the span.
        find: Returns an entry by its number.
        rate: Percent.
        turn: Lets others go on.

    Returns:
        The rows; of each counts only what has this tax, with the tax, so that they add up to what the rate comes to.
    """
    units: dict[int, int] = {}
    money: dict[int, int] = {}
    for place, number in enumerate(columns.numbers):
        if not place % _SEARCHED:
            turn()
        purchase = find(number) if columns.kinds[place] != PAYMENT else None
        if not isinstance(purchase, Purchase):
            continue
        for tax in taxes_of(purchase):
            if tax.rate == rate:
                units[place] = units.get(place, 0) + sum(purchase.lines[at].quantity for at in tax.lines)
                money[place] = money.get(place, 0) + int(tax.gross.scaleb(columns.places))
    return SaleRows(columns, list(units)[::-1], units, money)


def _wanted_products(columns: SaleColumns, what: str, key: str) -> frozenset[int]:
    """Return the numbers of the products that are wanted."""
    numbers = columns.product_of
    if what == "product":
        return frozenset([numbers[key]] if key in numbers else ())
    nowhere: frozenset[str] = frozenset()
    wanted = frozenset() if key == NO_CATEGORY else frozenset([key])
    of = (columns.categories.get(number, nowhere) for number in range(len(numbers)))
    return frozenset(at for at, names in enumerate(of) if (wanted <= names if wanted else not names))


def _of_lines(columns: SaleColumns, wanted: frozenset[int], turn: Turn) -> SaleRows:
    """Return the entries with lines of some products."""
    units: dict[int, int] = {}
    money: dict[int, int] = {}
    entries = chain.from_iterable(map(repeat, range(len(columns)), columns.counts))
    lines = zip(columns.products, entries, columns.quantities, columns.totals, strict=True)
    for number, (product, entry, quantity, total) in enumerate(lines):
        if not number % _PIECE:
            turn()
        if product in wanted and columns.kinds[entry] != PAYMENT and (product or quantity or total):
            units[entry] = units.get(entry, 0) + quantity
            money[entry] = money.get(entry, 0) + total
    return SaleRows(columns, list(units)[::-1], units, money)


def _wanted_entries(columns: SaleColumns, what: str, key: str) -> Sequence[bool]:
    """Tell of each entry whether it is wanted."""
    if what in OF_TIME:
        return _at_time(columns, what, key)
    if what in (SALES, RETURNS):
        wanted_kind = RETURN if what == RETURNS else SALE
        return [kind == wanted_kind for kind in columns.kinds]
    numbered = {
        "clerk": (columns.clerk_of, columns.clerks),
        "customer": (columns.person_of, columns.people),
        "payment": (columns.payment_of, columns.payments),
    }
    if what not in numbered:
        return [True] * len(columns)
    numbers, column = numbered[what]
    wanted = numbers.get(key, -1)
    return [number == wanted for number in column]


def _at_time(columns: SaleColumns, what: str, key: str) -> Sequence[bool]:
    if what == "hour":
        return [second // 3600 == int(key) for second in columns.seconds]
    if what == "weekday":
        return [(day - 1) % 7 + 1 == int(key) for day in columns.days]
    days = {day for day in {*columns.days} if bucket_of(what, date.fromordinal(day)) == key}
    return [day in days for day in columns.days]
