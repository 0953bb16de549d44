"""A dialog that shows what an import would do, row by row, and does it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.errors import GivenUp
from tracker_tui.messages import ActDone, ActFailed, ActRequested, ErrandTold
from tracker_tui.model.acts import Outcome, TakeIn
from tracker_tui.model.errands import TablePlan
from tracker_tui.model.import_tables import ImportTable
from tracker_tui.model.imports import KINDS, PlanRow
from tracker_tui.model.text import folded
from tracker_tui.widgets.filter_line import FilterLine
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, progress

_AROUND: Final = 13
"""Lines of the screen that the rows leave to the rest of the dialog."""

_NO_ROWS: Final = "No row of the table is of this kind\nand has all these words."


class ImportPlanDialog(ModalScreen[Outcome | None]):
    """Shows what an import would do; closes with what was done, or with None where nothing was.

    Args:
        table: The table.
        columns: Where each field stands.
        planned: What would be done.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "take_in", "Take in", id="plan.take_in", tooltip="Take the products in, as one entry"
        ),
        Binding("slash", "filter", "Filter", id="plan.filter"),
        Binding("f", "next_kind", "Kind", id="plan.kind", tooltip="Show only rows of the next kind"),
        Binding("escape", "leave", "Back", id="plan.back"),
    ]
    HELP = """\
# What an import would do

Each row of the table with its line: **new**, **changed** with each field old `->` new, **unchanged**, or **refused**
with the reason. `f` shows the rows of one kind only, `/` those with some words, `X` exports the list. Nothing is
changed before **Ctrl+S takes in** what is new and changed, as one entry that Ctrl+Z undoes. Escape goes back.
"""

    table = query_one("#import-rows", RecordTable)
    filter_line = query_one(FilterLine)

    def __init__(self, table: ImportTable, columns: Mapping[str, int], planned: TablePlan) -> None:
        super().__init__()
        self._read = table
        self._columns = columns
        self._planned = planned
        self._kind = ""
        self._stop: threading.Event | None = None

    def compose(self) -> ComposeResult:
        """Lay out the counts, the filter, the rows and the buttons."""
        with Vertical(classes="dialog -wide", id="import-plan"):
            yield Static(content(f"Import {self._read.name}"), classes="dialog-title")
            yield Static(content(self._counts()), id="import-counts")
            yield FilterLine("Filter", "any words: id, name, field, reason, line")
            yield RecordTable[PlanRow](_COLUMNS, lambda row: str(row.line), empty=_NO_ROWS, id="import-rows")
            yield Static("", id="import-row", markup=False)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Take in  Ctrl+S", "screen.take_in", classes="-primary")
                yield MouseButton("Kind  f", "screen.next_kind")
                yield MouseButton("Back  Esc", "screen.leave")

    def on_mount(self) -> None:
        """Begin on what is refused, where anything is."""
        self._fit(self.app.size.height)
        self._fill()
        self.table.focus()

    def on_unmount(self) -> None:
        """Look at the rows for nobody any more."""
        if self._stop is not None:
            self._stop.set()

    def on_resize(self, event: events.Resize) -> None:
        """Leave the lines under the table in sight."""
        self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        self.table.styles.height = max(3, min(len(self._planned.rows) + 1, height - _AROUND))

    def _counts(self) -> str:
        plan = self._planned.plan
        sizes = (len(plan.new), len(plan.changed), len(plan.unchanged), len(plan.refused))
        text = ", ".join(f"{size:,} {kind}" for size, kind in zip(sizes, KINDS, strict=True))
        return f"{text}; left out: {', '.join(plan.left_out)}" if plan.left_out else text

    def _say(self, text: str, *, error: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    # The rows

    def _fill(self) -> None:
        words = folded(self.filter_line.text).split()
        rows: Sequence[PlanRow] = self._planned.rows
        if self._kind:
            rows = [row for row in rows if row.kind == self._kind]
        for word in words:
            rows = [row for row in rows if word in row.found]
        self.table.show(rows, top=True)
        self.filter_line.count(len(rows), len(self._planned.rows))
        self._show_row()

    @on(FilterLine.Changed)
    def _filter(self) -> None:
        self._fill()

    @on(FilterLine.Left)
    def _leave_filter(self) -> None:
        self.table.focus()

    @on(RecordTable.Highlighted)
    def _show_row(self) -> None:
        """Show the row under the cursor in full."""
        row = self.table.row
        text = f"line {row.line}: {row.id} {row.name}: {row.text or row.kind}" if row is not None else ""
        self.query_one("#import-row", Static).update(content(text))

    def action_filter(self) -> None:
        """Go to the filter."""
        self.filter_line.field.focus()

    def action_next_kind(self) -> None:
        """Show only the rows of the next kind, then all again."""
        ring = ("", *KINDS)
        self._kind = ring[(ring.index(self._kind) + 1) % len(ring)]
        self._fill()
        self._say(f"Only what is {self._kind}; f goes on" if self._kind else "All rows")

    # Doing it

    def action_take_in(self) -> None:
        """Take in what is new and changed."""
        if self._stop is not None:
            return
        plan = self._planned.plan
        if not plan.new and not plan.changed:
            self._say("There is nothing to take in: no row is new or changed", error=True)
            return
        self._stop = threading.Event()
        self._say("Taking in…")
        act = TakeIn(self._read, self._columns, self._tell, self._stop.is_set)
        self.post_message(ActRequested(act, self))

    def _tell(self, done: int) -> None:
        """Pass on how far it is; called in a thread."""
        self.post_message(ErrandTold(done, len(self._read.rows)))

    @on(ErrandTold)
    def _show_progress(self, event: ErrandTold) -> None:
        if self._stop is not None and not self._stop.is_set():
            self._say(f"{progress(event.done, event.rows)}; Esc stops it")

    @on(ActDone)
    def _finish(self, event: ActDone) -> None:
        self._stop = None
        self.dismiss(event.outcome)

    @on(ActFailed)
    def _show_failure(self, event: ActFailed) -> None:
        self._stop = None
        stopped = isinstance(event.error, GivenUp)
        self._say("Stopped; nothing was changed" if stopped else str(event.error), error=not stopped)

    def action_leave(self) -> None:
        """Stop the import; where none is under way, take the filter away, then go back."""
        if self._stop is not None:
            self._stop.set()
            self._say("Stopping…")
        elif self.filter_line.text or self._kind:
            self._kind = ""
            self.filter_line.clear()
            self._fill()
        else:
            self.dismiss(None)


def _style(row: PlanRow) -> str:
    return {"refused": "record-table--warning", "unchanged": "record-table--muted"}.get(row.kind, "")


_COLUMNS: Final = [
    Column[PlanRow](
        "line",
        "Line",
        6,
        lambda row: f"{row.line}",
        "right",
        sort=lambda row: row.line,
        plain=lambda row: row.line,
    ),
    Column[PlanRow](
        "kind", "What", 9, lambda row: row.kind, sort=lambda row: KINDS.index(row.kind), style=_style
    ),
    Column[PlanRow]("id", "Id", 8, lambda row: row.id, flex=1, sort=lambda row: row.id),
    Column[PlanRow]("name", "Name", 12, lambda row: row.name, flex=2, sort=lambda row: row.name, drop=1),
    Column[PlanRow]("text", "Old -> new, or why not", 20, lambda row: row.text, flex=4, style=_style),
]
