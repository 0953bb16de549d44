"""A dialog that asks into which file a table shall be written, and shows how far that is."""

from __future__ import annotations

import threading
from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.errors import AlreadyThere, GivenUp, Invalid, TrackerError
from tracker_tui.messages import ErrandEnded, ErrandRequested, ErrandTold
from tracker_tui.model.errands import Export
from tracker_tui.model.exports import FORMATS, Listing
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, progress


class ExportDialog(ModalScreen[str | None]):
    """Writes a table into a file; closes with what was done, or with None where nothing was.

    Args:
        listing: The table.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", "Write", id="export.write", tooltip="Write the file"),
        Binding("escape", "leave", "Cancel", id="export.cancel", tooltip="Write nothing, or stop writing"),
    ]
    HELP = """\
## Export

Ctrl+S writes the rows of the table, as they are filtered and ordered, into the file that is named: for spreadsheets
where its name ends with `.csv`, for programs with `.json`. A file of that name is replaced only when Ctrl+S is
pressed again. Escape stops the writing, and nothing is left of it.
"""

    file = query_one(FormField)

    def __init__(self, listing: Listing) -> None:
        super().__init__()
        self._listing = listing
        self._stop: threading.Event | None = None
        self._may_replace = ""

    def compose(self) -> ComposeResult:
        """Lay out the question, the file's name and the buttons."""
        count, name = self._listing.row_count, self._listing.name
        rows = f"{count:,} {'row' if count == 1 else 'rows'}"
        with Vertical(classes="dialog"):
            yield Static(content(f"Export {name}: {rows}"), classes="dialog-title")
            yield Static(
                "A name that ends with .csv makes a table for spreadsheets, with .json one for programs.",
                classes="dialog-hint",
                markup=False,
            )
            yield FormField("file", "File", f"~/{name}-{date.today()}.csv", longest=1_000)  # noqa: DTZ011
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Write  Ctrl+S", "screen.write", classes="-primary")
                for ending in FORMATS:
                    yield MouseButton(ending.upper(), f"screen.end_with('{ending}')")
                yield MouseButton("Cancel  Esc", "screen.leave")

    def on_mount(self) -> None:
        """Begin in the name, in front of its ending."""
        self.file.input.focus()
        self.file.input.cursor_position = self.file.value.rfind(".")

    def on_unmount(self) -> None:
        """Write on for nobody."""
        if self._stop is not None:
            self._stop.set()

    def _say(self, text: str, *, error: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    @on(FormField.Typed)
    def _forget_problem(self, event: FormField.Typed) -> None:
        event.stop()
        if self._stop is None:
            self.file.complain("")
            self._say("")

    def action_end_with(self, ending: str) -> None:
        """Let the name end with another format."""
        if self._stop is None:
            stem, point, old = self.file.value.rpartition(".")
            name = stem if point and old.casefold() in FORMATS else self.file.value
            self.file.value = f"{name}.{ending}"

    def action_write(self) -> None:
        """Write the file; one that is there already only if it was asked about."""
        if self._stop is not None:
            return
        path = self.file.value
        self._stop = threading.Event()
        self._say("Writing…")
        replace = bool(path) and path == self._may_replace
        self.post_message(ErrandRequested(Export(self._listing, path, replace), self, self._stop))

    @on(ErrandTold)
    def _show_progress(self, event: ErrandTold) -> None:
        if self._stop is not None and not self._stop.is_set():
            self._say(f"{progress(event.done, event.rows)}; Esc stops it")

    @on(ErrandEnded)
    def _end(self, event: ErrandEnded) -> None:
        self._stop = None
        if event.text:
            self.dismiss(event.text)
        elif event.error is not None:
            self._refuse(event.error)

    def _refuse(self, error: TrackerError) -> None:
        self._say("")
        if isinstance(error, AlreadyThere):
            self._may_replace = self.file.value
            self._say(f"{error}. Ctrl+S again replaces it; or type another name.", error=True)
        elif isinstance(error, GivenUp):
            self._say("Stopped; nothing was written")
        elif isinstance(error, Invalid):
            self.file.complain("; ".join(problem.reason for problem in error.problems))
        else:
            self._say(str(error), error=True)

    def action_leave(self) -> None:
        """Stop the writing; where none is under way, close."""
        if self._stop is None:
            self.dismiss(None)
        else:
            self._stop.set()
            self._say("Stopping…")
