"""The table of all screens: any number of rows, of which only those in sight are ever drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from textual import on, work
from textual.binding import Binding
from textual.message import Message

from tracker_tui.messages import ExportWanted
from tracker_tui.model.lazy import LazyRows
from tracker_tui.model.text import visible
from tracker_tui.widgets.plain_rows import PlainRows
from tracker_tui.widgets.table_columns import GUTTER, Column, Row
from tracker_tui.widgets.table_view import TableView

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual import events
    from textual.binding import BindingType

__all__ = ["Column", "RecordTable"]

_RIGHT = 3
"""The right button of a mouse."""

_SIDEWAYS = 8
"""Cells that one key scrolls sideways."""


class RecordTable(TableView[Row], Generic[Row]):
    """A table with a cursor that stays on its row by key, whatever comes and goes around it.

    What the table costs depends on the lines of the screen, not on the number of rows: `LazyRows` are not
    made before they are drawn, find their keys and their order themselves, and where that takes long they are
    put in order in a thread, while the rows there were stay. A change sends only the lines that look different.

    Args:
        columns: What is shown, from left to right.
        key: Names a row; no two rows share a name.
        empty: Text that stands in the middle where there are no rows.
        sort: Key of the column to sort by; "" leaves the rows in their order.
        reverse: Sort from the largest down.
        id: Id of the widget.
        classes: CSS classes of the widget.
    """

    BINDING_GROUP_TITLE = "Table"
    HELP = """\
## Table

