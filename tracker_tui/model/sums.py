"""Sums of sales by group: as values, and as rows of which only those that are looked at are made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from heapq import merge
from typing import Any, Final, TypeAlias, overload

from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.sale_columns import COST_PLACES
from tracker_tui.model.text import folded
from tracker_tui.tuples import NamedTuple

Turn: TypeAlias = Callable[[], None]
"""Lets others go on; raises what ends the counting, where nobody wants to know any more."""

_SORTED: Final = 4096
"""So many rows are put in order between two turns of others."""


def no_turn() -> None:
    """Let nobody else go on."""


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


class Groups:
    """Sums by group, a list for each kind, by the number of the group; amounts in units.

    Args:
        count: How many groups there are.
    """

    def __init__(self, count: int) -> None:
        self.sales, self.returns, self.units, self.money, self.returned, self.known, self.cost = (
            [0] * count for _ in range(7)
        )

    def sum(self, number: int, key: str, name: str, places: int) -> Sum:
        """Return the sum of a group; `places` = the decimals of the unit."""
        return Sum(
            key,
            name,
            self.sales[number],
            self.returns[number],
            self.units[number],
            Decimal(self.money[number]).scaleb(-places),
            Decimal(self.returned[number]).scaleb(-places),
            Decimal(self.known[number]).scaleb(-places),
            Decimal(self.cost[number]).scaleb(-COST_PLACES),
        )


class SumRows(LazyRows[Sum]):
    """The sums of some groups as rows.

    Args:
        groups: The sums.
        keys: The key of each group.
        names: The name of each group.
        places: Decimals of the unit of the sums.
        found: Which groups, in their order.
        of_time: Whether the groups are times, which are ordered by their keys.
    """

    def __init__(
        self,
        groups: Groups,
        keys: Sequence[str],
        names: Sequence[str],
        places: int,
        found: Sequence[int],
        *,
        of_time: bool = False,
    ) -> None:
        self.groups = groups
        self.keys = keys
        self.names = names
        self.places = places
        self.found = found
        self.of_time = of_time

    def _with(self, found: Sequence[int]) -> SumRows:
        return SumRows(self.groups, self.keys, self.names, self.places, found, of_time=self.of_time)

    def __len__(self) -> int:
        return len(self.found)

    @overload
    def __getitem__(self, index: int) -> Sum: ...
    @overload
    def __getitem__(self, index: slice) -> SumRows: ...
    def __getitem__(self, index: int | slice) -> Sum | SumRows:
        """Return the row at a position, or those of a slice."""
        if isinstance(index, slice):
            return self._with(self.found[index])
        number = self.found[index]
        return self.groups.sum(number, self.keys[number], self.names[number], self.places)

    @cached_property
    def most(self) -> Decimal:
        """The most money of a row, 0 where there are none."""
        money = self.groups.money
        return Decimal(max((money[number] for number in self.found), default=0)).scaleb(-self.places)

    def key_at(self, index: int) -> str:
        """Return the key of the group at a position."""
        return self.keys[self.found[index]]

    def place_at(self, index: int) -> int:
        """Return the number of the group at a position."""
        return self.found[index]

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {self.keys[number]: index for index, number in enumerate(self.found)}

    def position(self, key: str) -> int | None:
        """Return where the group of a key stands, None if it does not."""
        return self._positions.get(key)

    def is_sorted(self, column: str, *, reverse: bool) -> bool:  # noqa: ARG002 - as in LazyRows
        """Tell whether `sorted_by` takes no time worth speaking of."""
        return not column or len(self.found) < _SORTED

    def sorted_by(self, column: str, *, reverse: bool) -> SumRows:
        """Return the rows ordered by a column; without one the most money comes first."""
        return self.in_order(column, reverse=reverse) if column in _SORTS else self

    def in_order(self, column: str, turn: Turn = no_turn, *, reverse: bool = False) -> SumRows:
        """Return the rows ordered by a column, or with "" the most money first; a few thousand at a time."""
        key = _SORTS["key" if self.of_time and column in ("", "name") else column](self)
        parts = [
            sorted(self.found[start : start + _SORTED], key=key, reverse=reverse)
            for start in _turns(len(self.found), turn)
        ]
        if len(parts) < 2:
            return self._with(parts[0] if parts else [])
        order: list[int] = []
        for number in merge(*parts, key=key, reverse=reverse):
            order.append(number)
            if not len(order) % _SORTED:
                turn()
        return self._with(order)

    def matching(self, typed: str, text_of: Callable[[Sum], str], turn: Turn = no_turn) -> SumRows:
        """Return the rows whose text has every word of `typed`."""
        words = folded(typed).split()
        if not words:
            return self
        kept: list[int] = []
        for index, number in enumerate(self.found):
            if not index % _SORTED:
                turn()
            text = folded(text_of(self[index]))
            if all(word in text for word in words):
                kept.append(number)
        return self._with(kept)

    def changes_since(self, earlier: LazyRows[Sum]) -> Collection[int] | None:
        """Return the numbers of the groups whose rows may differ from those of `earlier`; None = any."""
        return frozenset() if isinstance(earlier, SumRows) and earlier.groups is self.groups else None


def _turns(count: int, turn: Turn) -> Iterator[int]:
    for start in range(0, count, _SORTED):
        yield start
        turn()


def _share_of(part: Sequence[int], whole: Sequence[int]) -> Callable[[int], float]:
    return lambda number: part[number] / whole[number] if whole[number] > 0 else float("-inf")


def _margins(rows: SumRows) -> Callable[[int], float]:
    groups, unit = rows.groups, 10 ** (COST_PLACES - rows.places) if rows.places < COST_PLACES else 1
    costs, known = groups.cost, groups.known
    return lambda number: 1 - costs[number] / (known[number] * unit) if known[number] > 0 else float("-inf")


def _returned(rows: SumRows) -> Callable[[int], float]:
    groups = rows.groups
    sold = [money + back for money, back in zip(groups.money, groups.returned, strict=True)]
    return _share_of(groups.returned, sold)


_SORTS: Final[dict[str, Callable[[SumRows], Callable[[int], Any]]]] = {
    "": lambda rows: lambda at: (-rows.groups.money[at], rows.names[at].casefold(), rows.keys[at]),
    "key": lambda rows: rows.keys.__getitem__,
    "id": lambda rows: rows.keys.__getitem__,
    "name": lambda rows: lambda at: (rows.names[at].casefold(), rows.keys[at]),
    "sales": lambda rows: rows.groups.sales.__getitem__,
    "returns": lambda rows: rows.groups.returns.__getitem__,
    "units": lambda rows: rows.groups.units.__getitem__,
    "money": lambda rows: rows.groups.money.__getitem__,
    "returned": _returned,
    "margin": _margins,
}
"""How rows can be ordered, by column."""
