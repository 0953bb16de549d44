"""Dialogs that ask into which file a table, or the whole shop, shall be written, and show how far that is."""

from __future__ import annotations

import threading
from collections.abc import Sequence
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
from tracker_tui.model.errands import Archive, Errand, Export
from tracker_tui.model.exports import FORMATS, Listing
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, progress


class FileDialog(ModalScreen[str | None]):
    """Has something written into a file; closes with what was done, or with None where nothing was.

    Args:
        title: What it is.
        hint: What one should know of it.
        name: The file that is proposed.
        endings: Endings of its name that a click can choose among.
        unit: What progress counts.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "write", "Write", id="export.write", tooltip="Write the file"),
        Binding("escape", "leave", "Cancel", id="export.cancel", tooltip="Write nothing, or stop writing"),
    ]
    file = query_one(FormField)

    def __init__(self, title: str, hint: str, name: str, endings: Sequence[str] = (), *, unit: str) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._proposed = name
        self._endings = endings
        self._unit = unit
        self._stop: threading.Event | None = None
        self._may_replace = ""

    def compose(self) -> ComposeResult:
        """Lay out the question, the file's name and the buttons."""
        with Vertical(classes="dialog"):
            yield Static(content(self._title), classes="dialog-title")
            yield Static(content(self._hint), classes="dialog-hint")
            yield FormField("file", "File", self._proposed, longest=1_000)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Write  Ctrl+S", "screen.write", classes="-primary")
                for ending in self._endings:
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
            name = stem if point and old.casefold() in self._endings else self.file.value
            self.file.value = f"{name}.{ending}"

    def action_write(self) -> None:
        """Write the file; one that is there already only if it was asked about."""
        if self._stop is not None:
            return
        path = self.file.value
        self._stop = threading.Event()
        self._say("Writing…")
        replace = bool(path) and path == self._may_replace
        self.post_message(ErrandRequested(self.make_errand(path, replace=replace), self, self._stop))

    def make_errand(self, path: str, *, replace: bool) -> Errand:
        """Return what is to be done.

        Args:
            path: The file, as it was typed.
            replace: Whether a file of that name may be replaced.
        """
        raise NotImplementedError

    @on(ErrandTold)
    def _show_progress(self, event: ErrandTold) -> None:
        if self._stop is not None and not self._stop.is_set():
            self._say(f"{progress(event.done, event.rows, self._unit)}; Esc stops it")

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


class ExportDialog(FileDialog):
    """Writes a table into a file.

    Args:
        listing: The table.
    """

    HELP = """\
# Export

Ctrl+S writes the rows of the table, as they are filtered and ordered, into the file that is named: for spreadsheets
where its name ends with `.csv`, for programs with `.json`. A file of that name is replaced only when Ctrl+S is
pressed again. Escape stops the writing, and nothing is left of it.
"""

    def __init__(self, listing: Listing) -> None:
        count = listing.row_count
        super().__init__(
            f"Export {listing.name}: {count:,} {'row' if count == 1 else 'rows'}",
            "A name that ends with .csv makes a table for spreadsheets, with .json one for programs.",
            f"~/{listing.name}-{date.today()}.csv",  # noqa: DTZ011 - the shop's day is the local one
            FORMATS,
            unit="rows",
        )
        self._listing = listing

    def make_errand(self, path: str, *, replace: bool) -> Errand:
        """Return the export."""
        return Export(self._listing, path, replace)


class ArchiveDialog(FileDialog):
    """Writes the whole shop into a zip file."""

    HELP = """\
# Archive

Ctrl+S writes the whole shop into one zip file, as it is at this moment, while everybody goes on selling. It goes
back into an empty folder with `tracker-tui unarchive FILE -d FOLDER`. Escape stops it, and nothing is left of it.
"""

    def __init__(self) -> None:
        super().__init__(
            "Archive the whole shop",
            "One zip file of all that the shop is. It holds the customers' addresses: keep it as safe as the shop.",
            f"~/shop-{date.today()}.zip",  # noqa: DTZ011 - as above
            unit="bytes",
        )

    def make_errand(self, path: str, *, replace: bool) -> Errand:
        """Return the archive."""
        return Archive(path, replace)
