"""The commands that list products, customers, purchases and changes."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable, Sequence

from tracker_tui.commands.entry_rows import change_rows, purchase_rows
from tracker_tui.commands.output import customer_json, money, product_json, say_json, say_table
from tracker_tui.errors import NotFound
from tracker_tui.model import Change, ChangeLine, Product, Purchase, Snapshot, queries
from tracker_tui.model.chosen import Chosen
from tracker_tui.model.rules import is_low
from tracker_tui.model.text import folded
from tracker_tui.service import InventoryService


def products(service: InventoryService, args: Namespace) -> int:
    """List the products, narrowed by category and text."""
    shop = service.snapshot
    if args.on is not None:
        from tracker_tui.commands.stock import shop_on  # noqa: PLC0415 - the list of now needs none of it

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
        from tracker_tui.commands.follow import follow  # noqa: PLC0415 - the list needs none of it

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
