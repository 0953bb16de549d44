"""A table of products some of whose cells can be typed; a `CellEditor` lies over the one that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic

from textual import events
from textual.geometry import Region
from textual.message import Message

from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.widgets.table_columns import GUTTER, PADDING, Row


class CellTable(RecordTable[Row], Generic[Row]):
    """A table whose rows are named by product ids, with cells that can be typed.

    A digit begins the first of `EDITABLE`, a click on a cell of the row under the cursor that cell.
    """

    EDITABLE: ClassVar[tuple[str, ...]] = ()
    """The columns whose cells can be typed, from left to right."""

    @dataclass
    class EditWanted(Message):
        """Somebody wants to type a cell.

        Attributes:
            product_id: The line.
            column: One of the table's `EDITABLE`.
            typed: What was typed already.
        """

        product_id: str
        column: str
        typed: str = ""

    def cell_region(self, product_id: str, column: str) -> Region | None:
        """Bring a line in sight and return where one of its cells is; None where there is no such cell."""
        if not self.go_to(product_id):
            return None
        for place in self._places:
            if place.column.key == column:
                x = GUTTER + place.left + PADDING - self.scroll_offset.x
                y = 1 + self._cursor - self.scroll_offset.y
                return Region(x, y, place.width, 1).translate(self.content_offset)
        return None

    def action_edit(self, column: str) -> None:
        """Ask for a cell of the line under the cursor to be typed."""
        key = self.cursor_key
        if key is not None:
            self.post_message(self.EditWanted(key, column))

    def on_key(self, event: events.Key) -> None:
        """Let digits begin the first cell that can be typed."""
        key = self.cursor_key
        if key is not None and event.character is not None and event.character in "0123456789":
            event.stop()
            event.prevent_default()
            self.post_message(self.EditWanted(key, self.EDITABLE[0], event.character))

    def on_click(self, event: events.Click) -> None:
        """Type the cell that was clicked, where its line has the cursor already."""
        at = event.get_content_offset(self)
        key = self.cursor_key
        if at is None or key is None or at.y != 1 + self._cursor - self.scroll_offset.y:
            return
        x = at.x - GUTTER + self.scroll_offset.x
        for place in self._places:
            if place.column.key in self.EDITABLE and place.left <= x < place.right:
                event.stop()
                event.prevent_default()
                self.post_message(self.EditWanted(key, place.column.key))
