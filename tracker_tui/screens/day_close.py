"""The close of a day: what should be in the till, what is, and a report of it to look at, print and copy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.errors import Invalid, TrackerError
from tracker_tui.messages import ActDone, ActFailed, ActRequested, PaperGiven, PaperWanted
from tracker_tui.model.acts import CloseDay, Outcome
from tracker_tui.model.day_close import (
    Close,
    Till,
    Way,
    close_problems,
    close_report,
    closed,
    parse_counted,
    read_close,
    till_at,
)
from tracker_tui.model.money import parse_amount, written
from tracker_tui.model.records import Change
from tracker_tui.model.state import Snapshot
from tracker_tui.model.text import normal
from tracker_tui.screens.confirm_dialog import ConfirmDialog
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton
from tracker_tui.widgets.shown import content, content_lines, money


class DayClose(ModalScreen[Outcome | None]):
    """Counts the till; closes with the entry, or with None where the day stays open."""

    @dataclass
    class _Added(Message):
        """The till was added up.

        Attributes:
            till: What came in; None where the logs could not be read just now.
            shop: Of which snapshot.
            reason: Why not.
        """

        till: Till | None
        shop: Snapshot
        reason: str = ""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f9,ctrl+s", "book", "Close the day", id="close.book", priority=True),
        Binding("ctrl+r", "print", "Print", id="close.print", tooltip="Print the report"),
        Binding("ctrl+y", "copy", "Copy", id="close.copy", tooltip="Copy the report"),
        Binding("pagedown", "move(8)", "Page down", show=False),
        Binding("pageup", "move(-8)", "Page up", show=False),
        Binding("escape", "leave", "Leave", id="close.leave"),
    ]
    HELP = """\
# Close the day

Everything since the last close is added up; where there is none yet, since the day began: **opening cash** + cash
sales - refunds + what customers paid of what they owed = **expected**. Other ways to pay stand below.

