"""A peer: the rows of a CSV file in Textual's own DataTable."""

from __future__ import annotations

import csv
import sys

from textual.app import App, ComposeResult
from textual.widgets import DataTable


class Rows(App[None]):
    """One table of all rows.

    Args:
        file: The CSV file, its header on the first line.
    """

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def compose(self) -> ComposeResult:
        """Lay out the table."""
        yield DataTable[str](cursor_type="row")

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(DataTable)
        with open(self._file, encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            table.add_columns(*next(rows))
            table.add_rows(rows)


if __name__ == "__main__":
    Rows(sys.argv[1]).run()
