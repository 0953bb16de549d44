"""Spans of days that a report is about: the usual ones, an own one, and the one before."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from tracker_tui.tuples import NamedTuple

_DAY: Final = timedelta(days=1)


class Period(NamedTuple):
    """A span of days.

    Attributes:
        name: Which of `PERIODS` it is, or `OWN`.
        since: First day, None = from the beginning.
        until: Last day, None = to the end.
    """

    name: str
    since: date | None = None
    until: date | None = None

    @property
    def days(self) -> int | None:
        """How many days it has; None where it has no bound on one side."""
        if self.since is None or self.until is None:
            return None
        return (self.until - self.since).days + 1

    @property
    def label(self) -> str:
        """What people call it."""
        return LABELS[self.name]

    @property
    def short(self) -> str:
        """The days in few characters; nothing for all days."""
        if self.since is None or self.until is None or self.since == self.until:
            return "" if self.since is self.until is None else str(self)
        if self.since.year == self.until.year:
            return f"{self.since}…{self.until:%m-%d}"
        return f"{self.since:%y-%m-%d}…{self.until:%y-%m-%d}"

    def holds(self, day: date) -> bool:
        """Tell whether a day is in it."""
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def before(self) -> Period | None:
        """Return as many days just before it; None where it has no bound, or begins with the calendar."""
        days = self.days
        if self.since is None or days is None or self.since.toordinal() <= days:
            return None
        return Period(OWN, self.since - days * _DAY, self.since - _DAY)

    def __str__(self) -> str:
        if self.since is None and self.until is None:
            return "all days"
        if self.since is None:
            return f"to {self.until}"
        if self.until is None:
            return f"from {self.since}"
        return f"{self.since}" if self.since == self.until else f"{self.since} to {self.until}"


OWN: Final = "own"
"""The name of a span that somebody typed."""

LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "today": "Today",
        "yesterday": "Yesterday",
        "week": "This week",
        "month": "This month",
        "last-month": "Last month",
        "year": "This year",
        "all": "All days",
        OWN: "Own range",
    }
)
"""What people call the usual spans, in their order, and an own one."""


def _week(today: date) -> tuple[date, date]:
    return today - today.weekday() * _DAY, today


def _last_month(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - _DAY
    return last.replace(day=1), last


_SPANS: Final[Mapping[str, Callable[[date], tuple[date | None, date | None]]]] = MappingProxyType(
    {
        "today": lambda today: (today, today),
        "yesterday": lambda today: (today - _DAY, today - _DAY),
        "week": _week,
        "month": lambda today: (today.replace(day=1), today),
        "last-month": _last_month,
        "year": lambda today: (today.replace(month=1, day=1), today),
        "all": lambda _today: (None, None),
    }
)

PERIODS: Final = tuple(_SPANS)
"""The names of the usual spans. A week begins on Monday; those of now end today."""


def period(name: str, today: date) -> Period:
    """Return one of the usual spans as it is today; KeyError where there is none of this name."""
    return Period(name, *_SPANS[name](today))


def parse_day(typed: str, today: date) -> date:
    """Read a day as people type it.

    Args:
        typed: `2026-03-31`, `31.3.2026`, `31.3.` or `31.` (the latest such day), `today`, `yesterday`, `-7` (days ago).
        today: Which day it is.

    Raises:
        ValueError: It is no day; the text says what to type.
    """
    text = typed.strip().lower()
    words = {"today": 0, "yesterday": 1}
    try:
        if not text.isascii() or len(text) > len("2026-03-31"):
            raise ValueError
        if text in words:
            return today - words[text] * _DAY
        if text.startswith("-") and text[1:].isdecimal():
            return today - int(text[1:]) * _DAY
        if "." in text:
            return _with_points(text, today)
        if len(text) != len("2026-03-31"):
            raise ValueError
        return date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError("type a day, such as 2026-03-31, 31.3., yesterday or -7") from None


def _with_points(text: str, today: date) -> date:
    """Read `31.3.2026`, `31.3.` or `31.`; where the year or month is left out, the latest such day."""
    parts = [int(part) for part in text.removesuffix(".").split(".")]
    if len(parts) == 3:
        return date(parts[2], parts[1], parts[0])
    if len(parts) == 2:
        day = date(today.year, parts[1], parts[0])
        return day if day <= today else date(today.year - 1, parts[1], parts[0])
    (number,) = parts
    month = today.replace(day=1)
    if number > today.day:
        month = (month - _DAY).replace(day=1)
    return month.replace(day=number)


def month_days(month: date) -> tuple[date, date]:
    """Return the first and the last day of the month that a day is in."""
    return month.replace(day=1), month.replace(day=monthrange(month.year, month.month)[1])
