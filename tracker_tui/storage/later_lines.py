"""The lines of a log that came after some entry, counted without making a value of each."""

from __future__ import annotations

from collections import Counter
from math import inf
from typing import TYPE_CHECKING, Any

from tracker_tui.errors import StorageError
from tracker_tui.model.records import Change, Purchase
from tracker_tui.storage.codec import CHANGES, PURCHASES
from tracker_tui.storage.counting import Fields, LogCount, ReadAt
from tracker_tui.storage.history_file import Unfit

if TYPE_CHECKING:
    from tracker_tui.model.later import Later
    from tracker_tui.model.past import Told


class LaterLines:
    """Hands the lines of a log to a `Later`.

    Args:
        later: What counts.
        number: Entries up to this one are passed over.
    """

    def __init__(self, later: Later, number: int) -> None:
        self._later = later
        self._number = number

    def count_changes(self, read_at: ReadAt, start: int, size: int, decimals: int, told: Told) -> None:
        """Count what stands in `changes.txt`.

        Args:
            read_at: Reads so many bytes of it from a place on.
            start: Where the first of the entries begins, in bytes.
            size: Where the last one ends.
            decimals: The shop's decimals.
            told: Told how many bytes of how many are done.

        Raises:
            StorageError: The log was changed meanwhile.
        """
        log = LogCount(CHANGES, decimals, inf, self.take_changed, self.take_change)
        _count(log, read_at, start, size, told)

    def count_sales(self, read_at: ReadAt, start: int, size: int, decimals: int, told: Told) -> None:
        """Count what stands in `purchases.txt`, as `count_changes` does."""
        log = LogCount(PURCHASES, decimals, inf, self.take_sold, self.take_sale)
        _count(log, read_at, start, size, told)

    def take_changed(self, fields: Fields) -> None:
        """Count plain lines of `changes.txt`."""
        of = fields.of
        lines = zip(
            map(int, of["entry"]),
            of["product_id"],
            fields.values["quantity_change"],
            of["price"],
            strict=True,
        )
        for entry, product_id, pieces, price in lines:
            if entry > self._number:
                self._later.take_change(entry, product_id.decode(), pieces, there=bool(price))

    def take_change(self, change: Change) -> None:
        """Count one change."""
        if change.entry > self._number:
            for line in change.lines:
                there = line.after is not None
                self._later.take_change(change.entry, line.product_id, line.quantity_change, there=there)

    def take_sold(self, fields: Fields) -> None:
        """Count plain lines of `purchases.txt`."""
        ids, counts = list(map(bytes.decode, fields.of["product_id"])), fields.values["quantity"]
        sold: Counter[str] = Counter()
        changed = self._later.changes
        if fields.numbers[0] > self._number and changed.keys().isdisjoint(ids):
            for product_id, pieces in zip(ids, counts, strict=True):
                sold[product_id] += pieces
        else:
            for entry, product_id, pieces in zip(map(int, fields.of["entry"]), ids, counts, strict=True):
                if entry <= self._number:
                    continue
                if product_id in changed:
                    self._later.take_sale(entry, product_id, pieces)
                else:
                    sold[product_id] += pieces
        self._later.take_sold(sold)

    def take_sale(self, sale: Purchase) -> None:
        """Count one sale or return."""
        if sale.entry > self._number:
            for line in sale.lines:
                self._later.take_sale(sale.entry, line.product_id, line.quantity)


def _count(log: LogCount[Any], read_at: ReadAt, start: int, size: int, told: Told) -> None:
    if start == size:
        return
    try:
        log.count_header(read_at)
        log.begin_at(start)
        log.count(read_at, size, lambda done: told(done - start, size - start))
    except Unfit as error:
        name = log.reader.format.file
        raise StorageError(f"{name}: was changed by another program just now; try again") from error
