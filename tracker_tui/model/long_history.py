"""The history of a shop with very many entries: a row is made of an entry when somebody looks at it.

What stands in the logs is read in blocks. What a product was before a change comes out of all that touched it
earlier, which may be far back in the files, so it is looked up afterwards, in a thread, for the rows in sight.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias, overload

from tracker_tui.errors import StorageError
from tracker_tui.model.history import HistoryRow, is_taken_back, row_text
from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.past import Past
from tracker_tui.model.records import Action, Change, Entry, Product, Settings
from tracker_tui.model.state import replay
from tracker_tui.model.text import folded

Before: TypeAlias = "tuple[Product | None, ...]"

_BLOCK: Final = 50
"""Entries that are read together: about as many as a screen shows."""

_MOST_BLOCKS: Final = 40

_SEARCHED: Final = 500
"""Entries that are searched between two looks at whether somebody waits."""

_MOST_LINES: Final = 8
"""Products of one change whose quantities are looked up; of an import only what it brought is told."""

_FEW_ROWS: Final = 200
"""Rows of which what products were before is looked up when all rows are wanted at once."""

MOST_LOOKED_UP: Final = 1_000
"""Products of one change up to which its row tells what they were before."""

_ORDERS: Final = ("entry", "time")
"""The columns whose order is that of the entries."""


class EntryBlocks:
    """The entries of the past, of which the blocks that were looked at last are kept.

    Args:
        past: The entries that are not in memory.
    """

    def __init__(self, past: Past) -> None:
        self.past = past
        self._blocks: dict[int, Sequence[Entry]] = {}

    def at(self, position: int) -> Entry:
        """Return the entry at a position; where its log was just changed by somebody, one that says so."""
        number, place = divmod(position, _BLOCK)
        block = self._blocks.get(number)
        if block is None:
            start = number * _BLOCK
            try:
                block = list(self.past.entries(start, min(start + _BLOCK, len(self.past))))
            except StorageError as error:
                return Change(0, "", Action.EDIT, (), str(error), datetime.fromtimestamp(0, UTC))
            if len(self._blocks) >= _MOST_BLOCKS:
                self._blocks.clear()
            self._blocks[number] = block
        return block[place]


class HistoryRows(LazyRows[HistoryRow]):
    """Some entries as rows; the place of a row is the position of its entry, counted from the oldest.

    Args:
        ledger: All entries.
        blocks: Those of the ledger's past.
        known: What was looked up: the products before a change, by its number.
        positions: Which entries, ascending or descending; None = all, newest first.
    """

    __slots__ = ("blocks", "known", "ledger", "positions")

    def __init__(
        self,
        ledger: Ledger,
        blocks: EntryBlocks,
        known: Mapping[int, Before],
        positions: Sequence[int] | None = None,
    ) -> None:
        self.ledger = ledger
        self.blocks = blocks
        self.known = known
        self.positions = range(len(ledger) - 1, -1, -1) if positions is None else positions

    def _with(self, positions: Sequence[int]) -> HistoryRows:
        return HistoryRows(self.ledger, self.blocks, self.known, positions)

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, index: int) -> HistoryRow: ...
    @overload
    def __getitem__(self, index: slice) -> HistoryRows: ...
    def __getitem__(self, index: int | slice) -> HistoryRow | HistoryRows:
        """Return the row at a position, or those of a slice."""
        if isinstance(index, slice):
            return self._with(self.positions[index])
        entry = self._entry(self.positions[index])
        taken_back_by = self.ledger.taken_back_by
        undone_by = taken_back_by[entry.entry] if is_taken_back(entry.entry, taken_back_by) else None
        row = HistoryRow(entry, None if isinstance(entry, Change) else (), undone_by)
        before = self.known.get(entry.entry)
        return row if before is None else completed(row, before)

    def _entry(self, position: int) -> Entry:
        return self.blocks.at(position) if position < len(self.blocks.past) else self.ledger[position]

    def whole_rows(self) -> Iterator[HistoryRow]:
        """Yield all rows; reads the logs, so belongs in a thread.

        Of a few rows it is looked up what products were before each change; of many that would take hours.

        Raises:
            StorageError: A log was changed meanwhile.
        """
        taken_back_by, few = self.ledger.taken_back_by, len(self) <= _FEW_ROWS
        for entry in self._entries():
            undone_by = taken_back_by[entry.entry] if is_taken_back(entry.entry, taken_back_by) else None
            if not isinstance(entry, Change):
                yield HistoryRow(entry, (), undone_by)
            elif few:
                yield completed(HistoryRow(entry, None, undone_by), looked_up(self.ledger, entry))
            else:
                yield HistoryRow(entry, None, undone_by)

    def _entries(self) -> Iterator[Entry]:
        """Yield the entries; those that stand side by side in the logs are read together."""
        start = 0
        while start < len(self.positions):
            stop, step = start + 1, -1 if self._is_newest_first else 1
            while stop < min(len(self.positions), start + _SEARCHED):
                if self.positions[stop] != self.positions[stop - 1] + step:
                    break
                stop += 1
            low, high = sorted((self.positions[start], self.positions[stop - 1]))
            yield from self.ledger[low : high + 1][::step]
            start = stop

    def key_at(self, index: int) -> str:
        """Return the number of the entry at a position."""
        return str(self._entry(self.positions[index]).entry)

    def place_at(self, index: int) -> int:
        """Return the position of the entry in the ledger."""
        return self.positions[index]

    def position(self, key: str) -> int | None:
        """Return where the entry of a number stands among these, None if it does not."""
        place = self.ledger.position(int(key))
        low, high = 0, len(self)
        newest_first = self._is_newest_first
        while low < high:
            middle = (low + high) // 2
            before = self.positions[middle] > place if newest_first else self.positions[middle] < place
            low, high = (middle + 1, high) if before else (low, middle)
        if low == len(self) or self.positions[low] != place or self.key_at(low) != key:
            return None
        return low

    @property
    def _is_newest_first(self) -> bool:
        return len(self) > 1 and self.positions[0] > self.positions[-1]

    def is_sorted(self, column: str, *, reverse: bool) -> bool:  # noqa: ARG002 - as in LazyRows
        """Tell that they are put in order at once: the entries are."""
        return True

    def sorted_by(self, column: str, *, reverse: bool) -> HistoryRows:
        """Return the rows from the first to the last entry or the other way round."""
        if column not in _ORDERS or len(self) < 2 or self._is_newest_first is reverse:
            return self
        return self._with(self.positions[::-1])

    def changes_since(self, earlier: LazyRows[HistoryRow]) -> Collection[int] | None:
        """Return the places whose rows may differ from those of `earlier`; None = any."""
        if not isinstance(earlier, HistoryRows) or earlier.blocks is not self.blocks:
            return None
        same = earlier.known is self.known and earlier.ledger.taken_back_by == self.ledger.taken_back_by
        return frozenset() if same else None


def completed(row: HistoryRow, before: Before) -> HistoryRow:
    """Return the row of a change with what was looked up for it."""
    return row._replace(before=before, has_stock=len(before) <= _MOST_LINES)


def looked_up(ledger: Ledger, change: Change) -> Before:
    """Return the products of a change as they were just before it.

    Of many products at once only the fields are looked up, and all quantities are 0.

    Raises:
        StorageError: A log was changed meanwhile.
    """
    ids = dict.fromkeys(line.product_id for line in change.lines if line.product_id)
    if len(change.lines) > _MOST_LINES:
        known: Mapping[str, Product] = ledger.fields_before(change.entry, frozenset(ids))
        return tuple(known.get(line.product_id) for line in change.lines)
    products: dict[str, Product | None] = {}
    for product_id in ids:
        earlier = (entry for entry in ledger.touching(product_id, 0) if entry.entry < change.entry)
        products[product_id] = replay(earlier).get(product_id)
    return tuple(products.get(line.product_id) for line in change.lines)


def search(
    ledger: Ledger,
    typed: str,
    settings: Settings,
    unwanted: Callable[[], bool] = lambda: False,
    *,
    after: int = 0,
) -> Iterator[tuple[array[int], int]]:
    """Look for the entries that hold every word of `typed`, newest first.

    Args:
        ledger: All entries.
        typed: Words, in any order and case.
        settings: For how amounts are written.
        unwanted: Tells whether nobody waits for the answer any more; then the search ends.
        after: So many of the oldest entries are not looked at.

    Yields:
        What was found so far, as positions in the ledger, always the same growing array; and how many
        entries are still to be looked at.

    Raises:
        StorageError: A log was changed meanwhile.
    """
    words = folded(typed).split()
    found = array("I")
    for stop in range(len(ledger), after, -_SEARCHED):
        if unwanted():
            return
        start = max(after, stop - _SEARCHED)
        entries = ledger[start:stop]
        for position in range(stop - 1, start - 1, -1):
            entry = entries[position - start]
            text = folded(row_text(HistoryRow(entry, None if isinstance(entry, Change) else ()), settings))
            if all(word in text for word in words):
                found.append(position)
        yield found, start - after
