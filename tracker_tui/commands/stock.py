"""The commands of the stock room: a delivery of several products, what became of a product, the stock of a past day."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from decimal import Decimal

from tracker_tui.commands.output import Json, money, money_text, say_json, say_table
from tracker_tui.commands.streams import say
from tracker_tui.errors import FieldProblem, Invalid, NotFound
from tracker_tui.model import Change, Settings, Snapshot
from tracker_tui.model.money import parse_amount, parse_count
from tracker_tui.model.movements import Movement, price_changes, products_on
from tracker_tui.model.movements import movements as all_movements
from tracker_tui.service import InventoryService


def deliver(service: InventoryService, args: Namespace) -> int:
    """Take a delivery of several products into the stock, as one entry."""
    items = [_delivered(service, typed) for typed in args.items]
    entry = service.receive_many(items, args.note, own_id=args.own_id)
    booked = service.snapshot.find(entry)
    lines = booked.lines if isinstance(booked, Change) else ()
    if args.json:
        received: list[Json] = [
            {
                "id": line.product_id,
                "name": line.name,
                "received": line.quantity_change,
                "quantity": service.snapshot.products[line.product_id].quantity,
            }
            for line in lines
            if line.product_id in service.snapshot.products
        ]
        say_json({"entry": entry, "lines": received})
        return 0
    said = [f"  {line.quantity_change} x {line.name} ({line.product_id})" for line in lines]
    say("\n".join([f"Received, entry {entry}.", *said]))
    return 0


def movements(service: InventoryService, args: Namespace) -> int:
    """List what became of a product, oldest first."""
    shop = service.snapshot
    product_id = args.id if args.id in shop.products else shop.barcodes.get(args.id, args.id)
    found = all_movements(shop.ledger, product_id)
    rows = list(price_changes(found) if args.prices else found)
    if not rows and product_id not in shop.products:
        raise NotFound(f"there is no product {args.id}, and there never was")
    settings = shop.settings
    if args.json:
        say_json([_movement_json(row, settings) for row in rows])
        return 0
    say_table(
        ["ENTRY", "TIME", "CLERK", "WHAT", ">CHANGE", ">STOCK", ">PRICE", ">COST", "ABOUT"],
        [
            (
                row.entry,
                f"{row.time:%Y-%m-%d %H:%M}",
                row.clerk,
                row.what,
                f"{row.change:+}" if row.change else "",
                row.balance,
                money(row.price, settings) if row.price is not None else "gone",
                money(row.cost, settings) if row.cost is not None else "",
                row.about,
            )
            for row in rows
        ],
        "No movements.",
    )
    return 0


def _movement_json(row: Movement, settings: Settings) -> dict[str, Json]:
    amounts = {
        name: money_text(amount, settings) if (amount := getattr(row, name)) is not None else None
        for name in ("price", "cost", "listed")
    }
    return {**row._asdict(), "time": row.time.isoformat(timespec="seconds"), **amounts}


def shop_on(shop: Snapshot, day: date) -> Snapshot:
    """Return a shop with the products that it had at the end of a day; nothing else of it is of then."""
    return shop.with_fields(products=products_on(shop.ledger, shop.products, day))


def _delivered(service: InventoryService, typed: str) -> tuple[str, int, Decimal | None]:
    """Read `ID=N` or `ID=N@COST`; an id may hold a `=` or a `@` itself."""
    code, _, rest = typed.rpartition("=")
    pieces, mark, cost = rest.partition("@")
    shop = service.snapshot
    product_id = code if code in shop.products else shop.barcodes.get(code, code)
    try:
        number = parse_count(pieces, least=1)
    except ValueError as error:
        raise Invalid([FieldProblem(f"{code} pieces", str(error))]) from error
    try:
        amount = parse_amount(cost, shop.settings.decimals, currency=shop.settings.currency) if mark else None
    except ValueError as error:
        raise Invalid([FieldProblem(f"{code} cost", str(error))]) from error
    return product_id, number, amount
