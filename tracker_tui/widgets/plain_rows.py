"""Rows that are all there, as the table takes any rows: found by their key and put in order by its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

from tracker_tui.model.lazy import LazyRows

Row = TypeVar("Row")


class PlainRows(LazyRows[Row], Generic[Row]):
    """Any rows, in their order.

    Args:
        rows: The rows; they must not change afterwards.
        key: Names a row.
        sort_of: What rows are ordered by, by the name of a column; None = the rows' own order.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        key: Callable[[Row], str],
        sort_of: Callable[[str], Callable[[Row], Any] | None],
    ) -> None:
        self.rows = rows
        self._key = key
        self._sort_of = sort_of

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        """Return the row at a position, or those of a slice."""
        return self.rows[index]

    def key_at(self, index: int) -> str:
        """Return the key of the row at a position."""
        return self._key(self.rows[index])

    def place_at(self, index: int) -> int:
        """Return the position: these rows have no other place."""
        return index

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {key: index for index, key in reversed(list(enumerate(map(self._key, self.rows))))}

    def position(self, key: str) -> int | None:
        """Return where the row of a key stands, None if it does not."""
        return self._positions.get(key)

    def sorted_by(self, column: str, *, reverse: bool) -> PlainRows[Row]:
        """Return the rows ordered by a column; rows that are equal in it keep their order."""
        sort = self._sort_of(column)
        if sort is None:
            return self
        return PlainRows(sorted(self.rows, key=sort, reverse=reverse), self._key, self._sort_of)

    def is_sorted(self, column: str, *, reverse: bool) -> bool:  # noqa: ARG002 - as in LazyRows
        """Tell that they are put in order at once."""
        return True

    def changes_since(self, earlier: LazyRows[Row]) -> None:  # noqa: ARG002 - as in LazyRows
        """Tell that any row may be another."""
        return
