"""History: both logs as one list, newest first, each entry with old and new, to be undone from here."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.getters import query_one
from textual.message import Message
from textual.worker import get_current_worker

from tracker_tui.errors import Conflict, StorageError
from tracker_tui.messages import ActDone, ActFailed, ShowProduct, UndoRequested
from tracker_tui.model.history import (
    NO_HISTORY,
    HistoryRow,
    HistorySearch,
    describe,
    summary,
    what,
    which,
)
from tracker_tui.model.ledger import Ledger
from tracker_tui.model.long_history import (
    MOST_LOOKED_UP,
    Before,
    EntryBlocks,
    HistoryRows,
    completed,
    looked_up,
    search,
)
from tracker_tui.model.past import NO_PAST
from tracker_tui.model.records import Change, Purchase, Settings
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import visible
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.screens.entry_dialog import RECEIPT, EntryDialog
from tracker_tui.screens.filtered_screen import FilteredScreen
from tracker_tui.screens.history_columns import history_columns
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.record_table import RecordTable
from tracker_tui.widgets.shown import moment
from tracker_tui.widgets.told import Told

AT_ONCE: Final = 3000
"""So many entries are described and searched between two keys; of more, those that are looked at."""

_TOLD_EVERY_S: Final = 0.3
"""How often a long search shows what it has found so far."""

_READ_S: Final = 20.0
"""How long the reason stays that an entry cannot be undone."""

_SEARCHING = "Searching the history…"
_EMPTY = """\
Nothing has happened yet.

