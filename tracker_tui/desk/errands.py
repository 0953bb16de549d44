"""The app's part that reads and writes other files: in a thread, which tells how far it is and can be ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual import on, work
from textual.app import SystemCommand

from tracker_tui.desk.leaving import LeavingApp
from tracker_tui.errors import ReadOnly, TrackerError
from tracker_tui.messages import ErrandEnded, ErrandRequested, ErrandTold, ExportWanted
from tracker_tui.screens.shop_screen import ShopScreen
from tracker_tui.work.opening import OPEN_DEMO

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message_pump import MessagePump

    from tracker_tui.model.acts import Outcome
    from tracker_tui.work.opening import Opening

_TOLD_EVERY_S: Final = 0.1
"""How often a person sees how far it is."""

_FOR_OWNERS: Final = "Not for this login: clerks write no files and import none"


class ErrandsApp(LeavingApp):
    """An app that writes tables into files, and takes them in.

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

    @on(ErrandRequested)
    def _begin_errand(self, event: ErrandRequested) -> None:
        refusal = self._refusal()
        if refusal:
            event.reply_to.post_message(ErrandEnded("", ReadOnly(refusal)))
            return
        self._errands.add(event.unwanted)
        self._run_errand(event)

    @work(thread=True, group="errand")
    def _run_errand(self, request: ErrandRequested) -> None:
        try:
            answer = self._done(request)
        except TrackerError as error:
            answer = ErrandEnded("", error)
        self._errands.discard(request.unwanted)
        request.reply_to.post_message(answer)

    def _done(self, request: ErrandRequested) -> ErrandEnded:
        """Do an errand, in its thread."""
        from tracker_tui.model.errands import Archive, Export, ReadTable
        from tracker_tui.work import archiving, importing
        from tracker_tui.work.exporting import export_listing

        service, errand, unwanted = self._opening.service, request.errand, request.unwanted.is_set
        if isinstance(errand, Archive):
            teller = _Teller(request.reply_to, 0)
            file, entry = archiving.archive(
                service, errand.path, replace=errand.replace, told=teller.tell, unwanted=unwanted
            )
            return ErrandEnded(f"The shop as of entry {entry} written to {file}")
        if isinstance(errand, Export):
            count = errand.listing.row_count
            file = export_listing(
                errand.listing,
                errand.path,
                service.directory,
                replace=errand.replace,
                told=_Teller(request.reply_to, count),
                unwanted=unwanted,
            )
            return ErrandEnded(f"{count:,} {'row' if count == 1 else 'rows'} written to {file}")
        if isinstance(errand, ReadTable):
            return ErrandEnded("", result=importing.read_for_person(service, errand))
        told = _Teller(request.reply_to, len(errand.table.rows))
        return ErrandEnded("", result=importing.look_at(service, errand, told, unwanted))

    def action_import(self) -> None:
        """Take in products of a table."""
        refusal = self._refusal()
        if refusal:
            self.say(refusal, error=True)
            return
        if not isinstance(self.screen, ShopScreen):
            return
        from tracker_tui.screens.import_dialog import ImportDialog
        from tracker_tui.work.importing import complete_path

        self.push_screen(ImportDialog(complete_path), self._tell_import)

    def action_archive(self) -> None:
        """Put the whole shop into a file."""
        refusal = self._refusal()
        if refusal:
            self.say(refusal, error=True)
        elif isinstance(self.screen, ShopScreen):
            from tracker_tui.screens.export_dialog import ArchiveDialog

            self.push_screen(ArchiveDialog(), self._tell_end)

    async def action_demo(self) -> None:
        """Leave an empty shop for a made-up one, thrown away afterwards."""
        if self.snapshot.products or self.snapshot.entry:
            self.say("The made-up shop is opened from an empty one; elsewhere run: tracker-tui demo")
        elif refusal := self._refusal():
            self.say(refusal, error=True)
        else:
            self.leaves_with = OPEN_DEMO
            await self.action_quit()

    def errand_commands(self) -> Iterator[SystemCommand]:
        """Yield what the palette offers of other files."""
        yield SystemCommand(
            "Import products", "From a CSV or TSV file; first shows what would be", self.action_import
        )
        yield SystemCommand("Archive the shop", "All of it as one zip file", self.action_archive)

    def _tell_import(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.say(f"{outcome.text}. Ctrl+Z undoes it." if outcome.entry else outcome.text)


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
        self.tell(done, self._rows)

    def tell(self, done: int, rows: int) -> None:
        """Tell how many of how many are done, unless it was told just before."""
        if monotonic() - self._told > _TOLD_EVERY_S:
            self._told = monotonic()
            self._reply_to.post_message(ErrandTold(done, rows))
