"""Amounts by weekday and hour as cells that are the darker the more there is; it needs no colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from tracker_tui.widgets.bar_chart import short_amount
from tracker_tui.widgets.hinted import Hinted

_SHADES: Final = " ·░▒▓█"
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LEFT: Final = 5
HEAT_LINES: Final = 9


class HeatStrip(Hinted):
    """Seven rows of hours; only the hours in which anything was sold, and those between, are shown."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "heat-strip--axis",
        "heat-strip--cell",
        "heat-strip--cursor",
    }
    DEFAULT_CSS = f"HeatStrip {{ height: {HEAT_LINES}; }}"

    amounts: reactive[tuple[tuple[Decimal, ...], ...]] = reactive(())
    cursor: reactive[str] = reactive("")
    """The hour that is marked, as `07`."""

    @dataclass
    class Chosen(Message):
        """A cell was clicked."""

        hour: str

    def show(self, amounts: Sequence[Sequence[Decimal]]) -> None:
        """Show amounts: 7 rows from Monday on, of 24 hours each."""
        self.amounts = tuple(map(tuple, amounts))

    @property
    def _hours(self) -> range:
        sold = [hour for row in self.amounts for hour, amount in enumerate(row) if amount]
        return range(min(sold), max(sold) + 1) if sold else range(9, 18)

    @property
    def _each(self) -> int:
        return max(2, min(6, (self.size.width - _LEFT) // len(self._hours)))

    def render(self) -> Content:
        """Draw the cells, the axes and what the shades mean."""
        hours, each = self._hours, self._each
        most = max([Decimal(0), *(amount for row in self.amounts for amount in row)])
        axis = self.get_visual_style("heat-strip--axis")
        head = " " * _LEFT + "".join(
            (f">{hour:02}" if f"{hour:02}" == self.cursor and each > 2 else f"{hour:02}").ljust(each)
            for hour in hours
        )
        lines = [Content(head[: self.size.width]).stylize(axis)]
        for day, name in enumerate(_DAYS):
            parts = [Content(f"{name:<{_LEFT}}").stylize(axis)]
            for hour in hours:
                amount = self.amounts[day][hour] if self.amounts else Decimal(0)
                here = f"{hour:02}" == self.cursor
                style = self.get_visual_style("heat-strip--cursor" if here else "heat-strip--cell")
                parts.append(Content(_shade(amount, most) * (each - 1)).stylize(style))
                parts.append(Content(" "))
            lines.append(Content("").join(parts))
        lines.append(Content(_legend(most)).stylize(axis))
        return Content("\n").join(lines)

    def _hour_at(self, x: int) -> int | None:
        at = (x - _LEFT) // self._each
        return self._hours[at] if x >= _LEFT and at < len(self._hours) else None

    def hint_at(self, x: int, y: int) -> str:
        """Return what a cell stands for."""
        hour = self._hour_at(x)
        if hour is None or not 1 <= y <= len(_DAYS) or not self.amounts:
            return ""
        return f"{_DAYS[y - 1]} {hour:02}:00: {self.amounts[y - 1][hour]:,}"

    def on_click(self, event: events.Click) -> None:
        """Choose the hour that was clicked."""
        hour = self._hour_at(event.x)
        if hour is not None and event.button == 1:
            self.post_message(self.Chosen(f"{hour:02}"))


def _shade(amount: Decimal, most: Decimal) -> str:
    """Return the shade of an amount: the first for nothing, the last for the most there is."""
    if amount <= 0 or most <= 0:
        return _SHADES[0]
    steps = len(_SHADES) - 1
    return _SHADES[min(steps, 1 + int(amount * steps / most * Decimal("0.999")))]


def _legend(most: Decimal) -> str:
    if most <= 0:
        return " " * _LEFT + "no sales"
    steps = len(_SHADES) - 1
    parts = [f"{_SHADES[step]} to {short_amount(float(most) * step / steps)}" for step in range(1, steps + 1)]
    return " " * _LEFT + "  ".join(parts)
