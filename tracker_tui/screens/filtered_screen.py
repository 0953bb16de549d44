"""What the main screens have in common that are one table with a filter above it."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.getters import query_one

from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.record_table import RecordTable


class FilteredScreen(ShopScreen):
    """A main screen with a filter; its table may have others beside it.

    Attributes:
        table: The table that the filter narrows; each such screen says which.
    """

    table: query_one[RecordTable[Any]]
    filter_line = query_one(FilterLine)

    def __init__(self) -> None:
        super().__init__()
        self._filled_for = ""

    def _fill(self, *, top: bool = False) -> None:
        """Show the rows that the filter leaves, and keep its words in `_filled_for`.

        Args:
            top: Whether the cursor goes to the first of them.
        """
        raise NotImplementedError

    def _get_ahead(self) -> None:
        """Make ready for a further letter, while nobody types."""

    @on(FilterLine.Changed)
    def _filter(self) -> None:
        if self.filter_line.text != self._filled_for:
            self._fill(top=True)
            self._get_ahead()

    @on(FilterLine.Left)
    def _leave_filter(self) -> None:
        self.table.focus()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.filter_line.field.focus()

    def action_clear(self) -> None:
        """Take the filter away."""
        if self.filter_line.text:
            self.filter_line.clear()
