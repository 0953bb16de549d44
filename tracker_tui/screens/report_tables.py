"""The picture and the table of each place of the report."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tracker_tui.errors import StorageError
from tracker_tui.model.chosen import Chosen
from tracker_tui.model.figures import Figures
from tracker_tui.model.finding import product_index
from tracker_tui.model.goods import PRODUCT_SORTS
from tracker_tui.model.periods import Period
from tracker_tui.model.queries import Report
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.reorder import ReorderRows
from tracker_tui.model.sale_rows import SaleRows
from tracker_tui.model.state import Snapshot
from tracker_tui.model.sums import SumRows
from tracker_tui.model.tally import DayTally
from tracker_tui.model.tax import percent
from tracker_tui.model.text import folded, visible
from tracker_tui.screens.report_columns import (
    NAME_COLUMNS,
    reorder_columns,
    sale_columns,
    stock_columns,
    sum_columns,
    tax_columns,
)
from tracker_tui.screens.report_places import Place, bars_of, day_sums, with_words
from tracker_tui.widgets.bar_chart import Bar
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money

_NO_SALES: Final = "No sales in these days.\n\nF4 makes one; F9, F9 books it."
_NO_NAMES: Final = "Nobody gave a name."
_NO_PRODUCTS: Final = "No products yet.\n\nF2, then a adds the first one."
_NONE_LOW: Final = "Nothing is low in stock."
_NO_TAXES: Final = "These sales keep no taxes.\n\n[tax] in tracker.toml says which there are."
_NO_HIT: Final = "No row has all these words."
_COUNTING: Final = "Reading the lines of the sales…"


@dataclass
class Table:
    """What stands at a place.

    Attributes:
        rows: The rows.
        columns: Their columns.
        columns_of: What the columns depend on: where that is the same they need not be laid out anew.
        empty: What is said where there are no rows.
        bars: A picture of amounts over time; None = there is none.
        heat: A picture of amounts by weekday and hour; None = there is none.
        whole: How many rows there are without the filter; None = as many.
    """

    rows: Sequence[Any]
    columns: list[Column[Any]]
    columns_of: tuple[object, ...]
    empty: str
    bars: tuple[Bar, ...] | None = None
    heat: Sequence[Sequence[Decimal]] | None = None
    whole: int | None = None


@dataclass(frozen=True)
class Headline:
    """The headline figures of a snapshot, and what else is known of it without the lines of the sales.

    Attributes:
        shop: The snapshot.
        period: Of which days.
        report: The figures.
        before: Those of as many days before, None where there are none.
        days: What each day brought.
    """

    shop: Snapshot
    period: Period
    report: Report
    before: Report | None
    days: Mapping[date, DayTally]


def counted_table(place: Place, rows: Sequence[Any], figures: Figures | None, settings: Settings) -> Table:
    """Return the table of a place that needs the lines of the sales; None = they are still being read."""
    empty = _NO_SALES if figures is not None else _COUNTING
    if place.kind == "sales":
        return Table(rows, sale_columns(settings), ("sales", settings), empty)
    heat = None
    if place.what in ("hour", "weekday"):
        heat = figures.heat if figures is not None else ()
    most = rows.most if isinstance(rows, SumRows) else Decimal(0)
    columns = sum_columns(place.what, settings, most)
    return Table(rows, columns, (place.what, settings, most), empty, heat=heat)


def table_of(place: Place, head: Headline, unit: str, typed: str, sold: Mapping[str, int] | None) -> Table:
    """Return the table of a place that needs only the headline figures.

    Args:
        place: Where one is.
        head: The figures.
        unit: By what days are put together.
        typed: Words that the rows must have.
        sold: Pieces of each product sold in the last days, None = not counted yet.
    """
    settings = head.shop.settings
    match place.kind:
        case "days":
            return _days(head, unit, typed)
        case "tax":
            taxes = [tax for tax in head.report.taxes if typed.strip() in percent(tax.rate)]
            return Table(
                taxes, tax_columns(settings), ("tax", settings), _NO_TAXES, whole=len(head.report.taxes)
            )
        case "names":
            return _names(head.report, typed)
        case _:
            return _products(place, head, typed, sold)


def _names(report: Report, typed: str) -> Table:
    """Return the names of who bought; they are read only now, where the figures were summed up ahead."""
    words = folded(typed).split()
    try:
        names = list(report.customer_names)
    except StorageError as error:
        return Table([], NAME_COLUMNS, ("names",), str(error))
    found = [name for name in names if all(word in folded(name) for word in words)]
    return Table(found, NAME_COLUMNS, ("names",), _NO_NAMES, whole=len(names))


def figures_text(cards: Sequence[tuple[str, str]], report: Report, period: Period) -> str:
    """Return the figures of cards, and the names that belong to them, as lines to be copied.

    Raises:
        StorageError: The names cannot be read.
    """
    tied = ", ".join(f"{p.name} ({p.id}): {p.quantity}" for p in report.lowest_stock)
    names = ", ".join(report.customer_names)
    lines = [*cards, ("Names", names), ("Lowest", tied), ("Days", str(period))]
    return "\n".join(f"{label}\t{visible(text)}" for label, text in lines)


def _days(head: Headline, unit: str, typed: str) -> Table:
    settings = head.shop.settings
    sums = day_sums(head.period, unit, head.days)
    most = max((one.money for one in sums), default=Decimal(0))
    return Table(
        with_words(sums, unit, typed),
        sum_columns(unit, settings, most, margins=False),
        ("days", unit, settings, most),
        _NO_SALES if not sums else _NO_HIT,
        bars=bars_of(unit, sums),
        whole=len(sums),
    )


def _products(place: Place, head: Headline, typed: str, sold: Mapping[str, int] | None) -> Table:
    settings, goods = head.shop.settings, head.shop.goods
    products = goods.all_products()
    if place.kind == "reorder":
        low = goods.low_stock(settings)
        rows: Sequence[Any] = ReorderRows(_matching(low, head, typed), settings, sold)
        empty = _NONE_LOW if len(products) else _NO_PRODUCTS
        return Table(rows, reorder_columns(settings), ("reorder", settings), empty, whole=len(low))
    of = goods.lowest_stock() if place.kind == "lowest" else products
    empty = _NO_HIT if len(of) else _NO_PRODUCTS
    return Table(
        _matching(of, head, typed), stock_columns(settings), ("stock", settings), empty, whole=len(of)
    )


def _matching(products: Chosen[Product], head: Headline, typed: str) -> Chosen[Product]:
    """Return those of some products that have every word of `typed`, in their order."""
    if not typed.strip():
        return products
    index = product_index()
    index.update(head.shop.products)
    wanted = frozenset(index.matching(typed).places)
    return Chosen(products.shelf, array("I", [at for at in products.places if at in wanted]), PRODUCT_SORTS)


def totals(rows: Sequence[Any], settings: Settings) -> str:
    """Say what sales come to together; nothing of other rows."""
    if not isinstance(rows, SaleRows) or not rows:
        return ""
    return f"{rows.pieces:,} units, {money(rows.total, settings)}"
