"""The commands that change the shop: each is one entry, durable before it is answered."""

from __future__ import annotations

from tracker_tui.commands.output import Json, money, purchase_json, say_json
from tracker_tui.commands.streams import say
from tracker_tui.errors import FieldProblem, Invalid, ReadOnly
from tracker_tui.model import Change, Product, Purchase
from tracker_tui.model.money import parse_count
from tracker_tui.model.rules import PRODUCT_COLUMNS, parse_product, with_columns
from tracker_tui.model.tax import goods_of, tax_words, taxes_of
from tracker_tui.service import InventoryService
from tracker_tui.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import Namespace


def add(service: InventoryService, args: Namespace) -> int:
    """Take a new product into the shop."""
    texts = {
        "id": args.id,
        "name": args.name,
        "price": args.price,
        "quantity": args.quantity,
        **_optional_texts(args),
    }
    product = Product(**_parsed(service, texts))
    entry = service.add(product)
    return _done(args, {"entry": entry}, f"{product.name} ({product.id}) was added, entry {entry}.")


def edit(service: InventoryService, args: Namespace) -> int:
    """Change some fields of a product."""
    texts = _optional_texts(args)
    product_id = _product_id(service, args.id)
    fields = _parsed(service, texts)
    was = service.snapshot.products.get(product_id) if "extra" in fields else None
    if was is not None:
        fields["extra"] = with_columns(was, fields["extra"])
    entry = service.edit(product_id, was=was, **fields)
    text = f"{args.id} was changed, entry {entry}." if entry else f"{args.id} is so already."
    return _done(args, {"entry": entry}, text)


def remove(service: InventoryService, args: Namespace) -> int:
    """Take a product out of the shop."""
    entry = service.remove(_product_id(service, args.id))
    return _done(args, {"entry": entry}, f"{args.id} was removed, entry {entry}.")


def receive(service: InventoryService, args: Namespace) -> int:
    """Take a delivery into the stock."""
    product_id = _product_id(service, args.id)
    entry = service.receive(product_id, _number("pieces", args.pieces, least=1), args.note)
    return _stock_done(service, args, product_id, entry)


def count(service: InventoryService, args: Namespace) -> int:
    """Set the stock to what was counted."""
    product_id = _product_id(service, args.id)
    entry = service.count(product_id, _number("pieces", args.pieces), args.note)
    return _stock_done(service, args, product_id, entry)


def sell(service: InventoryService, args: Namespace) -> int:
    """Book a sale."""
    purchase = service.sell(
        _items(service, args.items), args.customer, args.sale or None, args.payment, args.note
    )
    return _purchase_done(service, args, purchase, "Sold for")


def give_back(service: InventoryService, args: Namespace) -> int:
    """Take goods of a sale back."""
    items = _items(service, args.items) if args.items else None
    purchase = service.give_back(args.of_sale, items, args.note, to_shelf=not args.off_shelf)
    return _purchase_done(service, args, purchase, "Taken back for")


def undo(service: InventoryService, args: Namespace) -> int:
    """Take an entry back by a further entry."""
    number = _number("entry", args.entry)
    if args.clerk and isinstance(service.snapshot.find(number), Change):
        raise ReadOnly("a clerk may undo sales and returns only")
    entry = service.undo(number)
    return _done(args, {"entry": entry}, f"Entry {number} was undone by entry {entry}.")


def _optional_texts(args: Namespace) -> dict[str, str]:
    """Return what was typed for the options of `add` and `edit`, by field."""
    texts: dict[str, str | None] = {
        "name": args.name,
        "price": args.price,
        "categories": args.categories,
        "reorder_level": args.reorder_level,
        "barcodes": "|".join(args.barcode) if args.barcode is not None else None,
        "cost": args.cost,
    }
    given = {field: typed for field, typed in texts.items() if typed is not None}
    return {**given, **dict(map(_own_column, args.own or ()))}


def _own_column(text: str) -> tuple[str, str]:
    """Read a column of the shop's own and its text, as `COLUMN=TEXT`."""
    column, sign, typed = text.partition("=")
    if not sign or not column.strip():
        raise Invalid([FieldProblem("own", f"{text} is not COLUMN=TEXT")])
    if column.strip() in PRODUCT_COLUMNS:
        raise Invalid(
            [FieldProblem("own", f"{column.strip()} is a column of the program's own; it has its own option")]
        )
    return column.strip(), typed


def _parsed(service: InventoryService, texts: dict[str, str]) -> dict[str, Any]:
    fields, problems = parse_product(texts, service.snapshot.settings)
    if problems:
        raise Invalid(problems)
    return fields


def _product_id(service: InventoryService, typed: str) -> str:
    """Return the id that was meant: an id, or the barcode of a product."""
    shop = service.snapshot
    return typed if typed in shop.products else shop.barcodes.get(typed, typed)


def _number(field: str, typed: str, least: int = 0) -> int:
    try:
        return parse_count(typed, least=least)
    except ValueError as error:
        raise Invalid([FieldProblem(field, str(error))]) from error


def _items(service: InventoryService, typed: list[str]) -> list[tuple[str, int]]:
    """Read `ID=N` for each item; an id may hold a `=` itself."""
    items: list[tuple[str, int]] = []
    for item in typed:
        product_id, _, pieces = item.rpartition("=")
        items.append((_product_id(service, product_id), _number(f"{product_id} quantity", pieces, least=1)))
    return items


def _done(args: Namespace, answer: Json, text: str) -> int:
    if args.json:
        say_json(answer)
    else:
        say(text)
    return 0


def _stock_done(service: InventoryService, args: Namespace, product_id: str, entry: int) -> int:
    product = service.snapshot.products[product_id]
    answer: Json = {"entry": entry, "id": product_id, "quantity": product.quantity}
    return _done(args, answer, f"{product.name} ({product_id}): {product.quantity} in stock, entry {entry}.")


def _purchase_done(service: InventoryService, args: Namespace, purchase: Purchase, done: str) -> int:
    settings = service.snapshot.settings
    who = f" to {purchase.customer} ({purchase.customer_id})" if purchase.customer_id else ""
    goods = [
        (line, f"{line.product} ({line.product_id})" if line.product_id else line.product)
        for line in goods_of(purchase)
    ]
    lines = [f"  {abs(line.quantity)} x {name}: {money(abs(line.total), settings)}" for line, name in goods]
    lines += [f"  {tax_words(tax)}: {money(abs(tax.tax), settings)}" for tax in taxes_of(purchase)]
    head = (
        f"{done} {money(abs(purchase.total), settings)}{who}, sale {purchase.sale}, entry {purchase.entry}."
    )
    return _done(args, purchase_json(purchase, settings), "\n".join([head, *lines]))
