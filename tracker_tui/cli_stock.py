"""The commands of the stock room: a delivery of several products."""

from __future__ import annotations

from argparse import Namespace
from decimal import Decimal

from tracker_tui.cli_output import Json, say_json
from tracker_tui.cli_streams import say
from tracker_tui.errors import FieldProblem, Invalid
from tracker_tui.model import Change
from tracker_tui.model.money import parse_amount, parse_count
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
