"""The headline figures of the report, and how they compare with the days before."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tracker_tui.model.money import rounded
from tracker_tui.model.queries import Report
from tracker_tui.model.records import Settings
from tracker_tui.model.stock_value import StockValue
from tracker_tui.model.sums import Sum
from tracker_tui.model.tax import percent
from tracker_tui.screens.report_columns import share
from tracker_tui.widgets.figure_cards import Card
from tracker_tui.widgets.shown import money

_NOT_YET: Final = "…"
HINTS: Final = {
    "total": "What was sold in these days, returns taken off",
    "purchases": "How many sales there were",
    "returns": "How many times goods came back",
    "units": "Pieces sold, returns taken off",
    "customers": "People who bought, told apart by their ids",
    "names": "Their different names: two people of one name count once",
    "average": "What a sale came to on average",
    "margin": "What was earned on goods whose cost is known",
    "tax": "Taxes in what was sold",
    "cost": "What the stock of now has cost",
    "price": "What the stock of now would sell for",
    "lowest": "The lowest quantity of a product, and whose it is",
    "low": "Products at or below their reorder level",
}
"""What each card is of, for the mouse; a click or Enter goes to what is behind it."""

_MOST_PERCENT: Final = 999


def compared(now: Decimal | int, before: Decimal | int | None) -> str:
    """Return how a figure compares with the one before: `▲ 12%`, `▼ 3%`, `=`; nothing where there is none."""
    if before is None:
        return ""
    if now == before:
        return "="
    if not before:
        return "▲ new" if now > 0 else "▼ new"
    change = round(100 * (Decimal(now) - Decimal(before)) / abs(Decimal(before)))
    size = f">{_MOST_PERCENT}" if abs(change) > _MOST_PERCENT else f"{abs(change)}"
    return f"{'▲' if now > before else '▼'} {size}%"


def cards_of(
    report: Report,
    before: Report | None,
    settings: Settings,
    whole: Sum | None = None,
    stock: StockValue | None = None,
) -> tuple[tuple[Card, ...], ...]:
    """Return the cards.

    Args:
        report: The figures.
        before: Those of as many days before; None where there are none.
        settings: For amounts.
        whole: All of it as one sum, with margin and returns; None = not counted yet.
        stock: What the stock is worth; None = not counted yet.
    """
    rows = (_sold(report, before, settings, whole), _worth(report, before, settings, whole, stock))
    sold, worth = (tuple(card._replace(hint=HINTS[card.key]) for card in row) for row in rows)
    return sold, worth


def _sold(report: Report, before: Report | None, settings: Settings, whole: Sum | None) -> tuple[Card, ...]:
    returned = f"{share(whole.returned_share)} of sales" if whole is not None and whole.returned else ""
    was = before
    return (
        Card(
            "total", "Total sales", money(report.total_sales, settings),
            compared(report.total_sales, was.total_sales if was else None),
        ),
        Card(
            "purchases", "Sales", f"{report.purchases:,}",
            compared(report.purchases, was.purchases if was else None),
        ),
        Card("returns", "Returns", f"{report.returns:,}", returned),
        Card("units", "Units", f"{report.units:,}", compared(report.units, was.units if was else None)),
        Card(
            "customers", "Customers", f"{report.customers:,}",
            compared(report.customers, was.customers if was else None),
        ),
        Card(
            "names", "Unique names", f"{len(report.customer_names):,}",
            compared(len(report.customer_names), len(was.customer_names) if was else None),
        ),
    )  # fmt: skip


def _worth(
    report: Report, before: Report | None, settings: Settings, whole: Sum | None, stock: StockValue | None
) -> tuple[Card, ...]:
    average = report.average_sale(settings.decimals)
    was = before.average_sale(settings.decimals) if before is not None else None
    cards = [Card("average", "Average", money(average, settings), compared(average, was))]
    cards.append(_margin(report, settings, whole))
    if report.taxes:
        tax = sum((one.tax for one in report.taxes), Decimal(0))
        rates = ", ".join(percent(one.rate) for one in report.taxes)
        cards.append(Card("tax", "Tax", money(tax, settings), rates))
    no_cost = f"{stock.unknown:,} without" if stock is not None and stock.unknown else ""
    cards += [
        Card("cost", "Stock cost", money(stock.at_cost, settings) if stock else _NOT_YET, no_cost),
        Card("price", "At price", money(stock.at_price, settings) if stock else _NOT_YET),
        _lowest(report),
        Card("low", "Reorder", f"{len(report.low_stock):,}"),
    ]
    return tuple(cards)


def _margin(report: Report, settings: Settings, whole: Sum | None) -> Card:
    if whole is None:
        waits = bool(report.purchases or report.returns)
        return Card("margin", "Margin", _NOT_YET if waits else "–", "Enter counts" if waits else "")
    if whole.margin_share is None:
        return Card("margin", "Margin", "–", "no costs")
    margin = money(rounded(whole.margin, settings.decimals), settings)
    return Card("margin", "Margin", share(whole.margin_share), margin)


def _lowest(report: Report) -> Card:
    tied = report.lowest_stock
    if not tied:
        return Card("lowest", "Lowest stock", "–")
    name = tied[0].name if len(tied) == 1 else f"{len(tied):,} products"
    return Card("lowest", "Lowest stock", f"{tied[0].quantity:,}", name)