Count the till and type the amount, or the coins and notes: `3*50 4*20 0.50*7`. What goes to the bank is taken off what
is left for tomorrow, which the next close proposes as its opening cash. **F9 closes the day**, after a question; it is
an entry, which Ctrl+Z takes back. `Ctrl+R` prints the report, `Ctrl+Y` copies it, before and after.
"""

    def __init__(self) -> None:
        super().__init__()
        self._shop = Snapshot()
        self._till: Till | None = None
        self._asked: Till | None = None
        self._booked: Outcome | None = None
        self._waiting = False
        self._leaves = False

    def compose(self) -> ComposeResult:
        """Lay out the fields, the report and the buttons."""
        with Vertical(classes="dialog", id="close"):
            yield Static("Close the day", id="close-title", classes="dialog-title", markup=False)
            yield FormField("opening", "Opening cash", hint="what was in the till", longest=32)
            yield FormField("counted", "Counted", hint="an amount, or 3*50 4*20 12.35", longest=500)
            yield FormField("banked", "To the bank", hint="what is taken out; empty = nothing", longest=32)
            yield FormField("note", "Note", hint="free text", longest=500)
            with VerticalScroll(id="close-report", can_focus=False):
                yield Static("adding up…", id="close-text", markup=False)
            yield Static("", id="form-message", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Book  F9", "screen.book", classes="-primary", id="close-book")
                yield MouseButton("Print  Ctrl+R", "screen.print")
                yield MouseButton("Copy  Ctrl+Y", "screen.copy")
                yield MouseButton("Leave  Esc", "screen.leave")

    def on_mount(self) -> None:
        """Follow the shop, and begin where the count is typed."""
        self.watch(self.app, "snapshot", self._take_snapshot)
        self.set_focus(self._field("counted").input)

    def _field(self, key: str) -> FormField:
        return self.query_one(f"#field-{key}", FormField)

    # What came in

    def _take_snapshot(self, shop: Snapshot) -> None:
        self._shop = shop
        if self._booked is None and not shop.loading:
            self._add_up(shop, self._till)

    @work(thread=True, exclusive=True, group="add-up")
    def _add_up(self, shop: Snapshot, known: Till | None) -> None:
        """Add up what came in, which may be much where nobody closed a day for long."""
        try:
            till = till_at(shop.ledger, datetime.now().astimezone().date(), known)
        except TrackerError as error:
            self.post_message(self._Added(None, shop, str(error)))
        else:
            self.post_message(self._Added(till, shop))

    @on(_Added)
    def _take_till(self, event: _Added) -> None:
        if event.till is None:
            self._say(event.reason, error=True)
            return
        first = self._till is None
        self._till = event.till
        if first and event.till.opening:
            self._field("opening").start_with(written(event.till.opening))
        self._show()

    # What is typed

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        self._leaves = False
        event.field.complain("")
        self._say("")
        self._show()

    def _amount(self, key: str) -> Decimal:
        """Read one of the amounts; one that is empty is nothing.

        Raises:
            ValueError: It is no amount.
        """
        typed, settings = self._field(key).value, self._shop.settings
        if not typed.strip():
            return Decimal(0)
        if key == "counted":
            return parse_counted(typed, settings)
        return parse_amount(typed, settings.decimals, currency=settings.currency)

    def _close(self) -> Close | None:
        """Return the close of what is typed so far; what cannot be read counts as nothing."""
        if self._till is None:
            return None
        amounts: dict[str, Decimal] = {}
        for key in ("opening", "counted", "banked"):
            try:
                amounts[key] = self._amount(key)
            except ValueError:
                amounts[key] = Decimal(0)
        note = normal(self._field("note").value)
        decimals = self._shop.settings.decimals
        return closed(self._till, amounts["opening"], amounts["counted"], amounts["banked"], note, decimals)

    @property
    def report(self) -> str:
        """The report as it stands, booked or not; empty while it is added up."""
        clerk, settings = str(getattr(self.app, "clerk", "")), self._shop.settings
        ways: tuple[Way, ...] = self._till.ways if self._till is not None else ()
        entry = self._booked.entry if self._booked is not None else None
        booked = self._shop.find(entry) if entry is not None else None
        if isinstance(booked, Change) and (kept := read_close(booked)) is not None:
            return close_report(kept, ways, settings, booked.time, booked.clerk, booked.entry)
        close = self._close()
        now = datetime.now().astimezone()
        return close_report(close, ways, settings, now, clerk) if close is not None else ""

    def _show(self) -> None:
        self.query_one("#close-text", Static).update(
            content_lines(self.report.removesuffix("\n") or "adding up…")
        )

    def _say(self, text: str, *, error: bool = False) -> None:
        message = self.query_one("#form-message", Static)
        message.set_class(error, "-error")
        message.update(content(f"! {text}" if error else text))

    # Closing

    def _complaints(self) -> bool:
        """Show what is wrong beside its field; tell whether anything is."""
        reasons: dict[str, str] = {}
        amounts: dict[str, Decimal] = {}
        for key in ("opening", "counted", "banked"):
            try:
                amounts[key] = self._amount(key)
            except ValueError as error:
                reasons[key] = str(error)
        if not self._field("counted").value.strip():
            reasons["counted"] = "count the till: 0 where nothing is in it"
        if not reasons:
            note = normal(self._field("note").value)
            decimals = self._shop.settings.decimals
            found = close_problems(amounts["opening"], amounts["counted"], amounts["banked"], note, decimals)
            reasons = {problem.field: problem.reason for problem in found if problem.reason}
        self._complain(reasons)
        return bool(reasons)

    def _complain(self, reasons: dict[str, str]) -> None:
        for field in self.query(FormField):
            field.complain(reasons.get(field.key, ""))
        wrong = next((field for field in self.query(FormField) if field.key in reasons), None)
        if wrong is not None:
            self.set_focus(wrong.input)

    def action_book(self) -> None:
        """Ask whether the day shall be closed; the answer is `y` or a click, never Enter."""
        if self._waiting or self._till is None or self._complaints():
            return
        if self._booked is not None:
            self.dismiss(self._booked)
            return
        close = self._close()
        if close is None:
            return
        self._asked = self._till
        settings = self._shop.settings
        counted, expected = money(close.counted, settings), money(close.expected, settings)
        off = f"difference {money(close.difference, settings)}" if close.difference else "no difference"
        question = f"Close the day with {counted} counted, {expected} expected, {off}? It can be undone."
        act = CloseDay(close.counted, close.opening, close.banked, close.note, self._till)

        def answer(yes: bool | None) -> None:  # noqa: FBT001 - a dialog's answer
            if yes:
                self._waiting = True
                self._say("Booking…")
                self.post_message(ActRequested(act, self))

        self.app.push_screen(ConfirmDialog(question, "Close the day"), answer)

    @on(ActDone)
    def _finish(self, event: ActDone) -> None:
        self._waiting = False
        self._booked = event.outcome
        for field in self.query(FormField):
            field.input.disabled = True
        self.query_one("#close-book").display = False
        self.set_focus(None)
        self._say(f"{event.outcome.text}. Ctrl+R prints the report, Esc leaves; Ctrl+Z undoes it then.")
        self._show()

    @on(ActFailed)
    def _show_failure(self, event: ActFailed) -> None:
        self._waiting = False
        self._complain(
            {p.field: p.reason for p in event.error.problems} if isinstance(event.error, Invalid) else {}
        )
        self._say(f"{event.error}. Nothing was booked.", error=True)

    # The report

    def action_copy(self) -> None:
        """Put the report on the clipboard of the terminal."""
        if self.report:
            self.app.copy_to_clipboard(self.report)
            self._say("The report is copied")

    def action_print(self) -> None:
        """Send the report to the shop's printer."""
        if self.report:
            self._say("Printing…")
            self.post_message(PaperWanted(self.report, self))

    @on(PaperGiven)
    def _end_print(self, event: PaperGiven) -> None:
        self._say(event.text, error=event.failed)

    def action_move(self, lines: int) -> None:
        """Scroll the report by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Leave; what is typed is asked about first."""
        if self._waiting:
            return
        typed = any(field.is_changed for field in self.query(FormField))
        if self._booked is None and typed and not self._leaves:
            self._leaves = True
            self._say("the day is not closed. Escape again throws away what you typed", error=True)
            return
        self.dismiss(None)
