"""Any days for the report: typed, or chosen in a calendar. Ctrl+S or a click takes them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.getters import query_one
from textual.screen import ModalScreen
from textual.widgets import Static

from tracker_tui.model.periods import OWN, Period, parse_day
from tracker_tui.widgets.calendar import Calendar
from tracker_tui.widgets.form_field import FormField
from tracker_tui.widgets.mouse_button import MouseButton


class PeriodDialog(ModalScreen[Period | None]):
    """Asks for the first and the last day; closes with them, or with None.

    Args:
        period: The days of now.
        today: Which day it is.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "submit", "Take them", id="days.take"),
        Binding(
            "ctrl+d",
            "calendar",
            "Calendar",
            id="days.calendar",
            tooltip="Choose in the calendar",
            priority=True,
        ),
        Binding("escape", "cancel", "Back", id="days.cancel"),
    ]
    HELP = """\
# Days

Type days as `2026-03-31`, `31.3.`, `31.`, `yesterday` or `-7` (days ago), or choose them in the calendar: Ctrl+D or Tab
goes to it, arrows go by days, Page Up and Down by months, Enter or a click puts the day into the field that was left.
An empty field is no bound. Ctrl+S takes the days.
"""

    calendar = query_one(Calendar)

    def __init__(self, period: Period, today: date) -> None:
        super().__init__()
        self._today = today
        self._since = FormField(
            "since", "First day", _text(period.since), hint="from the beginning", longest=20
        )
        self._until = FormField("until", "Last day", _text(period.until), hint="to the end", longest=20)
        self._field = self._since

    def compose(self) -> ComposeResult:
        """Lay out the fields, the calendar and the buttons."""
        with Vertical(classes="dialog -small"):
            yield Static("Days of the report", classes="dialog-title", markup=False)
            yield self._since
            yield self._until
            yield Calendar(self._today)
            with Horizontal(classes="dialog-buttons"):
                yield MouseButton("Take them  Ctrl+S", "screen.submit", classes="-primary")
                yield MouseButton("Back  Esc", "screen.cancel")

    def on_mount(self) -> None:
        """Begin in the first field."""
        self._since.input.focus()

    def _day(self, field: FormField) -> date | None:
        """Return the day in a field, None where it is empty; ValueError with the reason where it is none."""
        return parse_day(field.value, self._today) if field.value.strip() else None

    def _check(self) -> Period | None:
        """Say what is wrong; return the days where nothing is."""
        days: list[date | None] = []
        for field in (self._since, self._until):
            try:
                days.append(self._day(field))
                field.complain("")
            except ValueError as error:
                field.complain(str(error))
        if len(days) < 2:
            return None
        since, until = days
        if since is not None and until is not None and since > until:
            self._until.complain("before the first day")
            return None
        return Period(OWN, since, until)

    @on(FormField.Typed)
    def _check_as_typed(self, event: FormField.Typed) -> None:
        event.stop()
        self._field = event.field
        self._check()
        self._mark()

    def _mark(self) -> None:
        """Show in the calendar what is typed."""
        found = self._check()
        if found is not None:
            self.calendar.span = (found.since, found.until)

    @on(Calendar.Chosen)
    def _put_in(self, event: Calendar.Chosen) -> None:
        """Put a day into the field that was left, and go on to the other one."""
        self._field.value = event.day.isoformat()
        self._field = self._until if self._field is self._since else self._since
        self._mark()

    def on_descendant_focus(self) -> None:
        """Remember which field was left for the calendar; what is typed stands in the place of what is there."""
        for field in (self._since, self._until):
            if field.input.has_focus:
                self._field = field
                field.input.select_all()

    def action_calendar(self) -> None:
        """Go to the calendar."""
        self.calendar.focus()

    def action_submit(self) -> None:
        """Close with the days, if they are some."""
        found = self._check()
        if found is not None:
            self.dismiss(found)

    def action_cancel(self) -> None:
        """Close without any."""
        self.dismiss(None)


def _text(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