Every sale and every change will stand here,
and can be undone from here."""
_NO_HIT = "No entry has all these words."


class HistoryScreen(FilteredScreen):
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

    @dataclass
    class _Found(Message):
        """A long search has found these positions, newest first, or is done."""

        ledger: Ledger
        typed: str
        positions: Sequence[int] = ()
        done: bool = False

    @dataclass
    class _LookedUp(Message):
        ledger: Ledger
        number: int
        before: Before

    def __init__(self) -> None:
        super().__init__()
        self._settings = Settings()
        self._search = HistorySearch(self._settings)
        self._history = NO_HISTORY
        self._blocks = EntryBlocks(NO_PAST)
        self._known: Mapping[int, Before] = {}
        self._is_long = False
        self._found: HistoryScreen._Found | None = None
        self._wanted: int | None = None

    def compose_body(self) -> ComposeResult:
        """Lay out the filter, the entries and the details."""
        yield FilterLine("Filter", "any words: product, person, day, what")
        yield RecordTable[HistoryRow](
            history_columns(self._settings), lambda row: str(row.number), empty=_EMPTY, id="history"
        )
        yield Told(id="history-details")

    def on_mount(self) -> None:
        """Begin on the table."""
        super().on_mount()
        self.watch(self.table, "scroll_y", self._look_up_in_sight, init=False)
        self.table.focus()

    def show_shop(self, shop: Snapshot) -> None:
        """Show the entries there are now."""
        is_long = len(shop.ledger) > AT_ONCE
        if shop.settings != self._settings or is_long != self._is_long:
            self._settings, self._is_long = shop.settings, is_long
            self._search = HistorySearch(shop.settings)
            self.table.set_columns(history_columns(shop.settings, is_long=is_long))
        if shop.ledger.past is not self._blocks.past:
            self._blocks, self._known = EntryBlocks(shop.ledger.past), {}
        self._fill()

    def go_to(self, entry: int) -> None:
        """Put the cursor on an entry, taking the filter away where it hides it."""
        self._wanted = entry
        self._show_if_new()
        self._go_to_wanted()
        self.table.focus()

    # What is shown

    def _fill(self, *, top: bool = False) -> None:
        """Show the entries that have the words; of very many, look for them in a thread."""
        shop, typed = self.snapshot, self.filter_line.text
        self._filled_for = typed
        if not self._is_long:
            self._history = describe(shop.entries, self._history)
            self._show(self._search.matching(self._history.rows[::-1], typed) or (), top=top)
        elif not typed.strip():
            self._found = None
            self.workers.cancel_group(self, "history")
            self._show(HistoryRows(shop.ledger, self._blocks, self._known), top=top)
        else:
            found, past = self._found, shop.ledger.past
            begun = found is not None and found.typed == typed and found.ledger.past is past
            if found is None or not begun or len(found.ledger) > len(shop.ledger):
                self._found = self._Found(shop.ledger, typed)
                self._find(shop.ledger, typed)
            self._show_found(top=top)

    def _show_found(self, *, top: bool = False) -> None:
        """Show what was found so far, and before it what has happened since the search began."""
        found, ledger = self._found, self.snapshot.ledger
        if found is None:
            return
        positions = array("I", found.positions)
        for fresh, left in search(ledger, found.typed, self._settings, after=len(found.ledger)):
            if not left:
                positions = fresh + positions
        rows = HistoryRows(ledger, self._blocks, self._known, positions)
        self._show(rows, is_whole=found.done, top=top)

    @work(thread=True, exclusive=True, group="history")
    def _find(self, ledger: Ledger, typed: str) -> None:
        worker = get_current_worker()
        told = monotonic()
        try:
            for found, left in search(ledger, typed, self._settings, lambda: worker.is_cancelled):
                if not left or monotonic() - told > _TOLD_EVERY_S:
                    told = monotonic()
                    self.post_message(self._Found(ledger, typed, found[:], done=not left))
        except StorageError:
            return  # A log was replaced meanwhile; the next snapshot is searched anew.

    @on(_Found)
    def _take_found(self, event: _Found) -> None:
        found = self._found
        if found is not None and (found.ledger, found.typed) == (event.ledger, event.typed):
            self._found = event
            self._show_found()

    def _show(self, rows: Sequence[HistoryRow], *, is_whole: bool = True, top: bool = False) -> None:
        entries = len(self.snapshot.ledger)
        self.table.say_when_empty((_NO_HIT if is_whole else _SEARCHING) if entries else _EMPTY)
        self.table.show(rows, top=top)
        self.filter_line.count(len(rows), entries)
        self._show_details()
        self._go_to_wanted()
        self._look_up_in_sight()

    # What products were before the changes in sight

    def _look_up_in_sight(self) -> None:
        """Look up, in a thread, what is not known yet of the changes in sight; the cursor's first."""
        if not self._is_long:
            return
        top = self.table.scroll_offset.y
        rows = [*filter(None, [self.table.row]), *self.table.rows[top : top + self.app.size.height]]
        changes = (row.entry for row in rows if isinstance(row.entry, Change) and row.before is None)
        wanted = [change for change in changes if 0 < len(change.lines) <= MOST_LOOKED_UP]
        if wanted:
            self._look_up(self.snapshot.ledger, wanted)

    @work(thread=True, exclusive=True, group="look-up")
    def _look_up(self, ledger: Ledger, changes: Sequence[Change]) -> None:
        worker = get_current_worker()
        for change in changes:
            if worker.is_cancelled:
                return
            try:
                self.post_message(self._LookedUp(ledger, change.entry, looked_up(ledger, change)))
            except StorageError:
                return  # A log was replaced meanwhile; the next snapshot has other entries.

    @on(_LookedUp)
    def _take_looked_up(self, event: _LookedUp) -> None:
        rows = self.table.rows
        if isinstance(rows, HistoryRows) and event.ledger.past is rows.ledger.past:
            self._known = {**self._known, event.number: event.before}
            self.table.show(HistoryRows(rows.ledger, rows.blocks, self._known, rows.positions))
            self._show_details()

    def _go_to_wanted(self) -> None:
        """Go to the entry that was asked for; a filter that hides it is taken away."""
        if self._wanted is None or self.snapshot.ledger.find(self._wanted) is None:
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
        self.query_one(Told).tell(text)

    @on(RecordTable.Highlighted)
    def _highlight(self) -> None:
        self._show_details()

    @on(RecordTable.Chosen)
    def _choose(self) -> None:
        self.action_open()

    @work(exclusive=True, group="dialog")
    async def action_open(self) -> None:
        """Show all lines of the entry under the cursor; a product chosen there is gone to."""
        row = self.table.row
        if row is None:
            return
        if row.before is None and isinstance(row.entry, Change):
            try:
                before = await asyncio.to_thread(looked_up, self.snapshot.ledger, row.entry)
            except StorageError as error:
                self.tell(str(error))
                return
            row = completed(row, before)
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
