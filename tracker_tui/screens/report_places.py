"""Where one can be on the Report screen, and the rows that stand there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from tracker_tui.model.figures import Figures, bucket_of, buckets
from tracker_tui.model.periods import OWN, Period, month_days
from tracker_tui.model.queries import RateTotal
from tracker_tui.model.sale_rows import EVERYTHING, TAX, rows_behind, taxed_rows
from tracker_tui.model.state import Snapshot
from tracker_tui.model.sums import Sum, Turn
from tracker_tui.model.tally import DayTally
from tracker_tui.model.text import folded
from tracker_tui.screens.report_columns import id_of, name_of
from tracker_tui.widgets.bar_chart import Bar

UNITS: Final = ("day", "week", "month")
_MOST_BARS: Final = 62
_FAR_DAYS: Final = 400


@dataclass(frozen=True)
class Place:
    """Where one is.

    Attributes:
        kind: `days`, `by`, `sales`, `tax`, `reorder`, `stock`, `lowest` or `names`.
        title: What stands for it in the way back.
        what: What is summed up by, or what the sales are behind; see `figures.BY` and `sale_rows`.
        key: Which of it; see `Sum.key`.
    """

    kind: str
    title: str
    what: str = ""
    key: str = ""

    def span(self, period: Period) -> Period:
        """Return the days whose lines are needed: of a day, week or month of the period only its own."""
        if self.kind != "sales" or self.what not in UNITS:
            return period
        first, last = days_of(self.what, self.key)
        since = first if period.since is None else max(first, period.since)
        until = last if period.until is None else min(last, period.until)
        return Period(OWN, since, until)


VIEWS: Final[Mapping[str, Place]] = {
    "day": Place("days", "Day"),
    "hour": Place("by", "Hour", "hour"),
    "product": Place("by", "Product", "product"),
    "category": Place("by", "Category", "category"),
    "clerk": Place("by", "Clerk", "clerk"),
    "customer": Place("by", "Customer", "customer"),
    "payment": Place("by", "Paid", "payment"),
    "tax": Place("tax", "Tax"),
    "reorder": Place("reorder", "Reorder"),
    "stock": Place("stock", "Stock"),
}
"""The views, in the order of their line."""

BEHIND: Final[Mapping[str, Place]] = {
    "total": Place("sales", "Sales and returns", EVERYTHING),
    "purchases": Place("sales", "Sales", "sales"),
    "average": Place("sales", "Sales", "sales"),
    "returns": Place("sales", "Returns", "returns"),
    "units": VIEWS["product"],
    "margin": VIEWS["product"],
    "customers": VIEWS["customer"],
    "names": Place("names", "Unique names"),
    "tax": VIEWS["tax"],
    "cost": VIEWS["stock"],
    "price": VIEWS["stock"],
    "lowest": Place("lowest", "Lowest stock"),
    "low": VIEWS["reorder"],
}
"""What is behind each card."""


def days_of(unit: str, key: str) -> tuple[date, date]:
    """Return the first and the last day of a day, week or month, by its key."""
    if unit == "month":
        return month_days(date.fromisoformat(f"{key}-01"))
    first = date.fromisoformat(key)
    return first, first + timedelta(days=6 if unit == "week" else 0)


def usual_unit(period: Period, days: Mapping[date, DayTally]) -> str:
    """Return by what bars are made so that they are not too many."""
    first, last = _bounds(period, days)
    count = (last - first).days + 1
    return "day" if count <= _MOST_BARS else "week" if count <= 7 * _MOST_BARS else "month"


def _bounds(period: Period, days: Mapping[date, DayTally]) -> tuple[date, date]:
    """Return the first and the last day that is shown: those of the period, unless they are far from all sales."""
    sold = sorted(days) or [period.until or period.since or date(2000, 1, 1)]
    first, last = sold[0], sold[-1]
    if period.since is not None and 0 <= (first - period.since).days <= _FAR_DAYS:
        first = period.since
    if period.until is not None and 0 <= (period.until - last).days <= _FAR_DAYS:
        last = period.until
    return first, last


def day_sums(period: Period, unit: str, days: Mapping[date, DayTally]) -> list[Sum]:
    """Return what each day, week or month brought, also those without sales; none where there are no sales."""
    if not days:
        return []
    found = {key: Sum(key, key) for key in buckets(unit, *_bounds(period, days))}
    for key, pairs in groupby(sorted(days.items()), lambda pair: bucket_of(unit, pair[0])):
        tallies = [tally for _, tally in pairs]
        found[key] = Sum(
            key,
            key,
            sum(tally.sales for tally in tallies),
            sum(tally.returns for tally in tallies),
            sum(tally.units for tally in tallies),
            sum((tally.money for tally in tallies), Decimal(0)),
        )
    return list(found.values())


def bars_of(unit: str, sums: Sequence[Sum]) -> tuple[Bar, ...]:
    """Return the bars of days, weeks or months."""
    return tuple(
        Bar(
            one.key,
            one.key if unit == "month" else one.key[5:],
            float(one.money),
            f"{name_of(one, unit)}: {one.money:,}, {one.sales:,} {'sale' if one.sales == 1 else 'sales'}",
        )
        for one in sums
    )


def row_key(row: object) -> str:
    """Return what names a row of one of the tables that have no keys of their own."""
    if isinstance(row, Sum):
        return row.key
    return str(row.rate) if isinstance(row, RateTotal) else str(row)


def counted_rows(place: Place, figures: Figures, shop: Snapshot, typed: str, turn: Turn) -> Sequence[Any]:
    """Return the rows of a place that needs the lines of the sales, as far as they have the words of `typed`."""
    if place.what in ("hour", "weekday"):
        _ = figures.heat  # Summed up here, in a thread, to be drawn.
    if place.what == TAX:
        return taxed_rows(figures.columns, shop.ledger.find, Decimal(place.key), turn).matching(typed, turn)
    if place.kind == "sales":
        return rows_behind(figures.columns, place.what, place.key, turn).matching(typed, turn)
    rows = figures.rows(place.what, shop.customers)
    rows = rows.matching(typed, lambda one: f"{name_of(one, place.what)} {id_of(one)}", turn)
    _ = rows.most, rows.position("")  # Found out here, in a thread, for the table.
    return rows


def with_words(sums: Sequence[Sum], what: str, typed: str) -> Sequence[Sum]:
    """Return the sums whose name or id have every word of `typed`."""
    words = folded(typed).split()
    if not words:
        return sums
    texts: Callable[[Sum], str] = lambda one: folded(f"{name_of(one, what)} {id_of(one)}")  # noqa: E731
    return [one for one in sums if all(word in texts(one) for word in words)]
