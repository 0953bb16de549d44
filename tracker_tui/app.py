"""TrackerApp: the main screens, the keys that hold everywhere, and the one way to and from the service.

The service works in threads only: one follows the files and keeps the snapshot saved, one more runs for each
act. What they find comes back as messages, and `snapshot` is what all screens follow.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.message import Message
from textual.screen import Screen

from tracker_tui.desk.warming import WarmingApp
from tracker_tui.errors import PrinterFailed, ReadOnly, TrackerError
from tracker_tui.messages import (
    ActDone,
    ActFailed,
    ActRequested,
    ModeRequested,
    ReceiptGiven,
    ReceiptWanted,
    SnapshotChanged,
    UndoRequested,
)
from tracker_tui.model.acts import Outcome, Sell, TakeIn, Undo
from tracker_tui.model.records import ReceiptSettings
from tracker_tui.model.state import READING, Snapshot
from tracker_tui.model.text import visible
from tracker_tui.widgets.terminal import SafeDriver, lines_of, open_screen
from tracker_tui.work.following import follow
from tracker_tui.work.opening import Opening

if TYPE_CHECKING:
    from tracker_tui.first_page import FirstPage
    from tracker_tui.service import InventoryService

_GOOD_SIZE: Final = (80, 24)


def _stylesheet() -> Path:
    """Return where the stylesheet lies: beside this module in a wheel, above the package in a checkout."""
    beside = Path(__file__).with_name("styles.tcss")
    return beside if beside.exists() else Path(__file__).parent.parent / "styles.tcss"


@dataclass
class _ActEnded(Message):
    """An act came to its end in its thread."""

    request: ActRequested
    outcome: Outcome | None
    error: TrackerError | None
    snapshot: Snapshot


@dataclass
class _Trouble(Message):
    """The thread that follows the files met something that people must know; empty = it is over."""

    reason: str


@dataclass
class _NotOpened(Message):
    """The shop cannot be opened."""

    error: TrackerError


def _browser_driver() -> type[Driver]:
    """Return what speaks to `textual-serve`; Textual brings it."""
    from textual.drivers.web_driver import WebDriver

    return WebDriver


class TrackerApp(WarmingApp):
    """The whole program on the screen.

    Args:
        shop: The shop, open or to be opened; the app closes it.
        clerk_mode: Whether products cannot be changed in this session.
        page: What stands on the screen already.
        idle_s: After how many seconds without a key the session ends; None = never.
        in_browser: Whether `textual-serve` stands where the terminal would be.
    """

    TITLE = "tracker-tui"
    CSS_PATH = _stylesheet()
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("exclamation_mark", "problems", "What is wrong in the files", id="app.problems", show=False),
        Binding("ctrl+t", "unknown_codes", "Codes that no product has", id="app.codes", show=False),
        Binding("ctrl+z", "undo_last", "Undo your last change", id="app.undo", show=False),
        Binding("ctrl+q", "quit", "Quit", id="app.quit", show=False, priority=True),
    ]

    def __init__(
        self,
        shop: InventoryService | Opening,
        *,
        clerk_mode: bool = False,
        page: FirstPage | None = None,
        idle_s: float | None = None,
        in_browser: bool = False,
    ) -> None:
        opening = shop if isinstance(shop, Opening) else Opening.of(shop)
        super().__init__(opening, driver_class=_browser_driver() if in_browser else SafeDriver)
        self._own_entries: list[int] = []
        self._announced = ""
        self.idle_s = idle_s
        self.first_page = page
        self.not_opened: TrackerError | None = None
        self.animation_level = "none"
        self.set_reactive(TrackerApp.clerk_mode, clerk_mode)
        if page is not None and page.theme in self.available_themes:
            self.theme = page.theme

    def on_mount(self) -> None:
        """Begin to follow the files."""
        self.watch_for_the_end()
        self._set_keys()
        if self.first_page is not None:
            self.watch(self, "theme", self.first_page.keep_theme, init=False)
        self.call_after_refresh(self.tell_shown)
        self.call_after_refresh(self._keep_first_page)
        self.call_after_refresh(self._follow_files)
        self.call_after_refresh(self.keep_baskets)
        if not self.snapshot.loading:
            self._tell_about(self.snapshot)

    def _keep_first_page(self) -> None:
        """Keep the first page for the next start; it shows the shop as it was saved, and not as it will be read."""
        if self.first_page is not None and self.snapshot.loading == READING and self.is_untouched:
            self.first_page.keep(lines_of(self.screen))

    def _tell_about(self, shop: Snapshot) -> None:
        """Say what people must know of a shop that was just opened."""
        self._announce_questions(shop)
        width, height = self.size
        if width < _GOOD_SIZE[0] or height < _GOOD_SIZE[1]:
            self.say(f"{width}x{height} is small: all works, but 80x24 shows more")
        for notice in shop.notices:
            self.notify(visible(f"{notice.file} {notice.reason}"), markup=False, timeout=10)
        if shop.read_only:
            self.notify(visible(f"Read-only: {shop.read_only}"), severity="warning", markup=False, timeout=10)

    def _set_keys(self) -> None:
        """Take the keys of `tracker.toml`, each for the binding whose id it names."""
        keys = self.snapshot.settings.keys
        if keys:
            self.set_keymap(dict(keys))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002 - Textual's
        """Yield what Textual brings for the palette and the shop can use; what writes files refuses clerks."""
        from tracker_tui.screens.text_dialog import FILES_TITLE

        yield SystemCommand("Quit", "Leave the program; nothing needs saving (Ctrl+Q)", self.action_quit)
        yield SystemCommand("Help", "What this screen is for, and its keys (F1)", self.action_help)
        yield SystemCommand(
            "What is wrong in the files", "Lines that were not understood (!)", self.action_problems
        )
        yield SystemCommand(
            "Codes that no product has", "What was scanned in vain (Ctrl+T)", self.action_unknown_codes
        )
        yield SystemCommand(
            FILES_TITLE, "What stands in them, and which may be edited (F1, then f)", self.action_show_files
        )
        yield SystemCommand("Undo your last change", "By a further entry (Ctrl+Z)", self.action_undo_last)
        yield from self.stock_commands()
        yield from self.errand_commands()
        yield from self.colour_commands()
        yield SystemCommand(
            "Show what was copied", "As plain lines, for the mouse (C)", self.action_show_copied
        )

    # Following the files

    @work(thread=True, group="follow")
    def _follow_files(self) -> None:
        """Open the shop where that is not done, and keep up with its files until the app ends."""
        if self.snapshot.loading:
            try:
                service = self._opening.open(lambda shop: self._post(SnapshotChanged(shop)))
            except TrackerError as error:
                self._post(_NotOpened(error))
                return
            self._post(SnapshotChanged(service.snapshot))
        follow(
            self._opening.service,
            self.stop,
            changed=lambda snapshot: self._post(SnapshotChanged(snapshot)),
            trouble=lambda reason: self._post(_Trouble(reason)),
            acted=lambda: bool(self._own_entries),
        )

    def _post(self, message: Message) -> None:
        self.post_message(message)

    @on(SnapshotChanged)
    def _show_snapshot(self, event: SnapshotChanged) -> None:
        self._take(event.snapshot)

    def _take(self, snapshot: Snapshot) -> None:
        if snapshot.revision <= self.snapshot.revision:
            return
        opened = self.snapshot.loading and not snapshot.loading
        self.snapshot = snapshot
        self.look_for_sold(snapshot)
        if opened:
            self._set_keys()
            self._tell_about(snapshot)
            self.warm_up()
        else:
            self._announce_questions(snapshot)

    @on(_NotOpened)
    def _leave_unopened(self, event: _NotOpened) -> None:
        if not self.is_leaving:
            self.not_opened = event.error
            self.exit(0)

    @on(_Trouble)
    def _show_trouble(self, event: _Trouble) -> None:
        if event.reason:
            self.notify(visible(event.reason), title="Files", severity="error", markup=False, timeout=30)
        else:
            self.notify("The files can be used again", markup=False)

    # Acts

    @on(ActRequested)
    def _begin_act(self, event: ActRequested) -> None:
        if self.clerk_mode:
            from tracker_tui.model.roles import not_for_clerks

            if reason := not_for_clerks(event.act, self._own_entries):
                refusal = ReadOnly(f"Not for this login: {reason}")
                event.reply_to.post_message(ActFailed(event.act, refusal))
                return
        if isinstance(event.act, Sell):
            self.begin_selling(event.act.sale)
        if self.clerk_mode and isinstance(event.act, TakeIn):
            event.reply_to.post_message(ActFailed(event.act, ReadOnly("clerks import nothing")))
        else:
            self._run_act(event)

    @work(thread=True, group="write")
    def _run_act(self, request: ActRequested) -> None:
        from tracker_tui.work.performing import perform

        outcome: Outcome | None = None
        refusal: TrackerError | None = None
        try:
            outcome = perform(self._opening.service, request.act)
        except TrackerError as error:
            refusal = error
        self.post_message(_ActEnded(request, outcome, refusal, self._opening.service.snapshot))

    @on(_ActEnded)
    def _end_act(self, event: _ActEnded) -> None:
        self._take(event.snapshot)
        if isinstance(event.request.act, Sell):
            self.end_selling(event.request.act.sale, event.outcome.purchase if event.outcome else None)
        if event.outcome is None:
            if event.error is not None:
                event.request.reply_to.post_message(ActFailed(event.request.act, event.error))
            return
        if event.outcome.entry is not None:
            if isinstance(event.outcome.act, Undo):
                if event.outcome.act.entry in self._own_entries:
                    self._own_entries.remove(event.outcome.act.entry)
            else:
                self._own_entries.append(event.outcome.entry)
        event.request.reply_to.post_message(ActDone(event.outcome))

    @on(UndoRequested)
    def _undo(self, event: UndoRequested) -> None:
        if self.snapshot.read_only:
            self.say(f"Nothing can be changed: {self.snapshot.read_only}", error=True)
            return
        entry = event.entry if event.entry is not None else self._last_own_entry()
        if entry is None:
            self.say("There is nothing of yours to undo; older entries can be undone in History (F8)")
        else:
            reply_to = event.reply_to if event.reply_to is not None else self
            self.post_message(ActRequested(Undo(entry), reply_to))

    def _last_own_entry(self) -> int | None:
        """Return the last entry of this session that nobody has undone."""
        undone = self.snapshot.undone
        return next((entry for entry in reversed(self._own_entries) if entry not in undone), None)

    def action_undo_last(self) -> None:
        """Take back the last change of this session."""
        self.post_message(UndoRequested())

    @on(ActDone)
    def _tell_done(self, event: ActDone) -> None:
        self.say(event.outcome.text)

    @on(ActFailed)
    def _tell_failure(self, event: ActFailed) -> None:
        self.say(str(event.error), error=True)

    # Receipts

    @on(ReceiptWanted)
    def _begin_receipt(self, event: ReceiptWanted) -> None:
        if event.path and (self.clerk_mode or self.snapshot.read_only):
            reason = "Clerks write no files" if self.clerk_mode else self.snapshot.read_only
            event.reply_to.post_message(ReceiptGiven(reason, failed=True))
        else:
            self._give_receipt(event, self.snapshot.settings.receipt)

    @work(thread=True, group="print")
    def _give_receipt(self, request: ReceiptWanted, settings: ReceiptSettings) -> None:
        """Print or save a receipt; a printer that hangs holds nobody up."""
        from tracker_tui.work.printing import print_receipt, save_receipt

        try:
            if request.path:
                text = f"Saved as {save_receipt(request.text, request.path)}"
            else:
                print_receipt(request.text, request.purchase.sale, request.purchase.entry, settings)
                text = "Printed"
        except PrinterFailed as error:
            request.reply_to.post_message(ReceiptGiven(str(error), failed=True))
        else:
            request.reply_to.post_message(ReceiptGiven(text))

    # What the files ask

    @on(ModeRequested)
    def _go_to_problems(self, event: ModeRequested) -> None:
        if event.mode == "problems":
            self.action_problems()

    def action_problems(self) -> None:
        """Ask what waits for an answer, or show what is wrong in the files."""
        from tracker_tui.screens.questions import question_for
        from tracker_tui.screens.text_dialog import problems_dialog

        shop = self.snapshot
        if shop.read_only or self.clerk_mode or (shop.held_edit is None and not shop.lost):
            self.push_screen(problems_dialog(shop))
            return
        dialog, make = question_for(shop)

        def answer(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if yes is not None:
                self.post_message(ActRequested(make(yes), self))

        self.push_screen(dialog, answer)

    def _announce_questions(self, shop: Snapshot) -> None:
        """Say, once, that something in the files waits for an answer."""
        if shop.held_edit is None and not shop.lost:
            self._announced = ""
            return
        from tracker_tui.screens.questions import waiting_question

        waiting, text = waiting_question(shop)
        if waiting and waiting != self._announced:
            self.notify(visible(text), severity="warning", markup=False, timeout=30)
        self._announced = waiting


def run_screens(
    shop: InventoryService | Opening,
    *,
    clerk_mode: bool,
    page: FirstPage | None = None,
    idle_s: float | None = None,
    in_browser: bool = False,
) -> int:
    """Open the screens on a shop, over the page that stands there already; return the exit code.

    Raises:
        TrackerError: The shop could not be opened.
    """
    # What is loaded by now, and with the shop, stays: to look through it all takes the collector many frames.
    gc.freeze()
    app = TrackerApp(shop, clerk_mode=clerk_mode, page=page, idle_s=idle_s, in_browser=in_browser)
    app.when_shown = gc.enable
    app.when_warm = gc.freeze
    code = open_screen(app)
    if app.not_opened is not None:
        raise app.not_opened
    return code
