"""A month of days, of which one can be chosen."""

from __future__ import annotations

from calendar import Calendar as Weeks
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, Final

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

_CELL: Final = 4
_HEAD: Final = "  Mon Tue Wed Thu Fri Sat Sun"


class Calendar(Widget, can_focus=True):
    """The month of the cursor, weeks from Monday on; days of a span are marked.

    Args:
        today: The day that the cursor is on at first.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"calendar--head", "calendar--cursor", "calendar--span"}
    DEFAULT_CSS = "Calendar { height: 9; width: 32; margin-top: 1; }"
    HELP = """\
## Calendar

Arrows go by days and weeks, Page Up and Down by months; Enter or a click chooses the day.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", id="calendar.choose", tooltip="Choose the day"),
        Binding("left,h", "move(-1)", "Day before", show=False),
        Binding("right,l", "move(1)", "Next day", show=False),
        Binding("up,k", "move(-7)", "Week before", show=False),
        Binding("down,j", "move(7)", "Next week", show=False),
        Binding("pageup", "month(-1)", "Month before", show=False),
        Binding("pagedown", "month(1)", "Next month", show=False),
    ]

    cursor: reactive[date] = reactive(date.min)
    span: reactive[tuple[date | None, date | None]] = reactive((None, None))

    @dataclass
    class Chosen(Message):
        """A day was chosen."""

        day: date

    def __init__(self, today: date) -> None:
        super().__init__()
        self.set_reactive(Calendar.cursor, today)

    def _weeks(self) -> list[list[int]]:
        return Weeks().monthdayscalendar(self.cursor.year, self.cursor.month)

    def _is_marked(self, day: date) -> bool:
        since, until = self.span
        return (since is not None or until is not None) and (
            (since is None or day >= since) and (until is None or day <= until)
        )

    def render(self) -> Content:
        """Draw the month; marks need no colour."""
        head = self.get_visual_style("calendar--head")
        title = f"<  {self.cursor:%Y-%m}  >".center(len(_HEAD))
        lines = [Content(title).stylize(head), Content(_HEAD).stylize(head)]
        for week in self._weeks():
            parts = [Content(" ")]
            for number in week:
                if not number:
                    parts.append(Content(" " * _CELL))
                    continue
                day = self.cursor.replace(day=number)
                marked = self._is_marked(day)
                text = f"{'·' if marked else ' '}{number:>2}{' '}"
                if day == self.cursor:
                    text = f"[{number:>2}]"
                    parts.append(Content(text).stylize(self.get_visual_style("calendar--cursor")))
                elif marked:
                    parts.append(Content(text).stylize(self.get_visual_style("calendar--span")))
                else:
                    parts.append(Content(text))
            lines.append(Content("").join(parts))
        return Content("\n").join(lines)

    def action_move(self, days: int) -> None:
        """Go by days."""
        with suppress(OverflowError):
            self.cursor += timedelta(days=days)

    def action_month(self, by: int) -> None:
        """Go to the same day of another month, or to its last one."""
        months = self.cursor.year * 12 + self.cursor.month - 1 + by
        year, month = divmod(months, 12)
        if date.min.year <= year <= date.max.year:
            last = monthrange(year, month + 1)[1]
            self.cursor = date(year, month + 1, min(self.cursor.day, last))

    def action_choose(self) -> None:
        """Choose the day of the cursor."""
        self.post_message(self.Chosen(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Choose the day that was clicked, or go to another month."""
        if event.button != 1:
            return
        if event.y == 0:
            self.action_month(-1 if event.x < len(_HEAD) // 2 else 1)
            return
        weeks, column = self._weeks(), (event.x - 1) // _CELL
        if 0 <= event.y - 2 < len(weeks) and 0 <= column < 7 and weeks[event.y - 2][column]:
            self.cursor = self.cursor.replace(day=weeks[event.y - 2][column])
            self.action_choose()
