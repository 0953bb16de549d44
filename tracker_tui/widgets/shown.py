"""The choke point: people's text on its way to the screen.

Nothing that a person, a spreadsheet or another program wrote is markup, and none of it reaches the terminal as
a control character. Widgets take `content(text)`; plain strings are for the program's own words.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from textual.content import Content

from tracker_tui.model.money import shown as amount_shown
from tracker_tui.model.records import Settings
from tracker_tui.model.text import visible


def content(text: str, style: str = "") -> Content:
    """Return people's text as it may be drawn."""
    return Content.styled(visible(text), style) if style else Content(visible(text))


def content_lines(text: str) -> Content:
    """Return a text of several lines as it may be drawn."""
    return Content("\n").join(content(line) for line in text.splitlines())


def money(amount: Decimal, settings: Settings) -> str:
    """Return an amount in the shop's currency."""
    return amount_shown(amount, settings.currency, settings.decimals)


def moment(time: datetime) -> str:
    """Return a time as all screens show it: `2026-03-31 14:05`."""
    return f"{time:%Y-%m-%d %H:%M}"


def progress(done: int, rows: int, unit: str = "rows") -> str:
    """Return how far something is, as a bar that needs no colour: `[#####-----]  45 %  450 of 1,000 rows`."""
    part = min(1.0, done / rows) if rows else 1.0
    full = int(part * _BAR)
    return f"[{'#' * full}{'-' * (_BAR - full)}] {part:4.0%}  {done:,} of {rows:,} {unit}"


_BAR: Final = 20
"""Characters of a bar."""
