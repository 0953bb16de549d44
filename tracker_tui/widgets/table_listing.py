"""A table as it can be written into a file: all its columns, without the ornaments of the screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracker_tui.model.exports import Listing, Plain
from tracker_tui.model.lazy import LazyRows
from tracker_tui.widgets.table_columns import Column, Row


def listing_of(name: str, columns: Sequence[Column[Row]], rows: LazyRows[Row]) -> Listing:
    """Return what is written of a table.

    Args:
        name: What it is, in a word that can be the name of a file.
        columns: Its columns, also those that the screen is too narrow for.
        rows: Its rows, in their order.
    """
    values = [(column.key, column.plain or column.cell) for column in columns]

    def plain_rows() -> Iterator[Mapping[str, Plain]]:
        return ({key: value(row) for key, value in values} for row in rows.whole_rows())

    return Listing(name, tuple(column.key for column in columns), len(rows), plain_rows)
