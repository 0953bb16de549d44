"""The report broken down, and what to reorder, on the command line."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

from tracker_tui.commands.output import Json, money, money_text, say_json, say_table
from tracker_tui.commands.streams import complain
from tracker_tui.model import Settings
from tracker_tui.model.figures import NO_CATEGORY, WEEKDAYS, Figures
from tracker_tui.model.money import rounded
from tracker_tui.model.periods import period
from tracker_tui.model.reorder import PACE_DAYS, ReorderRow, ReorderRows, pace_since, sold_by_product
from tracker_tui.model.sale_columns import NAMELESS
from tracker_tui.model.sums import Sum
from tracker_tui.service import InventoryService

NAMES_OF_NONE = {
    "product": "tax on top",
    "category": "in no category",
    "customer": "walk-ins",
    "clerk": "nobody",
    "payment": "not said",
}
"""What stands for what has no name, by what a report is broken down by."""


def span_of(name: str) -> tuple[date | None, date | None]:
    """Return the first and the last day of one of the usual spans, as of today."""
    span = period(name, _today())
    return span.since, span.until


def _today() -> date:
    return date.today()  # noqa: DTZ011 - the day of the clock on the wall, as the files have it


def report_by(service: InventoryService, args: Namespace) -> int:
    """Print what a span of days brought by product, clerk, day and so on."""
    found = _sums(service, args)
    shop = service.snapshot
    if args.json:
        say_json([_sum_json(one, shop.settings) for one in found])
        return 0
    say_table(
        [args.by.upper(), "", ">SALES", ">RETURNS", ">UNITS", ">TOTAL", ">RETURNED", ">MARGIN", ">OF KNOWN"],
        [_cells(one, args.by, shop.settings) for one in found],
        "No sales in these days.",
    )
    return 0


def _sums(service: InventoryService, args: Namespace) -> Sequence[Sum]:
    columns = service.sale_columns(args.since, args.until, _progress())
    return Figures(columns).by(args.by, service.snapshot.customers)


def sum_rows(service: InventoryService, args: Namespace) -> list[dict[str, Json]]:
    """Return what a span of days brought by something, as rows."""
    return [_sum_json(one, service.snapshot.settings) for one in _sums(service, args)]


def reorder_rows(service: InventoryService) -> list[dict[str, Json]]:
    """Return what is low in stock, as rows."""
    return [_reorder_json(row) for row in _low(service)]


def _low(service: InventoryService) -> ReorderRows:
    today = _today()
    sold = sold_by_product(service.sale_columns(pace_since(today), today, _progress()))
    shop = service.snapshot
    return ReorderRows(shop.goods.low_stock(shop.settings), shop.settings, sold)


def _progress() -> Callable[[int, int], None]:
    """Return what says on a terminal that the logs are being counted."""
    said = 0

    def told(done: int, size: int) -> None:
        nonlocal said
        tenth = 10 * done // max(size, 1)
        if tenth > said and sys.stderr.isatty():
            said = tenth
            complain(f"counting the lines of the sales: {10 * tenth} %")

    return told


def _cells(one: Sum, what: str, settings: Settings) -> tuple[str | int, ...]:
    share = one.margin_share
    key = "" if one.key.startswith((NAMELESS, NO_CATEGORY)) or one.key == one.name else one.key
    name = one.name or NAMES_OF_NONE.get(what, one.key)
    if what == "weekday":
        key, name = "", WEEKDAYS[int(one.key) - 1]
    return (
        name,
        key if what in ("product", "customer") else "",
        one.sales,
        one.returns,
        one.units,
        money(one.money, settings),
        money(one.returned, settings) if one.returned else "",
        money(rounded(one.margin, settings.decimals), settings) if share is not None else "",
        f"{rounded(100 * share, 1)}%" if share is not None else "",
    )


def _sum_json(one: Sum, settings: Settings) -> dict[str, Json]:
    def text(amount: Decimal) -> str:
        return money_text(rounded(amount, max(settings.decimals, 2)), settings)

    return {
        "id": "" if one.key.startswith((NAMELESS, NO_CATEGORY)) else one.key,
        "name": one.name,
        "sales": one.sales,
        "returns": one.returns,
        "units": one.units,
        "total_sales": money_text(one.money, settings),
        "returned": money_text(one.returned, settings),
        "net_of_known_cost": text(one.known),
        "cost": text(one.cost),
        "margin": text(one.margin),
    }


def reorder(service: InventoryService, args: Namespace) -> int:
    """Print what is low in stock, how long it lasts at the pace of the last weeks, and how much to order."""
    rows = _low(service)
    if args.json:
        say_json([_reorder_json(row) for row in rows])
        return 0
    say_table(
        ["ID", "NAME", ">QUANTITY", ">LEVEL", f">SOLD IN {PACE_DAYS} DAYS", ">DAYS LEFT", ">TO ORDER"],
        [
            (
                row.product.id,
                row.product.name,
                row.product.quantity,
                row.level,
                row.sold or 0,
                "" if row.days_left is None else row.days_left,
                row.to_order,
            )
            for row in rows
        ],
        "Nothing is low in stock.",
    )
    return 0


def _reorder_json(row: ReorderRow) -> dict[str, Json]:
    return {
        "id": row.product.id,
        "name": row.product.name,
        "quantity": row.product.quantity,
        "reorder_level": row.level,
        "sold": row.sold or 0,
        "days_left": row.days_left,
        "to_order": row.to_order,
    }
