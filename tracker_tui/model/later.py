"""What came after some entry, added up by product, to lead the stock back to it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from collections.abc import Set as AbstractSet


class Later:
    """The pieces that later entries added and took: first all changes, then all sales.

    A sale of a product that is not there, not yet or not any more, leaves the stock alone.

    Attributes:
        changes: By product id the numbers of the changes of it, ascending, and whether it was there after each.
    """

    def __init__(self) -> None:
        self.changes: dict[str, tuple[list[int], list[bool]]] = {}
        self._gained: dict[str, int] = {}
        self._sold_first: dict[str, int] = {}

    def take_change(self, entry: int, product_id: str, pieces: int, *, there: bool) -> None:
        """Count in a line of a change; all of them come in ascending order, and before the sales.

        Args:
            entry: Number of the entry.
            product_id: Which product; empty = of none.
            pieces: How many more or fewer.
            there: Whether the product was there after it.
        """
        if product_id:
            numbers, states = self.changes.setdefault(product_id, ([], []))
            numbers.append(entry)
            states.append(there)
            self._gained[product_id] = self._gained.get(product_id, 0) + pieces

    def take_sale(self, entry: int, product_id: str, pieces: int) -> None:
        """Count in a line of a sale, or with pieces below 0 of a return."""
        known = self.changes.get(product_id)
        before = bisect_left(known[0], entry) if known is not None else 0
        if known is None or not before:
            self._sold_first[product_id] = self._sold_first.get(product_id, 0) + pieces
        elif known[1][before - 1]:
            self._gained[product_id] -= pieces

    def take_sold(self, sold: Mapping[str, int]) -> None:
        """Count in what was sold of products that were not changed, by product id."""
        for product_id, pieces in sold.items():
            self._sold_first[product_id] = self._sold_first.get(product_id, 0) + pieces

    @property
    def moved(self) -> AbstractSet[str]:
        """Ids of the products that anything became of."""
        return (self._gained.keys() | self._sold_first.keys()) - {""}

    def gained(self, product_id: str) -> int:
        """Return the pieces that a product which was there before the later entries has more by them."""
        return self._gained.get(product_id, 0) - self._sold_first.get(product_id, 0)
