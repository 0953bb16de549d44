"""The commands that only look: lists, the report, the check of the files."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tracker_tui.cli_output import (
    Json,
    customer_json,
    money,
    money_text,
    product_json,
    say_json,
    say_table,
    tax_json,
)
from tracker_tui.cli_streams import complain, say
from tracker_tui.errors import NotFound
from tracker_tui.model import Change, ChangeLine, Product, Purchase, Report, Snapshot, queries
from tracker_tui.model.chosen import Chosen
from tracker_tui.model.goods import stocks
from tracker_tui.model.rules import is_low
from tracker_tui.model.tax import percent
from tracker_tui.model.text import folded
from tracker_tui.service import InventoryService
from tracker_tui.storage.codec import CHANGES, PURCHASES

_NUMBERS: Final = ("entry", "quantity", "quantity_change")
_MAYBE_NUMBERS: Final = ("reorder_level",)
_MONEY: Final = ("price", "cost", "discount", "total")
_SETS: Final = ("categories", "barcodes")


def products(service: InventoryService, args: Namespace) -> int:
    """List the products, narrowed by category and text."""
    shop = service.snapshot
    if args.on is not None:
        from tracker_tui.cli_stock import shop_on  # noqa: PLC0415 - the list of now needs none of it

        shop = shop_on(shop, args.on)
    found = _chosen_products(shop, args.category, args.search, every=args.every)
    if args.json:
        say_json([product_json(product, shop.settings) for product in found])
        return 0
    say_table(
        ["ID", "NAME", ">PRICE", ">QUANTITY", "", "CATEGORIES"],
        [
            (
                product.id,
                product.name,
                money(product.price, shop.settings),
                product.quantity,
                "low" if is_low(product, shop.settings) else "",
                ", ".join(sorted(product.categories)),
            )
            for product in found
        ],
        "No products." if not shop.products else "No product fits.",
    )
    return 0


def _chosen_products(
    shop: Snapshot, categories: Sequence[str], text: str, *, every: bool
) -> Sequence[Product]:
    found: Chosen[Product] = shop.goods.all_products()
    if text.strip():
        from tracker_tui.model.finding import product_index  # noqa: PLC0415 - only here

        index = product_index()
        index.update(shop.products)
        found = index.matching(text)
    if categories:
        choices = [_categories_named(shop, typed) for typed in categories]
        sets = [
            set(queries.in_categories(shop, names, every=False).places if names else ()) for names in choices
        ]
        places = set.intersection(*sets) if every else set.union(*sets)
        found = Chosen(found.shelf, [place for place in found.places if place in places])
    return found


def _categories_named(shop: Snapshot, typed: str) -> tuple[str, ...]:
    """Return the category of this name, whatever its case; else those that hold the words."""
    exact = tuple(name for name in shop.categories if folded(name) == folded(typed.strip()))
    return exact or queries.categories_like(shop, typed)


def customers(service: InventoryService, args: Namespace) -> int:
    """List the customers."""
    shop = service.snapshot
    if args.json:
        say_json([customer_json(customer) for customer in shop.customers.values()])
        return 0
    bought = queries.bought_by_customer(shop)
    none = queries.Bought()
    say_table(
        ["ID", "NAME", "PHONE", "EMAIL", ">PURCHASES", ">TOTAL"],
        [
            (
                customer.id,
                customer.name,
                customer.phone,
                customer.email,
                bought.get(customer.id, none).purchases,
                money(bought.get(customer.id, none).total, shop.settings),
            )
            for customer in shop.customers.values()
        ],
        "No customers.",
    )
    return 0


def purchases(service: InventoryService, args: Namespace) -> int:
    """List the lines of the sales and returns, oldest first."""
    shop = service.snapshot
    wanted = _customer_ids(shop, args.customer)
    found = [
        entry
        for entry in shop.entries
        if isinstance(entry, Purchase)
        and (wanted is None or entry.customer_id in wanted)
        and (args.since is None or entry.time.date() >= args.since)
        and (args.until is None or entry.time.date() <= args.until)
    ]
    if args.json:
        say_json(purchase_rows(found))
        return 0
    say_table(
        ["ENTRY", "TIME", "SALE", "CUSTOMER", "PRODUCT", ">QUANTITY", ">TOTAL", ""],
        [
            (
                purchase.entry,
                f"{purchase.time:%Y-%m-%d %H:%M}",
                purchase.sale,
                purchase.customer,
                f"{line.product} ({line.product_id})" if line.product_id else line.product,
                line.quantity,
                money(line.total, shop.settings),
                "does not count" if purchase.entry in shop.undone else "",
            )
            for purchase in found
            for line in purchase.lines
        ],
        "No purchases.",
    )
    return 0


def _customer_ids(shop: Snapshot, typed: str) -> frozenset[str] | None:
    """Return the customers whom an id or a name means; None where nothing was typed."""
    if not typed.strip():
        return None
    if typed in shop.customers:
        return frozenset([typed])
    ids = frozenset(customer.id for customer in queries.customers_named(shop.customers, typed))
    if not ids:
        raise NotFound(f"there is no customer {typed}")
    return ids


def changes(service: InventoryService, args: Namespace) -> int:
    """List the changes of the products, oldest first; with `--follow` each entry as it happens."""
    if args.follow or args.since_entry is not None:
        from tracker_tui.cli_follow import follow  # noqa: PLC0415 - it loads these lists

        return follow(service, args)
    shop = service.snapshot
    found = [entry for entry in shop.entries if isinstance(entry, Change)]
    if args.json:
        say_json([row for row in change_rows(found) if args.product in ("", row["product_id"])])
        return 0
    say_table(
        ["ENTRY", "TIME", "CLERK", "ACTION", "PRODUCT", ">STOCK", ">PRICE", "NOTE"],
        [
            (
                change.entry,
                f"{change.time:%Y-%m-%d %H:%M}",
                change.clerk,
                change.action.value,
                f"{line.name} ({line.product_id})" if line.product_id else line.name,
                f"{line.quantity_change:+}" if line.quantity_change else "",
                money(line.after.price, shop.settings)
                if line.after is not None
                else "gone"
                if line.product_id
                else "",
                change.note,
            )
            for change, line in _lines_of(found, args.product)
        ],
        "No changes.",
    )
    return 0


def _lines_of(found: Iterable[Change], product_id: str) -> list[tuple[Change, ChangeLine]]:
    return [
        (change, line) for change in found for line in change.lines if product_id in ("", line.product_id)
    ]


def purchase_rows(found: Iterable[Purchase]) -> list[dict[str, Json]]:
    """Return the lines of purchases by the columns of `purchases.txt`."""
    return [_typed(fields, PURCHASES.columns) for entry in found for fields in PURCHASES.encode(entry)]


def change_rows(found: Iterable[Change]) -> list[dict[str, Json]]:
    """Return the lines of changes by the columns of `changes.txt`."""
    return [_typed(fields, CHANGES.columns) for entry in found for fields in CHANGES.encode(entry)]


def _typed(fields: Mapping[str, str], columns: Sequence[str]) -> dict[str, Json]:
    return {column: _typed_value(column, fields.get(column, "")) for column in columns}


def _typed_value(column: str, text: str) -> Json:
    if column in _NUMBERS:
        return int(text)
    if column in _MAYBE_NUMBERS:
        return int(text or "0")
    if column in _SETS:
        return text.split("|") if text else []
    if column in _MONEY:
        return text or None
    return text


def report(service: InventoryService, args: Namespace) -> int:
    """Print what a span of days brought."""
    if args.by or args.period or args.reorder:
        from tracker_tui import cli_figures  # noqa: PLC0415 - the usual report needs none of it

        if args.period and (args.since or args.until):
            complain("either --period or --since and --until")
            return 2
        if args.period:
            args.since, args.until = cli_figures.span_of(args.period)
        if args.reorder:
            return cli_figures.reorder(service, args)
        if args.by:
            return cli_figures.report_by(service, args)
    found = service.report(args.since, args.until)
    if args.json:
        say_json(_report_json(found, service.snapshot))
        return 0
    settings = service.snapshot.settings
    span = " ".join(
        part
        for part in (
            f"from {found.since}" if found.since else "",
            f"to {found.until}" if found.until else "",
        )
        if part
    )
    lowest = ", ".join(f"{product.name} ({product.id})" for product in found.lowest_stock[:10])
    if len(found.lowest_stock) > 10:
        lowest += f" and {len(found.lowest_stock) - 10} more"
    left = f", {found.lowest_stock[0].quantity} left" if found.lowest_stock else ""
    say(
        "\n".join(
            [
                f"Report {span or 'of all days'}",
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
                f"Lowest stock:  {lowest or 'no products'}{left}",
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
    return 0


def _report_json(found: Report, shop: Snapshot) -> Json:
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
        "lowest_stock": [
            {"id": stock.id, "name": stock.name, "quantity": stock.quantity}
            for stock in stocks(found.lowest_stock)
        ],
        "low_stock": [
            {**stock._asdict(), "reorder_level": stock.reorder_level or shop.settings.low_stock}
            for stock in stocks(found.low_stock)
        ],
    }


def check(service: InventoryService, args: Namespace) -> int:
    """Say what is wrong in the files; with `--repair`, put right what can be."""
    done = _mended(service, args)
    shop = service.snapshot
    sales = sum(isinstance(entry, Purchase) for entry in shop.entries)
    counts = {
        "products": len(shop.products),
        "customers": len(shop.customers),
        "purchases": sales,
        "changes": len(shop.entries) - sales,
        "entry": shop.entry,
    }
    if args.json:
        say_json(
            {
                "problems": [problem._asdict() for problem in shop.problems],
                "done": done,
                **counts,
            }
        )
        return 1 if shop.problems else 0
    for line in done:
        complain(line)
    for problem in shop.problems:
        say(str(problem))
    if shop.problems:
        return 1
    say(
        f"All is sound: {counts['products']} products, {counts['customers']} customers,"
        f" {counts['purchases']} purchases and {counts['changes']} changes, up to entry {counts['entry']}."
    )
    return 0


def _mended(service: InventoryService, args: Namespace) -> list[str]:
    """Put right what can be, and say what was: torn tails were set aside already when the shop was opened."""
    may = not args.clerk and not service.read_only
    stopped = service.resume() if may else ""
    done = [str(notice) for notice in service.snapshot.notices]
    if not may:
        return done
    if stopped:
        done.append(f"the shop can be changed again; it was read-only: {stopped}")
    if args.take_edit or args.refuse_edit:
        waited = service.answer_edit(take=args.take_edit)
        did = "the edit by hand was taken over" if args.take_edit else "the rows are back as they were"
        done.append(did if waited else "no edit by hand waits for an answer")
    if args.repair:
        if service.save():
            done.append(f"inventory.txt was written anew from the logs, up to entry {service.snapshot.entry}")
        else:
            done.append("inventory.txt agrees with the logs; it was left as it is")
    return done
