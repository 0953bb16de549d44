"""What is low in stock, how long it will last at the pace of the last weeks, and how much to order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final, overload

from tracker_tui.model.chosen import Chosen
from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.sale_columns import SaleColumns
from tracker_tui.tuples import NamedTuple

PACE_DAYS: Final = 30
"""Over so many days, today among them, the pace is taken."""


class ReorderRow(NamedTuple):
    """A product that is low in stock.

    Attributes:
        product: It.
        level: At or below this quantity it is low.
        sold: Pieces sold less pieces returned in the last `PACE_DAYS` days; None = not counted yet.
    """

    product: Product
    level: int
    sold: int | None

    @property
    def days_left(self) -> int | None:
        """How many whole days the stock lasts at this pace; None where nothing was sold, or that is not known."""
        if not self.sold or self.sold < 0:
            return None
        return max(0, self.product.quantity) * PACE_DAYS // self.sold

    @property
    def to_order(self) -> int:
        """So many pieces bring it back to its level and last as many days as the pace was taken over."""
        return max(0, self.level + max(0, self.sold or 0) - self.product.quantity)


class ReorderRows(LazyRows[ReorderRow]):
    """Products that are low in stock as rows, in an order that tables can change.

    Args:
        low: The products.
        settings: For the general level.
        sold: Pieces sold in the last days by product id; None = not counted yet.
        order: Positions in `low`.
    """

    __slots__ = ("low", "order", "settings", "sold")

    def __init__(
        self,
        low: Chosen[Product],
        settings: Settings,
        sold: Mapping[str, int] | None,
        order: Sequence[int] | None = None,
    ) -> None:
        self.low = low
        self.settings = settings
        self.sold = sold
        self.order = range(len(low)) if order is None else order

    def _row(self, position: int) -> ReorderRow:
        product = self.low[position]
        level = product.reorder_level or self.settings.low_stock
        return ReorderRow(product, level, None if self.sold is None else self.sold.get(product.id, 0))

    def __len__(self) -> int:
        return len(self.order)

    @overload
    def __getitem__(self, index: int) -> ReorderRow: ...
    @overload
    def __getitem__(self, index: slice) -> ReorderRows: ...
    def __getitem__(self, index: int | slice) -> ReorderRow | ReorderRows:
        """Return the row at a position, or those of a slice."""
        if isinstance(index, slice):
            return ReorderRows(self.low, self.settings, self.sold, self.order[index])
        return self._row(self.order[index])

    def key_at(self, index: int) -> str:
        """Return the id of the product at a position."""
        return self.low.key_at(self.order[index])

    def place_at(self, index: int) -> int:
        """Return the place of the product at a position."""
        return self.low.place_at(self.order[index])

    def position(self, key: str) -> int | None:
        """Return where the product of an id stands, None if it does not."""
        place = self.low.position(key)
        return self.order.index(place) if place is not None and place in self.order else None

    def is_sorted(self, column: str, *, reverse: bool) -> bool:  # noqa: ARG002 - as in LazyRows
        """Tell whether `sorted_by` takes no time worth speaking of."""
        return not column

    def sorted_by(self, column: str, *, reverse: bool) -> ReorderRows:
        """Return the rows ordered by a column; without one the lowest quantity comes first."""
        key = REORDER_SORTS.get(column)
        if key is None:
            return self
        rows = {position: key(self._row(position)) for position in range(len(self.low))}
        order = sorted(rows, key=rows.__getitem__, reverse=reverse)
        return ReorderRows(self.low, self.settings, self.sold, order)

    def changes_since(self, earlier: LazyRows[ReorderRow]) -> Collection[int] | None:  # noqa: ARG002 - as in LazyRows
        """Return that any row may be another."""
        return None


def pace_since(today: date) -> date:
    """Return the first of the days that the pace is taken over."""
    return today - timedelta(days=PACE_DAYS - 1)


def sold_by_product(columns: SaleColumns) -> dict[str, int]:
    """Return the pieces sold less those returned, by product id."""
    sold = [0] * len(columns.product_of)
    for product, quantity in zip(columns.products, columns.quantities, strict=True):
        sold[product] += quantity
    return {key: count for key, count in zip(columns.product_of, sold, strict=True) if count}


def _days(row: ReorderRow) -> float:
    return float("inf") if row.days_left is None else row.days_left


REORDER_SORTS: Final[Mapping[str, Callable[[ReorderRow], Any]]] = {
    "id": lambda row: row.product.id,
    "name": lambda row: row.product.name.casefold(),
    "quantity": lambda row: row.product.quantity,
    "level": lambda row: row.level,
    "sold": lambda row: row.sold or 0,
    "days": _days,
    "order": lambda row: row.to_order,
}
"""How the rows can be ordered, by column."""