Arrows or `j` `k`, Page Up and Down, Home and End move. Enter opens the row, Space marks it, `s` sorts by
the next column and `S` the other way round, `y` copies the row, `X` writes all rows that are shown into a file. A
click on a header sorts, a click at the left edge marks, a right click exports.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", id="table.choose", show=False),
        Binding("space", "mark", "Mark", id="table.mark", tooltip="Mark the row", show=False),
        Binding("s", "sort_next", "Sort", id="table.sort", tooltip="Sort by the next column"),
        Binding("y", "copy", "Copy", id="table.copy", tooltip="Copy the row", show=False),
        Binding(
            "X", "export", "Export", id="table.export", tooltip="Export the table as CSV or JSON", show=False
        ),
        Binding("S", "sort_reverse", "Sort the other way", id="table.sort_reverse", show=False),
        Binding("up,k", "cursor_up", "Up", id="table.up", show=False),
        Binding("down,j", "cursor_down", "Down", id="table.down", show=False),
        Binding("pageup", "page_up", "Page up", id="table.page_up", show=False),
        Binding("pagedown", "page_down", "Page down", id="table.page_down", show=False),
        Binding("home", "top", "First row", id="table.top", show=False),
        Binding("end,G", "bottom", "Last row", id="table.bottom", show=False),
        Binding("left", "scroll_left", "Scroll left", id="table.left", show=False),
        Binding("right", "scroll_right", "Scroll right", id="table.right", show=False),
    ]

    # Textual hands messages to handlers that know no type variables, hence the Any.
    @dataclass
    class _TableMessage(Message):
        table: RecordTable[Any]

        @property
        def control(self) -> RecordTable[Any]:
            """The table, for `@on` with a selector."""
            return self.table

    @dataclass
    class Highlighted(_TableMessage):
        """The cursor came to another row. Not sent when the last row goes: `show` was told."""

        key: str

        def can_replace(self, message: Message) -> bool:
            """Of several in a row only the last one counts."""
            return isinstance(message, RecordTable.Highlighted) and message.table is self.table

    @dataclass
    class Chosen(_TableMessage):
        """A row was chosen with Enter or the mouse."""

        key: str

    @dataclass
    class Sorted(_TableMessage):
        """The rows were put in another order."""

        column: str
        reverse: bool

    @dataclass
    class Marked(_TableMessage):
        """Other rows than before are marked; `keys` are all marked ones."""

        keys: frozenset[str]

    @dataclass
    class _Ordered(_TableMessage):
        """Rows were put in order in a thread."""

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], str],
        *,
        empty: str = "",
        sort: str = "",
        reverse: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(columns, key, empty=empty, id=id, classes=classes)
        self._sort = sort
        self._reverse = reverse
        self._given: LazyRows[Row] = self._rows
        self._ordering = False
        self._goal: str | None = None
        self._to_top = False
        self._cursor_key: str | None = None
        self._chosen_by_click = False

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor; None if there are no rows."""
        return self._cursor_key if self._rows else None

    @property
    def sort_column(self) -> str:
        """The key of the column that the rows are sorted by, "" if by none."""
        return self._sort

    @property
    def sort_reversed(self) -> bool:
        """Whether the largest comes first."""
        return self._reverse

    def show(self, rows: Sequence[Row], *, top: bool = False, changed: Iterable[str] = ()) -> None:
        """Show `rows` in place of those there were.

        The cursor stays on its key and on its line of the screen; if the key is gone, on its number.
        Marks of rows that are gone go too.

        Args:
            rows: The new rows. They are kept, not copied, so must not change afterwards.
            top: The cursor goes to the first row.
            changed: Keys of the rows that are shown as changed, as `flash` does.
        """
        given = rows if isinstance(rows, LazyRows) else PlainRows(rows, self._key, self._sort_of)
        self._given = given
        self._changed = frozenset(changed)
        if self._marked:
            self._set_marked(frozenset(key for key in self._marked if given.position(key) is not None))
        if top:
            self._to_top, self._goal = True, None
        self._put_in_order()

    def go_to(self, key: str) -> bool:
        """Put the cursor on the row of `key` and bring it in sight; False if there is no such row."""
        self._goal = key if self._ordering and self._given.position(key) is not None else None
        index = self._rows.position(key)
        if index is not None:
            self._move_to(index)
        return index is not None or self._goal is not None

    def sort_by(self, column_key: str, reverse: bool | None = None) -> None:  # noqa: FBT001 - a contract
        """Sort by a column; a column that cannot be sorted by changes nothing.

        Args:
            column_key: Key of the column.
            reverse: Largest first; None turns the order round if it is the sort column already.
        """
        if not any(column.key == column_key and column.sort for column in self._columns):
            return
        self._reverse = (column_key == self._sort and not self._reverse) if reverse is None else reverse
        self._sort = column_key
        self._put_in_order()
        self.post_message(self.Sorted(self, column_key, self._reverse))

    def set_columns(self, columns: Sequence[Column[Row]]) -> None:
        """Show other columns of the same rows; the order of the rows stays."""
        self._columns = tuple(columns)
        if not any(column.key == self._sort for column in columns):
            self._sort = ""
        self._placed_for = None
        self._forget_lines()
        self._settle()

    def flash(self, keys: Iterable[str]) -> None:
        """Show these rows as changed until `unflash` or the next `show`."""
        self._changed |= frozenset(keys)
        self._repaint()

    def unflash(self, keys: Iterable[str] | None = None) -> None:
        """Show these rows, or all, as unchanged again."""
        self._changed = frozenset() if keys is None else self._changed.difference(keys)
        self._repaint()

    def clear_marks(self) -> None:
        """Take all marks away."""
        self._set_marked(frozenset())
        self._repaint()

    def action_cursor_up(self) -> None:
        """Move the cursor to the row above."""
        self._move_to(self._cursor - 1)

    def action_cursor_down(self) -> None:
        """Move the cursor to the row below."""
        self._move_to(self._cursor + 1)

    def action_page_up(self) -> None:
        """Move the cursor and the rows by a page, so that the cursor keeps its line."""
        self._turn_page(-self._page)

    def action_page_down(self) -> None:
        """Move the cursor and the rows by a page, so that the cursor keeps its line."""
        self._turn_page(self._page)

    def action_top(self) -> None:
        """Move the cursor to the first row."""
        self._move_to(0)

    def action_bottom(self) -> None:
        """Move the cursor to the last row."""
        self._move_to(len(self._rows) - 1)

    def action_scroll_left(self) -> None:
        """Scroll columns on the left in sight."""
        self.scroll_to(x=self.scroll_offset.x - _SIDEWAYS, animate=False)

    def action_scroll_right(self) -> None:
        """Scroll columns on the right in sight."""
        self.scroll_to(x=self.scroll_offset.x + _SIDEWAYS, animate=False)

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if (key := self.cursor_key) is not None:
            self.post_message(self.Chosen(self, key))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away, and go on to the next."""
        if (key := self.cursor_key) is not None:
            self._set_marked(self._marked ^ {key})
            self._repaint()
            self.action_cursor_down()

    def action_sort_next(self) -> None:
        """Sort by the next column that can be sorted by."""
        keys = [column.key for column in self._columns if column.sort]
        if keys:
            following = keys.index(self._sort) + 1 if self._sort in keys else 0
            self.sort_by(keys[following % len(keys)], reverse=False)

    def action_sort_reverse(self) -> None:
        """Turn the order of the rows round."""
        self.sort_by(self._sort)

    def action_copy(self) -> None:
        """Copy the row under the cursor, all of its columns, separated by tabs."""
        row = self.row
        if row is not None:
            self.app.copy_to_clipboard("\t".join(visible(column.cell(row)) for column in self._columns))

    def action_export(self) -> None:
        """Ask for the rows, as they are chosen and ordered, to be written into a file."""
        from tracker_tui.widgets.table_listing import listing_of  # noqa: PLC0415 - no start needs it

        name = self.id or "table"
        self.post_message(ExportWanted(listing_of(name, self._columns, self._rows)))

    def on_click(self, event: events.Click) -> None:
        """Sort by the header, mark at the edge, move to the row, or choose it if it has the cursor."""
        at = event.get_content_offset(self)
        if at is not None and event.button == _RIGHT:
            event.stop()
            self.action_export()
        if at is None or event.button != 1:
            return
        event.stop()
        if at.y == 0:
            self._click_header(at.x - GUTTER + self.scroll_offset.x)
            return
        index = self.scroll_offset.y + at.y - 1
        if index >= len(self._rows):
            return
        if at.x < GUTTER:
            self._set_marked(self._marked ^ {self._rows.key_at(index)})
            self._repaint()
            return
        # The second click of a double click finds the cursor where the first one put it; a row that
        # the first one chose already must not be chosen twice.
        if event.chain == 1:
            self._chosen_by_click = index == self._cursor
        elif self._chosen_by_click:
            return
        chosen = index == self._cursor
        self._move_to(index)
        if chosen:
            self._chosen_by_click = True
            self.action_choose()

    def _click_header(self, x: int) -> None:
        for place in self._places:
            if place.left <= x < place.right:
                self.sort_by(place.column.key)

    def _sort_of(self, column_key: str) -> Callable[[Row], Any] | None:
        return next((column.sort for column in self._columns if column.key == column_key), None)

    def _put_in_order(self) -> None:
        """Show the given rows in the order that was chosen, at once or as soon as they are in order."""
        given, column, reverse = self._given, self._sort, self._reverse
        if not self.is_running or given.is_sorted(column, reverse=reverse):
            self._take(given.sorted_by(column, reverse=reverse))
            return
        if not self._ordering:
            self._ordering = True
            self._order_aside(given, column, reverse=reverse)
        self._repaint()

    @work(thread=True, group="order")
    def _order_aside(self, given: LazyRows[Row], column: str, *, reverse: bool) -> None:
        given.sorted_by(column, reverse=reverse)
        self.post_message(self._Ordered(self))

    @on(_Ordered)
    def _take_ordered(self, event: _Ordered) -> None:
        event.stop()
        self._ordering = False
        self._put_in_order()

    def _take(self, rows: LazyRows[Row]) -> None:
        """Show rows that are in order; lines of rows that are the same as before need not be drawn anew."""
        changed = rows.changes_since(self._rows)
        self._rows = rows
        self._forget_lines(changed)
        self._settle()
        goal, self._goal = self._goal, None
        if goal is not None and (index := rows.position(goal)) is not None:
            self._move_to(index)

    def _settle(self) -> None:
        """Put the cursor back on its key and its line after the rows or columns have changed."""
        line = self._cursor - self.scroll_offset.y
        if self._to_top:
            self._to_top, self._cursor, line = False, 0, 0
        elif self._rows:
            found = None if self._cursor_key is None else self._rows.position(self._cursor_key)
            self._cursor = min(self._cursor, len(self._rows) - 1) if found is None else found
        self._measure()
        if not self._scroll_to_row(self._cursor - line):
            self._repaint()
        self._announce()

    def _move_to(self, index: int) -> None:
        self._cursor = max(0, min(index, len(self._rows) - 1))
        if not self._reveal():
            self._repaint()
        self._announce()

    def _turn_page(self, rows: int) -> None:
        self._cursor = max(0, min(self._cursor + rows, len(self._rows) - 1))
        moved = self._scroll_to_row(self.scroll_offset.y + rows)
        if not self._reveal() and not moved:
            self._repaint()
        self._announce()
        self._look_ahead(rows)

    def _announce(self) -> None:
        """Send where the cursor is, if that is another row than before."""
        if self._rows and (key := self._rows.key_at(self._cursor)) != self._cursor_key:
            self._cursor_key = key
            self.post_message(self.Highlighted(self, key))

    def _set_marked(self, keys: frozenset[str]) -> None:
        if keys != self._marked:
            self._marked = keys
            self.post_message(self.Marked(self, keys))
