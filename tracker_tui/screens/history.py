"""History: both logs as one list, newest first, each entry with old and new, to be undone from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.widgets import Static
from textual.worker import get_current_worker

from tracker_tui.errors import Conflict
from tracker_tui.messages import ActDone, ActFailed, ShowProduct, UndoRequested
from tracker_tui.model.history import (
    NO_HISTORY,
    History,
    HistoryRow,
    HistorySearch,
    describe,
    summary,
    what,
    which,
)
from tracker_tui.model.records import Purchase, Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import visible
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.entry_dialog import RECEIPT, EntryDialog
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, moment

AT_ONCE: Final = 3000
"""So many entries are described and searched between two keys; more are left to a thread."""

_READ_S: Final = 20.0
"""How long the reason stays that an entry cannot be undone."""

_READING = "Reading the history…"
_EMPTY = """\
Nothing has happened yet.

Every sale and every change will stand here,
and can be undone from here."""
_NO_HIT = "No entry has all these words."


class HistoryScreen(ShopScreen):
    """A filter, the entries, and the one under the cursor in full."""

    MODE = "history"
    AUTO_FOCUS = "RecordTable"
    TITLE = "History"
    HELP = """\
# History

Every sale, return and change, newest first: who, when, what, and old `->` new. Type `/` and any words to see only
the entries that have them all. Enter or `o` shows all lines of an entry, Ctrl+R the receipt of a sale.

