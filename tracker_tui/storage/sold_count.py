"""How many pieces of each product the lines of `purchases.txt` sold, told apart by entry.

Which of the lines count is known only when the changes are: those before a product came to be, the last time, leave
its stock alone. The changes may be counted after the sales, or beside them in another process.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from itertools import chain, repeat

from tracker_tui.model.records import Purchase
from tracker_tui.storage.columns import Numbered
from tracker_tui.storage.counting import Fields


class SoldCount:
    """The products and pieces of all lines of some sales and returns."""

    def __init__(self) -> None:
        self._numbers = Numbered()
        self._products = array("I")
        self._pieces = array("q")
        self._sizes = array("I")
        self._further: list[SoldCount] = []

    def __len__(self) -> int:
        return len(self._sizes) + sum(map(len, self._further))

    def take_fields(self, fields: Fields) -> None:
        """Count plain lines."""
        self._products.fromlist(list(map(self._numbers.__getitem__, fields.of["product_id"])))
        self._pieces.fromlist(fields.values["quantity"])
        self._sizes.fromlist(fields.sizes())

    def take_purchase(self, purchase: Purchase) -> None:
        """Count one sale or return."""
        for line in purchase.lines:
            self._products.append(self._numbers[line.product_id.encode()])
            self._pieces.append(line.quantity)
        self._sizes.append(len(purchase.lines))

    def go_on_with(self, other: SoldCount) -> None:
        """Count in what another has counted of the entries that follow; nothing comes behind that."""
        self._further.append(other)

    def since(self, born: Mapping[bytes, int], entries: Sequence[int]) -> dict[bytes, int]:
        """Return how many pieces of each product were sold since it came to be.

        Args:
            born: The number of the entry that made a product, for those that came to be behind some of the sales.
            entries: The number of each entry that was counted.
        """
        sold = self._since(born, entries)
        start = len(self._sizes)
        for part in self._further:
            for product, pieces in part.since(born, entries[start:]).items():
                sold[product] = sold.get(product, 0) + pieces
            start += len(part)
        return sold

    def _since(self, born: Mapping[bytes, int], entries: Sequence[int]) -> dict[bytes, int]:
        sums = [0] * len(self._numbers)
        lines = zip(self._products, self._pieces, strict=True)
        if not born:
            for product, pieces in lines:
                sums[product] += pieces
        else:
            first = [born.get(product, 0) for product in self._numbers]
            numbers = chain.from_iterable(map(repeat, entries, self._sizes))
            for (product, pieces), number in zip(lines, numbers, strict=True):
                if number > first[product]:
                    sums[product] += pieces
        return dict(zip(self._numbers, sums, strict=True))
