"""A dialog that takes products in from a file: which file, and which of its columns is what."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.suggester import Suggester
from textual.widgets import Static

from tracker_tui.errors import GivenUp
from tracker_tui.messages import ErrandEnded, ErrandRequested, ErrandTold
from tracker_tui.model.acts import Outcome
from tracker_tui.model.errands import Errand, LookAtTable, ReadTable, TablePlan, TableRead
from tracker_tui.model.import_tables import DELIMITERS, ENCODINGS, ImportTable
from tracker_tui.model.rules import PRODUCT_COLUMNS
from tracker_tui.screens.import_plan import ImportPlanDialog
from tracker_tui.tuples import NamedTuple
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.record_table import Column, RecordTable
from tracker_tui.widgets.shown import content, progress

_AROUND: Final = 14
"""Lines of the screen that the table of columns leaves to the rest of the dialog."""

_SAMPLES: Final = 4
"""First values of a column that are shown."""

_LEFT_OUT: Final = "(left out)"


class FileColumn(NamedTuple):
    """One column of the file.

    Attributes:
        place: Where it stands, from 0.
        name: Its name in the file.
        samples: Its first values.
        becomes: What it is taken for, as people call it.
    """

    place: int
    name: str
    samples: str
    becomes: str


class _Paths(Suggester):
    """Suggests how the name of a file goes on.

    Args:
        complete: Returns that; may wait for a disk.
    """

    def __init__(self, complete: Callable[[str], str | None]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._complete = complete

    async def get_suggestion(self, value: str) -> str | None:
        """Return how it goes on, None if nobody knows."""
        return await asyncio.to_thread(self._complete, value)


class ImportDialog(ModalScreen[Outcome | None]):
    """Asks for a file and shows what its columns are taken for; closes with what was taken in.

    Args:
        complete: Returns how the name of a file goes on, None if nobody knows; may wait for a disk.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+s", "go_on", "Go on", id="import.go_on", tooltip="Read the file, then see what would be"
        ),
        Binding("backspace,delete", "leave_out", "Leave out", id="import.leave_out", show=False),
        Binding(
            "e", "next_encoding", "Encoding", id="import.encoding", tooltip="Read it in the next encoding"
        ),
        Binding(
            "t", "next_delimiter", "Separator", id="import.delimiter", tooltip="Part its fields otherwise"
        ),
        Binding("escape", "leave", "Back", id="import.back"),
    ]
    HELP = """\
# Import

The name of a file on this machine: CSV, TSV, or fields with semicolons between them. The right arrow takes the name
that is suggested. **Ctrl+S reads it** and shows what each column is taken for: Enter on a column makes it the next
field, Backspace leaves it out; `e` reads the file in another encoding, `t` parts its fields otherwise. What is in no
column stays as it is.

**Ctrl+S then shows what would be**, and changes nothing yet. Which column was which is remembered for the next table
with the same header.
"""

    file = query_one(FormField)
    table = query_one("#import-columns", RecordTable)

    def __init__(self, complete: Callable[[str], str | None]) -> None:
        super().__init__()
        self._paths = _Paths(complete)
        self._read: ImportTable | None = None
        self._read_from = ""
        self._columns: dict[str, int] = {}
        self._stop: threading.Event | None = None

    def compose(self) -> ComposeResult:
        """Lay out the file's name, its columns and the buttons."""
        with Vertical(classes="dialog -wide", id="import"):
            yield Static("Import products", classes="dialog-title", markup=False)
            yield FormField("file", "File", hint="a table of products: .csv, .tsv or .txt", longest=1_000)
            yield RecordTable[FileColumn](_COLUMNS, lambda row: str(row.place), id="import-columns")
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Go on  Ctrl+S", "screen.go_on", classes="-primary")
                yield MouseButton("Encoding  e", "screen.next_encoding")
                yield MouseButton("Separator  t", "screen.next_delimiter")
                yield MouseButton("Back  Esc", "screen.leave")

    def on_mount(self) -> None:
        """Begin in the name of the file."""
        self.file.input.suggester = self._paths
        self.table.display = False
        self.file.input.focus()

    def on_unmount(self) -> None:
        """Read on for nobody."""
        if self._stop is not None:
            self._stop.set()

    def on_resize(self, event: events.Resize) -> None:
        """Leave the lines under the table in sight."""
        self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        wanted = self.table.row_count + 1
        self.table.styles.height = max(3, min(wanted, height - _AROUND))

    def _say(self, text: str, *, error: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    @on(FormField.Typed)
    def _forget_table(self, event: FormField.Typed) -> None:
        event.stop()
        if self.file.value != self._read_from and self._read is not None:
            self._read = None
            self.table.display = False
            self._say("")

    # Asking

    def action_go_on(self) -> None:
        """Read the file; where that is done, see what would be."""
        if self._read is None:
            self._read_again()
        elif "id" not in self._columns:
            self._say("No column is the id: go to one and press Enter until it is", error=True)
        else:
            self._ask(LookAtTable(self._read, dict(self._columns)), "Looking at the rows…")

    def _read_again(self, encoding: str = "", delimiter: str = "") -> None:
        if self.file.value.strip():
            self._read_from = self.file.value
            self._ask(ReadTable(self.file.value, encoding, delimiter), "Reading…")
        else:
            self.file.input.focus()
            self._say("Type the name of a file", error=True)

    def _ask(self, errand: Errand, text: str) -> None:
        if self._stop is None:
            self._stop = threading.Event()
            self._say(text)
            self.post_message(ErrandRequested(errand, self, self._stop))

    @on(ErrandTold)
    def _show_progress(self, event: ErrandTold) -> None:
        if self._stop is not None and not self._stop.is_set():
            self._say(f"{progress(event.done, event.rows)}; Esc stops it")

    @on(ErrandEnded)
    def _take_answer(self, event: ErrandEnded) -> None:
        self._stop = None
        if isinstance(event.error, GivenUp):
            self._say("Stopped; nothing was changed")
        elif event.error is not None:
            self._say(str(event.error), error=True)
        elif isinstance(event.result, TableRead):
            self._show_table(event.result)
        elif isinstance(event.result, TablePlan) and self._read is not None:
            self._say(self._facts())
            plan = ImportPlanDialog(self._read, dict(self._columns), event.result)
            self.app.push_screen(plan, self._close_if_done)

    def _close_if_done(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.dismiss(outcome)

    # The columns

    def _show_table(self, read: TableRead) -> None:
        if self.file.value != self._read_from:
            return
        self._read, self._columns = read.table, dict(read.columns)
        self.table.display = True
        self._show_columns()
        self._fit(self.app.size.height)
        self.table.focus()
        self._say(self._facts() + (". The columns are as the last time" if read.remembered else ""))

    def _facts(self) -> str:
        table = self._read
        if table is None:
            return ""
        mark = next((name for name, mark in DELIMITERS.items() if mark == table.delimiter), table.delimiter)
        return f"{len(table.rows):,} rows, {table.encoding}, fields parted by {mark}"

    def _show_columns(self) -> None:
        table = self._read
        if table is None:
            return
        fields = {place: field for field, place in self._columns.items()}
        first = [row.cells for row in table.rows[: _SAMPLES * 3] if not row.fault]
        rows = []
        for place, name in enumerate(table.header):
            values = [cells[place].strip() for cells in first if place < len(cells)]
            samples = ", ".join(dict.fromkeys(value for value in values if value))
            field = fields.get(place)
            if field is None:
                becomes = _LEFT_OUT
            else:
                becomes = field.replace("_", " ") if field in PRODUCT_COLUMNS else f"own column {field}"
            rows.append(FileColumn(place, name.strip(), samples, becomes))
        self.table.show(rows)

    @on(RecordTable.Chosen, "#import-columns")
    def _make_next_field(self, event: RecordTable.Chosen) -> None:
        """Take the column for the next field that no other column is, then for a column of the shop's own."""
        event.stop()
        place = int(event.key)
        if self._read is None or self._stop is not None:
            return
        name = self._read.header[place].strip()
        now = next((field for field, at in self._columns.items() if at == place), "")
        self._columns = {field: at for field, at in self._columns.items() if at != place}
        own = (name,) if name and name not in PRODUCT_COLUMNS else ()
        ring = ["", *PRODUCT_COLUMNS, *own]
        after = ring[ring.index(now) + 1 :] if now in ring else []
        field = next((field for field in (*after, "") if field not in self._columns), "")
        if field:
            self._columns[field] = place
        self._show_columns()

    def action_leave_out(self) -> None:
        """Leave the column under the cursor out."""
        key = self.table.cursor_key
        if key is not None and self.table.has_focus and self._stop is None:
            self._columns = {field: at for field, at in self._columns.items() if at != int(key)}
            self._show_columns()

    def action_next_encoding(self) -> None:
        """Read the file in the next encoding."""
        if self._read is not None:
            known = self._read.encoding
            following = ENCODINGS.index(known) + 1 if known in ENCODINGS else 0
            self._read_again(ENCODINGS[following % len(ENCODINGS)], self._read.delimiter)

    def action_next_delimiter(self) -> None:
        """Read the file with something else between its fields."""
        if self._read is not None:
            marks = [*DELIMITERS.values()]
            following = (marks.index(self._read.delimiter) + 1) % len(marks)
            self._read_again(self._read.encoding, marks[following])

    def action_leave(self) -> None:
        """Stop what is under way; else go back to the name of the file, then close."""
        if self._stop is not None:
            self._stop.set()
            self._say("Stopping…")
        elif self._read is not None and self.table.has_focus:
            self.file.input.focus()
        else:
            self.dismiss(None)


_COLUMNS: Final = [
    Column[FileColumn]("name", "Column in the file", 16, lambda row: row.name, flex=2),
    Column[FileColumn]("samples", "First values", 16, lambda row: row.samples, flex=3),
    Column[FileColumn](
        "becomes",
        "Becomes",
        14,
        lambda row: row.becomes,
        flex=1,
        style=lambda row: "record-table--muted" if row.becomes == _LEFT_OUT else "",
    ),
]