`u` undoes the entry under the cursor by a further entry, though others have acted since. Where a later entry
stands in the way, the cursor goes to that one. An entry that was undone says **undone by** and the number; undo
that number to have it back. Clerks undo only what they did in this session.
Ctrl+G takes goods of the sale under the cursor back.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="history.filter"),
        Binding("o", "open", "Open", id="history.open", tooltip="Show all lines of the entry"),
        Binding("ctrl+r", "receipt", "Receipt", id="history.receipt", tooltip="Show the receipt of the sale"),
        Binding(
            "ctrl+g", "give_back", "Return", id="history.give_back", tooltip="Take goods of the sale back"
        ),
        Binding("u", "undo_entry", "Undo", id="history.undo", tooltip="Undo the entry under the cursor"),
        Binding("escape", "clear", "Clear the filter", id="history.clear", show=False),
    ]

    table = query_one("#history", RecordTable)
    filter_line = query_one(FilterLine)

    @dataclass
    class _Found(Message):
        """The thread is done.

        Attributes:
            revision: Of the snapshot that was described.
            typed: The words that were looked for.
            history: All entries, described.
            rows: Those that have the words, newest first; None where nobody waited for them any more.
        """

        revision: int
        typed: str
        history: History
        rows: Sequence[HistoryRow] | None

    def __init__(self) -> None:
        super().__init__()
        self._settings = Settings()
        self._search = HistorySearch(self._settings)
        self._history = NO_HISTORY
        self._history_revision = -1
        self._filled_for = ""
        self._wanted: int | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the filter, the entries and the details."""
        yield FilterLine("Filter", "any words: product, person, day, what")
        yield RecordTable[HistoryRow](
            history_columns(self._settings), lambda row: str(row.number), empty=_READING, id="history"
        )
        yield Static("", id="history-details", markup=False)

    def on_mount(self) -> None:
        """Begin on the table."""
        super().on_mount()
        self.table.focus()

    def show_shop(self, shop: Snapshot) -> None:
        """Show the entries there are now."""
        if shop.settings != self._settings:
            self._settings = shop.settings
            self._search = HistorySearch(shop.settings)
            self.table.set_columns(history_columns(shop.settings))
        self._fill()

    def go_to(self, entry: int) -> None:
        """Put the cursor on an entry, taking the filter away where it hides it."""
        self._wanted = entry
        self._show_if_new()
        self._go_to_wanted()
        self.table.focus()

    # What is shown

    def _fill(self) -> None:
        """Describe what is new and look for the words, in a thread where that may take long."""
        shop, typed = self.snapshot, self.filter_line.text
        self._filled_for = typed
        fresh = len(shop.entries) - len(self._history.rows)
        if fresh > AT_ONCE or (typed.strip() and len(shop.entries) > AT_ONCE):
            self._find(shop, typed, self._history, self._search)
            return
        history = describe(shop.entries, self._history)
        rows = self._search.matching(history.rows[::-1], typed)
        self._show(shop.revision, history, rows or ())

    @work(thread=True, exclusive=True, group="history")
    def _find(self, shop: Snapshot, typed: str, known: History, search: HistorySearch) -> None:
        worker = get_current_worker()
        history = describe(shop.entries, known)
        rows = search.matching(history.rows[::-1], typed, lambda: worker.is_cancelled)
        self.post_message(self._Found(shop.revision, typed, history, rows))

    @on(_Found)
    def _take_found(self, event: _Found) -> None:
        if event.revision < self._history_revision:
            return
        if event.rows is not None and event.typed == self.filter_line.text:
            self._show(event.revision, event.history, event.rows)
        else:
            self._history, self._history_revision = event.history, event.revision

    def _show(self, revision: int, history: History, rows: Sequence[HistoryRow]) -> None:
        self._history, self._history_revision = history, revision
        self.table.say_when_empty(_NO_HIT if history.rows else _EMPTY)
        self.table.show(rows)
        self.filter_line.count(len(rows), len(history.rows))
        self._show_details()
        self._go_to_wanted()

    def _go_to_wanted(self) -> None:
        """Go to the entry that was asked for, once it is described; a filter that hides it is taken away."""
        if self._wanted is None or not any(row.number == self._wanted for row in self._history.rows):
            return
        if self.table.go_to(str(self._wanted)):
            self._wanted = None
        elif self.filter_line.text:
            self.filter_line.clear()
            self._fill()

    def _show_details(self) -> None:
        row = self.table.row
        text = ""
        if row is not None:
            entry = row.entry
            text = f"{entry.entry}  {moment(entry.time)}  {entry.clerk}  {what(entry)}  {which(entry)}"
            text += f"  ·  {summary(row, self._settings)}"
        self.query_one("#history-details", Static).update(content(text))

    @on(FilterLine.Changed)
    def _filter(self) -> None:
        if self.filter_line.text != self._filled_for:
            self._fill()
            self.table.action_top()

    @on(FilterLine.Left)
    def _leave_filter(self) -> None:
        self.table.focus()

    @on(RecordTable.Highlighted)
    def _highlight(self) -> None:
        self._show_details()

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        self.action_open()

    def action_filter(self) -> None:
        """Go to the filter."""
        self.filter_line.field.focus()

    def action_clear(self) -> None:
        """Take the filter away."""
        if self.filter_line.text:
            self.filter_line.clear()

    @work(exclusive=True, group="dialog")
    async def action_open(self) -> None:
        """Show all lines of the entry under the cursor; a product chosen there is gone to."""
        row = self.table.row
        if row is None:
            return
        product_id = await self.app.push_screen_wait(EntryDialog(row, self._settings))
        if not product_id:
            return
        if product_id == RECEIPT and isinstance(row.entry, Purchase):
            self.show_receipt(row.entry)
        elif product_id in self.snapshot.products:
            self.post_message(ShowProduct(product_id))
        else:
            self.tell(f"Product {product_id} is not in the shop any more")

    def chosen_sale(self) -> Purchase | None:
        """Return the sale under the cursor."""
        row = self.table.row
        return row.entry if row is not None and what(row.entry) == "sale" else None

    def action_receipt(self) -> None:
        """Show the receipt of the sale under the cursor."""
        row = self.table.row
        if row is not None and isinstance(row.entry, Purchase):
            self.show_receipt(row.entry)
        elif row is not None:
            self.tell(f"Entry {row.number} is no sale and has no receipt")

    # Undo

    @work(exclusive=True, group="dialog")
    async def action_undo_entry(self) -> None:
        """Undo the entry under the cursor, after a question."""
        row = self.table.row
        if row is None or not self.may_change():
            return
        entry = row.entry
        if row.undone_by is not None:
            self._refuse(
                f"entry {entry.entry} was undone already; undo {row.undone_by} to have it back", row.undone_by
            )
            return
        about = f"{what(entry)} of {which(entry)} by {entry.clerk}, {moment(entry.time)}"
        question = f"Undo entry {entry.entry}? {about}: {summary(row, self._settings)}"
        if await self.app.push_screen_wait(ConfirmDialog(question, "Undo")):
            self.post_message(UndoRequested(entry.entry, self))

    @on(ActDone)
    def _tell_done(self, event: ActDone) -> None:
        event.stop()
        self.tell(f"{event.outcome.text} by entry {event.outcome.entry}")

    @on(ActFailed)
    def _tell_failure(self, event: ActFailed) -> None:
        event.stop()
        blocker = event.error.entry if isinstance(event.error, Conflict) else None
        self._refuse(str(event.error), blocker)

    def _refuse(self, reason: str, blocker: int | None) -> None:
        """Say why an entry is not undone; where another stands in the way, go to that one."""
        if blocker is not None:
            self.go_to(blocker)
            reason = f"{reason}. The cursor is on entry {blocker} now."
        self.notify(visible(reason), title="Not undone", severity="error", markup=False, timeout=_READ_S)


def history_columns(settings: Settings) -> list[Column[HistoryRow]]:
    """Return the columns of a table of entries."""

    def style(row: HistoryRow) -> str:
        return "record-table--muted" if row.undone_by is not None else ""

    return [
        Column(
            "entry",
            "Entry",
            6,
            lambda row: str(row.number),
            "right",
            sort=lambda row: row.number,
            style=style,
        ),
        Column(
            "time",
            "Time",
            16,
            lambda row: moment(row.entry.time),
            sort=lambda row: row.entry.time,
            style=style,
        ),
        Column(
            "who",
            "Who",
            8,
            lambda row: row.entry.clerk,
            sort=lambda row: row.entry.clerk,
            style=style,
            drop=1,
        ),
        Column("what", "What", 9, lambda row: what(row.entry), sort=lambda row: what(row.entry), style=style),
        Column("which", "Which", 12, lambda row: which(row.entry), flex=2, style=style),
        Column("change", "Old -> new", 16, lambda row: summary(row, settings), flex=3, style=style),
    ]
