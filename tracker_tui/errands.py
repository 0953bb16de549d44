"""The app's part that writes other files: in a thread, which tells how far it is and can be ended."""

from __future__ import annotations

import threading
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual import on, work

from tracker_tui.errors import ReadOnly, TrackerError
from tracker_tui.leaving import LeavingApp
from tracker_tui.messages import ErrandEnded, ErrandTold, ExportRequested, ExportWanted

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message_pump import MessagePump

    from tracker_tui.opening import Opening

_TOLD_EVERY_S: Final = 0.1
"""How often a person sees how far it is."""

_FOR_OWNERS: Final = "Not for this login: clerks write no files"


class ErrandsApp(LeavingApp):
    """An app that writes tables into files.

    Args:
        opening: The shop, open or to be opened.
        driver_class: What drives the terminal.
    """

    def __init__(self, opening: Opening, *, driver_class: type[Driver]) -> None:
        super().__init__(opening, driver_class=driver_class)
        self._errands: set[threading.Event] = set()

    def on_unmount(self) -> None:
        """End what is under way: nobody waits for it any more."""
        for stop in self._errands:
            stop.set()

    def _refusal(self) -> str:
        """Say why no file may be written; empty where it may."""
        if self.clerk_mode:
            return _FOR_OWNERS
        if self.snapshot.read_only:
            return f"Nothing can be written: {self.snapshot.read_only}"
        return "The shop is still being read; try again in a moment" if self.snapshot.loading else ""

    @on(ExportWanted)
    def _ask_for_file(self, event: ExportWanted) -> None:
        """Ask for the file that a table shall be written into."""
        refusal = self._refusal()
        if refusal:
            self.say(refusal, error=True)
        elif not event.listing.row_count:
            self.say("There are no rows to export")
        else:
            from tracker_tui.screens.export_dialog import ExportDialog

            decimals = self.snapshot.settings.decimals
            self.push_screen(ExportDialog(event.listing._replace(decimals=decimals)), self._tell_end)

    def _tell_end(self, text: str | None) -> None:
        if text:
            self.say(text)

    @on(ExportRequested)
    def _begin_export(self, event: ExportRequested) -> None:
        refusal = self._refusal()
        if refusal:
            event.reply_to.post_message(ErrandEnded("", ReadOnly(refusal)))
            return
        self._errands.add(event.unwanted)
        self._export(event)

    @work(thread=True, group="errand")
    def _export(self, request: ExportRequested) -> None:
        from tracker_tui.exporting import export_listing

        told = _Teller(request.reply_to, request.listing.row_count)
        try:
            file = export_listing(
                request.listing,
                request.path,
                self._opening.service.directory,
                replace=request.replace,
                told=told,
                unwanted=request.unwanted.is_set,
            )
        except TrackerError as error:
            answer = ErrandEnded("", error)
        else:
            rows = f"{request.listing.row_count:,} {'row' if request.listing.row_count == 1 else 'rows'}"
            answer = ErrandEnded(f"{rows} written to {file}")
        self._errands.discard(request.unwanted)
        request.reply_to.post_message(answer)


class _Teller:
    """Tells somebody now and then how far it is.

    Args:
        reply_to: Who is told.
        rows: How many rows there are.
    """

    def __init__(self, reply_to: MessagePump, rows: int) -> None:
        self._reply_to = reply_to
        self._rows = rows
        self._told = monotonic()

    def __call__(self, done: int) -> None:
        if monotonic() - self._told > _TOLD_EVERY_S:
            self._told = monotonic()
            self._reply_to.post_message(ErrandTold(done, self._rows))
