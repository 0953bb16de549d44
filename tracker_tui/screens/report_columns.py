"""The columns of the report's tables: what was summed up, the sales behind it, taxes, stock, and what to reorder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tracker_tui.model.figures import NO_CATEGORY, OF_TIME, WEEKDAYS
from tracker_tui.model.goods import PRODUCT_SORTS
from tracker_tui.model.money import rounded
from tracker_tui.model.queries import RateTotal
from tracker_tui.model.records import Product, Settings
from tracker_tui.model.reorder import PACE_DAYS, REORDER_SORTS, ReorderRow
from tracker_tui.model.sale_columns import NAMELESS
from tracker_tui.model.sale_rows import SaleRow
from tracker_tui.model.sums import Sum
from tracker_tui.model.tax import percent
from tracker_tui.screens.product_columns import quantity_cell
from tracker_tui.widgets.record_table import Column
from tracker_tui.widgets.shown import money
from tracker_tui.widgets.table_columns import MOST_NAME, MOST_SHORT, MOST_TEXT

NAMES_OF_NONE: Final = {
    "product": "(tax on top)",
    "category": "(no category)",
    "customer": "(walk-ins)",
    "clerk": "(nobody)",
    "payment": "(not said)",
}
"""What stands for what has no name, by what is summed up by."""

_BAR: Final = 12
_PARTS: Final = " ▏▎▍▌▋▊▉"


def name_of(one: Sum, what: str) -> str:
    """Return what a sum is called."""
    if what == "weekday":
        return WEEKDAYS[int(one.key) - 1]
    if what == "day":
        return f"{one.key} {WEEKDAYS[date.fromisoformat(one.key).weekday()][:3]}"
    if what == "week":
        return f"from {one.key}"
    return one.name or NAMES_OF_NONE.get(what, one.key)


def id_of(one: Sum) -> str:
    """Return the id of a product or a person; "" where there is none."""
    return "" if one.key.startswith((NAMELESS, NO_CATEGORY)) else one.key


def bar(value: Decimal, most: Decimal, width: int = _BAR) -> str:
    """Return a bar from left to right, as long as a value is of the most there is; at least a trace of it."""
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, int(value * width * 8 / most))
    return "█" * (eighths // 8) + _PARTS[eighths % 8].strip()


def share(part: Decimal | None) -> str:
    """Return a part as percents; nothing where it is not known."""
    return "" if part is None else f"{rounded(100 * part, 1)}%"


def sum_columns(what: str, settings: Settings, most: Decimal, *, margins: bool = True) -> list[Column[Sum]]:
    """Return the columns of sums.

    Args:
        what: What is summed up by.
        settings: For amounts.
        most: What the longest bar stands for.
        margins: Whether it is known what the goods cost.
    """
    cents = settings.decimals
    label = {"payment": "Paid by"}.get(what, what.capitalize())
    by_name = _time_order if what in OF_TIME else lambda one: name_of(one, what).casefold()
    columns: list[Column[Sum]] = [
        Column("name", label, 14, lambda one: name_of(one, what), flex=3, most=MOST_TEXT, sort=by_name)
    ]
    if what in ("product", "customer"):
        columns.append(Column("id", "Id", 6, id_of, flex=1, most=MOST_SHORT, sort=id_of, drop=5))
    columns += [
        _count("sales", "Sales", lambda one: one.sales),
        _count("returns", "Returns", lambda one: one.returns, drop=6),
        _count("units", "Units", lambda one: one.units),
        _amount("money", "Total", lambda one: one.money, settings),
        Column(
            "bar",
            "",
            _BAR,
            lambda one: bar(one.money, most),
            style=lambda _one: "record-table--bar",
            plain=lambda _one: "",
        ),
    ]
    if not margins:
        average = _average(cents)
        return [*columns, _amount("average", "Average", average, settings, drop=2)]
    returned = Column[Sum](
        "returned",
        "Returned",
        8,
        lambda one: share(one.returned_share) if one.returned else "",
        "right",
        sort=lambda one: one.returned_share,
        drop=4,
        plain=lambda one: one.returned,
    )
    margin = Column[Sum](
        "margin",
        "Margin",
        7,
        lambda one: share(one.margin_share),
        "right",
        sort=lambda one: one.margin_share if one.margin_share is not None else Decimal(-(10**9)),
        drop=3,
        plain=lambda one: rounded(one.margin, cents) if one.margin_share is not None else None,
    )
    return [*columns, returned, margin]


def _time_order(one: Sum) -> str:
    return one.key


def _average(decimals: int) -> Callable[[Sum], Decimal]:
    return lambda one: rounded(one.money / (one.sales or 1), decimals)


def _count(key: str, label: str, of: Callable[[Sum], int], *, drop: int = 0) -> Column[Sum]:
    return Column(key, label, 7, lambda one: f"{of(one):,}", "right", sort=of, drop=drop, plain=of)


def _amount(
    key: str, label: str, of: Callable[[Any], Decimal], settings: Settings, *, drop: int = 0
) -> Column[Any]:
    return Column(key, label, 11, lambda row: money(of(row), settings), "right", sort=of, drop=drop, plain=of)


def sale_columns(settings: Settings) -> list[Column[SaleRow]]:
    """Return the columns of the sales behind a figure."""

    def what(row: SaleRow) -> str:
        return "return" if row.is_return else "sale"

    return [
        Column(
            "entry", "Entry", 7, lambda row: str(row.entry), "right", sort=lambda row: row.entry,
            plain=lambda row: row.entry,
        ),
        Column("time", "Time", 16, lambda row: row.time, sort=lambda row: (row.day, row.second)),
        Column("what", "What", 6, what, sort=what, drop=2),
        Column(
            "customer", "Customer", 10, lambda row: row.customer, flex=2, most=MOST_TEXT, sort=lambda row: row.customer
        ),
        Column("clerk", "Clerk", 7, lambda row: row.clerk, flex=1, most=MOST_SHORT, sort=lambda row: row.clerk, drop=1),
        Column("payment", "Paid", 6, lambda row: row.payment, sort=lambda row: row.payment, drop=3),
        Column(
            "units", "Units", 6, lambda row: f"{row.units:,}", "right", sort=lambda row: row.units,
            plain=lambda row: row.units,
        ),
        _amount("money", "Amount", lambda row: row.money, settings),
    ]  # fmt: skip


def tax_columns(settings: Settings) -> list[Column[RateTotal]]:
    """Return the columns of taxes."""
    return [
        Column("rate", "Rate", 8, lambda tax: percent(tax.rate), "right", sort=lambda tax: tax.rate),
        _amount("net", "Net", lambda tax: tax.net, settings),
        _amount("tax", "Tax", lambda tax: tax.tax, settings),
        _amount("gross", "Gross", lambda tax: tax.gross, settings),
    ]


def reorder_columns(settings: Settings) -> list[Column[ReorderRow]]:
    """Return the columns of what is low in stock."""

    def number(key: str, label: str, width: int, drop: int = 0) -> Column[ReorderRow]:
        of = REORDER_SORTS[key]
        return Column(key, label, width, lambda row: f"{of(row):,}", "right", sort=of, drop=drop, plain=of)

    quantity = quantity_cell(settings)
    return [
        Column("id", "Id", 6, lambda row: row.product.id, flex=1, most=MOST_SHORT, sort=REORDER_SORTS["id"]),
        Column("name", "Name", 14, lambda row: row.product.name, flex=3, most=MOST_NAME, sort=REORDER_SORTS["name"]),
        Column(
            "quantity", "Quantity", 8, lambda row: quantity(row.product), "right", sort=REORDER_SORTS["quantity"],
            style=lambda _row: "record-table--warning", plain=lambda row: row.product.quantity,
        ),
        number("level", "Level", 6, 1),
        Column(
            "sold", f"Sold {PACE_DAYS}d", 8, lambda row: "…" if row.sold is None else f"{row.sold:,}", "right",
            sort=REORDER_SORTS["sold"], drop=2, plain=lambda row: row.sold,
        ),
        Column(
            "days", "Days left", 9, _days_left, "right", sort=REORDER_SORTS["days"],
            plain=lambda row: row.days_left,
        ),
        number("order", "To order", 8),
    ]  # fmt: skip


def _days_left(row: ReorderRow) -> str:
    if row.sold is None:
        return "…"
    return "–" if row.days_left is None else f"{row.days_left:,}"


def stock_columns(settings: Settings) -> list[Column[Product]]:
    """Return the columns of what the stock is worth."""

    def at_cost(product: Product) -> Decimal | None:
        return None if product.cost is None else max(0, product.quantity) * product.cost

    def shown(amount: Decimal | None) -> str:
        return "" if amount is None else money(amount, settings)

    def price_of(product: Product) -> Decimal:
        return max(0, product.quantity) * product.price

    return [
        Column("id", "Id", 6, lambda p: p.id, flex=1, most=MOST_SHORT, sort=PRODUCT_SORTS["id"].of),
        Column("name", "Name", 12, lambda p: p.name, flex=3, most=MOST_NAME, sort=PRODUCT_SORTS["name"].of),
        Column(
            "quantity", "Quantity", 9, quantity_cell(settings), "right", sort=PRODUCT_SORTS["quantity"].of,
            plain=lambda p: p.quantity,
        ),
        Column("cost", "Cost", 9, lambda p: shown(p.cost), "right", drop=2, plain=lambda p: p.cost),
        Column(
            "price", "Price", 9, lambda p: shown(p.price), "right", sort=PRODUCT_SORTS["price"].of, drop=1,
            plain=lambda p: p.price,
        ),
        Column("at_cost", "At cost", 11, lambda p: shown(at_cost(p)), "right", plain=at_cost),
        Column("at_price", "At price", 11, lambda p: shown(price_of(p)), "right", plain=price_of),
    ]  # fmt: skip


NAME_COLUMNS: Final = [
    Column[str]("name", "Name", 12, lambda name: name, flex=1, sort=lambda name: name.casefold())
]
