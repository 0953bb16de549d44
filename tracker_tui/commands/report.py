"""The command that totals what the sales brought."""

from __future__ import annotations

from tracker_tui.commands.output import Json, Rows, money, money_text, quoted, say_json, say_table, tax_json
from tracker_tui.commands.streams import complain, say
from tracker_tui.model import Report, Settings, Snapshot
from tracker_tui.model.goods import Stock, stocks
from tracker_tui.model.tax import percent
from tracker_tui.service import InventoryService
from tracker_tui.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable


def report(service: InventoryService, args: Namespace) -> int:
    """Print what a span of days brought."""
    if args.by or args.period or args.reorder:
        from tracker_tui.commands import figures  # noqa: PLC0415 - the usual report needs none of it

        if args.period and (args.since or args.until):
            complain("either --period or --since and --until")
            return 2
        if args.period:
            args.since, args.until = figures.span_of(args.period)
        if args.reorder:
            return figures.reorder(service, args)
        if args.by:
            return figures.report_by(service, args)
    found = service.report(args.since, args.until)
    if args.json:
        say_json(_report_json(found, service.snapshot))
    else:
        _say(found, service.snapshot.settings)
    return 0


def _say(found: Report, settings: Settings) -> None:
    """Print the report for people."""
    say(
        "\n".join(
            [
                f"Report {_span(found) or 'of all days'}",
                f"Customers:     {found.customers}",
                f"Names:         {', '.join(found.customer_names) or 'none'}",
                f"Sales:         {found.purchases}, returns: {found.returns}",
                f"Units:         {found.units}",
                f"Total sales:   {money(found.total_sales, settings)}",
                f"Average sale:  {money(found.average_sale(settings.decimals), settings)}",
                *(
                    f"Tax {percent(tax.rate):<8}  {money(tax.tax, settings)}"
                    f" (net {money(tax.net, settings)}, gross {money(tax.gross, settings)})"
                    for tax in found.taxes
                ),
                f"Lowest stock:  {_lowest(found)}",
                f"Low in stock:  {len(found.low_stock)}",
            ]
        )
    )
    if found.low_stock:
        say_table(
            ["", "ID", "NAME", ">QUANTITY", ">REORDER AT"],
            [
                ("", p.id, p.name, p.quantity, p.reorder_level or settings.low_stock)
                for p in stocks(found.low_stock)
            ],
            "",
        )


def _span(found: Report) -> str:
    """Return the days in words; empty for all."""
    words = (f"from {found.since}" if found.since else "", f"to {found.until}" if found.until else "")
    return " ".join(filter(None, words))


def _lowest(found: Report) -> str:
    """Return the products of the lowest stock, the first ten by name, and how many are left of each."""
    if not found.lowest_stock:
        return "no products"
    names = ", ".join(f"{product.name} ({product.id})" for product in found.lowest_stock[:10])
    more = f" and {len(found.lowest_stock) - 10} more" if len(found.lowest_stock) > 10 else ""
    return f"{names}{more}, {found.lowest_stock[0].quantity} left"


def _report_json(found: Report, shop: Snapshot) -> Json:
    low = stocks(found.low_stock)
    return {
        "since": found.since.isoformat() if found.since else None,
        "until": found.until.isoformat() if found.until else None,
        "customers": found.customers,
        "customer_names": list(found.customer_names),
        "purchases": found.purchases,
        "returns": found.returns,
        "units": found.units,
        "total_sales": money_text(found.total_sales, shop.settings),
        "average_sale": money_text(found.average_sale(shop.settings.decimals), shop.settings),
        "taxes": [tax_json(tax, shop.settings) for tax in found.taxes],
        "lowest_stock": Rows(_stock_rows(stocks(found.lowest_stock))),
        "low_stock": Rows(
            [
                f'{row[:-1]}, "reorder_level": {stock.reorder_level or shop.settings.low_stock}}}'
                for row, stock in zip(_stock_rows(low), low, strict=True)
            ]
        ),
    }


def _stock_rows(products: Iterable[Stock]) -> list[str]:
    """Return products as JSON; put together by hand, as thousands of them may be low."""
    return [
        f'{{"id": {quoted(key)}, "name": {quoted(name)}, "quantity": {quantity}}}'
        for key, name, quantity, _ in products
    ]
